//! Makes two days of tokens for every account of a configuration, then plays the program that has the
//! file of tokens and a public key, but no private key.
//!
//! `cargo run -p keyward-lighter --example ahead [CONFIG]`

use std::error::Error;
use std::num::NonZero;
use std::{env, fs, thread};

use keyward_lighter::{
    AccountIndex, Clock, Config, SlotPlan, SysRng, SystemClock, TimeSlot, TokenVerifier, TokensFile, VerifyingKey,
    pregenerate, public_key_text,
};
use zeroize::Zeroizing;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/config.json");

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or(SAMPLE.to_owned());
    let config = Config::parse(&Zeroizing::new(fs::read(path)?))?;

    let plan = SlotPlan::for_days(TimeSlot::containing(SystemClock.now()), 2)?;
    let jobs = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let mut text = Zeroizing::new(Vec::new());
    let made = pregenerate(config.signers(), plan, jobs, || SysRng, |_| (), &mut *text)?;
    println!("{} tokens for {} accounts, {} bytes", made.tokens, made.accounts, text.len());

    let file = TokensFile::from_buffer(text)?;
    for signer in config.signers() {
        let account = signer.account_index();
        println!("account {account}, public key {}", public_key_text(signer.verifying_key()));
        use_token(&file, account, signer.verifying_key())?;
    }
    Ok(())
}

fn use_token(file: &TokensFile, account: AccountIndex, public_key: &VerifyingKey) -> Result<(), Box<dyn Error>> {
    let now = SystemClock.now();
    // A clock up to half a minute fast is no trouble.
    let token = file.token_for(Some(account), now, 30)?;
    TokenVerifier::one_off(public_key).verify(&token, now)?;
    println!("  now in use: {}, and a valid signature", token.message());
    Ok(())
}
