use keyward_time::UnixMillis;

use crate::{AccountId, InvalidRecord, MAX_INSTANT, Msat};

/// The greatest number of entries in an account's journal: 2^53 - 1.
pub const MAX_ENTRIES: u64 = (1 << 53) - 1;

/// The fields of an [`Account`], as a store keeps them: flat, integers and ids only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct AccountFields {
    /// Its id. It begins with the [tag](AccountId::tag) of `root`.
    pub id: AccountId,
    /// The account above it; none for a root account. It never changes.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::serde_impls::present"))]
    pub parent: Option<AccountId>,
    /// The topmost account above it, which holds the money; `id` itself for a root account. It never changes.
    pub root: AccountId,
    /// How many accounts are above it: 0 for a root account, at most [`Account::MAX_DEPTH`]. It never changes.
    pub depth: u8,
    /// What the account owns, what is reserved included. Only a root account owns anything: 0 below it.
    pub balance: Msat,
    /// What the open reservations of this account and of all accounts below it hold, together. At most `balance` for a
    /// root account.
    pub reserved: Msat,
    /// What is on its way out in refunds that were begun and have not ended. No longer part of `balance`; 0 below a root
    /// account.
    pub withheld: Msat,
    /// The most that this account and those below it may spend, ever; none for no limit. A root account has none. It may
    /// have been set to less than was spent or reserved by then.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::serde_impls::present"))]
    pub limit: Option<Msat>,
    /// What was charged to this account and to all accounts below it, ever. `spent` and `reserved` together are at most
    /// [`Msat::MAX`].
    pub spent: Msat,
    /// What was credited, ever: `balance`, `withheld`, `spent` and `refunded` together. 0 below a root account.
    pub deposited: Msat,
    /// What was refunded, ever. 0 below a root account.
    pub refunded: Msat,
    /// How many entries its journal has, those of the accounts below it included. At most [`MAX_ENTRIES`].
    pub entries: u64,
    /// When it was opened, by the clock of whoever opened it. At most [`MAX_INSTANT`].
    pub created_at: UnixMillis,
}

/// An account, whose fields fit together as [`AccountFields`] says.
///
/// A *root* account holds money. An account below it, a *child*, has none of its own: it spends its root's, up to its
/// limit and up to that of every account between them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account(AccountFields);

impl Account {
    /// The greatest depth of an account: 3, which makes chains of four accounts.
    pub const MAX_DEPTH: u8 = 3;

    /// The account with these fields.
    ///
    /// # Errors
    /// - a field breaks what is said of it in [`AccountFields`]
    pub fn new(fields: AccountFields) -> Result<Self, InvalidRecord> {
        let AccountFields { id, parent, root, depth, balance, reserved, withheld, limit, .. } = fields;
        let AccountFields { spent, deposited, refunded, entries, created_at, .. } = fields;
        // Each is below 2^53.
        let owned = [balance, withheld, spent, refunded].map(Msat::as_msat).iter().sum::<u64>();
        let place: &[_] = match parent {
            None => &[
                (root == id, "a root account below another"),
                (depth == 0, "depth of a root account"),
                (limit.is_none(), "limit of a root account"),
                (reserved <= balance, "more is reserved than there is"),
                (owned == deposited.as_msat(), "deposits do not add up"),
            ],
            Some(parent) => &[
                (parent != id && root != id, "an account above itself"),
                (parent.tag() == id.tag() && root.tag() == id.tag(), "another tag than the root's"),
                ((1..=Self::MAX_DEPTH).contains(&depth), "depth out of range"),
                ((depth == 1) == (parent == root), "depth and parent disagree"),
                (
                    [balance, withheld, deposited, refunded].iter().all(|amount| *amount == Msat::ZERO),
                    "money below a root account",
                ),
            ],
        };
        InvalidRecord::check(RECORD, place)?;
        InvalidRecord::check(
            RECORD,
            &[
                (spent.checked_add(reserved).is_some(), "more spent and reserved than there can be"),
                (entries <= MAX_ENTRIES, "number of entries out of range"),
                (created_at <= MAX_INSTANT, "instant out of range"),
            ],
        )?;
        Ok(Self(fields))
    }

    /// A new, empty root account.
    pub(crate) fn root(id: AccountId, created_at: UnixMillis) -> AccountFields {
        AccountFields {
            id,
            parent: None,
            root: id,
            depth: 0,
            balance: Msat::ZERO,
            reserved: Msat::ZERO,
            withheld: Msat::ZERO,
            limit: None,
            spent: Msat::ZERO,
            deposited: Msat::ZERO,
            refunded: Msat::ZERO,
            entries: 0,
            created_at,
        }
    }

    /// A new account below this one; `None` if this one is at the greatest depth.
    pub(crate) fn child(&self, id: AccountId, limit: Option<Msat>, created_at: UnixMillis) -> Option<AccountFields> {
        let Self(AccountFields { id: parent, root, depth, .. }) = *self;
        let fields =
            AccountFields { parent: Some(parent), root, depth: depth + 1, limit, ..Self::root(id, created_at) };
        (depth < Self::MAX_DEPTH).then_some(fields)
    }

    /// Its fields.
    pub const fn fields(&self) -> &AccountFields {
        &self.0
    }

    /// Its fields, to keep.
    pub fn into_fields(self) -> AccountFields {
        self.0
    }

    /// Its id.
    pub const fn id(&self) -> AccountId {
        self.0.id
    }

    /// Whether it has no account above it.
    pub const fn is_root(&self) -> bool {
        self.0.parent.is_none()
    }

    /// What a root account owns beside what is reserved; 0 for an account below one.
    pub const fn available(&self) -> Msat {
        self.0.balance.saturating_sub(self.0.reserved)
    }

    /// What its own limit leaves, beside what was spent and what is reserved; `None` if it has no limit.
    pub fn left(&self) -> Option<Msat> {
        self.0.left()
    }
}

impl AccountFields {
    pub(crate) fn left(&self) -> Option<Msat> {
        self.limit.map(|limit| limit.saturating_sub(self.spent).saturating_sub(self.reserved))
    }

    /// Whether the limit, if there is one, allows for `amount` more.
    pub(crate) fn is_within_limit(&self, amount: Msat) -> bool {
        // Each is below 2^53.
        let used = [self.spent, self.reserved, amount].map(Msat::as_msat).iter().sum::<u64>();
        self.limit.is_none_or(|limit| used <= limit.as_msat())
    }
}

const RECORD: &str = "account";
