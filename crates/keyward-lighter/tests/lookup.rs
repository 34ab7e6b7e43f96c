//! Which token of a file is the one for now.

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, AuthTokenText, EntryProblem, LookupError, TimeSlot, TokensFile, UnixSeconds,
};

const FIRST: u64 = 1_795_219_200;
const SLOT: u64 = TimeSlot::LENGTH_SECS;
const LIFETIME: u64 = 8 * 60 * 60;

fn at(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).unwrap()
}

fn account(index: u64) -> AccountIndex {
    AccountIndex::new(index).unwrap()
}

/// A token of that account and deadline, its signature all of the byte `mark`.
fn token(index: u64, deadline: u64, mark: u8) -> String {
    let token = AuthTokenText::new(at(deadline), account(index), ApiKeyIndex::READ_ONLY_AUTH, &[mark; 80]);
    token.expose_secret().to_owned()
}

/// A file with one account, 5, of these slots and texts.
fn file(entries: &[(u64, String)]) -> TokensFile {
    let slots: Vec<_> = entries.iter().map(|(slot, text)| format!("\"{slot}\": \"{text}\"")).collect();
    TokensFile::parse(format!("{{\"5\": {{{}}}}}", slots.join(", ")).as_bytes()).unwrap()
}

/// A file with the good tokens of account 5 of these slots.
fn good_file(slots: &[u64]) -> TokensFile {
    let entries: Vec<_> = slots.iter().map(|&slot| (slot, token(5, slot + LIFETIME, 1))).collect();
    file(&entries)
}

/// The deadline of the token for `now`, told from the first second of its slot.
fn deadline(file: &TokensFile, now: u64, skew_secs: u64) -> Result<u64, LookupError> {
    file.token_for(None, at(now), skew_secs).map(|token| token.deadline().as_secs())
}

#[test]
fn token_of_the_slot_is_given_from_its_first_second_to_its_last() {
    let file = good_file(&[FIRST, FIRST + SLOT, FIRST + 2 * SLOT]);
    assert_eq!(deadline(&file, FIRST, 0), Ok(FIRST + LIFETIME));
    assert_eq!(deadline(&file, FIRST + SLOT - 1, 0), Ok(FIRST + LIFETIME));
    assert_eq!(deadline(&file, FIRST + SLOT, 0), Ok(FIRST + SLOT + LIFETIME));
}

#[test]
fn account_must_be_named_among_several() {
    let several = TokensFile::parse(include_bytes!("samples/auth-tokens.json")).unwrap();
    let error = several.token_for(None, at(FIRST), 0).unwrap_err();
    assert_eq!(error.to_string(), "which account? the file has 5, 281474976710600");
    let error = several.token_for(Some(account(6)), at(FIRST), 0).unwrap_err();
    assert_eq!(error.to_string(), "account 6: not in the file, which has 5, 281474976710600");
    let LookupError::UnknownAccount { known, .. } = error else { panic!("{error}") };
    assert_eq!(known.as_slice(), [account(5), account(281_474_976_710_600)]);
    assert!(several.token_for(Some(account(281_474_976_710_600)), at(FIRST), 0).is_ok());

    assert!(good_file(&[FIRST]).token_for(Some(account(5)), at(FIRST), 0).is_ok());
    let empty = TokensFile::parse(b"{}").unwrap();
    for named in [None, Some(account(5))] {
        assert_eq!(empty.token_for(named, at(FIRST), 0).unwrap_err(), LookupError::Empty);
    }
}

#[test]
fn many_accounts_are_told_in_part() {
    let accounts: Vec<_> = (0..100).map(|account| format!("\"{account}\": {{}}")).collect();
    let many = TokensFile::parse(format!("{{{}}}", accounts.join(",")).as_bytes()).unwrap();
    let error = many.token_for(None, at(FIRST), 0).unwrap_err();
    assert_eq!(error.to_string(), "which account? the file has 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 90 more");
}

#[test]
fn before_the_first_and_after_the_last_slot_there_is_none() {
    let file = good_file(&[FIRST, FIRST + SLOT]);
    let account = account(5);
    for now in [0, FIRST - 1] {
        assert_eq!(deadline(&file, now, 600), Err(LookupError::BeforeFirst { account, first: at(FIRST) }));
    }
    // The last token outlives its slot by two hours.
    let end = FIRST + SLOT + LIFETIME;
    assert_eq!(deadline(&file, end - 1, 0), Ok(end));
    for now in [end, i64::MAX as u64] {
        assert_eq!(deadline(&file, now, 600), Err(LookupError::AfterLast { account, last: at(FIRST + SLOT) }));
    }
    assert_eq!(
        deadline(&file, FIRST - 1, 0).unwrap_err().to_string(),
        "account 5: the first slot starts only at 1795219200",
    );
    assert_eq!(
        deadline(&file, end, 0).unwrap_err().to_string(),
        "account 5: the last slot, from 1795240800 on, is over"
    );
    assert_eq!(deadline(&self::file(&[]), FIRST, 0), Err(LookupError::NoTokens { account }));
}

#[test]
fn gap_is_bridged_while_the_token_before_it_lasts() {
    let file = good_file(&[FIRST, FIRST + 2 * SLOT]);
    assert_eq!(deadline(&file, FIRST + SLOT, 0), Ok(FIRST + LIFETIME));
    assert_eq!(deadline(&file, FIRST + LIFETIME - 1, 0), Ok(FIRST + LIFETIME));
    let slot = TimeSlot::containing(at(FIRST + SLOT));
    let error = deadline(&file, FIRST + LIFETIME, 0).unwrap_err();
    assert_eq!(error, LookupError::Gap { account: account(5), slot });
    assert_eq!(error.to_string(), "account 5, slot 1795240800: no token in the file");
}

#[test]
fn slots_that_are_not_aligned_give_the_token_that_lasts_longest() {
    // The slots in the example's own documentation, two hours off.
    let slots = [1_697_184_000, 1_697_205_600, 1_697_227_200];
    let file = good_file(&slots);
    for (now, slot) in [
        (slots[0], slots[0]),
        (slots[1] - 1, slots[0]),
        (slots[1], slots[1]),
        (slots[1] + 7_200, slots[1]),
        (slots[2] + LIFETIME - 1, slots[2]),
    ] {
        assert_eq!(deadline(&file, now, 0), Ok(slot + LIFETIME), "{now}");
    }
    assert!(matches!(deadline(&file, slots[0] - 1, 0), Err(LookupError::BeforeFirst { .. })));
    assert!(matches!(deadline(&file, slots[2] + LIFETIME, 0), Err(LookupError::AfterLast { .. })));
}

#[test]
fn unaligned_token_goes_by_its_own_deadline() {
    let (slot, now) = (FIRST + 1, FIRST + 3_600);
    let file = file(&[(slot, token(5, now + 60, 1)), (slot + 1, token(5, now + 120, 2)), (slot + 2, token(5, now, 3))]);
    assert_eq!(deadline(&file, now, 0), Ok(now + 120));
    assert_eq!(deadline(&file, now + 60, 0), Ok(now + 120));
    assert!(matches!(deadline(&file, now + 120, 0), Err(LookupError::AfterLast { .. })));

    // The documentation's placeholder has no deadline: it would last from its slot on, but is none.
    let placeholder = self::file(&[(slot, "auth_token_string_1".to_owned())]);
    assert!(matches!(deadline(&placeholder, now, 0), Err(LookupError::Entry { problem: EntryProblem::Form(_), .. }),));
    assert!(matches!(deadline(&placeholder, slot + LIFETIME, 0), Err(LookupError::AfterLast { .. })));
}

#[test]
fn skew_gives_the_token_before_for_the_first_seconds_of_a_slot() {
    let file = good_file(&[FIRST, FIRST + SLOT]);
    let second = FIRST + SLOT;
    assert_eq!(deadline(&file, second, 30), Ok(FIRST + LIFETIME));
    assert_eq!(deadline(&file, second + 29, 30), Ok(FIRST + LIFETIME));
    assert_eq!(deadline(&file, second + 30, 30), Ok(second + LIFETIME));
    // It lasts two hours into the next slot, whatever the skew.
    assert_eq!(deadline(&file, second + 7_199, u64::MAX), Ok(FIRST + LIFETIME));
    assert_eq!(deadline(&file, second + 7_200, u64::MAX), Ok(second + LIFETIME));
    // Nothing is before the first.
    assert_eq!(deadline(&file, FIRST, 30), Ok(FIRST + LIFETIME));
    assert_eq!(deadline(&good_file(&[0]), 0, 30), Ok(LIFETIME));
}

#[test]
fn skew_passes_over_a_broken_token() {
    let second = FIRST + SLOT;
    for broken in [token(6, FIRST + LIFETIME, 1), token(5, FIRST + LIFETIME + 1, 1), "x".to_owned()] {
        let file = file(&[(FIRST, broken), (second, token(5, second + LIFETIME, 2))]);
        assert_eq!(deadline(&file, second, 30), Ok(second + LIFETIME));
    }
}

#[test]
fn wrong_tokens_are_refused_with_account_and_slot() {
    let good = token(5, FIRST + LIFETIME, 1);
    for (text, message) in [
        (token(6, FIRST + LIFETIME, 1), "the token is for account 6"),
        (token(5, FIRST + LIFETIME - 1, 1), "the token's deadline is 1795247999, not 1795248000"),
        (token(5, FIRST + LIFETIME + SLOT, 1), "the token's deadline is 1795269600, not 1795248000"),
        (String::new(), "auth token has no account index"),
        (good.to_uppercase().replace('1', "A"), "deadline of auth token is not a canonical decimal number"),
        (good[1..].to_owned(), "the token's deadline is 795248000, not 1795248000"),
        (good[..good.len() - 1].to_owned(), "signature of auth token has 159 digits, not 160"),
        (format!("{good}00"), "signature of auth token has 162 digits, not 160"),
        (format!("{good}:"), "auth token has more than four fields"),
        (good.replace(":253:", ":255:"), "API key index of auth token is out of range"),
        ("x".repeat(100_000), "auth token is longer than 200 bytes"),
    ] {
        // A broken token elsewhere spoils nothing.
        let file = file(&[(FIRST, text.clone()), (FIRST + SLOT, token(5, FIRST + SLOT + LIFETIME, 1))]);
        let error = deadline(&file, FIRST, 0).unwrap_err();
        assert!(error.to_string().starts_with("account 5, slot 1795219200: "), "{error}");
        assert!(error.to_string().ends_with(message), "{error} / {message}");
        assert_eq!(deadline(&file, FIRST + SLOT, 0), Ok(FIRST + SLOT + LIFETIME));
    }
}

#[test]
fn no_error_has_a_piece_of_a_token() {
    let secret = token(6, FIRST + LIFETIME, 0xab);
    for file in
        [file(&[(FIRST, secret.clone())]), file(&[(FIRST, secret[4..].to_owned())]), file(&[(FIRST + 9, secret)])]
    {
        let error = deadline(&file, FIRST + 10, 0).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("abab"), "{error:?}");
    }
}
