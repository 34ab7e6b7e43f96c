//! Chains, transaction types and codes: numbers with names.

use keyward_lighter::{ApiCode, ChainId, DecimalError, TxType};

#[test]
fn the_chain_goes_by_parts_of_the_address_as_in_the_python_sdk() {
    for (url, chain) in [
        ("https://mainnet.zklighter.elliot.ai", ChainId::MAINNET),
        ("https://testnet.zklighter.elliot.ai/", ChainId::TESTNET),
        ("https://api.rh.lighter.xyz", ChainId::ROBINHOOD),
        ("https://api.rh-testnet.lighter.xyz", ChainId::TESTNET),
        ("http://127.0.0.1:8080", ChainId::MAINNET),
        ("http://localhost/testnet.zklighter", ChainId::TESTNET),
        ("https://testnet.zklighter.elliot.ai/?from=mainnet.zklighter", ChainId::MAINNET),
        ("https://TESTNET.zklighter.elliot.ai", ChainId::MAINNET),
        ("", ChainId::MAINNET),
    ] {
        assert_eq!(ChainId::of_base_url(url), chain, "{url}");
    }
}

#[test]
fn each_has_one_text() {
    assert_eq!(ChainId::ROBINHOOD.to_string(), "466324");
    assert_eq!("4294967295".parse(), Ok(ChainId::new(u32::MAX)));
    assert!("4294967296".parse::<ChainId>().is_err());
    assert_eq!(TxType::CHANGE_PUB_KEY.to_string(), "8");
    assert_eq!("255".parse(), Ok(TxType::new(255)));
    assert!("256".parse::<TxType>().is_err());
    assert_eq!(ApiCode::INVALID_NONCE.to_string(), "21104");
    assert_eq!("4294967295".parse(), Ok(ApiCode::new(u32::MAX)));
    assert!("4294967296".parse::<ApiCode>().is_err());
    for text in ["", "08", "+8", " 8", "8.0", "-8"] {
        assert_eq!(text.parse::<ChainId>(), Err(DecimalError::NotCanonical), "{text:?}");
        assert_eq!(text.parse::<TxType>(), Err(DecimalError::NotCanonical), "{text:?}");
        assert_eq!(text.parse::<ApiCode>(), Err(DecimalError::NotCanonical), "{text:?}");
    }
}

#[test]
fn only_200_is_no_refusal() {
    assert!(ApiCode::OK.is_ok());
    for code in [0, 1, 20001, 29500, u32::MAX] {
        assert!(!ApiCode::new(code).is_ok());
    }
}

#[test]
fn codes_with_one_message_have_the_exchanges_words() {
    for (code, message) in [
        (21100, "account not found"),
        (21104, "invalid nonce"),
        (21126, "Account with zero collateral can't change PublicKey"),
        (23000, "Too Many Requests!"),
        (29404, "not found"),
        (61008, "api token name cannot exceed 50 characters"),
    ] {
        assert_eq!(ApiCode::new(code).message(), Some(message));
    }
    // What they say depends on what is wrong.
    for code in [200, 20001, 20013, 30003, 99999] {
        assert_eq!(ApiCode::new(code).message(), None);
    }
}
