//! Ids of accounts and operations.

use std::convert::Infallible;

use keyward_ledger::{AccountId, Fingerprint, IdError, OperationId};
use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};

/// Counts upward; not random at all.
struct Counter(u8);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.0;
            self.0 += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

#[test]
fn all_of_an_id_is_random_and_the_tag_of_a_child_is_its_parents() {
    let rng = &mut Counter(0);
    let Ok(root) = AccountId::generate(rng);
    assert_eq!(root.to_string(), "000102030405060708090a0b0c0d0e0f");
    let Ok(child) = AccountId::child_of(&root, rng);
    assert_eq!(child.to_string(), "00010203040506071011121314151617");
    let Ok(grandchild) = AccountId::child_of(&child, rng);
    assert_eq!(grandchild.as_bytes()[8..], [24, 25, 26, 27, 28, 29, 30, 31]);
    assert_eq!(root.tag(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!([child.tag(), grandchild.tag()], [root.tag(); 2]);
    let Ok(operation) = OperationId::generate(rng);
    assert_eq!(operation.to_string(), "202122232425262728292a2b2c2d2e2f");
}

#[test]
fn text_is_32_lower_case_digits() {
    let good = "00000000000000000000000000c0ffee";
    assert_eq!(good.parse::<AccountId>().expect("an id").as_bytes()[13..], [0xc0, 0xff, 0xee]);
    let bad = [
        "",
        "00000000000000000000000000c0ffe",
        "00000000000000000000000000c0ffe0e",
        "0000000000000000000000000000c0ffee",
        "000000000000000000000000c0ffee",
        "00000000000000000000000000C0FFEE",
        "00000000000000000000000000c0ffeg",
        " 0000000000000000000000000c0ffee",
        "0x000000000000000000000000c0ffee",
        "0000000000000000000000000000ffé",
    ];
    for text in bad {
        assert_eq!(text.parse::<AccountId>(), Err(IdError), "{text}");
        assert_eq!(text.parse::<OperationId>(), Err(IdError), "{text}");
        assert_eq!(text.parse::<Fingerprint>(), Err(IdError), "{text}");
    }
}

#[test]
fn debug_names_the_kind() {
    let bytes = [0xab; 16];
    let digits = "ab".repeat(16);
    assert_eq!(format!("{:?}", AccountId::from_bytes(bytes)), format!("AccountId({digits})"));
    assert_eq!(format!("{:?}", OperationId::from_bytes(bytes)), format!("OperationId({digits})"));
    assert_eq!(format!("{:?}", Fingerprint::from_bytes(bytes)), format!("Fingerprint({digits})"));
    assert_eq!(format!("{:>34}", AccountId::from_bytes(bytes)), format!("  {digits}"));
}

proptest! {
    #[test]
    fn ids_print_and_parse_back(bytes: [u8; 16]) {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(AccountId::from_bytes(bytes).to_string(), digits.clone());
        prop_assert_eq!(OperationId::from_bytes(bytes).to_string(), digits.clone());
        prop_assert_eq!(digits.parse(), Ok(AccountId::from_bytes(bytes)));
        prop_assert_eq!(digits.parse(), Ok(OperationId::from_bytes(bytes)));
        prop_assert_eq!(digits.parse(), Ok(Fingerprint::from_bytes(bytes)));
    }
}
