use keyward_time::UnixMillis;

/// The latest instant in the books: 2^53 - 1 milliseconds after 1970, in the year 287,396. Instants are exact in a double
/// then, as [amounts](crate::Msat) are.
pub const MAX_INSTANT: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(crate::Msat::MAX.as_msat());

/// A record, or several that belong together, as no operation would have left them: what was read is not what was
/// written, or was not written by these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("invalid {record}: {breach}")]
pub struct InvalidRecord {
    record: &'static str,
    breach: &'static str,
}

impl InvalidRecord {
    /// `breach` says what is wrong with the kind of record `record`.
    pub(crate) const fn new(record: &'static str, breach: &'static str) -> Self {
        Self { record, breach }
    }

    /// The first of these rules that does not hold.
    pub(crate) fn check(record: &'static str, rules: &[(bool, &'static str)]) -> Result<(), Self> {
        match rules.iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, breach)) => Err(Self { record, breach }),
        }
    }
}
