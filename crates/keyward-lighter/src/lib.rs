#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod api_code;
mod attributes;
mod chain;
mod change_pub_key;
mod config;
mod config_error;
mod days;
#[cfg(feature = "ethereum")]
mod ethereum;
#[cfg(feature = "ethereum")]
mod ethereum_address;
mod json;
mod key_cache;
mod key_text;
mod l1_signature;
mod lookup;
mod order_fields;
mod orders;
mod pregenerate;
mod sign_tokens;
mod signed_transaction;
mod signer;
mod tokens_file;
mod tokens_writer;
mod transaction;
mod tx_info;
mod tx_type;
mod verifier;
mod wiping_writer;

pub use api_code::ApiCode;
pub use attributes::{AttributeType, Attributes, AttributesError};
pub use chain::ChainId;
pub use change_pub_key::ChangePubKey;
pub use config::Config;
pub use config_error::{ConfigError, ConfigProblem};
pub use days::{Days, DaysError};
#[cfg(feature = "ethereum")]
pub use ethereum::{EthereumKey, EthereumKeyError, RecoverError, change_pub_key_calldata};
#[cfg(feature = "ethereum")]
pub use ethereum_address::{EthereumAddress, EthereumAddressError};
pub use getrandom::SysRng;
pub use json::JsonError;
pub use key_cache::{KeyCache, KeyCacheSettings};
pub use key_text::{
    KeyTextError, key_from_seed_text, parse_private_key, parse_public_key, private_key_text, public_key_hex,
    public_key_text,
};
pub use keyward_nonce::{Nonce, NonceMode};
pub use keyward_schnorr::Error as SignatureError;
pub use keyward_schnorr::{
    MessageHash, PreparedVerifyingKey, Signature, SigningKey, TableSize, VerifyingKey, VerifyingTable,
};
pub use keyward_time::{
    Clock, DecimalError, FixedClock, OutOfRange, SlotPlan, SystemClock, TimeSlot, UnixMillis, UnixSeconds,
};
pub use keyward_token::{
    AccountIndex, ApiKeyIndex, AuthToken, AuthTokenError, AuthTokenField, AuthTokenText, ReadOnlyToken,
    ReadOnlyTokenError, SubAccountAccess, Token, TokenError, Usability,
};
pub use l1_signature::{L1Signature, L1SignatureError};
pub use lookup::{EntryProblem, KnownAccounts, LookupError};
pub use order_fields::{BaseAmount, InvalidField, MarketIndex, OrderExpiry, OrderIndex, OrderType, Side, TimeInForce};
pub use orders::{CancelAllOrders, CancelOrder, CreateOrder, ModifyOrder, OrderFields};
pub use pregenerate::{PregenerateError, Pregenerated, pregenerate, total_tokens};
pub use sign_tokens::sign_tokens;
pub use signed_transaction::SignedTransaction;
pub use signer::TokenSigner;
pub use tokens_file::{TokensFile, TokensFileError};
pub use transaction::{Action, Transaction};
pub use tx_info::{TxInfo, TxInfoError};
pub use tx_type::TxType;
pub use verifier::{TokenRefusal, TokenVerifier};
