//! Read-only tokens: made, listed, revoked. Only their digests are kept.

use keyward_lighter::{ApiCode, ReadOnlyToken};
use keyward_time::UnixSeconds;
use keyward_token::{AccountIndex, ExpiryError, SubAccountAccess};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::account::{Account, Draft};
use crate::answers::{ApiToken, ApiTokens, CreatedToken, Ok200, RevokedToken, SecretText};
use crate::{Principal, Refusal, Venue, text};

/// The one scope that a token can have.
const SCOPES: &str = "read.*";

/// The most usable tokens of an account, as the venue documents it.
const MAX_USABLE: usize = 10;

/// The most tokens of an account that are remembered. Of more, the oldest that is of no use any more is forgotten.
const MAX_REMEMBERED: usize = 1_000;

const MAX_NAME_CHARS: usize = 50;

/// A read-only token to be made, as it was asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// What to call it: 1 to 50 letters, digits, spaces, hyphens, underscores and periods.
    pub name: &'a str,
    /// The first second in which it can no longer be used, in Unix seconds: 1 day to 3650 days ahead.
    pub expiry: i64,
    /// Whether it also opens the sub-accounts, if the account is a main account.
    pub sub_account_access: SubAccountAccess,
    /// `read.*`, or nothing, which says the same.
    pub scopes: Option<&'a str>,
}

/// What is kept of a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    /// SHA-256 of the whole text. The text has 256 random bits in it, so that no slower digest is needed.
    #[serde(with = "text::digest")]
    digest: [u8; 32],
    name: String,
    expiry: UnixSeconds,
    sub_account_access: bool,
    revoked: bool,
}

impl TokenRecord {
    fn is_usable(&self, now: UnixSeconds) -> bool {
        !self.revoked && now < self.expiry
    }

    fn to_answer(&self, token_id: u64, account_index: AccountIndex, api_token: SecretText) -> ApiToken {
        ApiToken {
            token_id,
            api_token,
            name: self.name.clone(),
            account_index,
            expiry: self.expiry,
            sub_account_access: self.sub_account_access,
            revoked: self.revoked,
            scopes: SCOPES,
        }
    }
}

/// What a token is known by.
pub(crate) fn digest(token: &ReadOnlyToken<'_>) -> [u8; 32] {
    Sha256::digest(token.as_str()).into()
}

/// Whether the token was revoked; `None` if the account made none of this digest.
pub(crate) fn is_revoked(account: &Account, digest: &[u8; 32]) -> Option<bool> {
    let is_among = |revoked| {
        let mut tokens = account.tokens.values().filter(|token| token.revoked == revoked);
        tokens.any(|token| token.digest.ct_eq(digest).into())
    };
    // Of those that can still be of use there are few.
    [false, true].into_iter().find(|revoked| is_among(*revoked))
}

impl Venue {
    /// The account's read-only tokens, also those of no use any more, by ascending number; without their texts.
    pub fn list_tokens(&self, principal: &Principal) -> ApiTokens {
        let account_index = principal.account_index();
        let list = |account: &Account| {
            let tokens = account.tokens.iter();
            tokens.map(|(id, token)| token.to_answer(*id, account_index, SecretText::empty())).collect()
        };
        ApiTokens { code: Ok200, api_tokens: self.with_account(account_index, list).unwrap_or_default() }
    }

    /// Makes a read-only token. It survives a rotation of the key that asked for it.
    ///
    /// Blocks while the change is written.
    ///
    /// # Errors
    /// In this order:
    /// - 20013: the key was replaced meanwhile, or the principal has a read-only token
    /// - 61007, 61008, 61009: the name is empty, longer than 50 characters, or has another character
    /// - 61004: scopes other than `read.*`
    /// - 61001, 61002: the expiry is less than a day or more than 3650 days ahead
    /// - 61003: the account has ten tokens that are neither revoked nor expired
    /// - 29500: no randomness, or the change could not be written
    pub fn create_token(&self, principal: &Principal, token: &NewToken<'_>) -> Result<CreatedToken, Refusal> {
        let account_index = principal.account_index();
        self.change(account_index, |draft| {
            let now = self.clock().now_millis();
            principal.may_manage(draft.account(), now)?;
            let now = now.to_seconds();
            check_name(token.name)?;
            if token.scopes.is_some_and(|scopes| scopes != SCOPES) {
                return Err(Refusal::new(ApiCode::CUSTOM_SCOPES_UNSUPPORTED));
            }
            let expiry = check_expiry(token.expiry, now)?;
            let usable = draft.account().tokens.values().filter(|token| token.is_usable(now));
            if usable.count() >= MAX_USABLE {
                return Err(Refusal::new(ApiCode::TOO_MANY_TOKENS));
            }

            let text = make_text(account_index, token.sub_account_access, expiry)?;
            let record = TokenRecord {
                digest: Sha256::digest(text.as_bytes()).into(),
                name: token.name.to_owned(),
                expiry,
                sub_account_access: token.sub_account_access == SubAccountAccess::All,
                revoked: false,
            };
            forget_oldest(draft, now);
            let id = draft.add_token(record.clone());
            Ok(CreatedToken { code: Ok200, token: record.to_answer(id, account_index, SecretText::new(text)) })
        })
    }

    /// Revokes a read-only token of the account: it is of no use as soon as this returns.
    ///
    /// Blocks while the change is written.
    ///
    /// # Errors
    /// In this order:
    /// - 20013: the key was replaced meanwhile, or the principal has a read-only token
    /// - 61005: the account made no such token
    /// - 61006: it was revoked before
    /// - 29500: the change could not be written
    pub fn revoke_token(&self, principal: &Principal, token_id: i64) -> Result<RevokedToken, Refusal> {
        self.change(principal.account_index(), |draft| {
            principal.may_manage(draft.account(), self.clock().now_millis())?;
            let not_found = || Refusal::new(ApiCode::TOKEN_NOT_FOUND);
            let token_id = u64::try_from(token_id).map_err(|_| not_found())?;
            let token = draft.token_mut(token_id).ok_or_else(not_found)?;
            if token.revoked {
                return Err(Refusal::new(ApiCode::TOKEN_ALREADY_REVOKED));
            }
            token.revoked = true;
            Ok(RevokedToken { code: Ok200, token_id, revoked: true })
        })
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || matches!(char, ' ' | '-' | '_' | '.');
    if name.is_empty() {
        Err(Refusal::new(ApiCode::TOKEN_NAME_EMPTY))
    } else if name.chars().count() > MAX_NAME_CHARS {
        Err(Refusal::new(ApiCode::TOKEN_NAME_TOO_LONG))
    } else if !name.chars().all(allowed) {
        Err(Refusal::new(ApiCode::TOKEN_NAME_INVALID))
    } else {
        Ok(())
    }
}

fn check_expiry(expiry: i64, now: UnixSeconds) -> Result<UnixSeconds, Refusal> {
    let too_early = || Refusal::new(ApiCode::TOKEN_EXPIRY_TOO_EARLY);
    let expiry = u64::try_from(expiry).ok().and_then(|secs| UnixSeconds::new(secs).ok()).ok_or_else(too_early)?;
    match ReadOnlyToken::check_expiry(expiry, now) {
        Ok(()) => Ok(expiry),
        Err(ExpiryError::TooEarly) => Err(too_early()),
        Err(ExpiryError::TooLate) => Err(Refusal::new(ApiCode::TOKEN_EXPIRY_TOO_LATE)),
    }
}

fn make_text(
    account: AccountIndex,
    access: SubAccountAccess,
    expiry: UnixSeconds,
) -> Result<Zeroizing<String>, Refusal> {
    let mut random = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *random).map_err(|error| {
        tracing::error!(%error, "no randomness for a read-only token");
        Refusal::internal()
    })?;
    let mut digits = Zeroizing::new([0; 64]);
    let digits = base16ct::lower::encode_str(&*random, &mut *digits).expect("two digits for each byte");
    let public = format!("{}{account}:{access}:{expiry}:", ReadOnlyToken::PREFIX);
    // With its full size from the start, the string leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(public.len() + digits.len()));
    text.push_str(&public);
    text.push_str(digits);
    Ok(text)
}

fn forget_oldest(draft: &mut Draft, now: UnixSeconds) {
    let tokens = &draft.account().tokens;
    let of_no_use = || tokens.iter().find(|(_, token)| !token.is_usable(now));
    let oldest = if tokens.len() < MAX_REMEMBERED { None } else { of_no_use().map(|(id, _)| *id) };
    if let Some(id) = oldest {
        draft.remove_token(id);
    }
}
