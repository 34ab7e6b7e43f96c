//! The life of an API key: made, bound to a wallet by a link, used, rotated, revoked.
//!
//! ```sh
//! cargo run --package keyward-store --example api_keys
//! ```

use std::error::Error;
use std::sync::Arc;

use getrandom::SysRng;
use keyward_apikey::{
    AccessRequest, Activation, GracePeriod, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, LinkLifetime,
    LinkToken, NewKey, NewLink, NewSecret, Pepper, PepperId, Peppers, PlainDigests, PresentedKey, RawKey, Revision,
    Scope, WalletAddress,
};
use keyward_ledger::{AccountId, OperationId};
use keyward_store::{CacheSettings, CachedKeys, MemoryStore};
use keyward_time::{Clock, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Once, when a service starts. The pepper comes from a file or a vault, and from neither the store nor the code.
    let mut pepper = [0; 32];
    getrandom::fill(&mut pepper)?;
    let peppers = Peppers::new(Pepper::new(PepperId::new("2026-1")?, &pepper)?, PlainDigests::Refuse);
    let keys = CachedKeys::new(Arc::new(MemoryStore::new()), CacheSettings::default());
    let now = || SystemClock.now_millis();
    let operation = |action| Ok::<_, Box<dyn Error>>(KeyOperation { id: OperationId::generate(&mut SysRng)?, action });

    // A key that waits for a wallet, and the link by which one is bound. Both texts are shown once and stored nowhere.
    let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng)?;
    let token = LinkToken::generate(&mut SysRng)?;
    let account = AccountId::generate(&mut SysRng)?;
    let id = KeyId::generate(&account, &mut SysRng)?;
    let secret = NewSecret::new(raw.as_presented(), peppers.digest(raw.as_presented()));
    let mut new = NewKey::new(id, account, KeyName::new("my bot")?, secret, Activation::ByWallet);
    new.link = Some(NewLink { digest: peppers.link_digest(&token), lifetime: LinkLifetime::DEFAULT });
    keys.apply(&operation(KeyAction::Create(Box::new(new)))?, now()).await?.1.into_result()?;
    println!("made {id}: {}", raw.hint());

    // Whoever has the link signs a message that has the token in it. Once the signature was verified:
    let wallet = WalletAddress::new("7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV")?;
    let bind = KeyAction::Bind { link: peppers.link_digest(&token), wallet };
    println!("bound: {:?}", keys.apply(&operation(bind)?, now()).await?.1.into_result()?);

    // A request comes in.
    let presented = PresentedKey::parse(raw.expose_secret())?;
    let scope = Scope::new("read:orders")?;
    let request = AccessRequest { now: now(), address: Some("192.0.2.7".parse()?), scope: Some(&scope) };
    let verified = keys.verify(&peppers, presented, &request).await??;
    println!("verified: {}", verified.chain.key().name().as_str());

    // A new secret; the old one works for another hour.
    let new_raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng)?;
    let secret = NewSecret::new(new_raw.as_presented(), peppers.digest(new_raw.as_presented()));
    let grace = GracePeriod::from_secs(3600)?;
    let rotate = KeyAction::Rotate { key: id, secret, expected: Revision::FIRST, grace };
    keys.apply(&operation(rotate)?, now()).await?.1.into_result()?;
    println!("the old secret: {:?}", keys.verify(&peppers, presented, &request).await?.map(|verified| verified.secret));

    // And the end, from this moment on.
    keys.apply(&operation(KeyAction::Revoke { key: id })?, now()).await?.1.into_result()?;
    match keys.verify(&peppers, new_raw.as_presented(), &request).await? {
        Ok(_) => Err("it is revoked".into()),
        Err(refusal) => {
            println!("after that: {refusal}");
            Ok(())
        }
    }
}
