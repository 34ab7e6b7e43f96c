//! Account and key numbers: their ranges and their one text form.

use keyward_time::DecimalError;
use keyward_token::{AccountIndex, ApiKeyIndex};

#[test]
fn account_is_0_to_2_pow_48_minus_2() {
    let max = (1 << 48) - 2;
    assert_eq!(AccountIndex::MAX.as_u64(), max);
    for index in [0, 1, max] {
        let account = AccountIndex::new(index).expect("in range");
        assert_eq!(account.as_u64(), index);
        assert_eq!(u64::from(account), index);
        assert_eq!(account.to_string().parse(), Ok(account));
        assert_eq!(AccountIndex::try_from(index), Ok(account));
    }
    // The first is the venue's nil account.
    for index in [max + 1, max + 2, u64::MAX] {
        let error = AccountIndex::new(index).unwrap_err();
        assert_eq!(error.max(), max);
        assert_eq!(AccountIndex::try_from(index), Err(error));
        assert_eq!(index.to_string().parse::<AccountIndex>(), Err(DecimalError::OutOfRange(error)));
    }
}

#[test]
fn api_key_is_0_to_254() {
    for index in 0..=254 {
        let key = ApiKeyIndex::new(index).expect("in range");
        assert_eq!(key.as_u8(), index);
        assert_eq!(u8::from(key), index);
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(ApiKeyIndex::try_from(index), Ok(key));
    }
    let error = ApiKeyIndex::new(255).unwrap_err();
    assert_eq!(error.max(), 254);
    assert_eq!(ApiKeyIndex::try_from(255), Err(error));
    for text in ["255", "256", "510", "18446744073709551615", "18446744073709551616"] {
        assert_eq!(text.parse::<ApiKeyIndex>(), Err(DecimalError::OutOfRange(error)), "{text}");
    }
    assert_eq!(ApiKeyIndex::MAX.as_u8(), 254);
    assert_eq!(ApiKeyIndex::READ_ONLY_AUTH.as_u8(), 253);
}

#[test]
fn non_canonical_text_is_refused() {
    for text in ["", "-1", "+1", "01", " 1", "1 ", "1_0", "0x1", "1.0"] {
        assert_eq!(text.parse::<AccountIndex>(), Err(DecimalError::NotCanonical), "{text:?}");
        assert_eq!(text.parse::<ApiKeyIndex>(), Err(DecimalError::NotCanonical), "{text:?}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn json_form_is_a_number_in_range() {
    use std::collections::BTreeMap;

    let account = AccountIndex::MAX;
    assert_eq!(serde_json::to_string(&account).expect("a number"), "281474976710654");
    assert_eq!(serde_json::from_str::<AccountIndex>("281474976710654").expect("in range"), account);
    assert_eq!(serde_json::to_string(&ApiKeyIndex::MAX).expect("a number"), "254");
    assert_eq!(serde_json::from_str::<ApiKeyIndex>("254").expect("in range"), ApiKeyIndex::MAX);
    for text in ["281474976710655", "-1", "1.0", "1e3", "\"5\"", "null", "true"] {
        assert!(serde_json::from_str::<AccountIndex>(text).is_err(), "{text}");
    }
    for text in ["255", "256", "-1", "1.0", "\"5\"", "null", "true"] {
        assert!(serde_json::from_str::<ApiKeyIndex>(text).is_err(), "{text}");
    }

    let by_account = BTreeMap::from([(account, ApiKeyIndex::READ_ONLY_AUTH)]);
    let text = serde_json::to_string(&by_account).expect("a map");
    assert_eq!(text, r#"{"281474976710654":253}"#);
    assert_eq!(serde_json::from_str::<BTreeMap<AccountIndex, ApiKeyIndex>>(&text).expect("in range"), by_account);
}
