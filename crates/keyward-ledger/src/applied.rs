/// What became of an operation that has an id.
///
/// `Done` and `Replayed` mean the same to whoever asked: it was done, once. A rejection has changed nothing, and is not
/// remembered: the same id may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "it may have been rejected"]
pub enum Applied<T, R> {
    /// It was done, now.
    Done(T),
    /// It had been done before; this is what it brought then.
    Replayed(T),
    /// It cannot be done.
    Rejected(R),
}

impl<T, R> Applied<T, R> {
    /// What it brought, now or before.
    ///
    /// # Errors
    /// - it was rejected
    pub fn into_result(self) -> Result<T, R> {
        match self {
            Self::Done(outcome) | Self::Replayed(outcome) => Ok(outcome),
            Self::Rejected(reason) => Err(reason),
        }
    }

    /// The same with another outcome.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Applied<U, R> {
        match self {
            Self::Done(outcome) => Applied::Done(map(outcome)),
            Self::Replayed(outcome) => Applied::Replayed(map(outcome)),
            Self::Rejected(reason) => Applied::Rejected(reason),
        }
    }
}
