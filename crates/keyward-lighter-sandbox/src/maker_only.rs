//! Keys that may only place orders which wait to be traded with.

use std::collections::BTreeSet;

use keyward_lighter::{Action, ApiCode, TimeInForce, Transaction};
use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;

use crate::account::{Account, is_cooling_down};
use crate::answers::{Done, MakerOnlyApiKeys, Ok200};
use crate::{Principal, Refusal, Tier, Venue, orders};

/// The most maker-only keys of an account, as the venue documents it.
const MAX_KEYS: usize = 200;

/// The lowest slot that can be maker-only: those below are for the venue's own interfaces.
const FIRST_SLOT: u8 = 4;

/// How long the list stays as it is after a change, in milliseconds.
const COOLDOWN_MILLIS: u64 = 60 * 60 * 1000;

/// Checks that the key in the transaction's slot may make it, if it is restricted.
pub(crate) fn check(account: &Account, transaction: &Transaction, now: UnixMillis) -> Result<(), Refusal> {
    let allowed = match transaction.action() {
        _ if !account.profile.maker_only.contains(&transaction.api_key_index()) => true,
        Action::CreateOrder(order) => order.fields().time_in_force == TimeInForce::PostOnly,
        Action::CancelOrder(_) | Action::CancelAllOrders(_) => true,
        Action::ModifyOrder(order) => orders::is_open_post_only(account, order.market_index, order.index, now),
        _ => false,
    };
    if allowed {
        return Ok(());
    }
    let message = "invalid tx type for account: not allowed with a maker-only api key";
    Err(Refusal::with_message(ApiCode::INVALID_TX_TYPE_FOR_ACCOUNT, message))
}

impl Venue {
    /// The account's maker-only slots.
    pub fn maker_only(&self, principal: &Principal) -> MakerOnlyApiKeys {
        let list = |account: &Account| account.profile.maker_only.iter().copied().collect();
        let api_key_indexes = self.with_account(principal.account_index(), list).unwrap_or_default();
        MakerOnlyApiKeys { code: Ok200, api_key_indexes }
    }

    /// Replaces the list of the account's maker-only slots by `api_key_indexes`, a JSON array of numbers such as
    /// `[4,5]`; an empty one clears it, which also counts as a change.
    ///
    /// Blocks while the change is written.
    ///
    /// # Errors
    /// In this order:
    /// - 20013: the key was replaced meanwhile, or the principal has a read-only token
    /// - 20001: not a JSON array of whole numbers, or more than 200, or one twice
    /// - 21110: a slot below 4 or above 254
    /// - 20001: the account is of the standard tier
    /// - 23000: the list was changed less than an hour ago
    /// - 29500: the change could not be written
    pub fn set_maker_only(&self, principal: &Principal, api_key_indexes: &str) -> Result<Done, Refusal> {
        self.change(principal.account_index(), |draft| {
            let now = self.clock().now_millis();
            principal.may_manage(draft.account(), now)?;
            let slots = parse(api_key_indexes)?;
            let profile = draft.profile_mut();
            if profile.tier == Tier::Standard {
                return Err(Refusal::invalid_param("maker-only api keys need a premium account"));
            }
            if is_cooling_down(profile.maker_only_changed_at, now, COOLDOWN_MILLIS) {
                return Err(Refusal::new(ApiCode::TOO_MANY_REQUESTS));
            }
            profile.maker_only = slots;
            profile.maker_only_changed_at = Some(now);
            Ok(Done { code: Ok200 })
        })
    }
}

fn parse(text: &str) -> Result<BTreeSet<ApiKeyIndex>, Refusal> {
    let invalid = |detail: &str| Refusal::invalid_param(format_args!("api_key_indexes {detail}"));
    let numbers: Vec<i64> = serde_json::from_str(text).map_err(|_| invalid("must be a JSON array of whole numbers"))?;
    if numbers.len() > MAX_KEYS {
        return Err(invalid("has more than 200 entries"));
    }
    let mut slots = BTreeSet::new();
    for number in numbers {
        let slot = u8::try_from(number).ok().filter(|number| *number >= FIRST_SLOT);
        let slot = slot.and_then(|number| ApiKeyIndex::new(number).ok());
        let slot = slot.ok_or_else(|| Refusal::new(ApiCode::INVALID_API_KEY_INDEX))?;
        if !slots.insert(slot) {
            return Err(invalid("has an entry twice"));
        }
    }
    Ok(slots)
}
