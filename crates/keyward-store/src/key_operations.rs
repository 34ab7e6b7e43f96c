use keyward_apikey::{ApiKey, KeyAction, KeyOperation, KeyOutcome, Loaded, Rejection, Step, Target};
use keyward_ledger::Applied;
use keyward_time::UnixMillis;
use thiserror::Error;

use crate::{BoxFuture, KeyPut, KeyStore, StoreError};

/// How often a write that others came before is tried again. Each time somebody's write went through, so that of `n` racing
/// writers the unluckiest needs `n` attempts.
const MAX_ATTEMPTS: usize = 1_000;

/// The operations on keys, for every [`KeyStore`]: the rules of `keyward-apikey` between its reads and its writes.
///
/// They need tokio's timer: a write that others came before several times is tried again after a pause.
pub trait KeyOperations: KeyStore {
    /// Does `operation`, once, at `now`.
    ///
    /// It is [`Done`](Applied::Done) once the store has acknowledged it. Of operations that race for the same thing, one is
    /// done and the others are [`Rejected`](Applied::Rejected), as if they had come one after the other.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: nothing was done
    /// - [`StoreError::Ambiguous`]: it was done or not; the same again settles it, as long as it is
    ///   [remembered](KeyOperation)
    /// - [`StoreError::Corrupt`]: a record is damaged; nothing was done
    fn apply_key<'a>(
        &'a self,
        operation: &'a KeyOperation,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<KeyOutcome, Rejection>, StoreError>> {
        Box::pin(async move {
            let (_, applied) = self.apply_key_to(operation, now).await?;
            Ok(applied)
        })
    }

    /// As [`apply_key`](Self::apply_key), with the key as it is afterwards; the key as it was found where nothing was done,
    /// if there is one.
    ///
    /// # Errors
    /// - as [`apply_key`](Self::apply_key)
    fn apply_key_to<'a>(&'a self, operation: &'a KeyOperation, now: UnixMillis) -> BoxFuture<'a, AppliedToKey> {
        Box::pin(async move {
            for attempt in 0..MAX_ATTEMPTS {
                let key = match operation.action.target() {
                    Target::Key(id) => self.key(id).await?,
                    Target::Link(digest) => self.key_by_link(digest).await?,
                };
                let parent = match parent(&operation.action, key.as_ref()) {
                    Some(id) => self.key(id).await?,
                    None => None,
                };
                let loaded = Loaded { key: key.as_ref(), parent: parent.as_ref() };
                let rejection = match operation.apply(loaded, now) {
                    Ok(Step::Replayed(outcome)) => return Ok((key, Applied::Replayed(outcome))),
                    Ok(Step::Done(after, outcome)) => match self.put_key(key.as_ref(), &after).await? {
                        KeyPut::Written => return Ok((Some(*after), Applied::Done(outcome))),
                        KeyPut::Conflict => {
                            give_way(attempt).await;
                            continue;
                        }
                        KeyPut::SecretTaken => Rejection::SecretTaken,
                        KeyPut::LinkTaken => Rejection::LinkTaken,
                    },
                    Err(rejection) => rejection,
                };
                return Ok((key, Applied::Rejected(rejection)));
            }
            Err(StoreError::Unavailable(TooContended.into()))
        })
    }
}

impl<S: KeyStore + ?Sized> KeyOperations for S {}

/// What [`apply_key_to`](KeyOperations::apply_key_to) brings.
pub type AppliedToKey = Result<(Option<ApiKey>, Applied<KeyOutcome, Rejection>), StoreError>;

/// The key whose bounds the operation must keep.
fn parent(action: &KeyAction, key: Option<&ApiKey>) -> Option<keyward_apikey::KeyId> {
    match action {
        KeyAction::Create(new) => new.parent,
        KeyAction::Update { .. } => key.and_then(ApiKey::parent),
        _ => None,
    }
}

/// Lets others go first; the longer the more often it was in vain.
async fn give_way(attempt: usize) {
    if attempt < 3 {
        tokio::task::yield_now().await;
    } else {
        let millis = 1 << (attempt - 3).min(4);
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    }
}

#[derive(Debug, Error)]
#[error("others have changed the key each time, {MAX_ATTEMPTS} times in a row")]
struct TooContended;
