//! The channels: which there are, whose token they need, and what they begin with.

use std::fmt;
use std::str::FromStr;

use keyward_lighter::ApiCode;
use keyward_time::parse_decimal;
use keyward_token::AccountIndex;
use serde_json::{Map, Value, json};

use crate::{Refusal, Venue};

/// A channel, as in `account_orders/0/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Channel {
    family: &'static Family,
    market: Option<Market>,
    account: Option<AccountIndex>,
}

/// A kind of channels.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Family {
    name: &'static str,
    topic: Topic,
    /// Whether the account's token is needed.
    is_private: bool,
}

/// What channels of a kind are about, in the order in which it stands in their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Topic {
    Everything,
    Market,
    MarketOrAll,
    Account,
    MarketOfAccount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Market {
    All,
    Index(u16),
}

const fn public(name: &'static str, topic: Topic) -> Family {
    Family { name, topic, is_private: false }
}

const fn private(name: &'static str, topic: Topic) -> Family {
    Family { name, topic, is_private: true }
}

static FAMILIES: [Family; 14] = [
    public("account_all", Topic::Account),
    public("height", Topic::Everything),
    public("market_stats", Topic::MarketOrAll),
    public("order_book", Topic::Market),
    public("trade", Topic::Market),
    public("user_stats", Topic::Account),
    private("account_all_assets", Topic::Account),
    private("account_all_orders", Topic::Account),
    private("account_all_positions", Topic::Account),
    private("account_all_trades", Topic::Account),
    private("account_market", Topic::MarketOfAccount),
    private("account_orders", Topic::MarketOfAccount),
    private("account_tx", Topic::Account),
    private("notification", Topic::Account),
];

impl Channel {
    /// The account whose token is needed, if one is.
    pub(super) fn private_account(&self) -> Option<AccountIndex> {
        self.account.filter(|_| self.family.is_private)
    }

    /// What a subscription begins with: an account that has never traded, a market without orders.
    ///
    /// # Errors
    /// - there is no such account
    pub(super) fn subscribed(&self, venue: &Venue) -> Result<String, Refusal> {
        let mut body = self.beginning(venue)?;
        body.insert("channel".to_owned(), self.to_string().into());
        body.insert("type".to_owned(), format!("subscribed/{}", self.family.name).into());
        Ok(Value::Object(body).to_string())
    }

    fn beginning(&self, venue: &Venue) -> Result<Map<String, Value>, Refusal> {
        let account = self.account.map(AccountIndex::as_u64);
        let body = match self.family.name {
            "account_all" => {
                self.collateral(venue)?;
                json!({
                    "account": account, "assets": {}, "funding_histories": {}, "positions": {}, "shares": [],
                    "trades": {},
                    "daily_trades_count": 0, "daily_volume": 0, "weekly_trades_count": 0, "weekly_volume": 0,
                    "monthly_trades_count": 0, "monthly_volume": 0, "total_trades_count": 0, "total_volume": 0,
                })
            }
            "user_stats" => {
                let collateral = self.collateral(venue)?;
                let stats = json!({
                    "collateral": collateral, "portfolio_value": collateral, "leverage": "0.00",
                    "available_balance": collateral, "margin_usage": "0.00", "buying_power": "0",
                });
                let mut all = stats.clone();
                all["cross_stats"] = stats.clone();
                all["total_stats"] = stats;
                json!({ "stats": all })
            }
            "height" => json!({ "height": 0 }),
            "market_stats" => json!({ "market_stats": self.market_stats() }),
            "order_book" => json!({
                "offset": 0,
                "order_book": { "code": 0, "asks": [], "bids": [], "offset": 0, "nonce": 0, "begin_nonce": 0 },
            }),
            "trade" => json!({ "trades": [] }),
            "account_all_assets" => json!({ "assets": {} }),
            "account_all_orders" => json!({ "orders": {} }),
            "account_all_positions" => json!({ "positions": {}, "shares": [] }),
            "account_all_trades" => json!({
                "trades": {}, "daily_volume": 0, "weekly_volume": 0, "monthly_volume": 0, "total_volume": 0,
            }),
            "account_market" => json!({
                "account": account, "assets": null, "funding_history": null, "orders": [], "position": null,
                "trades": [],
            }),
            "account_orders" => json!({ "account": account, "nonce": 0, "orders": {} }),
            "account_tx" => json!({ "txs": [] }),
            _ => json!({ "notifs": [] }),
        };
        match body {
            Value::Object(body) => Ok(body),
            _ => Err(Refusal::internal()),
        }
    }

    /// What the account has, so that there must be one.
    fn collateral(&self, venue: &Venue) -> Result<String, Refusal> {
        let index = self.account.map_or(-1, |account| account.as_u64() as i64);
        let found = venue.account_by_index(index)?;
        found.accounts.into_iter().next().map(|found| found.account.collateral).ok_or_else(Refusal::internal)
    }

    fn market_stats(&self) -> Value {
        match self.market {
            Some(Market::Index(index)) => json!({
                "market_id": index, "index_price": "0", "mark_price": "0", "open_interest": "0",
                "last_trade_price": "0", "current_funding_rate": "0", "funding_rate": "0", "funding_timestamp": 0,
                "daily_base_token_volume": 0, "daily_quote_token_volume": 0, "daily_price_low": 0,
                "daily_price_high": 0, "daily_price_change": 0,
            }),
            _ => json!({}),
        }
    }
}

/// With slashes, as a client asks for it.
impl FromStr for Channel {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let mut parts = text.split('/');
        let name = parts.next().unwrap_or_default();
        let family = FAMILIES.iter().find(|family| family.name == name).ok_or_else(|| invalid("channel"))?;
        let market = match family.topic {
            Topic::Everything | Topic::Account => None,
            topic => Some(parse_market(parts.next(), topic)?),
        };
        let account = match family.topic {
            Topic::Account | Topic::MarketOfAccount => Some(parse_account(parts.next())?),
            Topic::Everything | Topic::Market | Topic::MarketOrAll => None,
        };
        match parts.next() {
            None => Ok(Self { family, market, account }),
            Some(_) => Err(invalid("channel")),
        }
    }
}

/// With colons, as the venue names it.
impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family.name)?;
        match self.market {
            Some(Market::All) => f.write_str(":all")?,
            Some(Market::Index(index)) => write!(f, ":{index}")?,
            None => {}
        }
        self.account.map_or(Ok(()), |account| write!(f, ":{account}"))
    }
}

fn parse_market(text: Option<&str>, topic: Topic) -> Result<Market, Refusal> {
    match text {
        Some("all") if topic == Topic::MarketOrAll => Ok(Market::All),
        Some(text) => match parse_decimal(text.as_bytes(), u16::MAX.into()) {
            Ok(index) => Ok(Market::Index(index as u16)),
            Err(_) => Err(invalid("marketId")),
        },
        None => Err(invalid("marketId")),
    }
}

fn parse_account(text: Option<&str>) -> Result<AccountIndex, Refusal> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| invalid("accountId"))
}

/// Names the part that is wrong, and repeats nothing of it.
fn invalid(part: &str) -> Refusal {
    Refusal::with_message(ApiCode::WS_INVALID_CHANNEL, format!("Invalid Channel:  ({part})"))
}
