use core::fmt;

use base64::display::Base64Display;
use base64::engine::GeneralPurpose;
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
    /// What the JSON of most transactions fits into.
    const TYPICAL_BYTES: usize = 512;

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
    #[expect(clippy::missing_panics_doc, reason = "writing into memory does not fail")]
    pub fn to_tx_info(&self) -> String {
        let mut json = String::with_capacity(Self::TYPICAL_BYTES);
        self.write_tx_info(&mut json).expect("a string takes any text");
        json
    }

    fn write_tx_info(&self, json: &mut impl fmt::Write) -> fmt::Result {
        let transaction = &self.transaction;
        let (account_index, api_key_index) = (transaction.account_index(), transaction.api_key_index());
        write!(json, "{{\"AccountIndex\":{account_index},\"ApiKeyIndex\":{api_key_index}")?;
        if let Action::ChangePubKey(change) = transaction.action() {
            write!(json, ",\"PubKey\":\"{}\",\"L1Sig\":\"", base64(&change.public_key.to_bytes()))?;
            if let Some(l1_signature) = &self.l1_signature {
                write!(json, "{l1_signature}")?;
            }
            json.write_char('"')?;
        }
        for (name, number) in transaction.action().numbers() {
            write!(json, ",\"{name}\":{number}")?;
        }
        let (expired_at, nonce) = (transaction.expired_at(), transaction.nonce());
        write!(json, ",\"ExpiredAt\":{expired_at},\"Nonce\":{nonce}")?;
        write!(json, ",\"Sig\":\"{}\",\"L2TxAttributes\":", base64(&self.signature.to_bytes()))?;
        transaction.attributes().write_json(json)?;
        json.write_char('}')
    }
}

fn base64(bytes: &[u8]) -> Base64Display<'_, '_, GeneralPurpose> {
    Base64Display::new(bytes, &BASE64_STANDARD)
}
