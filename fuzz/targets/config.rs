//! A config that is taken prints as text that means the same; what is refused is refused in one line.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::assert_one_line;
use keyward_lighter::{Config, ConfigError};

fn property(data: &[u8]) {
    let strict = Config::parse(data);
    let keeping_good = Config::parse_keeping_good(data);
    match (&strict, &keeping_good) {
        (Ok(config), Ok((same, bad))) => {
            assert!(bad.is_empty(), "a whole config has a bad account");
            assert_same(config, same);
            let text = config.to_json();
            let again = Config::parse(&text).expect("what was printed parses");
            assert_same(config, &again);
            assert_eq!(*again.to_json(), *text);
        }
        (Err(first), Ok((_, bad))) => {
            assert_eq!(Some(first.to_string()), bad.first().map(ConfigError::to_string));
            bad.iter().for_each(assert_one_line);
        }
        (Err(error), Err(same)) => {
            assert_eq!(error.to_string(), same.to_string());
            assert_one_line(error);
        }
        (Ok(_), Err(error)) => panic!("taken as a whole, refused account by account: {error}"),
    }
}

fn assert_same(one: &Config, other: &Config) {
    assert_eq!(one.base_url(), other.base_url());
    let accounts = |config: &Config| -> Vec<_> {
        let signers = config.signers().iter();
        signers.map(|signer| (signer.account_index(), signer.api_key_index(), *signer.verifying_key())).collect()
    };
    assert_eq!(accounts(one), accounts(other));
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("config", property);
}
