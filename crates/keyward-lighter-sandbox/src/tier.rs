//! What an account may do by its tier, and the change of it.

use keyward_lighter::ApiCode;

use crate::account::{Account, is_cooling_down};
use crate::answers::{AccountLimits, ActiveOrders, Done, Ok200};
use crate::{Principal, Refusal, Tier, Venue};

/// How long an account keeps a tier at least, in milliseconds.
const COOLDOWN_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// The account's tier cannot be changed yet: of the venue's codes for refused changes (62001 to 62006) the first, with
/// words of our own, as those are not published.
const TIER_CHANGED_RECENTLY: ApiCode = ApiCode::new(62001);

impl Venue {
    /// The account's tier, and what goes with it.
    pub fn account_limits(&self, principal: &Principal) -> AccountLimits {
        let facts = |account: &Account| (account.profile.tier, account.profile.tier_changed_at);
        let (tier, changed_at) =
            self.with_account(principal.account_index(), facts).unwrap_or((principal.tier(), None));
        AccountLimits {
            code: Ok200,
            max_llp_percentage: 100,
            max_llp_amount: "0.000000",
            user_tier: tier,
            can_create_public_pool: false,
            user_tier_name: tier,
            current_maker_fee_tick: 0,
            current_taker_fee_tick: 0,
            leased_lit: "0.00000000",
            effective_lit_stakes: "0.00000000",
            user_tier_last_update: changed_at.map_or(0, |instant| instant.to_seconds().as_secs()),
            bo_user_tier_name: "",
            bo_fee_rate: 1,
        }
    }

    /// The account's open orders: none, as the sandbox has no order book.
    pub fn active_orders(&self, _principal: &Principal) -> ActiveOrders {
        ActiveOrders { code: Ok200, orders: [] }
    }

    /// Puts the account into another tier: `standard`, `premium`, `plus` or `builder`.
    ///
    /// Blocks while the change is written.
    ///
    /// # Errors
    /// In this order:
    /// - 20013: the key was replaced meanwhile, or the principal has a read-only token
    /// - 20001: no such tier, or the one that the account is in
    /// - 62001: the tier was changed less than 24 hours ago
    /// - 29500: the change could not be written
    pub fn change_tier(&self, principal: &Principal, new_tier: &str) -> Result<Done, Refusal> {
        self.change(principal.account_index(), |draft| {
            let now = self.clock().now_millis();
            principal.may_manage(draft.account(), now)?;
            let tier: Tier = new_tier.parse().map_err(Refusal::invalid_param)?;
            let profile = draft.profile_mut();
            if profile.tier == tier {
                return Err(Refusal::invalid_param("the account is in this tier"));
            }
            if is_cooling_down(profile.tier_changed_at, now, COOLDOWN_MILLIS) {
                let message = "account tier can be changed once in 24 hours";
                return Err(Refusal::with_message(TIER_CHANGED_RECENTLY, message));
            }
            profile.tier = tier;
            profile.tier_changed_at = Some(now);
            Ok(Done { code: Ok200 })
        })
    }
}
