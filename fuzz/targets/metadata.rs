//! Metadata is taken if and only if it is a JSON object within the bounds, and kept byte for byte.

#![cfg_attr(fuzzing, no_main)]

use keyward_apikey::{Metadata, MetadataError};
use keyward_fuzz::assert_one_line;
use serde_json::Value;

fn property(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let value = serde_json::from_str::<Value>(text);
    match Metadata::new(text) {
        Ok(metadata) => {
            assert_eq!(metadata.as_str(), text);
            let value = value.expect("json");
            assert!(text.len() <= 16_384 && value.is_object() && depth(&value) <= 32);
            // Nothing was dropped because of its name.
            assert!(members(&value) <= text.matches(':').count());
        }
        Err(error) => {
            assert_one_line(error);
            match error {
                MetadataError::TooLong => assert!(text.len() > 16_384),
                MetadataError::NotAnObject => assert!(!value.is_ok_and(|value| value.is_object())),
                MetadataError::NotJson => assert!(value.is_err()),
                MetadataError::TooDeep => assert!(text.matches(['[', '{']).count() > 32),
                // What the standard reading keeps is one of them only.
                MetadataError::Repeated => assert!(text.matches(':').count() > 1),
                _ => panic!("no such rule"),
            }
        }
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn members(value: &Value) -> usize {
    match value {
        Value::Array(values) => values.iter().map(members).sum(),
        Value::Object(inner) => inner.len() + inner.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("metadata", property);
}
