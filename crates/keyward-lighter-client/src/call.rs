use std::borrow::Cow;

use crate::Auth;

/// One of the API's calls, ready to be made any number of times.
pub(crate) struct Call<'a> {
    /// With the slash in front.
    pub(crate) path: &'static str,
    pub(crate) effect: Effect,
    pub(crate) parameters: Vec<(&'static str, Cow<'a, str>)>,
    pub(crate) auth: Option<Auth<'a>>,
    pub(crate) code: CodeMember,
}

/// What a call does, on which it depends when it may be made again.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Effect {
    /// Nothing: again after any failure.
    Read,
    /// Changes something: again only when the call before was surely not executed.
    Write,
}

/// Whether a success says so by its `code`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum CodeMember {
    Required,
    /// `/` and `/info` answer without one.
    Optional,
}

impl<'a> Call<'a> {
    /// A read; its parameters go into the URL.
    pub(crate) fn read(path: &'static str) -> Self {
        Self { path, effect: Effect::Read, parameters: Vec::new(), auth: None, code: CodeMember::Required }
    }

    /// A write; its parameters go into a form.
    pub(crate) fn write(path: &'static str) -> Self {
        Self { effect: Effect::Write, ..Self::read(path) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    pub(crate) fn with_number(self, name: &'static str, value: impl Into<u64>) -> Self {
        self.with(name, value.into().to_string())
    }

    pub(crate) fn authorized(mut self, auth: Auth<'a>) -> Self {
        self.auth = Some(auth);
        self
    }

    pub(crate) fn without_code(mut self) -> Self {
        self.code = CodeMember::Optional;
        self
    }
}
