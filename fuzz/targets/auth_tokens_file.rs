//! A token file that is taken prints as the same JSON, and gives only tokens that may be used for the account asked for.
//!
//! The input is 8 bytes for the time of the look-up, then the file.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::{assert_one_line, split};
use keyward_lighter::{AccountIndex, TokensFile, UnixSeconds, Usability};
use serde_json::Value;

/// The time over which a slot's token goes on being handed out; what counts is that it is not zero.
const SKEW_SECS: u64 = 60;

fn property(data: &[u8]) {
    let (now, text) = split::<8>(data);
    let now = UnixSeconds::new(u64::from_le_bytes(now) >> 1).expect("63 bits");
    let Ok(file) = TokensFile::parse(text) else { return };

    let printed = print(&file);
    let again = TokensFile::parse(&printed).expect("what was printed parses");
    assert_eq!(print(&again), printed);
    let json = |text| serde_json::from_slice::<Value>(text).expect("JSON");
    assert_eq!(json(&printed), json(text));

    for account in file.account_indices() {
        look_up(&file, account, now);
    }
}

fn print(file: &TokensFile) -> Vec<u8> {
    let mut text = Vec::new();
    file.write_to(&mut text).expect("memory takes all");
    text
}

fn look_up(file: &TokensFile, account: AccountIndex, now: UnixSeconds) {
    for skew_secs in [0, SKEW_SECS] {
        match file.token_for(Some(account), now, skew_secs) {
            Ok(token) => {
                assert_eq!(token.account_index(), account);
                assert!(matches!(token.usability(now), Usability::Usable { .. }));
            }
            Err(error) => assert_one_line(error),
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("auth_tokens_file", property);
}
