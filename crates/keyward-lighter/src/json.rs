//! JSON taken apart without a copy of what is in it.
//!
//! Both files hold secrets. So no tree of owned strings is built, and no message of `serde_json`
//! that quotes a value gets out: values stay raw slices of the input until their owner reads them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// Why a text is not a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is longer than is read.
    #[error("larger than {max} bytes")]
    TooLarge {
        /// The most bytes that are read.
        max: usize,
    },
    /// The text ends before its last bracket or quote.
    #[error("ends before the JSON is complete")]
    Truncated,
    /// The grammar is broken.
    #[error("not valid JSON at line {line} column {column}")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// The byte in the line, counted from 1.
        column: usize,
    },
    /// A text that had to be read has an escape sequence that stands for no character.
    #[error("not valid JSON: text with a broken escape sequence")]
    Escape,
}

/// Checks the grammar of the whole of `text`, at most `max` bytes.
pub(crate) fn document(text: &[u8], max: usize) -> Result<&RawValue, JsonError> {
    if text.len() > max {
        return Err(JsonError::TooLarge { max });
    }
    serde_json::from_slice(text).map_err(|error| match error.classify() {
        Category::Eof => JsonError::Truncated,
        _ => JsonError::Syntax { line: error.line(), column: error.column() },
    })
}

/// Hands each member of the object `value` to `each`, in order; anything else is `no_object`.
pub(crate) fn members<'a, E: From<JsonError>>(
    value: &'a RawValue,
    no_object: E,
    each: impl FnMut(&str, &'a RawValue) -> Result<(), E>,
) -> Result<(), E> {
    if !value.get().starts_with('{') {
        return Err(no_object);
    }
    walk(each, |walker| value.deserialize_map(walker))
}

/// Hands each element of the array `value` to `each`, in order; anything else is `no_array`.
pub(crate) fn elements<'a, E: From<JsonError>>(
    value: &'a RawValue,
    no_array: E,
    mut each: impl FnMut(&'a RawValue) -> Result<(), E>,
) -> Result<(), E> {
    if !value.get().starts_with('[') {
        return Err(no_array);
    }
    walk(|_: &str, value| each(value), |walker| value.deserialize_seq(walker))
}

/// What stands between the quotes of the string `value`, escape sequences left as they are; `None`
/// if it is no string.
pub(crate) fn raw_text(value: &RawValue) -> Option<&str> {
    value.get().strip_prefix('"')?.strip_suffix('"')
}

/// Runs `visit` over a value whose grammar is known to be good.
fn walk<F, E: From<JsonError>>(
    each: F,
    visit: impl FnOnce(Walker<'_, F, E>) -> Result<(), serde_json::Error>,
) -> Result<(), E> {
    let mut stopped = None;
    let walked = visit(Walker { each, stopped: &mut stopped });
    match stopped {
        Some(error) => Err(error),
        // Skipping a string does not look at its surrogates; reading a name does.
        None => walked.map_err(|_| JsonError::Escape.into()),
    }
}

struct Walker<'s, F, E> {
    each: F,
    // serde has no way to carry a caller's error out.
    stopped: &'s mut Option<E>,
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<F, E> Walker<'_, F, E> {
    fn step<'a, A: serde::de::Error>(&mut self, name: &str, value: &'a RawValue) -> Result<(), A>
    where
        F: FnMut(&str, &'a RawValue) -> Result<(), E>,
    {
        (self.each)(name, value).map_err(|error| {
            *self.stopped = Some(error);
            A::custom("stopped")
        })
    }
}

impl<'a, F: FnMut(&str, &'a RawValue) -> Result<(), E>, E> Visitor<'a> for Walker<'_, F, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((Name(name), value)) = map.next_entry()? {
            self.step(&name, value)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element()? {
            self.step("", value)?;
        }
        Ok(())
    }
}
