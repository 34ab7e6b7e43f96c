//! What must not be shown: tokens, in anything that is printed.

use keyward_lighter::SubAccountAccess;
use keyward_lighter_sandbox::NewToken;
use keyward_lighter_sandbox::answers::SecretText;

use crate::workbench::{MAIN, NEW_TOKEN, SLOT, START, Workbench, key, token};

#[test]
fn debug_texts_leave_tokens_out() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let request = NewToken { sub_account_access: SubAccountAccess::All, ..NEW_TOKEN };
    let created = bench.venue.create_token(&principal, &request).unwrap();
    let secret = created.token.api_token.expose_secret();
    let random = secret.rsplit_once(':').unwrap().1;
    assert_eq!(format!("{:?}", created.token.api_token), "SecretText(..)");
    for text in [
        format!("{created:?}"),
        format!("{:?}", bench.venue),
        format!("{principal:?}"),
        format!("{:?}", bench.read(secret, MAIN).unwrap()),
        format!("{:?}", bench.venue.list_tokens(&principal)),
    ] {
        assert!(!text.contains(random), "{text}");
    }
    let _: &SecretText = &created.token.api_token;
}

#[test]
fn refusals_repeat_nothing_of_a_token() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let read_only = format!("ro:{MAIN}:single:{}:{}", START + 864_000, "5eed".repeat(16));
    for text in [token(MAIN, SLOT, &key(2), START + 600), read_only, "5eed5eed5eed".to_owned()] {
        let refusal = bench.read(&text, MAIN).unwrap_err();
        let secret = text.rsplit(':').next().unwrap();
        assert!(!format!("{refusal} {refusal:?}").contains(&secret[..8]));
    }
}
