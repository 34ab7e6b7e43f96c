use alloc::vec;
use alloc::vec::Vec;

use keyward_time::UnixMillis;

use crate::account::{Account, AccountFields};
use crate::books::{Books, add, take};
use crate::chain::Chain;
use crate::entry::{Entry, EntryFields, EntryKind};
use crate::outcome::{OperationFields, OperationRecord, Outcome};
use crate::refund::{Refund, RefundFields, RefundState};
use crate::reservation::{Reservation, ReservationFields, ReservationState};
use crate::{Description, InvalidRecord, MAX_INSTANT, Msat, Operation, OperationId, Rejection};

/// What a store has read, and keeps anybody else from changing until it has written [`Changes`].
///
/// It is what the operation names, no more; `None` where the store has no such record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// [`Operation::account`], with all accounts above it.
    pub chain: Option<Chain>,
    /// [`Operation::parent`].
    pub parent: Option<Account>,
    /// [`Operation::reservation`], found by the account's tag and its id.
    pub reservation: Option<Reservation>,
    /// [`Operation::refund`], found by the account's tag and its id.
    pub refund: Option<Refund>,
}

/// What a store has to write, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Accounts that have changed, from the one that the operation names upward. One that was opened is alone, and new.
    pub accounts: Vec<Account>,
    /// The reservation that was made, or has ended.
    pub reservation: Option<Reservation>,
    /// The refund that was begun, or has ended.
    pub refund: Option<Refund>,
    /// The entry for the journals of all `accounts`: the last one of each.
    pub entry: Option<Entry>,
    /// What to remember of the operation. No other may have its id and tag: if it turns out that one does, nothing at all
    /// is written, and that one [answers](OperationRecord::answer).
    pub operation: OperationRecord,
}

/// Why there is nothing to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotApplied {
    /// The rules do not allow it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The records do not fit together, or are not those that the operation names: the store is wrong, or what it keeps
    /// is damaged.
    #[error(transparent)]
    Invalid(#[from] InvalidRecord),
}

/// What becomes of the books by an operation: the money rules.
///
/// This is for a store, which goes about it like this, in one transaction:
///
/// 1. If it remembers an operation with this id and the account's tag, that one [answers](OperationRecord::answer).
/// 2. It reads and locks what the operation names, see [`Records`].
/// 3. It asks here, and writes what has changed.
///
/// `now` is the time of whoever asks; the rules compare it with deadlines, and note it.
///
/// # Errors
/// - [`Rejected`](NotApplied::Rejected): the rules do not allow it
/// - [`Invalid`](NotApplied::Invalid): `records` are damaged, or not those of `operation`
pub fn apply(records: Records, id: OperationId, operation: &Operation, now: UnixMillis) -> Result<Changes, NotApplied> {
    check_by_itself(operation, now)?;
    records.check_named(operation)?;
    let effect = Step { id, now }.take(operation, records)?;
    let (account, fingerprint) = (operation.account(), operation.fingerprint());
    let remembered = OperationFields { id, account, fingerprint, outcome: effect.outcome, at: now };
    Ok(Changes {
        accounts: effect.accounts,
        // What is written is checked like what is read.
        reservation: effect.reservation.map(Reservation::new).transpose()?,
        refund: effect.refund.map(Refund::new).transpose()?,
        entry: effect.entry.map(Entry::new).transpose()?,
        operation: OperationRecord::new(remembered)?,
    })
}

/// What can be told without any record.
fn check_by_itself(operation: &Operation, now: UnixMillis) -> Result<(), Rejection> {
    if now > MAX_INSTANT {
        return Err(Rejection::InstantOutOfRange);
    }
    match *operation {
        Operation::Reserve { deadline, .. } if deadline > MAX_INSTANT => Err(Rejection::InstantOutOfRange),
        Operation::Reserve { deadline, .. } if deadline <= now => Err(Rejection::DeadlinePassed),
        Operation::Credit { amount: Msat::ZERO, .. } | Operation::BeginRefund { amount: Msat::ZERO, .. } => {
            Err(Rejection::ZeroAmount)
        }
        Operation::OpenChild { account, parent, .. } if account.tag() != parent.tag() => Err(Rejection::TagMismatch),
        _ => Ok(()),
    }
}

impl Records {
    /// Whether these are records that the operation names.
    fn check_named(&self, operation: &Operation) -> Result<(), InvalidRecord> {
        let account = self.chain.as_ref().map(|chain| chain.account().id());
        let parent = self.parent.as_ref().map(Account::id);
        let reservation = self.reservation.as_ref().map(Reservation::fields);
        let refund = self.refund.as_ref().map(Refund::fields);
        let tag = operation.account().tag();
        InvalidRecord::check(
            "records",
            &[
                (account.is_none_or(|id| id == operation.account()), "another account"),
                (parent.is_none_or(|id| Some(id) == operation.parent()), "another parent"),
                (reservation.is_none_or(|it| Some(it.id) == operation.reservation()), "another reservation"),
                (reservation.is_none_or(|it| it.account.tag() == tag), "reservation with another tag"),
                (refund.is_none_or(|it| Some(it.id) == operation.refund()), "another refund"),
                (refund.is_none_or(|it| it.account.tag() == tag), "refund with another tag"),
            ],
        )
    }
}

/// What has changed, and is not checked yet but for the accounts.
struct Effect {
    accounts: Vec<Account>,
    reservation: Option<ReservationFields>,
    refund: Option<RefundFields>,
    entry: Option<EntryFields>,
    outcome: Outcome,
}

impl Effect {
    fn new(accounts: Vec<Account>, outcome: Outcome) -> Self {
        Self { accounts, reservation: None, refund: None, entry: None, outcome }
    }
}

/// An operation's id and time.
struct Step {
    id: OperationId,
    now: UnixMillis,
}

impl Step {
    fn take(&self, operation: &Operation, records: Records) -> Result<Effect, NotApplied> {
        let Records { chain, parent, reservation, refund } = records;
        let unknown = Rejection::UnknownAccount { account: operation.account() };
        let is_known = chain.is_some();
        let books = || chain.map(Books::new).ok_or(unknown);
        match operation {
            Operation::OpenRoot { .. } | Operation::OpenChild { .. } if is_known => {
                Err(Rejection::AccountExists.into())
            }
            Operation::OpenRoot { account } => open(Account::root(*account, self.now)),
            Operation::OpenChild { account, parent: above, limit } => {
                let parent = parent.ok_or(Rejection::UnknownAccount { account: *above })?;
                open(parent.child(*account, *limit, self.now).ok_or(Rejection::TooDeep)?)
            }
            Operation::SetLimit { limit, .. } => set_limit(books()?, *limit),
            Operation::Credit { amount, description, .. } => self.credit(books()?, *amount, description),
            Operation::Reserve { amount, deadline, .. } => self.reserve(books()?, *amount, *deadline),
            Operation::Settle { amount, description, .. } => self.settle(books()?, reservation, *amount, description),
            Operation::Release { .. } => self.release(books()?, reservation),
            Operation::Sweep { .. } => self.sweep(books()?, reservation),
            Operation::Charge { amount, description, .. } => self.charge(books()?, *amount, description),
            Operation::BeginRefund { amount, description, .. } => self.begin_refund(books()?, *amount, description),
            Operation::CompleteRefund { .. } => self.complete_refund(books()?, refund),
            Operation::CancelRefund { description, .. } => self.cancel_refund(books()?, refund, description),
        }
    }

    fn credit(&self, mut books: Books, amount: Msat, description: &Description) -> Result<Effect, NotApplied> {
        books.check_root()?;
        let root = books.root_mut();
        // The balance is a part of it.
        root.deposited = root.deposited.checked_add(amount).ok_or(Rejection::Overflow)?;
        add(&mut root.balance, amount)?;
        let balance = root.balance;
        let entry = books.enter(self.id, EntryKind::Deposit, amount, description, self.now)?;
        Ok(Effect { entry: Some(entry), ..Effect::new(books.close()?, Outcome::Credited { balance }) })
    }

    fn reserve(&self, mut books: Books, amount: Msat, deadline: UnixMillis) -> Result<Effect, NotApplied> {
        books.check_allowed(amount)?;
        books.reserve(amount)?;
        let reservation = ReservationFields {
            id: self.id,
            account: books.account().id,
            amount,
            made_at: self.now,
            deadline,
            state: ReservationState::Open,
            charged: Msat::ZERO,
            ended_at: None,
        };
        let effect = Effect::new(books.close()?, Outcome::Reserved { deadline });
        Ok(Effect { reservation: Some(reservation), ..effect })
    }

    fn settle(
        &self,
        mut books: Books,
        reservation: Option<Reservation>,
        used: Msat,
        description: &Description,
    ) -> Result<Effect, NotApplied> {
        let reservation = open_reservation(&books, reservation)?;
        // What others have reserved is out of reach, what this one has is its own whatever the limits are now.
        let beyond = used.saturating_sub(reservation.amount).min(books.spendable());
        let mut charged = used.min(reservation.amount);
        add(&mut charged, beyond)?;
        books.unreserve(reservation.amount)?;
        books.spend(charged)?;
        let entry = books.enter(self.id, EntryKind::Usage, charged, description, self.now)?;
        let (balance, shortfall) = (books.root().balance, used.saturating_sub(charged));
        let outcome = Outcome::Settled { charged, shortfall, balance };
        let state = ReservationState::Settled;
        let reservation = ReservationFields { state, charged, ended_at: Some(self.now), ..reservation };
        Ok(Effect { reservation: Some(reservation), entry: Some(entry), ..Effect::new(books.close()?, outcome) })
    }

    fn release(&self, books: Books, reservation: Option<Reservation>) -> Result<Effect, NotApplied> {
        let reservation = open_reservation(&books, reservation)?;
        let outcome = Outcome::Released { amount: reservation.amount };
        self.give_up(books, reservation, ReservationState::Released, outcome)
    }

    fn sweep(&self, books: Books, reservation: Option<Reservation>) -> Result<Effect, NotApplied> {
        let reservation = open_reservation(&books, reservation)?;
        if self.now < reservation.deadline {
            return Err(Rejection::NotDue { deadline: reservation.deadline }.into());
        }
        let outcome = Outcome::Swept { amount: reservation.amount };
        self.give_up(books, reservation, ReservationState::Swept, outcome)
    }

    fn give_up(
        &self,
        mut books: Books,
        reservation: ReservationFields,
        state: ReservationState,
        outcome: Outcome,
    ) -> Result<Effect, NotApplied> {
        books.unreserve(reservation.amount)?;
        let reservation = ReservationFields { state, ended_at: Some(self.now), ..reservation };
        Ok(Effect { reservation: Some(reservation), ..Effect::new(books.close()?, outcome) })
    }

    fn charge(&self, mut books: Books, amount: Msat, description: &Description) -> Result<Effect, NotApplied> {
        books.check_allowed(amount)?;
        books.spend(amount)?;
        let entry = books.enter(self.id, EntryKind::Usage, amount, description, self.now)?;
        let balance = books.root().balance;
        Ok(Effect { entry: Some(entry), ..Effect::new(books.close()?, Outcome::Charged { balance }) })
    }

    fn begin_refund(&self, mut books: Books, amount: Msat, description: &Description) -> Result<Effect, NotApplied> {
        books.check_root()?;
        let reserved = books.root().reserved;
        if reserved > Msat::ZERO {
            return Err(Rejection::ReservationOpen { reserved }.into());
        }
        books.check_available(amount)?;
        let root = books.root_mut();
        take(&mut root.balance, amount)?;
        add(&mut root.withheld, amount)?;
        let (account, balance) = (root.id, root.balance);
        let entry = books.enter(self.id, EntryKind::Refund, amount, description, self.now)?;
        let state = RefundState::Open;
        let refund = RefundFields { id: self.id, account, amount, begun_at: self.now, state, ended_at: None };
        let effect = Effect::new(books.close()?, Outcome::RefundBegun { balance });
        Ok(Effect { refund: Some(refund), entry: Some(entry), ..effect })
    }

    fn complete_refund(&self, mut books: Books, refund: Option<Refund>) -> Result<Effect, NotApplied> {
        let refund = open_refund(&books, refund)?;
        let (root, amount) = (books.root_mut(), refund.amount);
        take(&mut root.withheld, amount)?;
        add(&mut root.refunded, amount)?;
        let refund = RefundFields { state: RefundState::Completed, ended_at: Some(self.now), ..refund };
        let effect = Effect::new(books.close()?, Outcome::RefundCompleted { amount });
        Ok(Effect { refund: Some(refund), ..effect })
    }

    fn cancel_refund(
        &self,
        mut books: Books,
        refund: Option<Refund>,
        description: &Description,
    ) -> Result<Effect, NotApplied> {
        let refund = open_refund(&books, refund)?;
        let (root, amount) = (books.root_mut(), refund.amount);
        take(&mut root.withheld, amount)?;
        add(&mut root.balance, amount)?;
        let balance = root.balance;
        let entry = books.enter(self.id, EntryKind::RefundCancelled, amount, description, self.now)?;
        let refund = RefundFields { state: RefundState::Cancelled, ended_at: Some(self.now), ..refund };
        let effect = Effect::new(books.close()?, Outcome::RefundCancelled { amount, balance });
        Ok(Effect { refund: Some(refund), entry: Some(entry), ..effect })
    }
}

fn open(account: AccountFields) -> Result<Effect, NotApplied> {
    Ok(Effect::new(vec![Account::new(account)?], Outcome::Opened))
}

fn set_limit(mut books: Books, limit: Option<Msat>) -> Result<Effect, NotApplied> {
    books.check_child()?;
    books.account_mut().limit = limit;
    let mut accounts = books.close()?;
    accounts.truncate(1);
    Ok(Effect::new(accounts, Outcome::LimitSet))
}

/// The reservation to end, if it is one of the account's, and open.
fn open_reservation(books: &Books, reservation: Option<Reservation>) -> Result<ReservationFields, Rejection> {
    let account = books.account().id;
    let fields = reservation.map(Reservation::into_fields).filter(|reservation| reservation.account == account);
    match fields.ok_or(Rejection::UnknownReservation)? {
        fields if fields.state == ReservationState::Open => Ok(fields),
        ReservationFields { state, .. } => Err(Rejection::ReservationEnded { state }),
    }
}

/// The refund to end, if it is one of the root account's, and open.
fn open_refund(books: &Books, refund: Option<Refund>) -> Result<RefundFields, Rejection> {
    books.check_root()?;
    let account = books.account().id;
    let fields = refund.map(Refund::into_fields).filter(|refund| refund.account == account);
    match fields.ok_or(Rejection::UnknownRefund)? {
        fields if fields.state == RefundState::Open => Ok(fields),
        RefundFields { state, .. } => Err(Rejection::RefundEnded { state }),
    }
}
