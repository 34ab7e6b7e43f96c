//! No text or message made here is a transaction's message.

use keyward_solana::{Address, BindChallenge, LongOffchainMessage, ShortOffchainMessage, SignInMessage, ViewChallenge};
use keyward_time::UnixMillis;
use proptest::prelude::*;

/// Reads a transaction's message, legacy or of version 0, as far as the header, the accounts and the blockhash go, with no
/// bound on its size, and with the rules that the runtime has for the header's numbers. The number of signatures.
fn decode(bytes: &[u8]) -> Option<usize> {
    let (first, rest) = bytes.split_first()?;
    let (required, rest) = match first {
        0x80 => rest.split_first()?,
        0x81.. => return None,
        _ => (first, rest),
    };
    let (&[readonly_signed, readonly_unsigned], rest) = rest.split_first_chunk()?;
    let (accounts, rest) = compact_u16(rest)?;
    let (_keys_and_blockhash, _) = rest.split_at_checked(accounts * 32 + 32)?;
    let required = usize::from(*required);
    let is_sane = usize::from(readonly_signed) < required && required + usize::from(readonly_unsigned) <= accounts;
    is_sane.then_some(required)
}

/// Solana's number of one to three bytes.
fn compact_u16(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for at in 0..3 {
        let byte = *bytes.get(at)?;
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return (value <= usize::from(u16::MAX)).then_some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// A transfer: three accounts, one signature.
fn transfer() -> Vec<u8> {
    let head = [1, 0, 1, 3];
    let instruction = [1, 2, 2, 0, 1, 12, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    [&head[..], &[7; 96], &[8; 32], &instruction].concat()
}

#[test]
fn the_decoder_knows_a_transaction() {
    assert_eq!(decode(&transfer()), Some(1));
    assert_eq!(decode(&[&[0x80][..], &transfer()].concat()), Some(1));
    assert_eq!(decode(&transfer()[..100]), None);
    // Text can be one, if it is long enough and begins with the right letters.
    let text = format!("1..a{}", "a".repeat(4000));
    assert_eq!(decode(text.as_bytes()), Some(49));
}

fn address() -> Address {
    "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z".parse().expect("an address")
}

/// The longest message whose domain is this.
fn longest_sign_in(domain: &str) -> String {
    let (uri, statement) = (format!("a:{}", "b".repeat(400)), "c".repeat(1024));
    let mut message = SignInMessage::new(domain, address()).expect("a domain");
    message = message.with_statement(&statement).expect("room");
    while let Ok(longer) = message.clone().with_resource(&uri) {
        message = longer;
    }
    let text = message.to_text();
    let room = SignInMessage::MAX_LEN - text.len();
    // What is left is filled with a last URI.
    let last = format!("a:{}", "d".repeat(room.saturating_sub(5)));
    message.clone().with_resource(&last).unwrap_or(message).to_text().to_string()
}

#[test]
fn the_worst_domains_do_not_make_a_transaction() {
    let domains = ["1..a.example", "~!!~", "\"!!~", "~", "~~", "~!!", "zaaz.example", "\"!!C", "a--~", "B!"];
    for domain in domains {
        let text = longest_sign_in(domain);
        assert!(text.len() > 2000);
        assert_eq!(decode(text.as_bytes()), None, "{domain}");
    }
}

proptest! {
    #[test]
    fn no_text_made_here_is_one(
        first_line in "[ -~]{1,128}",
        domain in "[!\"$-.0-9:-<=>A-Z^_`a-z{|}~\\[\\]]{1,255}",
        millis in 0..=i64::MAX as u64,
        text in any::<String>(),
        application_domain: [u8; 32],
    ) {
        let now = UnixMillis::new(millis).expect("an instant");
        let token = "0123456789abcdef".repeat(4);
        let bind = BindChallenge::new(&first_line, &token, now).expect("a challenge");
        prop_assert_eq!(decode(bind.to_text().as_bytes()), None);
        let view = ViewChallenge::new(&first_line, address(), now).expect("a challenge");
        prop_assert_eq!(decode(view.to_string().as_bytes()), None);
        prop_assert_eq!(decode(longest_sign_in(&domain).as_bytes()), None);
        if let Ok(message) = ShortOffchainMessage::new(&text) {
            prop_assert_eq!(decode(&message.to_bytes()), None);
        }
        if let Ok(message) = LongOffchainMessage::new(application_domain, vec![address()], &text) {
            prop_assert_eq!(decode(&message.to_bytes()), None);
        }
    }
}
