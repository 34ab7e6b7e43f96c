//! The books as text: integers as decimals, ids as digits, words between single spaces.

use std::collections::HashMap;
use std::str::FromStr;

use keyward_ledger::{
    Account, AccountFields, AccountId, Entry, EntryFields, Msat, OperationId, Outcome, Refund, RefundFields, Rejection,
    Reservation, ReservationFields,
};
use keyward_store::StoreError;

use crate::fault::{Unreadable, corrupt};

/// Reads a record of a kind word by word.
struct Words<'a> {
    record: &'static str,
    rest: Option<&'a str>,
}

impl<'a> Words<'a> {
    const fn new(record: &'static str, text: &'a str) -> Self {
        Self { record, rest: Some(text) }
    }

    fn unreadable(&self) -> StoreError {
        corrupt(self.record, Unreadable)
    }

    fn next(&mut self) -> Result<&'a str, StoreError> {
        let rest = self.rest.ok_or_else(|| self.unreadable())?;
        let (word, rest) = match rest.split_once(' ') {
            Some((word, rest)) => (word, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        Ok(word)
    }

    fn read<T: FromStr>(&mut self) -> Result<T, StoreError> {
        self.next()?.parse().map_err(|_| self.unreadable())
    }

    /// `-` for none.
    fn read_option<T: FromStr>(&mut self) -> Result<Option<T>, StoreError> {
        match self.next()? {
            "-" => Ok(None),
            word => word.parse().map(Some).map_err(|_| self.unreadable()),
        }
    }

    /// All that is left, spaces and all.
    fn remainder(&mut self) -> Result<&'a str, StoreError> {
        self.rest.take().ok_or_else(|| self.unreadable())
    }

    fn end<T>(self, record: T) -> Result<T, StoreError> {
        if self.rest.is_none() { Ok(record) } else { Err(self.unreadable()) }
    }
}

pub(crate) fn account(id: AccountId, fields: &HashMap<String, String>) -> Result<Account, StoreError> {
    let record = "account";
    let field = |name: &str| fields.get(name).map(String::as_str).ok_or_else(|| corrupt(record, Unreadable));
    let amount = |name| field(name)?.parse::<Msat>().map_err(|error| corrupt(record, error));
    let limit = match field("limit")? {
        "" => None,
        limit => Some(limit.parse().map_err(|error| corrupt(record, error))?),
    };
    let fields = AccountFields {
        id,
        parent: path(field("path")?)?.first().copied(),
        root: field("root")?.parse().map_err(|error| corrupt(record, error))?,
        depth: field("depth")?.parse().map_err(|error| corrupt(record, error))?,
        balance: amount("balance")?,
        reserved: amount("reserved")?,
        withheld: amount("withheld")?,
        limit,
        spent: amount("spent")?,
        deposited: amount("deposited")?,
        refunded: amount("refunded")?,
        entries: amount("entries")?.as_msat(),
        created_at: field("created_at")?.parse().map_err(|error| corrupt(record, error))?,
    };
    Account::new(fields).map_err(|error| corrupt(record, error))
}

/// The accounts above an account, upward.
pub(crate) fn path(text: &str) -> Result<Vec<AccountId>, StoreError> {
    let ids = text.split(',').filter(|_| !text.is_empty()).map(str::parse);
    ids.collect::<Result<_, _>>().map_err(|error| corrupt("account", error))
}

pub(crate) fn reservation(id: OperationId, text: &str) -> Result<Reservation, StoreError> {
    let mut words = Words::new("reservation", text);
    let fields = ReservationFields {
        id,
        account: words.read()?,
        amount: words.read()?,
        made_at: words.read()?,
        deadline: words.read()?,
        state: words.read()?,
        charged: words.read()?,
        ended_at: words.read_option()?,
    };
    Reservation::new(words.end(fields)?).map_err(|error| corrupt("reservation", error))
}

pub(crate) fn refund(id: OperationId, text: &str) -> Result<Refund, StoreError> {
    let mut words = Words::new("refund", text);
    let fields = RefundFields {
        id,
        account: words.read()?,
        amount: words.read()?,
        begun_at: words.read()?,
        state: words.read()?,
        ended_at: words.read_option()?,
    };
    Refund::new(words.end(fields)?).map_err(|error| corrupt("refund", error))
}

pub(crate) fn entry(root: AccountId, text: &str) -> Result<Entry, StoreError> {
    let mut words = Words::new("journal entry", text);
    let fields = EntryFields {
        root,
        number: words.read::<Msat>()?.as_msat(),
        account: words.read()?,
        operation: words.read()?,
        kind: words.read()?,
        amount: words.read()?,
        balance_after: words.read()?,
        at: words.read()?,
        description: words.remainder()?.parse().map_err(|error| corrupt("journal entry", error))?,
    };
    Entry::new(fields).map_err(|error| corrupt("journal entry", error))
}

pub(crate) fn outcome(text: &str) -> Result<Outcome, StoreError> {
    let mut words = Words::new("operation", text);
    let outcome = match words.next()? {
        "opened" => Outcome::Opened,
        "limit_set" => Outcome::LimitSet,
        "credited" => Outcome::Credited { balance: words.read()? },
        "reserved" => Outcome::Reserved { deadline: words.read()? },
        "settled" => Outcome::Settled { charged: words.read()?, shortfall: words.read()?, balance: words.read()? },
        "released" => Outcome::Released { amount: words.read()? },
        "swept" => Outcome::Swept { amount: words.read()? },
        "charged" => Outcome::Charged { balance: words.read()? },
        "refund_begun" => Outcome::RefundBegun { balance: words.read()? },
        "refund_completed" => Outcome::RefundCompleted { amount: words.read()? },
        "refund_cancelled" => Outcome::RefundCancelled { amount: words.read()?, balance: words.read()? },
        _ => return Err(words.unreadable()),
    };
    words.end(outcome)
}

/// The outcome that is remembered of an operation: what comes after fingerprint, account and instant.
pub(crate) fn remembered_outcome(text: &str) -> Result<Outcome, StoreError> {
    let mut words = Words::new("operation", text);
    for _ in 0..3 {
        words.next()?;
    }
    outcome(words.remainder()?)
}

/// The reason that a script gives.
pub(crate) fn rejection(words: &[&str]) -> Result<Rejection, StoreError> {
    let read = |word: &str| word.parse::<Msat>().map_err(|error| corrupt("account", error));
    Ok(match *words {
        ["OperationMismatch"] => Rejection::OperationMismatch,
        ["AccountExists"] => Rejection::AccountExists,
        ["UnknownAccount", account] => {
            Rejection::UnknownAccount { account: account.parse().map_err(|error| corrupt("account", error))? }
        }
        ["TooDeep"] => Rejection::TooDeep,
        ["NotARoot"] => Rejection::NotARoot,
        ["NotAChild"] => Rejection::NotAChild,
        ["UnknownReservation"] => Rejection::UnknownReservation,
        ["ReservationEnded", state] => {
            Rejection::ReservationEnded { state: state.parse().map_err(|error| corrupt("reservation", error))? }
        }
        ["NotDue", deadline] => {
            Rejection::NotDue { deadline: deadline.parse().map_err(|error| corrupt("reservation", error))? }
        }
        ["UnknownRefund"] => Rejection::UnknownRefund,
        ["RefundEnded", state] => {
            Rejection::RefundEnded { state: state.parse().map_err(|error| corrupt("refund", error))? }
        }
        ["ReservationOpen", reserved] => Rejection::ReservationOpen { reserved: read(reserved)? },
        ["LimitExceeded", account, left, required] => Rejection::LimitExceeded {
            account: account.parse().map_err(|error| corrupt("account", error))?,
            left: read(left)?,
            required: read(required)?,
        },
        ["InsufficientBalance", available, required] => {
            Rejection::InsufficientBalance { available: read(available)?, required: read(required)? }
        }
        ["Overflow"] => Rejection::Overflow,
        _ => return Err(corrupt("operation", Unreadable)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_refused() {
        let id = OperationId::from_bytes([1; 16]);
        let account = "02020202020202020202020202020202";
        let good = format!("{account} 5 1 2 open 0 -");
        assert!(reservation(id, &good).is_ok());
        for bad in ["", " ", &good[..10], &format!("{good} "), &format!("{good} 1"), &good.replace('5', "05")] {
            assert!(matches!(reservation(id, bad), Err(StoreError::Corrupt { record: "reservation", .. })), "{bad}");
        }
        for bad in ["", "opened ", "credited", "credited 9007199254740992", "credited 1 2", "robbed 1"] {
            assert!(matches!(outcome(bad), Err(StoreError::Corrupt { .. })), "{bad}");
        }
        assert!(remembered_outcome("a b 1").is_err());
        assert!(rejection(&["LimitExceeded", account, "1"]).is_err());
        assert!(path("x").is_err());
        assert_eq!(path("").expect("none").len(), 0);
    }

    #[test]
    fn a_description_keeps_its_spaces() {
        let root = AccountId::from_bytes([2; 16]);
        let text = format!("1 {root} {} usage 1 2 3  two  spaces ", OperationId::from_bytes([1; 16]));
        assert_eq!(entry(root, &text).expect("good").fields().description.as_str(), " two  spaces ");
        let empty = format!("1 {root} {} usage 1 2 3 ", OperationId::from_bytes([1; 16]));
        assert_eq!(entry(root, &empty).expect("good").fields().description.as_str(), "");
    }
}
