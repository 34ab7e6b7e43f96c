//! What requests are made with.

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, AuthTokenText, CancelAllOrders, ChainId, Nonce, ReadOnlyToken,
    SignedTransaction, SigningKey, SubAccountAccess, SysRng, TokenSigner, Transaction, UnixMillis, UnixSeconds,
    parse_private_key,
};
use keyward_lighter_client::NewReadOnlyToken;

pub(crate) const NOW: u64 = 1_795_219_200;

const KEY: &str = "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c";

pub(crate) fn account() -> AccountIndex {
    AccountIndex::new(5).unwrap()
}

pub(crate) fn slot() -> ApiKeyIndex {
    ApiKeyIndex::new(253).unwrap()
}

pub(crate) fn now() -> UnixSeconds {
    UnixSeconds::new(NOW).unwrap()
}

pub(crate) fn key() -> SigningKey {
    parse_private_key(KEY).unwrap()
}

pub(crate) fn signer() -> TokenSigner {
    TokenSigner::new(key(), account(), slot())
}

pub(crate) fn token() -> AuthTokenText {
    signer().sign(now().saturating_add_secs(600), &mut SysRng).unwrap()
}

/// The text of a read-only token.
pub(crate) fn read_only_text() -> String {
    let text = format!("ro:5:all:{}:{}", NOW + 100_000, "5ec4e7".repeat(10));
    assert!(ReadOnlyToken::parse(&text).is_ok());
    text
}

pub(crate) fn new_token() -> NewReadOnlyToken<'static> {
    NewReadOnlyToken {
        account_index: account(),
        name: "my bot & co",
        expiry: now().saturating_add_secs(100_000),
        sub_account_access: SubAccountAccess::All,
    }
}

/// A signed transaction with this nonce.
pub(crate) fn transaction(nonce: u64) -> SignedTransaction {
    let expired_at = UnixMillis::from(now()).saturating_add_millis(600_000);
    let action = Action::CancelAllOrders(CancelAllOrders::Immediate);
    let nonce = Nonce::new(nonce).unwrap();
    Transaction::new(account(), slot(), nonce, expired_at, Attributes::NONE, action)
        .unwrap()
        .sign(ChainId::MAINNET, &key(), &mut SysRng)
        .unwrap()
}
