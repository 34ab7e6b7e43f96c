//! What the fuzz targets share.
//!
//! A target is a property: a function of any bytes that panics if the code under test is wrong. A fuzzer looks for such
//! bytes; built without one, a target is a program that tries the property on files.

use std::env;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

/// Tries a target's property on the files named as arguments, else on all its seeds.
///
/// # Panics
/// If the property does, if a file cannot be read, or if there is none.
pub fn replay(target: &str, property: fn(&[u8])) {
    let mut files: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        files = seeds(target);
    }
    assert!(!files.is_empty(), "{target} has no seeds");
    for file in &files {
        println!("{}", file.display());
        property(&fs::read(file).expect("a readable file"));
    }
    println!("{target}: the property holds over {} files", files.len());
}

/// The files of `seeds/<target>`, by name.
fn seeds(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let entries = fs::read_dir(folder).expect("a folder of seeds");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a seed").path()).collect();
    files.sort();
    files
}

/// Whether a text is a number as this project prints it: digits without a leading zero, at most `max`.
///
/// Written without the code under test, and slowly.
pub fn is_canonical_decimal(text: &str, max: u64) -> bool {
    text.parse::<u64>().is_ok_and(|number| number <= max && number.to_string() == text)
}

/// Whether a text is lower-case hexadecimal digits only.
pub fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Bytes as lower-case hexadecimal digits.
pub fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a refusal says is one short line.
///
/// # Panics
/// If it is not.
pub fn assert_one_line(refusal: impl Display) {
    let text = refusal.to_string();
    assert!(text.len() < 300 && !text.contains(char::is_control), "{text:?}");
}

/// The first `N` bytes, with zeros for those that are missing, and the rest.
pub fn split<const N: usize>(data: &[u8]) -> ([u8; N], &[u8]) {
    let (head, rest) = data.split_at(data.len().min(N));
    let mut array = [0; N];
    array[..head.len()].copy_from_slice(head);
    (array, rest)
}
