use alloc::vec::Vec;

use crate::account::{Account, AccountFields};
use crate::{InvalidRecord, Msat};

/// An account with those above it, up to its root account: one to four.
///
/// Who is above whom never changes, so a store may find out the ids first and lock the records then. All but the
/// simplest operations change the root's record: lock that one first, and no two operations wait for each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chain(Vec<Account>);

impl Chain {
    /// The chain of these accounts: the one that an operation names first, then its parent, and so on; its root last.
    ///
    /// # Errors
    /// - `accounts` is empty, or does not end at a root account
    /// - one of them is not the parent of the one before it, or has another root
    /// - one of them has less spent, less reserved, or fewer entries than the one before it
    pub fn new(accounts: Vec<Account>) -> Result<Self, InvalidRecord> {
        // With depths that fall by one to 0 there are no more than four.
        let ends_at_root = accounts.last().is_some_and(Account::is_root);
        InvalidRecord::check(RECORD, &[(ends_at_root, "no root account at its end")])?;
        for pair in accounts.windows(2) {
            let [child, parent] = [pair[0].fields(), pair[1].fields()];
            InvalidRecord::check(
                RECORD,
                &[
                    (child.parent == Some(parent.id), "not the parent"),
                    (child.root == parent.root, "not the parent's root"),
                    (child.depth == parent.depth + 1, "not one below the parent"),
                    (child.spent <= parent.spent, "more spent than by the parent"),
                    (child.reserved <= parent.reserved, "more reserved than by the parent"),
                    (child.entries <= parent.entries, "more entries than the parent has"),
                ],
            )?;
        }
        Ok(Self(accounts))
    }

    /// The account that the chain is of.
    pub fn account(&self) -> &Account {
        &self.0[0]
    }

    /// Its root account.
    pub fn root(&self) -> &Account {
        &self.0[self.0.len() - 1]
    }

    /// From the account to its root.
    pub fn accounts(&self) -> &[Account] {
        &self.0
    }

    /// The most that the account can reserve or be charged now: what its root has beside what is reserved, and what the
    /// limits on the way leave.
    pub fn spendable(&self) -> Msat {
        self.0.iter().filter_map(Account::left).fold(self.root().available(), Msat::min)
    }

    pub(crate) fn into_fields(self) -> Vec<AccountFields> {
        self.0.into_iter().map(Account::into_fields).collect()
    }

    pub(crate) fn into_accounts(self) -> Vec<Account> {
        self.0
    }
}

const RECORD: &str = "chain of accounts";
