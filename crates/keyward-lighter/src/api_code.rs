use core::fmt;
use core::str::FromStr;

use keyward_time::{DecimalError, parse_decimal};

/// What the exchange says of a request, as the `code` in its answer: [`OK`](Self::OK), or why not.
///
/// Any number may come; those that are documented, or have been seen, for keys, tokens and transactions have
/// names. It is the code that counts, not the HTTP status, which has been 200 beside a refusal. The text
/// form is the canonical decimal. Source: the error codes of Lighter's API documentation, apidocs.lighter.xyz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiCode(u32);

impl ApiCode {
    /// 200: the request was done.
    pub const OK: Self = Self(200);

    /// 20001: a parameter is missing or not of its type; or a read that asks for a token was sent none.
    pub const INVALID_PARAM: Self = Self(20001);

    /// 20013: the auth token is expired, not usable yet, malformed, not signed by the slot's key, or missing.
    pub const INVALID_AUTH: Self = Self(20013);

    /// 21100: there is no such account.
    pub const ACCOUNT_NOT_FOUND: Self = Self(21100);

    /// 21101: there is no nonce of such an account.
    pub const ACCOUNT_NONCE_NOT_FOUND: Self = Self(21101);

    /// 21102: the number is not that of an account.
    pub const INVALID_ACCOUNT_INDEX: Self = Self(21102);

    /// 21104: the nonce is not the slot's next one.
    pub const INVALID_NONCE: Self = Self(21104);

    /// 21105: the nonces of a batch do not follow one another.
    pub const BATCH_NONCE_NOT_INCREASING: Self = Self(21105);

    /// 21108: the slot has no key; or the new key is none.
    pub const INVALID_PUBLIC_KEY: Self = Self(21108);

    /// 21109: the account has no key in this slot, or none at all.
    pub const API_KEY_NOT_FOUND: Self = Self(21109);

    /// 21110: the number is not that of a slot.
    pub const INVALID_API_KEY_INDEX: Self = Self(21110);

    /// 21120: the signature of the transaction does not hold.
    pub const INVALID_SIGNATURE: Self = Self(21120);

    /// 21121: the transactions of a batch are not of one account and one slot.
    pub const BATCH_OF_SEVERAL_KEYS: Self = Self(21121);

    /// 21126: an account without funds cannot change its keys.
    pub const ZERO_COLLATERAL: Self = Self(21126);

    /// 21136: the key has a form that is no longer taken.
    pub const LEGACY_PUBLIC_KEY: Self = Self(21136);

    /// 21501: the transaction is malformed, or has expired.
    pub const INVALID_TX_INFO: Self = Self(21501);

    /// 21504: the Ethereum signature is missing, malformed, or not the owner's.
    pub const INVALID_L1_SIGNATURE: Self = Self(21504);

    /// 21505: transactions of this type are not taken.
    pub const UNSUPPORTED_TX_TYPE: Self = Self(21505);

    /// 21511: such an account, or such a key, may not make a transaction of this type.
    pub const INVALID_TX_TYPE_FOR_ACCOUNT: Self = Self(21511);

    /// 21513: a batch has more types than transactions, or fewer.
    pub const BATCH_LENGTHS_DIFFER: Self = Self(21513);

    /// 21514: a batch has more than 50 transactions.
    pub const BATCH_TOO_LARGE: Self = Self(21514);

    /// 23000: the rate limit is reached; nothing was done.
    pub const TOO_MANY_REQUESTS: Self = Self(23000);

    /// 23001: more channels than a connection may have; nothing was done.
    pub const TOO_MANY_SUBSCRIPTIONS: Self = Self(23001);

    /// 23002: more accounts than a connection may ask about; nothing was done.
    pub const TOO_MANY_ACCOUNTS: Self = Self(23002);

    /// 23003: more connections than an address may have.
    pub const TOO_MANY_CONNECTIONS: Self = Self(23003);

    /// 29404: there is no such thing, such as an account of this index.
    pub const NOT_FOUND: Self = Self(29404);

    /// 29500: the exchange is at fault; what became of the request is unknown.
    pub const INTERNAL_SERVER_ERROR: Self = Self(29500);

    /// 29501: the exchange took too long; what became of the request is unknown.
    pub const PROCESS_TIMEOUT: Self = Self(29501);

    /// 30000: a WebSocket message is not JSON.
    pub const WS_INVALID_JSON: Self = Self(30000);

    /// 30001: a WebSocket message is of an unknown type.
    pub const WS_INVALID_TYPE: Self = Self(30001);

    /// 30002: the channel that was to be left was not subscribed to.
    pub const WS_NOT_SUBSCRIBED: Self = Self(30002);

    /// 30003: the channel is subscribed to already.
    pub const WS_ALREADY_SUBSCRIBED: Self = Self(30003);

    /// 30004: what a channel shows could not be fetched.
    pub const WS_FETCH_FAILED: Self = Self(30004);

    /// 30005: there is no such channel.
    pub const WS_INVALID_CHANNEL: Self = Self(30005);

    /// 30006: the operation is not supported.
    pub const WS_NOT_SUPPORTED: Self = Self(30006);

    /// 30007: a WebSocket message has not the members of its type.
    pub const WS_INVALID_DATA: Self = Self(30007);

    /// 30008: such an account has no such channel.
    pub const WS_INVALID_ACCOUNT_TYPE: Self = Self(30008);

    /// 30009: more messages in a minute than may be sent; nothing was done.
    pub const WS_TOO_MANY_MESSAGES: Self = Self(30009);

    /// 30010: more messages unanswered than may be; nothing was done.
    pub const WS_TOO_MANY_IN_FLIGHT: Self = Self(30010);

    /// 30011: the connection could not be opened.
    pub const WS_CONNECT_FAILED: Self = Self(30011);

    /// 30012: the channel could not be opened.
    pub const WS_SUBSCRIBE_FAILED: Self = Self(30012);

    /// 61001: a read-only token is to live for less than a day.
    pub const TOKEN_EXPIRY_TOO_EARLY: Self = Self(61001);

    /// 61002: a read-only token is to live for more than ten years.
    pub const TOKEN_EXPIRY_TOO_LATE: Self = Self(61002);

    /// 61003: the account has ten read-only tokens.
    pub const TOO_MANY_TOKENS: Self = Self(61003);

    /// 61004: a read-only token has one scope: `read.*`.
    pub const CUSTOM_SCOPES_UNSUPPORTED: Self = Self(61004);

    /// 61005: the account has no such read-only token.
    pub const TOKEN_NOT_FOUND: Self = Self(61005);

    /// 61006: the read-only token was revoked before.
    pub const TOKEN_ALREADY_REVOKED: Self = Self(61006);

    /// 61007: a read-only token must have a name.
    pub const TOKEN_NAME_EMPTY: Self = Self(61007);

    /// 61008: a read-only token's name has 50 characters at most.
    pub const TOKEN_NAME_TOO_LONG: Self = Self(61008);

    /// 61009: a read-only token's name has a character that it may not have.
    pub const TOKEN_NAME_INVALID: Self = Self(61009);

    /// The code numbered `code`.
    pub const fn new(code: u32) -> Self {
        Self(code)
    }

    /// The number.
    pub const fn as_u32(self) -> u32 {
        self.0
    }

    /// Whether the request was done.
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }

    /// The exchange's words for it; `None` if they are not always the same, or not known.
    pub const fn message(self) -> Option<&'static str> {
        Some(match self {
            Self::ACCOUNT_NOT_FOUND => "account not found",
            Self::ACCOUNT_NONCE_NOT_FOUND => "account nonce not found",
            Self::INVALID_ACCOUNT_INDEX => "invalid account index",
            Self::INVALID_NONCE => "invalid nonce",
            Self::BATCH_NONCE_NOT_INCREASING => "batch transaction nonce is not increasing",
            Self::INVALID_PUBLIC_KEY => "invalid PublicKey,please run changePubKey",
            Self::API_KEY_NOT_FOUND => "api key not found",
            Self::INVALID_API_KEY_INDEX => "invalid api key index",
            Self::INVALID_SIGNATURE => "invalid signature",
            Self::BATCH_OF_SEVERAL_KEYS => "all transactions in the batch must have use same account and apikey",
            Self::ZERO_COLLATERAL => "Account with zero collateral can't change PublicKey",
            Self::LEGACY_PUBLIC_KEY => "invalid PublicKey, update the sdk to the latest version",
            Self::INVALID_TX_INFO => "invalid tx info",
            Self::INVALID_L1_SIGNATURE => "fail to l1 signature",
            Self::UNSUPPORTED_TX_TYPE => "unsupported tx type",
            Self::INVALID_TX_TYPE_FOR_ACCOUNT => "invalid tx type for account",
            Self::BATCH_LENGTHS_DIFFER => "TxInfos and TxTypes should have the same length",
            Self::BATCH_TOO_LARGE => "maximum 50 transactions allowed per batch",
            Self::TOO_MANY_REQUESTS => "Too Many Requests!",
            Self::TOO_MANY_SUBSCRIPTIONS => "Too Many Subscriptions!",
            Self::TOO_MANY_ACCOUNTS => "Too Many Different Accounts!",
            Self::TOO_MANY_CONNECTIONS => "Too Many Connections!",
            Self::NOT_FOUND => "not found",
            Self::INTERNAL_SERVER_ERROR => "internal server error",
            Self::PROCESS_TIMEOUT => "process timeout",
            Self::WS_INVALID_JSON => "Invalid Json",
            Self::WS_INVALID_TYPE => "Invalid Type",
            Self::WS_INVALID_DATA => "Invalid Data",
            Self::WS_INVALID_ACCOUNT_TYPE => "Invalid account type",
            Self::WS_TOO_MANY_MESSAGES => "Too Many Websocket Messages!",
            Self::WS_TOO_MANY_IN_FLIGHT => "Too Many Inflight Messages!",
            Self::WS_CONNECT_FAILED => "Failed to connect",
            Self::WS_SUBSCRIBE_FAILED => "Failed to subscribe",
            Self::TOKEN_EXPIRY_TOO_EARLY => "api token expiry is before minimum allowed expiry of 1 day",
            Self::TOKEN_EXPIRY_TOO_LATE => "api token expiry is after maximum allowed expiry of 10 years",
            Self::TOO_MANY_TOKENS => "maximum number of 10 api tokens for the account exceeded",
            Self::CUSTOM_SCOPES_UNSUPPORTED => "custom scopes for api tokens are not supported yet",
            Self::TOKEN_NOT_FOUND => "api token not found or does not belong to this account",
            Self::TOKEN_ALREADY_REVOKED => "api token has already been revoked",
            Self::TOKEN_NAME_EMPTY => "api token name cannot be empty",
            Self::TOKEN_NAME_TOO_LONG => "api token name cannot exceed 50 characters",
            Self::TOKEN_NAME_INVALID => {
                "api token name can only contain letters, numbers, spaces, hyphens, underscores, and periods"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for ApiCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ApiCode {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text.as_bytes(), u32::MAX.into()).map(|code| Self(code as u32))
    }
}
