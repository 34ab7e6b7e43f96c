//! Instants and slots in JSON: numbers, and nothing out of range or off the grid.
#![cfg(feature = "serde")]

use std::collections::BTreeMap;

use keyward_time::{TimeSlot, UnixMillis, UnixSeconds};

#[test]
fn instant_is_a_number() {
    let instant = UnixSeconds::new(1_763_700_000).expect("in range");
    assert_eq!(serde_json::to_string(&instant).expect("a number"), "1763700000");
    assert_eq!(serde_json::from_str::<UnixSeconds>("1763700000").expect("in range"), instant);
    assert_eq!(serde_json::from_str::<UnixSeconds>("9223372036854775807").expect("in range"), UnixSeconds::MAX);
    for text in ["9223372036854775808", "-1", "1.0", "\"1\"", "null", "18446744073709551616"] {
        assert!(serde_json::from_str::<UnixSeconds>(text).is_err(), "{text}");
        assert!(serde_json::from_str::<UnixMillis>(text).is_err(), "{text}");
    }
}

#[test]
fn instant_in_milliseconds_is_a_number() {
    let instant = UnixMillis::new(1_763_700_000_123).expect("in range");
    assert_eq!(serde_json::to_string(&instant).expect("a number"), "1763700000123");
    assert_eq!(serde_json::from_str::<UnixMillis>("1763700000123").expect("in range"), instant);
}

#[test]
fn slot_is_its_start_also_as_a_key() {
    let slot: TimeSlot = "1763683200".parse().expect("aligned");
    let map = BTreeMap::from([(slot, true)]);
    let text = serde_json::to_string(&map).expect("a map");
    assert_eq!(text, r#"{"1763683200":true}"#);
    assert_eq!(serde_json::from_str::<BTreeMap<TimeSlot, bool>>(&text).expect("aligned"), map);
    let error = serde_json::from_str::<TimeSlot>("1763683201").unwrap_err();
    assert!(error.to_string().starts_with("not a multiple of 21600 seconds"), "{error}");
}
