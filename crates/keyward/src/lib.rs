#![no_std]
#![cfg_attr(feature = "lighter", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "lighter"), doc = "Auth building blocks, under one name.")]
#![forbid(unsafe_code)]

#[cfg(feature = "apikey")]
pub use keyward_apikey as apikey;
#[cfg(feature = "ecgfp5")]
pub use keyward_ecgfp5 as ecgfp5;
#[cfg(feature = "goldilocks")]
pub use keyward_goldilocks as goldilocks;
#[cfg(feature = "ledger")]
pub use keyward_ledger as ledger;
#[cfg(feature = "lighter")]
pub use keyward_lighter as lighter;
#[cfg(feature = "lighter-client")]
pub use keyward_lighter_client as lighter_client;
#[cfg(feature = "lighter-sandbox")]
pub use keyward_lighter_sandbox as lighter_sandbox;
#[cfg(feature = "nonce")]
pub use keyward_nonce as nonce;
#[cfg(feature = "poseidon2")]
pub use keyward_poseidon2 as poseidon2;
#[cfg(feature = "schnorr")]
pub use keyward_schnorr as schnorr;
#[cfg(feature = "solana")]
pub use keyward_solana as solana;
#[cfg(feature = "store")]
pub use keyward_store as store;
#[cfg(feature = "stores")]
pub use keyward_stores as stores;
#[cfg(feature = "time")]
pub use keyward_time as time;
#[cfg(feature = "token")]
pub use keyward_token as token;
