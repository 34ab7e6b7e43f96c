//! Ethereum keys, addresses and signatures, against those of Ethereum's Python packages.
#![cfg(feature = "ethereum")]

use keyward_lighter::{
    EthereumAddress, EthereumAddressError, EthereumKey, EthereumKeyError, L1Signature, change_pub_key_calldata,
    parse_public_key,
};
use serde::Deserialize;

/// The order of secp256k1's group.
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/// The examples of EIP-55: all in one case, then the others.
const EIP_55: [&str; 8] = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
];

#[derive(Deserialize)]
struct Vectors {
    messages: Vec<Message>,
    calldata: Vec<Calldata>,
}

#[derive(Deserialize)]
struct Message {
    private_key: String,
    address: String,
    message: String,
    signature: String,
}

#[derive(Deserialize)]
struct Calldata {
    account_index: u64,
    api_key_index: u8,
    public_key: String,
    calldata: String,
}

fn vectors() -> Vectors {
    let vectors: Vectors = serde_json::from_str(include_str!("vectors/ethereum.json")).unwrap();
    assert_eq!((vectors.messages.len(), vectors.calldata.len()), (30, 5));
    vectors
}

#[test]
fn messages_are_signed_byte_for_byte_as_by_eth_account() {
    for vector in vectors().messages {
        let key = EthereumKey::parse(&vector.private_key).unwrap();
        assert_eq!(key.address().to_string(), vector.address);
        let signature = key.sign_message(&vector.message);
        assert_eq!(signature.to_string(), vector.signature, "{:?}", vector.message);
    }
}

#[test]
fn the_account_that_signed_is_recovered() {
    for vector in vectors().messages {
        let signature: L1Signature = vector.signature.parse().unwrap();
        let address: EthereumAddress = vector.address.parse().unwrap();
        assert_eq!(signature.recover(&vector.message), Ok(address));
        // Another text gives another account, or none.
        assert_ne!(signature.recover(&format!("{} ", vector.message)), Ok(address));
        let mut other_v = *signature.as_bytes();
        other_v[64] = 27 + 28 - other_v[64];
        assert_ne!(L1Signature::from_bytes(&other_v).unwrap().recover(&vector.message), Ok(address));
    }
}

#[test]
fn no_account_belongs_to_an_x_coordinate_without_a_point() {
    // 5 is no x-coordinate of a point: 5^3 + 7 is not a square.
    let mut bytes = [0; L1Signature::BYTE_SIZE];
    (bytes[31], bytes[63], bytes[64]) = (5, 1, 27);
    assert!(L1Signature::from_bytes(&bytes).unwrap().recover("Lighter").is_err());
}

#[test]
fn calldata_is_that_of_eth_abi() {
    for vector in vectors().calldata {
        let calldata = change_pub_key_calldata(
            vector.account_index.try_into().unwrap(),
            vector.api_key_index.try_into().unwrap(),
            &parse_public_key(&vector.public_key).unwrap(),
        );
        assert_eq!(base16ct::lower::encode_string(&calldata), vector.calldata);
        assert_eq!(calldata.len(), 196);
        assert_eq!(calldata[..4], [0x17, 0x01, 0x0c, 0x68], "the selector");
    }
}

#[test]
fn addresses_carry_the_checksum_of_eip_55() {
    for text in EIP_55 {
        let address: EthereumAddress = text.parse().unwrap();
        assert_eq!(address.to_string(), text);
        let digits = &text[2..];
        for same in [digits.to_lowercase(), digits.to_uppercase()] {
            assert_eq!(format!("0x{same}").parse(), Ok(address));
        }
        assert_eq!(EthereumAddress::from_bytes(*address.as_bytes()), address);
    }
    for text in &EIP_55[4..] {
        for (i, digit) in text.char_indices().filter(|(i, digit)| *i > 1 && digit.is_ascii_alphabetic()) {
            let other_case =
                if digit.is_ascii_lowercase() { digit.to_ascii_uppercase() } else { digit.to_ascii_lowercase() };
            let slip = format!("{}{other_case}{}", &text[..i], &text[i + 1..]);
            assert_eq!(slip.parse::<EthereumAddress>(), Err(EthereumAddressError::Checksum), "{slip}");
        }
    }
}

#[test]
fn texts_that_are_no_addresses_are_refused() {
    let digits = "1".repeat(40);
    for text in [
        String::new(),
        "0x".to_owned(),
        digits.clone(),
        format!("0X{digits}"),
        format!("0x{}", &digits[1..]),
        format!("0x{}", &digits[2..]),
        format!("0x{digits}1"),
        format!("0x{digits}11"),
        format!(" 0x{digits}"),
        format!("0x{}g", &digits[1..]),
        format!("0x{}é", &digits[2..]),
    ] {
        assert_eq!(text.parse::<EthereumAddress>(), Err(EthereumAddressError::Form), "{text:?}");
    }
}

#[test]
fn keys_are_read_with_and_without_a_prefix_in_either_case() {
    let vector = &vectors().messages[0];
    let digits = &vector.private_key;
    for text in [digits.clone(), digits.to_uppercase(), format!("0x{digits}"), format!("0x{}", digits.to_uppercase())] {
        assert_eq!(EthereumKey::parse(&text).unwrap().address().to_string(), vector.address);
    }
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    let digits = "1".repeat(64);
    for (text, error) in [
        (String::new(), EthereumKeyError::Length),
        (digits[1..].to_owned(), EthereumKeyError::Length),
        (format!("{digits}1"), EthereumKeyError::Length),
        (format!("0X{digits}"), EthereumKeyError::Length),
        (format!("0x0x{digits}"), EthereumKeyError::Length),
        (format!("{digits}\n"), EthereumKeyError::Length),
        (format!("{}g", &digits[1..]), EthereumKeyError::Digit),
        (format!("{}é", &digits[2..]), EthereumKeyError::Digit),
        ("0".repeat(64), EthereumKeyError::OutOfRange),
        (ORDER.to_owned(), EthereumKeyError::OutOfRange),
        ("f".repeat(64), EthereumKeyError::OutOfRange),
    ] {
        assert_eq!(EthereumKey::parse(&text).err(), Some(error), "{text:?}");
    }
}

#[test]
fn a_key_does_not_show_itself() {
    let key = EthereumKey::parse(&"01".repeat(32)).unwrap();
    assert_eq!(format!("{key:?}"), "EthereumKey { address: 0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1, .. }");
}
