//! Transactions that change a key, against those that the official signer made.

use keyward_lighter::{
    Action, Attributes, ChainId, ChangePubKey, Nonce, NonceMode, SysRng, Transaction, TxInfo, TxInfoError, TxType,
    UnixMillis, parse_private_key, parse_public_key, public_key_text,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    change_pub_key: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    private_key: String,
    public_key: String,
    new_public_key: String,
    chain_id: u32,
    api_key_index: u8,
    account_index: u64,
    nonce: u64,
    skip_nonce: u8,
    expired_at: u64,
    tx_type: u8,
    tx_info: String,
    tx_hash: String,
    message_to_sign: String,
}

/// The vectors with a nonce, and those with a number that is none.
fn vectors() -> (Vec<Vector>, Vec<Vector>) {
    let vectors: Vectors = serde_json::from_str(include_str!("vectors/change_pub_key.json")).unwrap();
    let (good, above) = vectors.change_pub_key.into_iter().partition::<Vec<_>, _>(|it| it.nonce <= Nonce::MAX.as_u64());
    assert_eq!((good.len(), above.len()), (68, 10));
    (good, above)
}

/// The transaction, made from the vector's fields.
fn transaction(vector: &Vector) -> Transaction {
    let attributes = if vector.skip_nonce == 0 { Attributes::NONE } else { Attributes::SKIP_NONCE };
    Transaction::new(
        vector.account_index.try_into().unwrap(),
        vector.api_key_index.try_into().unwrap(),
        Nonce::new(vector.nonce).unwrap(),
        UnixMillis::new(vector.expired_at).unwrap(),
        attributes,
        Action::ChangePubKey(ChangePubKey { public_key: parse_public_key(&vector.new_public_key).unwrap() }),
    )
    .unwrap()
}

#[test]
fn transactions_of_the_official_signer_are_read_verified_and_printed_alike() {
    let mut skipping = 0;
    for vector in vectors().0 {
        let chain = ChainId::new(vector.chain_id);
        let signed =
            TxInfo::parse(TxType::new(vector.tx_type), &vector.tx_info).and_then(TxInfo::check).expect(&vector.tx_info);
        assert_eq!(*signed.transaction(), transaction(&vector));
        assert_eq!(signed.to_tx_info(), vector.tx_info);
        assert_eq!(signed.tx_hash_hex(chain), vector.tx_hash);
        signed.verify(chain, &parse_public_key(&vector.public_key).unwrap()).expect(&vector.tx_info);
        assert!(signed.verify(ChainId::ROBINHOOD, &parse_public_key(&vector.public_key).unwrap()).is_err());
        skipping += u32::from(signed.transaction().attributes().nonce_mode() == NonceMode::Skip);
    }
    assert_eq!(skipping, 37);
}

#[test]
fn nonces_that_are_none_are_refused_where_the_official_signer_takes_them() {
    for vector in vectors().1 {
        let info = TxInfo::parse(TxType::CHANGE_PUB_KEY, &vector.tx_info).unwrap();
        assert_eq!(info.check(), Err(TxInfoError::Nonce), "{}", vector.tx_info);
    }
}

#[test]
fn what_is_signed_here_differs_in_its_signature_only() {
    for vector in vectors().0 {
        let (transaction, chain) = (transaction(&vector), ChainId::new(vector.chain_id));
        let key = parse_private_key(&vector.private_key).unwrap();
        let signed = transaction.sign(chain, &key, &mut SysRng).unwrap();
        signed.verify(chain, key.verifying_key()).unwrap();
        assert_eq!(signed.tx_hash_hex(chain), vector.tx_hash);
        assert_eq!(without_signature(&signed.to_tx_info()), without_signature(&vector.tx_info));
        assert_ne!(signed.to_tx_info(), vector.tx_info);
    }
}

fn without_signature(tx_info: &str) -> (&str, &str) {
    let (before, signature) = tx_info.split_once(r#""Sig":""#).unwrap();
    let (signature, after) = signature.split_once('"').unwrap();
    assert_eq!(signature.len(), 108);
    (before, after)
}

#[test]
fn the_message_for_ethereum_is_that_of_the_official_signer() {
    for vector in vectors().0 {
        let message = transaction(&vector).l1_message().unwrap();
        assert_eq!(message, vector.message_to_sign);
        assert_eq!(message.len(), 255);
        assert!(message.contains(&public_key_text(&parse_public_key(&vector.new_public_key).unwrap())));
    }
}
