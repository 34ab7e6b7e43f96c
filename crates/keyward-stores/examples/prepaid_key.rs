//! A prepaid key on any store: made, paid for, used, charged, revoked.
//!
//! ```sh
//! cargo run --package keyward-stores --example prepaid_key                                     # in memory
//! KEYWARD_STORE=redb:/tmp/keys.redb cargo run --package keyward-stores --example prepaid_key   # in a file
//! KEYWARD_STORE=postgres://… cargo run --package keyward-stores --features postgres --example prepaid_key
//! ```
//!
//! The URL is in the environment, since it may have a password in it, and arguments are for everybody to see.

use std::error::Error;
use std::sync::Arc;

use getrandom::SysRng;
use keyward_apikey::{
    AccessRequest, Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, NewKey, NewSecret, Pepper,
    PepperId, Peppers, PlainDigests, PresentedKey, RawKey,
};
use keyward_ledger::{AccountId, Description, Msat, Operation, OperationId, Outcome};
use keyward_store::{CacheSettings, CachedKeys, Store, StoreError};
use keyward_time::{Clock, SystemClock, UnixMillis};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("KEYWARD_STORE").unwrap_or_else(|_| "memory:".to_owned());
    run(&url).await
}

async fn run(url: &str) -> Result<(), Box<dyn Error>> {
    let store = keyward_stores::open(url).await?;
    println!("{:?}", store.capabilities());
    // Verification goes by what is in memory for a second; everything else asks the store.
    let keys = CachedKeys::new(store.clone(), CacheSettings::default());
    // A service reads it from a file of its own: who has the store must not have the pepper.
    let mut pepper = [0; 32];
    getrandom::fill(&mut pepper)?;
    let peppers = Peppers::new(Pepper::new(PepperId::new("2026-1")?, &pepper)?, PlainDigests::Refuse);
    let now = || SystemClock.now_millis();

    // An account with ten satoshi in it, and a key that spends them.
    let account = AccountId::generate(&mut SysRng)?;
    book(&store, &Operation::OpenRoot { account }, now()).await?;
    let deposit = Operation::Credit { account, amount: Msat::from_sat(10)?, description: "a deposit".parse()? };
    book(&store, &deposit, now()).await?;
    let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng)?;
    let id = KeyId::generate(&account, &mut SysRng)?;
    let secret = NewSecret::new(raw.as_presented(), peppers.digest(raw.as_presented()));
    let new = NewKey::new(id, account, KeyName::new("my bot")?, secret, Activation::AtOnce);
    let create = KeyOperation { id: OperationId::generate(&mut SysRng)?, action: KeyAction::Create(Box::new(new)) };
    keys.apply(&create, now()).await?.1.into_result()?;

    // A request comes in: who is it, and is there money for the worst case?
    let presented = PresentedKey::parse(raw.expose_secret())?;
    let request = AccessRequest { now: now(), address: None, scope: None };
    let verified = keys.verify(&peppers, presented, &request).await??;
    println!("{} asks", verified.chain.key().name().as_str());
    let deadline = now().saturating_add_millis(60_000);
    let reserve = Operation::Reserve { account, amount: Msat::new(2_000)?, deadline };
    let (reservation, _) = book(&store, &reserve, now()).await?;

    // It was served, and took less.
    let settle = Operation::Settle { account, reservation, amount: Msat::new(154)?, description: Description::empty() };
    let (_, outcome) = book(&store, &settle, now()).await?;
    match outcome {
        Outcome::Settled { charged, balance, .. } => println!("charged {charged} msat, {balance} msat are left"),
        other => return Err(format!("settled as {other:?}").into()),
    }

    // From here on the key is dead, on this node.
    let revoke = KeyOperation { id: OperationId::generate(&mut SysRng)?, action: KeyAction::Revoke { key: id } };
    keys.apply(&revoke, now()).await?.1.into_result()?;
    match keys.verify(&peppers, presented, &request).await? {
        Ok(_) => Err("it was revoked".into()),
        Err(refusal) => {
            println!("after that: {refusal}");
            Ok(())
        }
    }
}

/// Does an operation on the books, once, and brings its id, by which a reservation is named.
async fn book(
    store: &Arc<dyn Store>,
    operation: &Operation,
    now: UnixMillis,
) -> Result<(OperationId, Outcome), Box<dyn Error>> {
    let id = OperationId::generate(&mut SysRng)?;
    let mut answer = store.apply(id, operation, now).await;
    for _ in 0..3 {
        // Its fate is unknown. The same id settles it: nothing is done twice.
        if !matches!(answer, Err(StoreError::Ambiguous(_))) {
            break;
        }
        answer = store.apply(id, operation, now).await;
    }
    Ok((id, answer?.into_result()?))
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn it_runs_in_memory() {
        super::run("memory:").await.expect("it runs");
    }

    #[cfg(feature = "redb")]
    #[tokio::test]
    async fn it_runs_in_a_file_more_than_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("redb:{}", folder.path().join("keys.redb").display());
        for _ in 0..2 {
            super::run(&url).await.expect("it runs");
        }
    }

    #[cfg(feature = "postgres")]
    #[tokio::test]
    async fn it_runs_on_a_server() {
        const VARIABLE: &str = "KEYWARD_TEST_POSTGRES_URL";
        match std::env::var(VARIABLE) {
            Ok(url) => super::run(&url).await.expect("it runs"),
            Err(_) => {
                let required = std::env::var_os("KEYWARD_REQUIRE_PEERS").is_some_and(|value| value == "1");
                assert!(!required, "KEYWARD_REQUIRE_PEERS is 1, but {VARIABLE} is not set");
                println!("NOT RUN: {VARIABLE} is not set");
            }
        }
    }
}
