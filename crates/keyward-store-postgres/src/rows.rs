use std::str::FromStr;

use keyward_ledger::Msat;
use keyward_store::StoreError;
use keyward_time::UnixMillis;
use thiserror::Error;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// A row of a record, read through the checks of what is in it.
pub(crate) struct Fields<'a> {
    row: &'a Row,
    record: &'static str,
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(record: &'static str, row: &'a Row) -> Self {
        Self { row, record }
    }

    fn get<T: FromSql<'a>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row.try_get(column).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        StoreError::Corrupt { record: self.record, source: BadColumn { column }.into() }
    }

    pub(crate) fn bytes<const N: usize>(&self, column: &'static str) -> Result<[u8; N], StoreError> {
        self.get::<&[u8]>(column)?.try_into().map_err(|_| self.corrupt(column))
    }

    pub(crate) fn optional_bytes<const N: usize>(&self, column: &'static str) -> Result<Option<[u8; N]>, StoreError> {
        let bytes: Option<&[u8]> = self.get(column)?;
        bytes.map(|bytes| bytes.try_into().map_err(|_| self.corrupt(column))).transpose()
    }

    pub(crate) fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        u64::try_from(self.get::<i64>(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn optional_number(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        let number: Option<i64> = self.get(column)?;
        number.map(|number| u64::try_from(number).map_err(|_| self.corrupt(column))).transpose()
    }

    pub(crate) fn msat(&self, column: &'static str) -> Result<Msat, StoreError> {
        Msat::new(self.number(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn optional_msat(&self, column: &'static str) -> Result<Option<Msat>, StoreError> {
        let msat = self.optional_number(column)?;
        msat.map(|msat| Msat::new(msat).map_err(|_| self.corrupt(column))).transpose()
    }

    pub(crate) fn instant(&self, column: &'static str) -> Result<UnixMillis, StoreError> {
        UnixMillis::new(self.number(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn optional_instant(&self, column: &'static str) -> Result<Option<UnixMillis>, StoreError> {
        let millis = self.optional_number(column)?;
        millis.map(|millis| UnixMillis::new(millis).map_err(|_| self.corrupt(column))).transpose()
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<&'a str, StoreError> {
        self.get(column)
    }

    pub(crate) fn parsed<T: FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| self.corrupt(column))
    }

    /// A record that is kept as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(self.text(column)?).map_err(|error| self.corrupt_json(&error))
    }

    fn corrupt_json(&self, error: &serde_json::Error) -> StoreError {
        // Its own words may repeat what it has read.
        let source = BadJson { line: error.line(), column: error.column() };
        StoreError::Corrupt { record: self.record, source: source.into() }
    }

    pub(crate) fn signed(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// Bytes of any length.
    pub(crate) fn all_bytes(&self, column: &'static str) -> Result<&'a [u8], StoreError> {
        self.get(column)
    }
}

#[derive(Debug, Error)]
#[error("column {column} is not as it is written")]
struct BadColumn {
    column: &'static str,
}

#[derive(Debug, Error)]
#[error("its JSON is not as it is written, at line {line}, column {column}")]
struct BadJson {
    line: usize,
    column: usize,
}

/// A number as the column of a table has it. All of ours are below 2^63.
pub(crate) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An instant as the column of a table has it.
pub(crate) fn instant_column(instant: UnixMillis) -> i64 {
    column(instant.as_millis())
}

/// An amount as the column of a table has it.
pub(crate) fn msat_column(amount: Msat) -> i64 {
    column(amount.as_msat())
}
