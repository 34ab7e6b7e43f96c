use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keyward_schnorr::{MessageHash, Signature, VerifyingKey};

use crate::{Action, ChainId, L1Signature, SignatureError, Transaction};

/// A transaction with its signature, and that of the Ethereum account if there is one.
///
/// Whether the signature holds is for [`verify`](Self::verify) to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedTransaction {
    transaction: Transaction,
    signature: Signature,
    // Invariant: `None` unless the transaction changes a key.
    l1_signature: Option<L1Signature>,
}

impl SignedTransaction {
    /// The transaction under this signature.
    pub fn new(transaction: Transaction, signature: Signature) -> Self {
        Self { transaction, signature, l1_signature: None }
    }

    /// With the Ethereum account's signature under its [`l1_message`](Transaction::l1_message); a transaction that has
    /// no such message stays as it is.
    pub fn with_l1_signature(self, l1_signature: L1Signature) -> Self {
        match self.transaction.action() {
            Action::ChangePubKey(_) => Self { l1_signature: Some(l1_signature), ..self },
            _ => self,
        }
    }

    /// The transaction.
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// The API key's signature.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The Ethereum account's signature.
    pub const fn l1_signature(&self) -> Option<&L1Signature> {
        self.l1_signature.as_ref()
    }

    /// What is signed.
    pub fn hash(&self, chain: ChainId) -> MessageHash {
        self.transaction.hash(chain)
    }

    /// What the exchange knows the transaction by: 80 lower-case hex digits of the hash, without `0x`.
    pub fn tx_hash_hex(&self, chain: ChainId) -> String {
        base16ct::lower::encode_string(&self.hash(chain).to_bytes())
    }

    /// Checks the API key's signature.
    ///
    /// # Errors
    /// - another key, another chain or another transaction
    pub fn verify(&self, chain: ChainId, key: &VerifyingKey) -> Result<(), SignatureError> {
        key.verify(&self.hash(chain), &self.signature)
    }

    /// The JSON that the exchange is sent, byte for byte as the official signer prints it.
    pub fn to_tx_info(&self) -> String {
        let transaction = &self.transaction;
        let mut fields =
            format!("\"AccountIndex\":{},\"ApiKeyIndex\":{}", transaction.account_index(), transaction.api_key_index());
        if let Action::ChangePubKey(change) = transaction.action() {
            let key = BASE64_STANDARD.encode(change.public_key.to_bytes());
            let l1_signature = self.l1_signature.map(|signature| signature.to_string()).unwrap_or_default();
            fields.push_str(&format!(",\"PubKey\":\"{key}\",\"L1Sig\":\"{l1_signature}\""));
        }
        for (name, number) in transaction.action().numbers() {
            fields.push_str(&format!(",\"{name}\":{number}"));
        }
        format!(
            "{{{fields},\"ExpiredAt\":{},\"Nonce\":{},\"Sig\":\"{}\",\"L2TxAttributes\":{}}}",
            transaction.expired_at(),
            transaction.nonce(),
            BASE64_STANDARD.encode(self.signature.to_bytes()),
            transaction.attributes().to_json(),
        )
    }
}
