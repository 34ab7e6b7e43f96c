//! Folders and processes on Linux.

mod folder;
mod guard;
mod process;
mod user;

pub(crate) use folder::Folder;
pub(crate) use guard::{Farewell, Guard};
pub(crate) use user::User;
