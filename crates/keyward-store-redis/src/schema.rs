//! Which layout the data have.

use keyward_store::OpenError;

use crate::connection::Connection;
use crate::fault::{Access, Unreadable};
use crate::names::Names;

/// The newest layout.
const VERSION: u64 = 1;

/// Writes the version where there is none, and brings older data up to it.
pub(crate) async fn prepare(connection: &Connection, names: &Names) -> Result<(), OpenError> {
    let name = names.schema();
    let mut write = redis::cmd("SET");
    write.arg(&name).arg(VERSION).arg("NX");
    let mut read = redis::cmd("GET");
    read.arg(&name);
    let failed = |error| OpenError::Unreachable(Box::new(error));
    // Nothing comes back if another version is there.
    let _: Option<String> = connection.send(Access::Write, &write).await.map_err(failed)?;
    let found: Option<String> = connection.send(Access::Read, &read).await.map_err(failed)?;
    let found = found.as_deref().and_then(|text| keyward_time::parse_decimal(text.as_bytes(), u64::MAX).ok());
    match found.ok_or_else(|| OpenError::Corrupt(Unreadable.into()))? {
        // A version 2 comes with the steps from 1 to it, here.
        VERSION => Ok(()),
        found => Err(OpenError::WrongVersion { found, known: VERSION }),
    }
}
