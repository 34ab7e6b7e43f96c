//! A chain of accounts while an operation changes it.

use alloc::vec::Vec;

use keyward_time::UnixMillis;

use crate::account::{Account, AccountFields, MAX_ENTRIES};
use crate::apply::NotApplied;
use crate::chain::Chain;
use crate::entry::{EntryFields, EntryKind};
use crate::{Description, InvalidRecord, Msat, OperationId, Rejection};

/// The accounts of a chain, from the one that the operation names to its root. Never empty.
pub(crate) struct Books(Vec<AccountFields>);

impl Books {
    pub(crate) fn new(chain: Chain) -> Self {
        Self(chain.into_fields())
    }

    pub(crate) fn account(&self) -> &AccountFields {
        &self.0[0]
    }

    pub(crate) fn account_mut(&mut self) -> &mut AccountFields {
        &mut self.0[0]
    }

    pub(crate) fn root(&self) -> &AccountFields {
        &self.0[self.0.len() - 1]
    }

    pub(crate) fn root_mut(&mut self) -> &mut AccountFields {
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// Whether the operation names a root account.
    pub(crate) fn check_root(&self) -> Result<(), Rejection> {
        if self.0.len() == 1 { Ok(()) } else { Err(Rejection::NotARoot) }
    }

    /// Whether the operation names an account below a root account.
    pub(crate) fn check_child(&self) -> Result<(), Rejection> {
        if self.0.len() > 1 { Ok(()) } else { Err(Rejection::NotAChild) }
    }

    /// What the root has beside what is reserved.
    fn available(&self) -> Msat {
        self.root().balance.saturating_sub(self.root().reserved)
    }

    /// Whether every limit and the balance allow for `amount` more.
    pub(crate) fn check_allowed(&self, amount: Msat) -> Result<(), Rejection> {
        for account in &self.0 {
            if let Some(left) = account.left()
                && !account.is_within_limit(amount)
            {
                return Err(Rejection::LimitExceeded { account: account.id, left, required: amount });
            }
        }
        self.check_available(amount)
    }

    /// Whether the root has `amount` beside what is reserved.
    pub(crate) fn check_available(&self, amount: Msat) -> Result<(), Rejection> {
        let available = self.available();
        if amount <= available { Ok(()) } else { Err(Rejection::InsufficientBalance { available, required: amount }) }
    }

    /// The most that every limit and the balance allow for.
    pub(crate) fn spendable(&self) -> Msat {
        self.0.iter().filter_map(AccountFields::left).fold(self.available(), Msat::min)
    }

    /// Reserves `amount` on every account.
    pub(crate) fn reserve(&mut self, amount: Msat) -> Result<(), InvalidRecord> {
        self.0.iter_mut().try_for_each(|account| add(&mut account.reserved, amount))
    }

    /// The opposite of [`reserve`](Self::reserve).
    pub(crate) fn unreserve(&mut self, amount: Msat) -> Result<(), InvalidRecord> {
        self.0.iter_mut().try_for_each(|account| take(&mut account.reserved, amount))
    }

    /// Charges `amount` to every account, and takes it from the balance.
    pub(crate) fn spend(&mut self, amount: Msat) -> Result<(), InvalidRecord> {
        self.0.iter_mut().try_for_each(|account| add(&mut account.spent, amount))?;
        take(&mut self.root_mut().balance, amount)
    }

    /// Writes an entry into the journal of every account. The balance has changed already.
    pub(crate) fn enter(
        &mut self,
        operation: OperationId,
        kind: EntryKind,
        amount: Msat,
        description: &Description,
        at: UnixMillis,
    ) -> Result<EntryFields, NotApplied> {
        for account in &mut self.0 {
            account.entries += 1; // at most MAX_ENTRIES before
            if account.entries > MAX_ENTRIES {
                return Err(Rejection::Overflow.into());
            }
        }
        let account = self.account().id;
        let AccountFields { id: root, entries: number, balance: balance_after, .. } = *self.root();
        let description = description.clone();
        Ok(EntryFields { root, number, account, operation, kind, amount, balance_after, description, at })
    }

    /// The accounts, checked like any that are read.
    pub(crate) fn close(self) -> Result<Vec<Account>, InvalidRecord> {
        let accounts = self.0.into_iter().map(Account::new).collect::<Result<_, _>>()?;
        Chain::new(accounts).map(Chain::into_accounts)
    }
}

/// Adds where it must fit: the records would not be consistent otherwise.
pub(crate) fn add(sum: &mut Msat, amount: Msat) -> Result<(), InvalidRecord> {
    *sum = sum.checked_add(amount).ok_or(InvalidRecord::new("sum", "more than the books can hold"))?;
    Ok(())
}

/// Takes away what must be there: the records would not be consistent otherwise.
pub(crate) fn take(sum: &mut Msat, amount: Msat) -> Result<(), InvalidRecord> {
    *sum = sum.checked_sub(amount).ok_or(InvalidRecord::new("sum", "less than a part of it"))?;
    Ok(())
}
