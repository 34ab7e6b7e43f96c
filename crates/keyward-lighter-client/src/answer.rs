//! What the venue answers: one JSON object, of which only the members that are asked for are looked at.
//!
//! `serde_json` quotes a value that it can not make use of. An answer may hold a token, so its messages stay
//! here, and the error names the member instead.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A JSON object, its values still as they stand in the text.
pub(crate) struct Object<'a>(BTreeMap<Name<'a>, &'a RawValue>);

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Object<'a> {
    /// Reads an object; of a member that stands there twice, the last counts.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, AnswerError> {
        serde_json::from_slice(text).map(Self).map_err(|_| AnswerError::NotAnObject)
    }

    /// The member `name`, which must be there.
    pub(crate) fn take<T: Deserialize<'a>>(&self, name: &'static str) -> Result<T, AnswerError> {
        self.take_if_there(name)?.ok_or(AnswerError::Missing(name))
    }

    /// The member `name`; `None` if it is not there, or `null`.
    pub(crate) fn take_if_there<T: Deserialize<'a>>(&self, name: &'static str) -> Result<Option<T>, AnswerError> {
        match self.0.get(&Name(Cow::Borrowed(name))) {
            None => Ok(None),
            Some(value) => serde_json::from_str(value.get()).map_err(|_| AnswerError::Unexpected(name)),
        }
    }

    /// The member `name`, brought into a form of its own by `read`, for which `None` is a refusal.
    pub(crate) fn read<T: Deserialize<'a>, U>(
        &self,
        name: &'static str,
        read: impl FnOnce(T) -> Option<U>,
    ) -> Result<U, AnswerError> {
        read(self.take(name)?).ok_or(AnswerError::Unexpected(name))
    }

    /// The elements of the member `name`, an array of objects.
    pub(crate) fn objects<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Object<'a>) -> Result<T, AnswerError>,
    ) -> Result<Vec<T>, AnswerError> {
        let elements: Vec<&RawValue> = self.take(name)?;
        elements
            .into_iter()
            .map(|element| Object::parse(element.get().as_bytes()).map_err(|_| AnswerError::Unexpected(name)))
            .map(|object| read(&object?))
            .collect()
    }
}

/// What is wrong with an answer that is not as the API's documents say. Nothing of its text is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The answer is not a JSON object.
    #[error("the answer is not a JSON object")]
    NotAnObject,
    /// A member is not there.
    #[error("the answer has no `{0}`")]
    Missing(&'static str),
    /// A member is of another type, or its value is out of range.
    #[error("the answer's `{0}` is not what it should be")]
    Unexpected(&'static str),
    /// The answer is longer than is read.
    #[error("the answer is longer than {max} bytes")]
    TooLarge {
        /// The most bytes that are read.
        max: usize,
    },
}
