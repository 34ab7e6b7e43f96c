use keyward_lighter::{AuthToken, EthereumAddress, ReadOnlyToken, Token, VerifyingKey};
use keyward_time::UnixMillis;
use keyward_token::{AccountIndex, ApiKeyIndex, SubAccountAccess, Usability};

use crate::account::Account;
use crate::{AccountType, Refusal, Tier, Venue, read_only};

/// What a token is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To see an account's data.
    Read,
    /// To change read-only tokens, maker-only keys or the tier: for this a read-only token is refused.
    Manage,
}

/// Who has shown a token that the venue takes, and for which account.
#[derive(Debug, Clone)]
pub struct Principal {
    account: AccountIndex,
    owner: EthereumAddress,
    tier: Tier,
    credential: Credential,
}

#[derive(Debug, Clone, Copy)]
enum Credential {
    /// The key that signed, and its slot in the account itself.
    ApiKey(ApiKeyIndex, VerifyingKey),
    ReadOnly(SubAccountAccess),
}

impl Principal {
    /// The account that was asked for, which the token opens.
    pub const fn account_index(&self) -> AccountIndex {
        self.account
    }

    /// The owner of the account, by whom requests are counted.
    pub const fn owner(&self) -> EthereumAddress {
        self.owner
    }

    /// The account's tier.
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// Whether it was a read-only token.
    pub const fn is_read_only(&self) -> bool {
        matches!(self.credential, Credential::ReadOnly(_))
    }

    /// Checks that the key has not been replaced since the token was judged, and is not a read-only token.
    ///
    /// `account` is that of the principal. Asked by every change while no other can come between, so that no change is
    /// made by a key after its rotation was answered.
    pub(crate) fn may_manage(&self, account: &Account, now: UnixMillis) -> Result<(), Refusal> {
        match self.credential {
            Credential::ReadOnly(_) => Err(Refusal::invalid_auth("read-only token")),
            Credential::ApiKey(slot, key) if account.slot(slot).key(now) == Some(key) => Ok(()),
            Credential::ApiKey(..) => Err(Refusal::invalid_auth("invalid signature")),
        }
    }
}

impl Venue {
    /// Judges a token of either kind that is to open `account`. Its signature is verified each time.
    ///
    /// # Errors
    /// 20013, in this order:
    /// - `invalid auth string`: not a token
    /// - `expired token`: the deadline or expiry has come
    /// - `invalid deadline`: the deadline is more than 8 hours away
    /// - `api key not found`: the account has no key in the slot; `api token not found`: the venue made no such
    ///   read-only token; `api token has been revoked`
    /// - `invalid signature`: not made by the key that is in the slot now
    /// - `account mismatch`: the token is another account's; a read-only token with sub-account access that a main
    ///   account made also opens the sub-accounts and pools of the same owner
    /// - `read-only token`: such a token where [`Access::Manage`] is wanted
    pub fn authenticate(&self, token: &str, account: AccountIndex, access: Access) -> Result<Principal, Refusal> {
        let token = Token::parse(token).map_err(|_| Refusal::invalid_auth("invalid auth string"))?;
        let now = self.clock().now_millis();
        match token.usability(now.to_seconds()) {
            Usability::Usable { .. } => {}
            Usability::Expired { .. } => return Err(Refusal::invalid_auth("expired token")),
            Usability::NotYet { .. } => return Err(Refusal::invalid_auth("invalid deadline")),
        }
        let credential = match &token {
            Token::Auth(token) => self.check_signature(token, now)?,
            Token::ReadOnly(token) => self.check_known(token)?,
        };
        let principal = self.admit(token.account_index(), credential, account)?;
        match (access, credential) {
            (Access::Manage, Credential::ReadOnly(_)) => Err(Refusal::invalid_auth("read-only token")),
            _ => Ok(principal),
        }
    }

    fn check_signature(&self, token: &AuthToken<'_>, now: UnixMillis) -> Result<Credential, Refusal> {
        let slot = token.api_key_index();
        let key = self.with_account(token.account_index(), |account| account.slot(slot).key(now)).flatten();
        let key = key.ok_or_else(|| Refusal::invalid_auth("api key not found"))?;
        self.key_cache().verify_token_signature(&key, token).map_err(|_| Refusal::invalid_auth("invalid signature"))?;
        Ok(Credential::ApiKey(slot, key))
    }

    fn check_known(&self, token: &ReadOnlyToken<'_>) -> Result<Credential, Refusal> {
        let digest = read_only::digest(token);
        let revoked = self.with_account(token.account_index(), |account| read_only::is_revoked(account, &digest));
        match revoked.flatten() {
            None => Err(Refusal::invalid_auth("api token not found")),
            Some(true) => Err(Refusal::invalid_auth("api token has been revoked")),
            Some(false) => Ok(Credential::ReadOnly(token.sub_account_access())),
        }
    }

    /// Whether what `holder` has shown opens `account`.
    fn admit(&self, holder: AccountIndex, credential: Credential, account: AccountIndex) -> Result<Principal, Refusal> {
        let facts =
            |account: &Account| (account.profile.account_type, account.profile.l1_address, account.profile.tier);
        let mismatch = || Refusal::invalid_auth("account mismatch");
        let (account_type, owner, tier) = self.with_account(account, facts).ok_or_else(mismatch)?;
        let opens = holder == account
            || matches!(credential, Credential::ReadOnly(SubAccountAccess::All))
                && matches!(account_type, AccountType::Sub | AccountType::Pool)
                && self.with_account(holder, facts).is_some_and(|(holder_type, holder_owner, _)| {
                    holder_type == AccountType::Master && holder_owner == owner
                });
        if opens { Ok(Principal { account, owner, tier, credential }) } else { Err(mismatch()) }
    }
}
