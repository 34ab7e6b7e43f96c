//! Read-only tokens: made, used, listed, revoked.

use keyward_lighter::{ApiCode, SubAccountAccess, Token};
use keyward_lighter_sandbox::{NewToken, Principal, Refusal};
use serde_json::json;

use crate::workbench::{MAIN, POOL, START, STRANGER, SUB, Workbench, assert_code, assert_refused};

const DAY: i64 = 86_400;
const TEN_YEARS: i64 = 3_650 * DAY;

const REQUEST: NewToken<'_> = NewToken {
    name: "bot-1_a.b C",
    expiry: START as i64 + 30 * DAY,
    sub_account_access: SubAccountAccess::Single,
    scopes: Some("read.*"),
};

fn create(bench: &Workbench, principal: &Principal, access: SubAccountAccess) -> (u64, String) {
    let request = NewToken { sub_account_access: access, ..REQUEST };
    let created = bench.venue.create_token(principal, &request).unwrap();
    (created.token.token_id, created.token.api_token.expose_secret().to_owned())
}

#[track_caller]
fn assert_invalid<T>(result: Result<T, Refusal>, detail: &str) {
    assert_refused(result, 401, ApiCode::INVALID_AUTH, &format!("invalid auth: {detail}"));
}

#[test]
fn token_is_shown_once_and_listed_without_its_text() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let created = serde_json::to_value(bench.venue.create_token(&principal, &REQUEST).unwrap()).unwrap();
    let text = created["api_token"].as_str().unwrap();
    let start = format!("ro:{MAIN}:single:{}:", REQUEST.expiry);
    assert!(matches!(Token::parse(text), Ok(Token::ReadOnly(_))));
    assert_eq!((text.len(), text.starts_with(&start)), (start.len() + 64, true));

    let entry = |text: &str, revoked: bool| {
        json!({
            "token_id": 1, "api_token": text, "name": REQUEST.name, "account_index": MAIN, "expiry": REQUEST.expiry,
            "sub_account_access": false, "revoked": revoked, "scopes": "read.*",
        })
    };
    let mut expected = entry(text, false);
    expected["code"] = json!(200);
    assert_eq!(created, expected);
    let list = || serde_json::to_value(bench.venue.list_tokens(&principal)).unwrap();
    assert_eq!(list(), json!({"code": 200, "api_tokens": [entry("", false)]}));

    let revoked = serde_json::to_value(bench.venue.revoke_token(&principal, 1).unwrap()).unwrap();
    assert_eq!(revoked, json!({"code": 200, "token_id": 1, "revoked": true}));
    assert_eq!(list(), json!({"code": 200, "api_tokens": [entry("", true)]}));
}

#[test]
fn texts_differ_and_numbers_count_up_over_all_accounts() {
    let bench = Workbench::new();
    let [main, sub] = [bench.manager(MAIN), bench.manager(SUB)];
    let tokens = [&main, &sub, &main].map(|principal| create(&bench, principal, SubAccountAccess::Single));
    assert_eq!(tokens.each_ref().map(|(id, _)| *id), [1, 2, 3]);
    assert_ne!(tokens[0].1, tokens[2].1);
    let listed = bench.venue.list_tokens(&main).api_tokens;
    assert_eq!(listed.iter().map(|token| token.token_id).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn token_reaches_as_far_as_it_says() {
    let bench = Workbench::new();
    let [main, sub] = [bench.manager(MAIN), bench.manager(SUB)];
    let opened = |text: &str| [MAIN, SUB, POOL, STRANGER].map(|account| bench.read(text, account).is_ok());
    let (_, main_single) = create(&bench, &main, SubAccountAccess::Single);
    let (_, main_all) = create(&bench, &main, SubAccountAccess::All);
    let (_, sub_single) = create(&bench, &sub, SubAccountAccess::Single);
    let (_, sub_all) = create(&bench, &sub, SubAccountAccess::All);
    assert_eq!(opened(&main_single), [true, false, false, false]);
    assert_eq!(opened(&main_all), [true, true, true, false]);
    assert_eq!(opened(&sub_single), [false, true, false, false]);
    assert_eq!(opened(&sub_all), [false, true, false, false]);
    assert_invalid(bench.read(&main_single, SUB), "account mismatch");
    assert!(bench.read(&main_all, SUB).unwrap().is_read_only());
}

#[test]
fn token_never_manages() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let (_, text) = create(&bench, &principal, SubAccountAccess::All);
    assert_invalid(bench.manage(&text, MAIN), "read-only token");
    let read_only = bench.read(&text, MAIN).unwrap();
    assert_invalid(bench.venue.create_token(&read_only, &REQUEST), "read-only token");
    assert_invalid(bench.venue.revoke_token(&read_only, 1), "read-only token");
    assert_invalid(bench.venue.set_maker_only(&read_only, "[]"), "read-only token");
    assert_invalid(bench.venue.change_tier(&read_only, "standard"), "read-only token");
}

#[test]
fn token_ends_with_its_expiry_or_revocation() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let (id, revoked) = create(&bench, &principal, SubAccountAccess::Single);
    let (_, expiring) = create(&bench, &principal, SubAccountAccess::Single);
    bench.read(&revoked, MAIN).unwrap();
    bench.venue.revoke_token(&principal, id as i64).unwrap();
    assert_invalid(bench.read(&revoked, MAIN), "api token has been revoked");

    bench.set_secs(REQUEST.expiry as u64 - 1);
    bench.read(&expiring, MAIN).unwrap();
    bench.set_secs(REQUEST.expiry as u64);
    assert_invalid(bench.read(&expiring, MAIN), "expired token");
}

#[test]
fn text_that_was_never_made_is_refused() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let (_, text) = create(&bench, &principal, SubAccountAccess::Single);
    for forged in [
        text.replace(":single:", ":all:"),
        text.replace(&REQUEST.expiry.to_string(), &(REQUEST.expiry + 1).to_string()),
        text.replace("ro:5:", "ro:7:"),
        text.replace("ro:5:", "ro:6:"),
        format!("{text}0"),
        text[..text.len() - 1].to_owned(),
    ] {
        assert_ne!(forged, text);
        assert_invalid(bench.read(&forged, MAIN), "api token not found");
    }
}

#[test]
fn expiry_is_a_day_to_ten_years_ahead() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let with = |expiry| bench.venue.create_token(&principal, &NewToken { expiry, ..REQUEST });
    let now = START as i64;
    for expiry in [i64::MIN, -1, 0, now, now + DAY - 1] {
        assert_code(with(expiry), ApiCode::TOKEN_EXPIRY_TOO_EARLY);
    }
    for expiry in [now + TEN_YEARS + 1, i64::MAX] {
        assert_code(with(expiry), ApiCode::TOKEN_EXPIRY_TOO_LATE);
    }
    for expiry in [now + DAY, now + TEN_YEARS] {
        with(expiry).unwrap();
    }
}

#[test]
fn name_is_1_to_50_of_few_characters() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let with = |name: &str| bench.venue.create_token(&principal, &NewToken { name, ..REQUEST });
    assert_code(with(""), ApiCode::TOKEN_NAME_EMPTY);
    assert_code(with(&"a".repeat(51)), ApiCode::TOKEN_NAME_TOO_LONG);
    for name in ["a/b", "ä", "a\n", "a,b", "日本"] {
        assert_code(with(name), ApiCode::TOKEN_NAME_INVALID);
    }
    with(&"a".repeat(50)).unwrap();
    with(" ").unwrap();
}

#[test]
fn scopes_other_than_reading_are_refused() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let with = |scopes| bench.venue.create_token(&principal, &NewToken { scopes, ..REQUEST });
    for scopes in ["", "read", "write.*", "read.*,write.*"] {
        assert_code(with(Some(scopes)), ApiCode::CUSTOM_SCOPES_UNSUPPORTED);
    }
    with(None).unwrap();
}

#[test]
fn account_has_ten_usable_tokens_at_most() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let short = NewToken { expiry: START as i64 + DAY, ..REQUEST };
    for _ in 0..5 {
        bench.venue.create_token(&principal, &short).unwrap();
        bench.venue.create_token(&principal, &REQUEST).unwrap();
    }
    assert_code(bench.venue.create_token(&principal, &REQUEST), ApiCode::TOO_MANY_TOKENS);
    bench.manager(SUB);

    // Neither revoked nor expired ones count.
    bench.venue.revoke_token(&principal, 2).unwrap();
    bench.venue.create_token(&principal, &REQUEST).unwrap();
    assert_code(bench.venue.create_token(&principal, &REQUEST), ApiCode::TOO_MANY_TOKENS);
    bench.set_secs(START + DAY as u64);
    for _ in 0..5 {
        bench.venue.create_token(&principal, &REQUEST).unwrap();
    }
    assert_code(bench.venue.create_token(&principal, &REQUEST), ApiCode::TOO_MANY_TOKENS);
}

#[test]
fn only_own_tokens_are_revoked_and_once() {
    let bench = Workbench::new();
    let [main, sub] = [bench.manager(MAIN), bench.manager(SUB)];
    let (id, _) = create(&bench, &main, SubAccountAccess::All);
    assert_code(bench.venue.revoke_token(&sub, id as i64), ApiCode::TOKEN_NOT_FOUND);
    for id in [-1, 0, 2, i64::MAX] {
        assert_code(bench.venue.revoke_token(&main, id), ApiCode::TOKEN_NOT_FOUND);
    }
    bench.venue.revoke_token(&main, id as i64).unwrap();
    assert_code(bench.venue.revoke_token(&main, id as i64), ApiCode::TOKEN_ALREADY_REVOKED);
}

#[test]
fn only_the_last_thousand_tokens_are_remembered() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let (kept, text) = create(&bench, &principal, SubAccountAccess::Single);
    for _ in 0..1_000 {
        let (id, _) = create(&bench, &principal, SubAccountAccess::Single);
        bench.venue.revoke_token(&principal, id as i64).unwrap();
    }
    assert_eq!(bench.venue.list_tokens(&principal).api_tokens.len(), 1_000);
    assert_eq!(bench.venue.list_tokens(&principal).api_tokens[0].token_id, kept);
    bench.read(&text, MAIN).unwrap();
    assert_code(bench.venue.revoke_token(&principal, 2), ApiCode::TOKEN_NOT_FOUND);
}
