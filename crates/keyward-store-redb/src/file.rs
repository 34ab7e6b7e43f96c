use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use keyward_store::{BoxError, OpenError};
use redb::{Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase as _, StorageError, WriteTransaction};

use crate::failure::{EngineGaveUp, Failure, is_damage};
use crate::keys;
use crate::tables::{self, META, META_DAMAGED, META_VERSION, VERSION};

/// How much of the file is held in memory at most, in bytes: 128 MiB.
const CACHE_SIZE: usize = 128 << 20;

/// The path by which the file is found whatever becomes the current folder.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    std::path::absolute(path).map_err(|error| OpenError::Backend(error.into()))
}

/// Makes the file if there is none.
///
/// It is made under another name first, so that one whose maker was killed half-way is never met under its own.
pub(crate) fn create_if_missing(path: &Path) -> Result<(), OpenError> {
    match path.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => create(path),
        Err(error) => Err(OpenError::Backend(error.into())),
    }
}

fn create(path: &Path) -> Result<(), OpenError> {
    let backend = |error: io::Error| OpenError::Backend(error.into());
    let folder = path.parent().ok_or(OpenError::BadUrl("a path of a folder, not of a file"))?;
    // Made with mode 0600.
    let unnamed = tempfile::Builder::new().prefix(".keyward-store-").tempfile_in(folder).map_err(backend)?;
    initialise(&builder().create_file(unnamed.reopen().map_err(backend)?).map_err(open_error)?)?;
    match unnamed.persist_noclobber(path) {
        Ok(_) => File::open(folder).and_then(|folder| folder.sync_all()).map_err(backend),
        // Another process was faster; its file is as good.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(backend(error.error)),
    }
}

/// Makes the tables in an empty file.
pub(crate) fn initialise(database: &Database) -> Result<(), OpenError> {
    let create = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        tables::create(&transaction)?;
        Ok(transaction.commit()?)
    };
    create().map_err(|error| OpenError::Backend(error.into()))
}

/// Opens the file, and looks whether all of it is as it was written.
pub(crate) fn open(path: &Path) -> Result<Database, OpenError> {
    // Some damage makes the engine panic.
    catch_unwind(AssertUnwindSafe(|| check(builder().open(path).map_err(open_error)?)))
        .unwrap_or_else(|_| Err(OpenError::Corrupt(EngineGaveUp.into())))
}

/// Whether this is a store of ours, undamaged, and of a version that can be read.
pub(crate) fn check(mut database: Database) -> Result<Database, OpenError> {
    if read(&database, |transaction| number(transaction, META_VERSION))?.is_none() {
        return Err(OpenError::Corrupt(NOT_OURS.into()));
    }
    // Pages are taken on trust later: whether they are as they were written is seen now.
    if !database.check_integrity().map_err(open_error)? {
        // The engine has gone back to what is undamaged, which may not be all that was acknowledged.
        note_damage(&database)?;
    }
    let (version, damage) =
        read(&database, |transaction| Ok((number(transaction, META_VERSION)?, number(transaction, META_DAMAGED)?)))?;
    if damage.is_some() {
        return Err(OpenError::Corrupt(DAMAGED.into()));
    }
    match version {
        Some(found) if found > VERSION => return Err(OpenError::WrongVersion { found, known: VERSION }),
        Some(found) if found >= 1 => migrate(&database, found)?,
        _ => return Err(OpenError::Corrupt(NOT_OURS.into())),
    }
    read(&database, tables::check)?;
    Ok(database)
}

const NOT_OURS: &str = "not a file of this store";
const DAMAGED: &str = "the file is damaged; what was written last may be missing";

/// Changes tables within a transaction.
type Migration = fn(&WriteTransaction) -> Result<(), Failure>;

/// What brings the tables of each version to the next one, beginning with version 1.
const MIGRATIONS: &[Migration] = &[keys::index_statuses];
const _: () = assert!(MIGRATIONS.len() as u64 + 1 == VERSION);

/// Brings the tables of version `found`, at least 1, to [`VERSION`], or leaves them as they are.
fn migrate(database: &Database, found: u64) -> Result<(), OpenError> {
    if found == VERSION {
        return Ok(());
    }
    let migrate = || -> Result<(), Failure> {
        let transaction = database.begin_write()?;
        MIGRATIONS.iter().skip(found.saturating_sub(1) as usize).try_for_each(|step| step(&transaction))?;
        transaction.open_table(META)?.insert(META_VERSION, VERSION)?;
        Ok(transaction.commit()?)
    };
    migrate().map_err(not_opened)
}

fn note_damage(database: &Database) -> Result<(), OpenError> {
    let note = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        transaction.open_table(META)?.insert(META_DAMAGED, 1)?;
        Ok(transaction.commit()?)
    };
    note().map_err(|error| OpenError::Corrupt(error.into()))
}

fn number(transaction: &ReadTransaction, name: &str) -> Result<Option<u64>, Failure> {
    Ok(transaction.open_table(META)?.get(name)?.map(|number| number.value()))
}

fn read<T>(database: &Database, act: impl FnOnce(&ReadTransaction) -> Result<T, Failure>) -> Result<T, OpenError> {
    let act = || act(&database.begin_read()?);
    act().map_err(not_opened)
}

fn not_opened(failure: Failure) -> OpenError {
    match failure {
        Failure::Engine(error) => open_error_of(error),
        other => OpenError::Corrupt(BoxError::from(keyward_store::StoreError::from(other))),
    }
}

fn open_error(error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::Locked,
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
            OpenError::Locked
        }
        error => open_error_of(error.into()),
    }
}

fn open_error_of(error: redb::Error) -> OpenError {
    if is_damage(&error) { OpenError::Corrupt(error.into()) } else { OpenError::Backend(error.into()) }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_SIZE);
    builder
}
