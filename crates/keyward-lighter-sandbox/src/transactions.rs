use keyward_lighter::{
    Action, ApiCode, ChangePubKey, L1Signature, SignedTransaction, Transaction, TxInfo, TxInfoError, TxType,
};
use keyward_nonce::NonceState;
use keyward_time::UnixMillis;
use keyward_token::AccountIndex;

use crate::account::Draft;
use crate::answers::{Ok200, SentTx, SentTxBatch};
use crate::{Collateral, Refusal, Venue, account_index, maker_only, orders};

/// The most transactions of a batch, as the venue documents it.
const MAX_BATCH: usize = 50;

/// What the venue says of its rate limit beside an accepted transaction.
const RATE_LIMIT_NOTE: &str = r#"{"ratelimit": "didn't use volume quota"}"#;

/// How many orders are left.
const VOLUME_QUOTA: u64 = 1_000_000;

impl Venue {
    /// Takes a transaction: `tx_info` is its JSON, of a transaction of type `tx_type`.
    ///
    /// When this returns, the transaction is in force (a new key once the execution delay has passed), and, if the
    /// venue has a file, on disk. A refused transaction changes nothing, its nonce is not consumed. Blocks while
    /// another change is made or the change is written.
    ///
    /// # Errors
    /// In this order:
    /// - 21505: a type other than 8, 14, 15, 16 and 17
    /// - 21501: `tx_info` is malformed
    /// - 21100: no such account
    /// - 21511: an insurance fund or staking pool sends no transactions
    /// - 21110: a slot below 0 or above 254
    /// - 21108: the new key is not the canonical encoding of one
    /// - 21501: expired, or attributes that there are not
    /// - 21104: a nonce outside 0 to 2^48 - 1
    /// - 21501: a value that an order may not have
    /// - 21108: the slot has no key to check the transaction with
    /// - 21104: not the nonce that is due, or, with attribute 4, below it or above 2^47 - 2
    /// - 21120: not signed by the key in the slot; for a change of the key, by the new one
    /// - 21504: not signed by the account's owner, for a change of the key
    /// - 21126: the account has no collateral, for a change of the key
    /// - 21511: a maker-only key may not do this
    /// - 29500: the change could not be written
    pub fn send_tx(&self, tx_type: u64, tx_info: &str) -> Result<SentTx, Refusal> {
        let info = parse(tx_type, tx_info)?;
        let (now, tx_hash) = self.change(account_of(&info)?, |draft| {
            let now = self.clock().now_millis();
            check_account(draft)?;
            let transaction = transaction(&info, now)?;
            Ok((now, self.accept(draft, &info, transaction, now)?))
        })?;
        Ok(SentTx {
            code: Ok200,
            message: RATE_LIMIT_NOTE,
            tx_hash,
            predicted_execution_time_ms: self.executed_at(now),
            volume_quota_remaining: VOLUME_QUOTA,
        })
    }

    /// Takes up to 50 transactions of one slot with nonces that follow one another, or none of them.
    ///
    /// `tx_types` is a JSON array of numbers, `tx_infos` one of strings. All else is as in [`send_tx`](Self::send_tx).
    ///
    /// # Errors
    /// In this order:
    /// - 20001: not such arrays, or empty ones
    /// - 21513, 21514: arrays of different lengths; more than 50 transactions
    /// - 21505, 21501: as in [`send_tx`](Self::send_tx)
    /// - 21121: not all of one account and slot
    /// - 21100, 21511: as in [`send_tx`](Self::send_tx)
    /// - 21110, 21108, 21501, 21104: a value that a transaction may not have, as in [`send_tx`](Self::send_tx)
    /// - 21105: a nonce is not one above that before it
    /// - what [`send_tx`](Self::send_tx) says of each transaction, after those before it
    pub fn send_tx_batch(&self, tx_types: &str, tx_infos: &str) -> Result<SentTxBatch, Refusal> {
        let infos = parse_batch(tx_types, tx_infos)?;
        let [first, rest @ ..] = &*infos else { return Err(Refusal::invalid_param("tx_types is empty")) };
        let slot = |info: &TxInfo| (info.account_index(), info.api_key_index());
        if rest.iter().any(|info| slot(info) != slot(first)) {
            return Err(Refusal::new(ApiCode::BATCH_OF_SEVERAL_KEYS));
        }
        let (now, tx_hash) = self.change(account_of(first)?, |draft| {
            let now = self.clock().now_millis();
            check_account(draft)?;
            let transactions: Vec<_> = infos.iter().map(|info| transaction(info, now)).collect::<Result<_, _>>()?;
            if transactions.windows(2).any(|pair| pair[0].nonce().next() != Some(pair[1].nonce())) {
                return Err(Refusal::new(ApiCode::BATCH_NONCE_NOT_INCREASING));
            }
            let each = infos.iter().zip(transactions);
            let hashes: Result<_, _> = each.map(|(info, it)| self.accept(draft, info, it, now)).collect();
            Ok((now, hashes?))
        })?;
        Ok(SentTxBatch {
            code: Ok200,
            message: RATE_LIMIT_NOTE,
            tx_hash,
            predicted_execution_time_ms: self.executed_at(now),
            volume_quota_remaining: VOLUME_QUOTA,
        })
    }

    /// Checks the transaction of `info` against the account, makes its changes to it, and tells its hash.
    fn accept(
        &self,
        draft: &mut Draft,
        info: &TxInfo,
        transaction: Transaction,
        now: UnixMillis,
    ) -> Result<String, Refusal> {
        let chain = self.settings().chain_id;
        if transaction.expired_at() <= now {
            return Err(Refusal::new(ApiCode::INVALID_TX_INFO));
        }
        let slot = draft.account().slot(transaction.api_key_index());
        let key = match transaction.action() {
            Action::ChangePubKey(ChangePubKey { public_key }) => Some(*public_key),
            _ => slot.key(now),
        };
        let key = key.ok_or_else(|| Refusal::new(ApiCode::INVALID_PUBLIC_KEY))?;
        let nonce = next_nonce(slot.nonce, &transaction)?;
        let signed = SignedTransaction::new(transaction, info.signature().map_err(refusal)?);
        signed.verify(chain, &key).map_err(|_| Refusal::new(ApiCode::INVALID_SIGNATURE))?;
        if let Some(message) = transaction.l1_message() {
            check_owner(draft, info.l1_signature().map_err(refusal)?, &message)?;
        }
        orders::settle(draft, now);
        maker_only::check(draft.account(), &transaction, now)?;

        let slot = draft.slot_mut(transaction.api_key_index());
        slot.nonce = nonce;
        slot.transaction_time = now;
        if let Action::ChangePubKey(ChangePubKey { public_key }) = transaction.action() {
            slot.change_key(*public_key, now, self.settings().execution_delay_ms);
        }
        orders::apply(draft, &transaction);
        Ok(signed.tx_hash_hex(chain))
    }

    fn executed_at(&self, now: UnixMillis) -> UnixMillis {
        now.saturating_add_millis(self.settings().execution_delay_ms)
    }
}

fn parse(tx_type: u64, tx_info: &str) -> Result<TxInfo, Refusal> {
    let tx_type = u8::try_from(tx_type).map_err(|_| Refusal::new(ApiCode::UNSUPPORTED_TX_TYPE))?;
    TxInfo::parse(TxType::new(tx_type), tx_info).map_err(refusal)
}

fn parse_batch(tx_types: &str, tx_infos: &str) -> Result<Vec<TxInfo>, Refusal> {
    let tx_types: Vec<u64> = serde_json::from_str(tx_types)
        .map_err(|_| Refusal::invalid_param("tx_types must be a JSON array of whole numbers"))?;
    let tx_infos: Vec<String> = serde_json::from_str(tx_infos)
        .map_err(|_| Refusal::invalid_param("tx_infos must be a JSON array of strings"))?;
    if tx_types.len() != tx_infos.len() {
        return Err(Refusal::new(ApiCode::BATCH_LENGTHS_DIFFER));
    }
    if tx_types.len() > MAX_BATCH {
        return Err(Refusal::new(ApiCode::BATCH_TOO_LARGE));
    }
    tx_types.into_iter().zip(tx_infos).map(|(tx_type, tx_info)| parse(tx_type, &tx_info)).collect()
}

fn check_account(draft: &Draft) -> Result<(), Refusal> {
    if draft.account().profile.account_type.sends_transactions() {
        Ok(())
    } else {
        Err(Refusal::new(ApiCode::INVALID_TX_TYPE_FOR_ACCOUNT))
    }
}

/// The transaction of `info`, whose values are checked.
fn transaction(info: &TxInfo, now: UnixMillis) -> Result<Transaction, Refusal> {
    info.transaction().map_err(|error| match error {
        // The expiry, which is looked at before the nonce, is an instant, but it may be past.
        TxInfoError::Nonce if is_past(info.expired_at(), now) => Refusal::new(ApiCode::INVALID_TX_INFO),
        error => refusal(error),
    })
}

fn is_past(millis: i64, now: UnixMillis) -> bool {
    u64::try_from(millis).is_ok_and(|millis| millis <= now.as_millis())
}

fn next_nonce(state: NonceState, transaction: &Transaction) -> Result<NonceState, Refusal> {
    state
        .accept(transaction.nonce(), transaction.attributes().nonce_mode())
        .map_err(|_| Refusal::new(ApiCode::INVALID_NONCE))
}

/// Checks that the account's owner has signed `message`, and has the means.
fn check_owner(draft: &Draft, signature: Option<L1Signature>, message: &str) -> Result<(), Refusal> {
    let profile = &draft.account().profile;
    let signer = signature.and_then(|signature| signature.recover(message).ok());
    if signer != Some(profile.l1_address) {
        return Err(Refusal::new(ApiCode::INVALID_L1_SIGNATURE));
    }
    if profile.collateral == Collateral::ZERO {
        return Err(Refusal::new(ApiCode::ZERO_COLLATERAL));
    }
    Ok(())
}

fn refusal(error: TxInfoError) -> Refusal {
    Refusal::new(error.api_code())
}

/// The account of a transaction: one that cannot be is not found, as one that is not.
fn account_of(info: &TxInfo) -> Result<AccountIndex, Refusal> {
    account_index(info.account_index()).map_err(|_| Refusal::new(ApiCode::ACCOUNT_NOT_FOUND))
}
