//! Where there is no Linux no server is started, and none of these values exists.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::ServerError;

#[derive(Clone, Copy, Debug)]
pub(crate) enum User {
    Own,
}

impl User {
    pub(crate) fn for_postgres() -> Result<Self, ServerError> {
        Ok(Self::Own)
    }
}

#[derive(Debug)]
pub(crate) struct Folder(Infallible);

impl Folder {
    pub(crate) fn create(_: User) -> Result<Self, ServerError> {
        Err(ServerError::Missing("Linux: servers are started nowhere else".to_owned()))
    }

    pub(crate) fn data(&self) -> PathBuf {
        match self.0 {}
    }

    pub(crate) fn make_data(&self) -> Result<(), ServerError> {
        match self.0 {}
    }

    pub(crate) fn write(&self, _: &str, _: &str) -> Result<PathBuf, ServerError> {
        match self.0 {}
    }

    pub(crate) fn log_length(&self) -> u64 {
        match self.0 {}
    }

    pub(crate) fn log_since(&self, _: u64) -> String {
        match self.0 {}
    }

    pub(crate) fn kill_all(&self) -> bool {
        match self.0 {}
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Farewell {
    Kill,
    Quit,
}

#[derive(Debug)]
pub(crate) struct Guard(Infallible);

impl Guard {
    pub(crate) fn launch(
        folder: &Folder,
        _: Farewell,
        _: &Path,
        _: impl IntoIterator<Item: AsRef<OsStr>>,
    ) -> Result<Self, ServerError> {
        match folder.0 {}
    }

    pub(crate) fn pid(&self) -> u32 {
        match self.0 {}
    }

    pub(crate) fn has_ended_within(&self, _: Duration) -> bool {
        match self.0 {}
    }

    pub(crate) fn wait(self) -> Result<ExitStatus, ServerError> {
        match self.0 {}
    }

    pub(crate) fn stop(self, _: Duration) -> bool {
        match self.0 {}
    }

    pub(crate) fn kill(self) {
        match self.0 {}
    }
}
