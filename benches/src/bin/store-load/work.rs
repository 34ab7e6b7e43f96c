//! What stores are asked to do.

/// One kind of question, and how many ask it at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Verifies a key, each time by asking the store: digest, look-up, check.
    Verify,
    /// The same, by many.
    VerifyByMany,
    /// Charges an account that nobody else uses, one charge after the other.
    ChargeAlone,
    /// Charges as many accounts as there are tasks.
    ChargeApart,
    /// Charges one account, all of them.
    ChargeHot,
    /// Binds a wallet to a key by a link, each by another one.
    ConsumeLinks,
}

impl Work {
    /// All kinds, in the table's order.
    pub(crate) const ALL: [Self; 6] =
        [Self::Verify, Self::VerifyByMany, Self::ChargeAlone, Self::ChargeApart, Self::ChargeHot, Self::ConsumeLinks];

    /// The most tasks there are.
    pub(crate) const MOST_TASKS: usize = 64;

    pub(crate) const fn what(self) -> &'static str {
        match self {
            Self::Verify | Self::VerifyByMany => "verify a key, not from memory",
            Self::ChargeAlone => "charge, one after the other",
            Self::ChargeApart => "charge, an account each",
            Self::ChargeHot => "charge, one hot account",
            Self::ConsumeLinks => "consume a link",
        }
    }

    pub(crate) const fn tasks(self) -> usize {
        match self {
            Self::Verify | Self::ChargeAlone => 1,
            _ => Self::MOST_TASKS,
        }
    }

    pub(crate) const fn is_write(self) -> bool {
        !matches!(self, Self::Verify | Self::VerifyByMany)
    }

    pub(crate) const fn is_of_ledger(self) -> bool {
        matches!(self, Self::ChargeAlone | Self::ChargeApart | Self::ChargeHot)
    }
}
