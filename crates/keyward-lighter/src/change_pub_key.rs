use keyward_goldilocks::{Fp, Fp5};
use keyward_schnorr::VerifyingKey;

use crate::{AccountIndex, ApiKeyIndex, Nonce, public_key_text};

/// Puts a public key into a slot of an account, in place of the one there.
///
/// It is signed with the new key, and its [`l1_message`](crate::Transaction::l1_message) by the Ethereum
/// account that owns the Lighter account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChangePubKey {
    /// The new key.
    pub public_key: VerifyingKey,
}

impl ChangePubKey {
    /// The key as it is hashed.
    pub(crate) fn key_elements(&self) -> [Fp; 5] {
        Fp5::from_bytes(&self.public_key.to_bytes()).expect("a key's words are canonical").coefficients()
    }

    /// The text for the Ethereum account, 255 bytes. Source: `types/txtypes/change_pub_key.go` in
    /// elliottech/lighter-go.
    pub(crate) fn l1_message(&self, account_index: AccountIndex, api_key_index: ApiKeyIndex, nonce: Nonce) -> String {
        format!(
            "Register Lighter Account\n\n\
             pubkey: {}\n\
             nonce: 0x{:016x}\n\
             account index: 0x{:016x}\n\
             api key index: 0x{:016x}\n\
             Only sign this message for a trusted client!",
            public_key_text(&self.public_key),
            nonce.as_u64(),
            account_index.as_u64(),
            api_key_index.as_u8(),
        )
    }
}
