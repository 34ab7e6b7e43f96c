//! The paths, what they weigh, and what the venue is asked for each.
//!
//! Source: Lighter's API documentation, apidocs.lighter.xyz, for paths, parameters and weights.

use keyward_lighter::ApiCode;
use keyward_token::SubAccountAccess;

use super::answer::Answer;
use super::form::Parameters;
use crate::{Access, NewToken, Principal, Refusal, Venue};

/// A path and how it is answered.
pub(crate) struct Route {
    pub(crate) path: &'static str,
    kind: Kind,
    pub(crate) handler: Handler,
}

#[derive(PartialEq, Eq)]
enum Kind {
    /// A `GET`, answered from memory.
    Read,
    /// A `POST`, which may wait for a disk.
    Write,
}

type Ask = fn(&Venue, &Parameters) -> Result<Answer, Refusal>;
type AskAs = fn(&Venue, &Parameters, &Principal) -> Result<Answer, Refusal>;

/// Who may ask, and what that weighs in the rate limit.
pub(crate) enum Handler {
    /// Anybody, as often as it likes.
    Free(Ask),
    /// Anybody.
    Open(u32, Ask),
    /// Who has a token for the account.
    Gated(u32, Access, AskAs),
}

impl Route {
    pub(crate) fn is_read(&self) -> bool {
        self.kind == Kind::Read
    }

    /// Whether the answer can take so long that others must not wait behind it.
    pub(crate) fn blocks(&self) -> bool {
        self.kind == Kind::Write
    }
}

/// Every path but the WebSocket's and the clock's.
pub(crate) const ROUTES: &[Route] = &[
    Route { path: "/", kind: Kind::Read, handler: Handler::Free(|venue, _| Ok(Answer::ok(&venue.status()))) },
    Route { path: "/info", kind: Kind::Read, handler: Handler::Free(|venue, _| Ok(Answer::ok(&venue.info()))) },
    Route {
        path: "/api/v1/accountsByL1Address",
        kind: Kind::Read,
        handler: Handler::Open(300, |venue, parameters| {
            Ok(Answer::ok(&venue.accounts_by_l1_address(parameters.text("l1_address")?)?))
        }),
    },
    Route { path: "/api/v1/account", kind: Kind::Read, handler: Handler::Open(300, account) },
    Route {
        path: "/api/v1/apikeys",
        kind: Kind::Read,
        handler: Handler::Open(150, |venue, parameters| {
            let api_key_index = parameters.optional_integer("api_key_index")?.unwrap_or(ALL_API_KEYS);
            Ok(Answer::ok(&venue.api_keys(parameters.integer("account_index")?, api_key_index)?))
        }),
    },
    Route {
        path: "/api/v1/nextNonce",
        kind: Kind::Read,
        handler: Handler::Open(6, |venue, parameters| {
            let account_index = parameters.integer("account_index")?;
            Ok(Answer::ok(&venue.next_nonce(account_index, parameters.integer("api_key_index")?)?))
        }),
    },
    Route { path: "/api/v1/sendTx", kind: Kind::Write, handler: Handler::Open(6, send_tx) },
    Route {
        path: "/api/v1/sendTxBatch",
        kind: Kind::Write,
        handler: Handler::Open(6, |venue, parameters| {
            let tx_types = parameters.text("tx_types")?;
            Ok(Answer::ok(&venue.send_tx_batch(tx_types, parameters.text("tx_infos")?)?))
        }),
    },
    Route {
        path: "/api/v1/tokens",
        kind: Kind::Read,
        handler: Handler::Gated(3000, Access::Read, |venue, _, principal| {
            Ok(Answer::ok(&venue.list_tokens(principal)))
        }),
    },
    Route {
        path: "/api/v1/tokens/create",
        kind: Kind::Write,
        handler: Handler::Gated(23_000, Access::Manage, create_token),
    },
    Route {
        path: "/api/v1/tokens/revoke",
        kind: Kind::Write,
        handler: Handler::Gated(3000, Access::Manage, |venue, parameters, principal| {
            Ok(Answer::ok(&venue.revoke_token(principal, parameters.integer("token_id")?)?))
        }),
    },
    Route {
        path: "/api/v1/getMakerOnlyApiKeys",
        kind: Kind::Read,
        handler: Handler::Gated(300, Access::Read, |venue, _, principal| Ok(Answer::ok(&venue.maker_only(principal)))),
    },
    Route {
        path: "/api/v1/setMakerOnlyApiKeys",
        kind: Kind::Write,
        handler: Handler::Gated(300, Access::Manage, |venue, parameters, principal| {
            Ok(Answer::ok(&venue.set_maker_only(principal, parameters.text("api_key_indexes")?)?))
        }),
    },
    Route {
        path: "/api/v1/accountLimits",
        kind: Kind::Read,
        handler: Handler::Gated(300, Access::Read, |venue, _, principal| {
            Ok(Answer::ok(&venue.account_limits(principal)))
        }),
    },
    Route {
        path: "/api/v1/accountActiveOrders",
        kind: Kind::Read,
        handler: Handler::Gated(100, Access::Read, |venue, parameters, principal| {
            // There are no orders, of any market.
            parameters.optional_integer("market_id")?;
            parameters.optional("market_type")?;
            Ok(Answer::ok(&venue.active_orders(principal)))
        }),
    },
    Route {
        path: "/api/v1/changeAccountTier",
        kind: Kind::Write,
        handler: Handler::Gated(3000, Access::Manage, |venue, parameters, principal| {
            Ok(Answer::ok(&venue.change_tier(principal, parameters.text("new_tier")?)?))
        }),
    },
];

/// The slot number that stands for all slots.
const ALL_API_KEYS: i64 = 255;

fn account(venue: &Venue, parameters: &Parameters) -> Result<Answer, Refusal> {
    parameters.optional_boolean("active_only")?;
    parameters.optional("cursor")?;
    match parameters.text("by")? {
        "index" => Ok(Answer::ok(&venue.account_by_index(parameters.integer("value")?)?)),
        "l1_address" => Ok(Answer::ok(&venue.account_by_l1_address(parameters.text("value")?)?)),
        _ => Err(Refusal::invalid_param("by is neither index nor l1_address")),
    }
}

fn send_tx(venue: &Venue, parameters: &Parameters) -> Result<Answer, Refusal> {
    // There is no order book whose price could be guarded.
    parameters.optional_boolean("price_protection")?;
    let tx_type =
        u64::try_from(parameters.integer("tx_type")?).map_err(|_| Refusal::new(ApiCode::UNSUPPORTED_TX_TYPE))?;
    Ok(Answer::ok(&venue.send_tx(tx_type, parameters.text("tx_info")?)?))
}

fn create_token(venue: &Venue, parameters: &Parameters, principal: &Principal) -> Result<Answer, Refusal> {
    let sub_account_access =
        if parameters.boolean("sub_account_access")? { SubAccountAccess::All } else { SubAccountAccess::Single };
    let token = NewToken {
        name: parameters.text("name")?,
        expiry: parameters.integer("expiry")?,
        sub_account_access,
        scopes: parameters.optional("scopes")?,
    };
    Ok(Answer::ok(&venue.create_token(principal, &token)?))
}
