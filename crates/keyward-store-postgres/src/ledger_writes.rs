//! What an operation has changed in the books, as statements.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use keyward_ledger::{Account, Changes, Entry, Operation, OperationRecord, Refund, Reservation};

use crate::failure::PgFailure;
use crate::rows::{column, instant_column, msat_column};
use crate::session::Session;
use crate::statements as sql;

/// A statement; it is sent when it is polled first.
type Write<'a> = BoxFuture<'a, Result<u64, PgFailure>>;

/// The statements that write `changes`, with the outcome as JSON: ten at most, sent in this order when they are joined.
pub(crate) fn writes<'a>(
    session: &'a Session,
    operation: &Operation,
    changes: &'a Changes,
    outcome: &'a str,
) -> Vec<Write<'a>> {
    let mut writes = Vec::with_capacity(10);
    for account in &changes.accounts {
        let is_new = matches!(operation, Operation::OpenRoot { .. } | Operation::OpenChild { .. });
        writes.push(if is_new { insert_account(session, account) } else { update_account(session, account) });
    }
    writes.extend(changes.reservation.as_ref().map(|reservation| write_reservation(session, reservation)));
    writes.extend(changes.refund.as_ref().map(|refund| write_refund(session, refund)));
    if let Some(entry) = &changes.entry {
        writes.push(insert_entry(session, entry));
        let below_root = changes.accounts.iter().filter(|account| !account.is_root());
        writes.extend(below_root.map(|account| insert_position(session, account, entry)));
    }
    writes.push(insert_operation(session, &changes.operation, outcome));
    writes
}

fn insert_account<'a>(session: &'a Session, account: &'a Account) -> Write<'a> {
    let fields = account.fields();
    async move {
        let parent = fields.parent.as_ref().map(|parent| &parent.as_bytes()[..]);
        session
            .execute(
                sql::INSERT_ACCOUNT,
                &[
                    &&fields.id.as_bytes()[..],
                    &msat_column(fields.balance),
                    &msat_column(fields.reserved),
                    &msat_column(fields.withheld),
                    &fields.limit.map(msat_column),
                    &msat_column(fields.spent),
                    &msat_column(fields.deposited),
                    &msat_column(fields.refunded),
                    &column(fields.entries),
                    &parent,
                    &&fields.root.as_bytes()[..],
                    &i64::from(fields.depth),
                    &instant_column(fields.created_at),
                ],
            )
            .await
    }
    .boxed()
}

fn update_account<'a>(session: &'a Session, account: &'a Account) -> Write<'a> {
    let fields = account.fields();
    async move {
        session
            .execute(
                sql::UPDATE_ACCOUNT,
                &[
                    &&fields.id.as_bytes()[..],
                    &msat_column(fields.balance),
                    &msat_column(fields.reserved),
                    &msat_column(fields.withheld),
                    &fields.limit.map(msat_column),
                    &msat_column(fields.spent),
                    &msat_column(fields.deposited),
                    &msat_column(fields.refunded),
                    &column(fields.entries),
                ],
            )
            .await
    }
    .boxed()
}

fn write_reservation<'a>(session: &'a Session, reservation: &'a Reservation) -> Write<'a> {
    let fields = reservation.fields();
    async move {
        let (tag, id, state) = (fields.account.tag(), &fields.id.as_bytes()[..], fields.state.as_str());
        let (charged, ended_at) = (msat_column(fields.charged), fields.ended_at.map(instant_column));
        if !reservation.is_open() {
            let due_at: Option<i64> = None;
            return session
                .execute(sql::END_RESERVATION, &[&&tag[..], &id, &state, &charged, &ended_at, &due_at])
                .await;
        }
        let deadline = instant_column(fields.deadline);
        session
            .execute(
                sql::INSERT_RESERVATION,
                &[
                    &&tag[..],
                    &id,
                    &state,
                    &charged,
                    &ended_at,
                    &Some(deadline),
                    &&fields.account.as_bytes()[..],
                    &msat_column(fields.amount),
                    &instant_column(fields.made_at),
                    &deadline,
                ],
            )
            .await
    }
    .boxed()
}

fn write_refund<'a>(session: &'a Session, refund: &'a Refund) -> Write<'a> {
    let fields = refund.fields();
    async move {
        let (tag, id, state) = (fields.account.tag(), &fields.id.as_bytes()[..], fields.state.as_str());
        let ended_at = fields.ended_at.map(instant_column);
        if !refund.is_open() {
            return session.execute(sql::END_REFUND, &[&&tag[..], &id, &state, &ended_at]).await;
        }
        let (account, amount) = (&fields.account.as_bytes()[..], msat_column(fields.amount));
        let begun_at = instant_column(fields.begun_at);
        session.execute(sql::INSERT_REFUND, &[&&tag[..], &id, &state, &ended_at, &account, &amount, &begun_at]).await
    }
    .boxed()
}

fn insert_entry<'a>(session: &'a Session, entry: &'a Entry) -> Write<'a> {
    let fields = entry.fields();
    async move {
        session
            .execute(
                sql::INSERT_ENTRY,
                &[
                    &&fields.root.as_bytes()[..],
                    &column(fields.number),
                    &&fields.account.as_bytes()[..],
                    &&fields.operation.as_bytes()[..],
                    &fields.kind.as_str(),
                    &msat_column(fields.amount),
                    &msat_column(fields.balance_after),
                    &fields.description.as_str(),
                    &instant_column(fields.at),
                ],
            )
            .await
    }
    .boxed()
}

/// An account's place for an entry is how many it has with it.
fn insert_position<'a>(session: &'a Session, account: &'a Account, entry: &'a Entry) -> Write<'a> {
    let (account, entry) = (account.fields(), entry.fields());
    async move {
        let [id, root] = [&account.id.as_bytes()[..], &entry.root.as_bytes()[..]];
        let [position, number] = [account.entries, entry.number].map(column);
        session.execute(sql::INSERT_POSITION, &[&id, &position, &root, &number]).await
    }
    .boxed()
}

fn insert_operation<'a>(session: &'a Session, operation: &'a OperationRecord, outcome: &'a str) -> Write<'a> {
    let fields = operation.fields();
    async move {
        let (tag, id, account) = (fields.account.tag(), &fields.id.as_bytes()[..], &fields.account.as_bytes()[..]);
        let (fingerprint, at) = (&fields.fingerprint.as_bytes()[..], instant_column(fields.at));
        session.execute(sql::INSERT_OPERATION, &[&&tag[..], &id, &account, &fingerprint, &outcome, &at]).await
    }
    .boxed()
}
