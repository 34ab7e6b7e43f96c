//! The books of prepaid accounts.

use std::sync::Arc;

use futures_util::future::try_join_all;
use keyward_ledger::{
    Account, AccountId, Applied, Entry, Msat, NotApplied, Operation, OperationId, Outcome, Records, Refund, Rejection,
    Reservation,
};
use keyward_store::{BoxFuture, LedgerStore, Page, PageLimit, PageRequest, StoreError};
use keyward_time::UnixMillis;

use crate::fault::{Access, Fault, Unreadable, corrupt};
use crate::names::Tag;
use crate::{RedisStore, records, scripts};

/// How often an operation is prepared anew: with the accounts above its own, with a registration, with a newer one.
const ROUNDS: u32 = 50;

impl LedgerStore for RedisStore {
    fn apply<'a>(
        &'a self,
        id: OperationId,
        operation: &'a Operation,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<Outcome, Rejection>, StoreError>> {
        Box::pin(self.book(id, operation, now))
    }

    fn account(&self, id: AccountId) -> BoxFuture<'_, Result<Option<Account>, StoreError>> {
        Box::pin(async move {
            let mut read = redis::cmd("HGETALL");
            read.arg(self.names.account(id));
            let fields: std::collections::HashMap<String, String> = self.connection.send(Access::Read, &read).await?;
            if fields.is_empty() { Ok(None) } else { records::account(id, &fields).map(Some) }
        })
    }

    fn reservation(
        &self,
        account: AccountId,
        id: OperationId,
    ) -> BoxFuture<'_, Result<Option<Reservation>, StoreError>> {
        Box::pin(async move {
            let found = self.read_text(self.names.reservation(account.tag(), id)).await?;
            let found = found.map(|text| records::reservation(id, &text)).transpose()?;
            Ok(found.filter(|reservation| reservation.fields().account == account))
        })
    }

    fn refund(&self, account: AccountId, id: OperationId) -> BoxFuture<'_, Result<Option<Refund>, StoreError>> {
        Box::pin(async move {
            let found = self.read_text(self.names.refund(account.tag(), id)).await?;
            let found = found.map(|text| records::refund(id, &text)).transpose()?;
            Ok(found.filter(|refund| refund.fields().account == account))
        })
    }

    fn entries(&self, account: AccountId, page: PageRequest) -> BoxFuture<'_, Result<Page<Entry>, StoreError>> {
        Box::pin(self.list_entries(account, page))
    }

    fn due(&self, now: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<Vec<Reservation>, StoreError>> {
        Box::pin(self.list_due(now, limit))
    }
}

impl RedisStore {
    async fn read_text(&self, name: String) -> Result<Option<String>, StoreError> {
        let mut read = redis::cmd("GET");
        read.arg(name);
        self.connection.send(Access::Read, &read).await
    }

    async fn book(
        &self,
        id: OperationId,
        operation: &Operation,
        now: UnixMillis,
    ) -> Result<Applied<Outcome, Rejection>, StoreError> {
        let early = early_rejection(id, operation, now);
        let call = Call::new(operation)?;
        let mut registered = String::new();
        for _ in 0..ROUNDS {
            let answer: Vec<String> = self.ask(&call, id, operation, now, early.is_some(), &registered).await?;
            match answer.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["done", outcome] => return Ok(Applied::Done(records::outcome(outcome)?)),
                ["replayed", remembered] => return Ok(Applied::Replayed(records::remembered_outcome(remembered)?)),
                ["rejected", reason @ ..] => return Ok(Applied::Rejected(records::rejection(reason)?)),
                ["early"] => {
                    return early.map(Applied::Rejected).ok_or_else(|| corrupt("operation", Unreadable));
                }
                ["path", path] => {
                    self.paths.insert(operation.account(), Arc::from(records::path(path)?));
                }
                ["register", generation] => {
                    let deadline = call.deadline.unwrap_or(now);
                    self.register(operation.account().tag(), generation, deadline).await?;
                    registered = (*generation).to_owned();
                }
                ["damaged", record] => return Err(corrupt(record_name(record), Unreadable)),
                _ => return Err(corrupt("operation", Unreadable)),
            }
        }
        Err(StoreError::Unavailable(Fault::Busy("the operation was kept out each time".to_owned()).into()))
    }

    async fn ask(
        &self,
        call: &Call<'_>,
        id: OperationId,
        operation: &Operation,
        now: UnixMillis,
        is_early: bool,
        registered: &str,
    ) -> Result<Vec<String>, StoreError> {
        let account = operation.account();
        let tag = account.tag();
        let above: Arc<[AccountId]> = match operation.parent() {
            // Of another tag, it is in another slot, and the operation is rejected without it.
            Some(parent) if parent.tag() == tag => [parent].into(),
            Some(_) => [].into(),
            None => self.paths.get(&account).unwrap_or_default(),
        };
        let path = above.iter().map(AccountId::to_string).collect::<Vec<_>>().join(",");
        let mut apply = scripts::APPLY.key(self.names.operation(tag, id));
        apply.key(self.target(call.target, tag, id));
        apply.key(self.names.open_reservations(tag)).key(self.names.registration(tag));
        for account in std::iter::once(&account).chain(above.iter()) {
            apply.key(self.names.account(*account)).key(self.names.journal(*account));
        }
        apply.arg(call.kind).arg(id.to_string()).arg(account.to_string()).arg(operation.fingerprint().to_string());
        apply.arg(now.as_millis()).arg(call.amount.map(|amount| amount.to_string()).unwrap_or_default());
        apply.arg(call.description).arg(call.deadline.map(|at| at.to_string()).unwrap_or_default());
        apply.arg(path).arg(registered).arg(u8::from(is_early));
        self.connection.run(Access::Write, &apply).await
    }

    fn target(&self, target: Target, tag: Tag, id: OperationId) -> String {
        match target {
            // Every script has this key; these operations do not touch it.
            Target::None => self.names.operation(tag, id),
            Target::Reservation(named) => self.names.reservation(tag, named.unwrap_or(id)),
            Target::Refund(named) => self.names.refund(tag, named.unwrap_or(id)),
        }
    }

    /// Reservations by their ids, of one tag.
    pub(crate) async fn read_reservations(
        &self,
        tag: Tag,
        ids: &[OperationId],
    ) -> Result<Vec<Reservation>, StoreError> {
        let read = ids.iter().map(|id| async move {
            let found = self.read_text(self.names.reservation(tag, *id)).await?;
            found.map(|text| records::reservation(*id, &text)).transpose()
        });
        Ok(try_join_all(read).await?.into_iter().flatten().collect())
    }
}

/// What the rules reject before they look at any record.
fn early_rejection(id: OperationId, operation: &Operation, now: UnixMillis) -> Option<Rejection> {
    match keyward_ledger::apply(Records::default(), id, operation, now) {
        Err(NotApplied::Rejected(
            reason @ (Rejection::InstantOutOfRange
            | Rejection::DeadlinePassed
            | Rejection::ZeroAmount
            | Rejection::TagMismatch),
        )) => Some(reason),
        _ => None,
    }
}

/// Which record an operation makes or ends.
#[derive(Clone, Copy)]
enum Target {
    None,
    /// The one that is named, or the operation's own.
    Reservation(Option<OperationId>),
    /// The one that is named, or the operation's own.
    Refund(Option<OperationId>),
}

/// An operation as the script takes it.
struct Call<'a> {
    kind: &'static str,
    amount: Option<Msat>,
    description: &'a str,
    deadline: Option<UnixMillis>,
    target: Target,
}

impl<'a> Call<'a> {
    fn new(operation: &'a Operation) -> Result<Self, StoreError> {
        let call = |kind| Self { kind, amount: None, description: "", deadline: None, target: Target::None };
        Ok(match operation {
            Operation::OpenRoot { .. } => call("open_root"),
            Operation::OpenChild { limit, .. } => Self { amount: *limit, ..call("open_child") },
            Operation::SetLimit { limit, .. } => Self { amount: *limit, ..call("set_limit") },
            Operation::Credit { amount, description, .. } => call("credit").of(*amount).about(description.as_str()),
            Operation::Reserve { amount, deadline, .. } => {
                Self { deadline: Some(*deadline), target: Target::Reservation(None), ..call("reserve").of(*amount) }
            }
            Operation::Settle { reservation, amount, description, .. } => {
                let target = Target::Reservation(Some(*reservation));
                Self { target, ..call("settle").of(*amount).about(description.as_str()) }
            }
            Operation::Release { reservation, .. } => {
                Self { target: Target::Reservation(Some(*reservation)), ..call("release") }
            }
            Operation::Sweep { reservation, .. } => {
                Self { target: Target::Reservation(Some(*reservation)), ..call("sweep") }
            }
            Operation::Charge { amount, description, .. } => call("charge").of(*amount).about(description.as_str()),
            Operation::BeginRefund { amount, description, .. } => {
                Self { target: Target::Refund(None), ..call("begin_refund").of(*amount).about(description.as_str()) }
            }
            Operation::CompleteRefund { refund, .. } => {
                Self { target: Target::Refund(Some(*refund)), ..call("complete_refund") }
            }
            Operation::CancelRefund { refund, description, .. } => {
                Self { target: Target::Refund(Some(*refund)), ..call("cancel_refund").about(description.as_str()) }
            }
            _ => return Err(StoreError::Unsupported("such operation on its books")),
        })
    }

    const fn of(self, amount: Msat) -> Self {
        Self { amount: Some(amount), ..self }
    }

    const fn about(self, description: &'a str) -> Self {
        Self { description, ..self }
    }
}

fn record_name(name: &str) -> &'static str {
    match name {
        "account" => "account",
        "reservation" => "reservation",
        "refund" => "refund",
        _ => "operation",
    }
}
