//! What the exchange reads of a transaction's JSON, and what it refuses with which code.

use keyward_lighter::{
    ApiCode, AttributeType, Attributes, AttributesError, ChainId, JsonError, SignedTransaction, TxInfo, TxInfoError,
    TxType,
};
use serde_json::{Map, Value, json};

/// A signature that has the form of one, and a public key.
const SIG: &str = concat!(
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAA="
);
const PUB_KEY: &str = "CUhf3ZgHzxPRA/Ge+rSVLh51f/CS4ncOnQdmUBFIbwyES1m+3zmgMg==";

const ALL: [TxType; 5] = [
    TxType::CHANGE_PUB_KEY,
    TxType::CREATE_ORDER,
    TxType::CANCEL_ORDER,
    TxType::CANCEL_ALL_ORDERS,
    TxType::MODIFY_ORDER,
];

/// A valid transaction of this type.
fn valid(tx_type: TxType) -> Map<String, Value> {
    let mut info = json!({
        "AccountIndex": 5, "ApiKeyIndex": 253, "ExpiredAt": 1_795_219_819_054_u64, "Nonce": 7, "Sig": SIG,
        "L2TxAttributes": null,
    });
    let fields = match tx_type {
        TxType::CHANGE_PUB_KEY => json!({ "PubKey": PUB_KEY, "L1Sig": "" }),
        TxType::CREATE_ORDER => json!({
            "MarketIndex": 0, "ClientOrderIndex": 0, "BaseAmount": 1000, "Price": 4050, "IsAsk": 1, "Type": 0,
            "TimeInForce": 2, "ReduceOnly": 0, "TriggerPrice": 0, "OrderExpiry": 1_797_677_044_508_u64,
        }),
        TxType::CANCEL_ORDER => json!({ "MarketIndex": 2048, "Index": 9 }),
        TxType::CANCEL_ALL_ORDERS => json!({ "TimeInForce": 1, "Time": 1_797_677_044_508_u64 }),
        _ => json!({ "MarketIndex": 254, "Index": 9, "BaseAmount": 0, "Price": 1, "TriggerPrice": 0 }),
    };
    let Value::Object(fields) = fields else { unreachable!("an object") };
    let info = info.as_object_mut().unwrap();
    info.extend(fields);
    info.clone()
}

/// Reads a valid transaction in which `name` has another value.
fn with(tx_type: TxType, name: &str, value: Value) -> Result<SignedTransaction, TxInfoError> {
    let mut info = valid(tx_type);
    info.insert(name.to_owned(), value);
    read(tx_type, &Value::Object(info).to_string())
}

fn read(tx_type: TxType, text: &str) -> Result<SignedTransaction, TxInfoError> {
    TxInfo::parse(tx_type, text).and_then(TxInfo::check)
}

#[test]
fn what_is_printed_is_read_again_in_any_order_and_white_space() {
    for tx_type in ALL {
        // Sorted by name, not in the signer's order.
        let info = Value::Object(valid(tx_type));
        let signed = read(tx_type, &info.to_string()).unwrap_or_else(|error| panic!("{error}: {info}"));
        assert_eq!(signed.transaction().tx_type(), tx_type);
        assert_eq!(serde_json::from_str::<Value>(&signed.to_tx_info()).unwrap(), info);
        for text in [
            signed.to_tx_info(),
            signed.to_tx_info().replace(',', ", ").replace("\":", "\": "),
            signed.to_tx_info().replace([','], "\r\n\t,\n"),
            signed.to_tx_info().replace('/', "\\/").replace("Nonce", "\\u004eonce"),
            signed.to_tx_info().replace("\"Sig\"", "\"sig\": 1, \"Deep\": [[{\"Sig\": [2]}]], \"Sig\""),
        ] {
            assert_eq!(read(tx_type, &text), Ok(signed), "{text}");
        }
    }
}

#[test]
fn types_without_support_are_refused_whatever_the_text() {
    for number in (0..=255).filter(|number| !ALL.contains(&TxType::new(*number))) {
        let error = TxInfo::parse(TxType::new(number), "").unwrap_err();
        assert_eq!((error, error.api_code()), (TxInfoError::UnsupportedType, ApiCode::UNSUPPORTED_TX_TYPE));
    }
}

#[test]
fn each_member_must_be_there_once() {
    for tx_type in ALL {
        let info = valid(tx_type);
        for name in info.keys() {
            let mut without = info.clone();
            without.remove(name);
            let text = Value::Object(without).to_string();
            match name.as_str() {
                // Older signers have no attributes.
                "L2TxAttributes" | "L1Sig" => assert!(read(tx_type, &text).is_ok(), "{name}"),
                _ => {
                    let error = read(tx_type, &text).unwrap_err();
                    assert_eq!(error.to_string(), format!("{name} is missing"));
                    assert_eq!(error.api_code(), ApiCode::INVALID_TX_INFO);
                }
            }
            // The second one is hidden in an escape sequence.
            let text = Value::Object(info.clone()).to_string();
            let hidden = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
            let twice = text.replacen('{', &format!("{{\"{hidden}\":{},", info[name]), 1);
            assert_eq!(read(tx_type, &twice).unwrap_err().to_string(), format!("{name} is given more than once"));
        }
    }
}

#[test]
fn numbers_are_whole_and_canonical() {
    for text in
        ["1.0", "1e3", "-0", "\"7\"", "null", "true", "[7]", "{}", "9223372036854775808", "-9223372036854775809", "7.5"]
    {
        let info = Value::Object(valid(TxType::CANCEL_ORDER)).to_string();
        let info = info.replace("\"Nonce\":7", &format!("\"Nonce\":{text}"));
        assert_eq!(read(TxType::CANCEL_ORDER, &info), Err(TxInfoError::WrongType { name: "Nonce" }), "{text}");
    }
}

#[test]
fn base64_is_canonical() {
    let unpadded = PUB_KEY.trim_end_matches('=');
    for text in [
        unpadded.to_owned(),
        format!("{unpadded}="),
        format!("{PUB_KEY}="),
        // The last bits are not zero.
        PUB_KEY.replace("Mg==", "Mh=="),
        PUB_KEY.replace('/', "_"),
        format!(" {PUB_KEY}"),
        format!("{PUB_KEY}\n"),
    ] {
        let error = with(TxType::CHANGE_PUB_KEY, "PubKey", text.clone().into());
        assert_eq!(error, Err(TxInfoError::WrongType { name: "PubKey" }), "{text}");
    }
    for value in [Value::Null, 7.into(), json!([PUB_KEY])] {
        for name in ["PubKey", "Sig", "L1Sig"] {
            let error = with(TxType::CHANGE_PUB_KEY, name, value.clone());
            assert_eq!(error.unwrap_err().to_string(), format!("{name} is of the wrong type"));
        }
    }
}

#[test]
fn texts_that_are_no_objects_are_refused() {
    for (text, error) in [
        ("", TxInfoError::Json(JsonError::Truncated)),
        ("{", TxInfoError::Json(JsonError::Truncated)),
        ("{]", TxInfoError::Json(JsonError::Syntax { line: 1, column: 2 })),
        ("[]", TxInfoError::NotAnObject),
        ("null", TxInfoError::NotAnObject),
        (r#"{"\ud800": 1}"#, TxInfoError::Json(JsonError::Escape)),
    ] {
        assert_eq!(read(TxType::CANCEL_ORDER, text), Err(error), "{text}");
    }
    let escape = r#"{"AccountIndex":1,"ApiKeyIndex":1,"ExpiredAt":1,"Nonce":1,"Sig":"","PubKey":"\ud800"}"#;
    assert_eq!(read(TxType::CHANGE_PUB_KEY, escape), Err(TxInfoError::Json(JsonError::Escape)));
}

#[test]
fn size_and_depth_are_bounded() {
    let text = Value::Object(valid(TxType::CANCEL_ORDER)).to_string();
    let padded = |size: usize| format!("{}{text}", " ".repeat(size - text.len()));
    assert!(read(TxType::CANCEL_ORDER, &padded(TxInfo::MAX_BYTES)).is_ok());
    let too_large = TxInfoError::Json(JsonError::TooLarge { max: TxInfo::MAX_BYTES });
    assert_eq!(read(TxType::CANCEL_ORDER, &padded(TxInfo::MAX_BYTES + 1)), Err(too_large));
    let depth = 7_000;
    let deep = text.replacen('{', &format!("{{\"Deep\":{}{},", "[".repeat(depth), "]".repeat(depth)), 1);
    assert!(read(TxType::CANCEL_ORDER, &deep).is_ok());
}

#[test]
fn each_value_out_of_range_has_its_error_and_code() {
    const BEYOND: u64 = 1 << 48;
    for tx_type in ALL {
        for (name, values, error, code) in [
            ("AccountIndex", [json!(-1), json!(BEYOND - 1)], TxInfoError::AccountIndex, ApiCode::ACCOUNT_NOT_FOUND),
            ("ApiKeyIndex", [json!(-1), json!(255)], TxInfoError::ApiKeyIndex, ApiCode::INVALID_API_KEY_INDEX),
            ("ApiKeyIndex", [json!(256), json!(i64::MAX)], TxInfoError::ApiKeyIndex, ApiCode::INVALID_API_KEY_INDEX),
            ("ExpiredAt", [json!(-1), json!(BEYOND)], TxInfoError::ExpiredAt, ApiCode::INVALID_TX_INFO),
            ("ExpiredAt", [json!(i64::MIN), json!(i64::MAX)], TxInfoError::ExpiredAt, ApiCode::INVALID_TX_INFO),
            ("Nonce", [json!(-1), json!(BEYOND)], TxInfoError::Nonce, ApiCode::INVALID_NONCE),
            ("Sig", [json!(""), json!("AA==")], TxInfoError::Signature, ApiCode::INVALID_SIGNATURE),
            (
                "Sig",
                // s and e are not below the group order.
                [json!("/".repeat(106) + "8="), json!(SIG.replace('A', "/").replace("///=", "//8="))],
                TxInfoError::Signature,
                ApiCode::INVALID_SIGNATURE,
            ),
        ] {
            for value in values {
                let refused = with(tx_type, name, value.clone()).unwrap_err();
                assert_eq!((refused, refused.api_code()), (error, code), "{name}: {value}");
            }
        }
    }
}

#[test]
fn keys_that_are_none_are_refused() {
    for (text, what) in [
        ("", "no bytes"),
        (&PUB_KEY[..52], "39 bytes"),
        (&"A".repeat(56), "42 bytes"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "the neutral element"),
        ("AQAAAP////8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "a word that is the modulus"),
        ("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "no point"),
    ] {
        let error = with(TxType::CHANGE_PUB_KEY, "PubKey", text.into()).unwrap_err();
        assert_eq!((error, error.api_code()), (TxInfoError::PublicKey, ApiCode::INVALID_PUBLIC_KEY), "{what}");
    }
}

#[test]
fn an_ethereum_signature_is_empty_or_well_formed() {
    let one = format!("0x{0}{0}1b", format_args!("{:064x}", 1));
    let signed = with(TxType::CHANGE_PUB_KEY, "L1Sig", one.clone().into()).unwrap();
    assert_eq!(signed.l1_signature().unwrap().to_string(), one);
    assert!(signed.to_tx_info().contains(&format!("\"L1Sig\":\"{one}\"")));
    // The forms that are read are printed as one.
    let other_form = one.to_uppercase().replacen('X', "x", 1).replace("1B", "00");
    assert_eq!(with(TxType::CHANGE_PUB_KEY, "L1Sig", other_form.into()), Ok(signed));
    for text in ["0x", "0", &one[..130], &one[2..]] {
        let error = with(TxType::CHANGE_PUB_KEY, "L1Sig", text.into()).unwrap_err();
        assert_eq!((error, error.api_code()), (TxInfoError::L1Signature, ApiCode::INVALID_L1_SIGNATURE), "{text}");
    }
    // Other transactions have none, and a member of that name means nothing.
    let order = with(TxType::CANCEL_ORDER, "L1Sig", 7.into()).unwrap();
    assert_eq!(order.with_l1_signature(*signed.l1_signature().unwrap()), order);
    assert_eq!(order.l1_signature(), None);
}

#[test]
fn fields_of_orders_have_their_ranges() {
    for (tx_type, name, good, bad) in [
        (TxType::CREATE_ORDER, "MarketIndex", vec![0_i64, 254, 256, 2048, (1 << 48) - 1], vec![-1_i64, 255, 1 << 48]),
        (TxType::CREATE_ORDER, "ClientOrderIndex", vec![0, 1, (1 << 48) - 1], vec![-1_i64, 1 << 48]),
        (TxType::CREATE_ORDER, "BaseAmount", vec![1, (1 << 48) - 1], vec![-1_i64, 0, 1 << 48]),
        (TxType::CREATE_ORDER, "Price", vec![1, (1 << 32) - 1], vec![-1_i64, 0, 1 << 32]),
        (TxType::CREATE_ORDER, "IsAsk", vec![0, 1], vec![-1_i64, 2, 256]),
        (TxType::CREATE_ORDER, "Type", vec![0], vec![-1_i64, 7, 256]),
        (TxType::CREATE_ORDER, "TimeInForce", vec![1, 2], vec![-1_i64, 3, 256]),
        (TxType::CREATE_ORDER, "ReduceOnly", vec![0, 1], vec![-1_i64, 2, 256]),
        (TxType::CREATE_ORDER, "TriggerPrice", vec![0], vec![-1_i64, 1, 1 << 32]),
        (TxType::CREATE_ORDER, "OrderExpiry", vec![1, i64::MAX], vec![-1_i64, 0]),
        (TxType::CANCEL_ORDER, "MarketIndex", vec![0_i64, 254, 256], vec![-1_i64, 255, 1 << 48]),
        (TxType::CANCEL_ORDER, "Index", vec![1, (1 << 60) - 1], vec![-1_i64, 0, 1 << 60]),
        (TxType::CANCEL_ALL_ORDERS, "TimeInForce", vec![1], vec![-1_i64, 3, 256]),
        (TxType::CANCEL_ALL_ORDERS, "Time", vec![1, i64::MAX], vec![-1_i64, 0]),
        (TxType::MODIFY_ORDER, "MarketIndex", vec![0_i64, 254, 256], vec![-1_i64, 255, 1 << 48]),
        (TxType::MODIFY_ORDER, "Index", vec![1, (1 << 60) - 1], vec![-1_i64, 0, 1 << 60]),
        (TxType::MODIFY_ORDER, "BaseAmount", vec![0, (1 << 48) - 1], vec![-1_i64, 1 << 48]),
        (TxType::MODIFY_ORDER, "Price", vec![1, (1 << 32) - 1], vec![-1_i64, 0, 1 << 32]),
        (TxType::MODIFY_ORDER, "TriggerPrice", vec![0, (1 << 32) - 1], vec![-1_i64, 1 << 32]),
    ] {
        for number in good {
            assert!(with(tx_type, name, number.into()).is_ok(), "{tx_type} {name}: {number}");
        }
        for number in bad {
            match with(tx_type, name, number.into()) {
                Err(error @ TxInfoError::Field(field)) => {
                    assert_eq!((field.name(), error.api_code()), (name, ApiCode::INVALID_TX_INFO));
                }
                other => panic!("{tx_type} {name}: {number}: {other:?}"),
            }
        }
    }
}

#[test]
fn all_orders_are_cancelled_now_or_at_a_time() {
    for (time_in_force, time, wrong) in [
        (0, 0, None),
        (0, 1, Some("Time")),
        (1, 0, Some("Time")),
        (1, 1, None),
        (2, 0, None),
        (2, 1, Some("Time")),
        (3, 0, Some("TimeInForce")),
    ] {
        for market in [None, Some(0)] {
            let mut info = valid(TxType::CANCEL_ALL_ORDERS);
            info.insert("TimeInForce".to_owned(), time_in_force.into());
            info.insert("Time".to_owned(), time.into());
            info.insert("L2TxAttributes".to_owned(), market.map_or(Value::Null, |market: u64| json!({ "5": market })));
            let read = read(TxType::CANCEL_ALL_ORDERS, &Value::Object(info).to_string());
            let wrong = wrong.or_else(|| (market.is_some() && time_in_force != 0).then_some("L2TxAttributes"));
            match (read, wrong) {
                (Ok(_), None) => {}
                (Err(TxInfoError::Field(field)), Some(wrong)) => assert_eq!(field.name(), wrong),
                (read, wrong) => panic!("{time_in_force}, {time}, {market:?}: {read:?}, not {wrong:?}"),
            }
        }
    }
}

#[test]
fn attributes_that_say_nothing_change_nothing() {
    let plain = with(TxType::MODIFY_ORDER, "L2TxAttributes", Value::Null).unwrap();
    for value in [
        json!({}),
        json!({ "4": 0 }),
        json!({ "5": 255, "1": 0, "2": 0, "3": 0 }),
        json!({ "4": 0, "6": 0, "7": 0, "8": 0 }),
    ] {
        let same = with(TxType::MODIFY_ORDER, "L2TxAttributes", value).unwrap();
        assert_eq!(same, plain);
        assert_eq!(same.hash(ChainId::MAINNET), plain.hash(ChainId::MAINNET));
        assert!(same.to_tx_info().ends_with("\"L2TxAttributes\":null}"));
    }
    let skipping = with(TxType::MODIFY_ORDER, "L2TxAttributes", json!({ "4": 1 })).unwrap();
    assert_eq!(*skipping.transaction().attributes(), Attributes::SKIP_NONCE);
    assert_ne!(skipping.hash(ChainId::MAINNET), plain.hash(ChainId::MAINNET));
    assert!(skipping.to_tx_info().ends_with("\"L2TxAttributes\":{\"4\":1}}"));
}

#[test]
fn attributes_that_are_none_are_refused() {
    use AttributesError::{OutOfRange, TooMany, UnknownType};
    let skip = AttributeType::SkipNonce;
    for (value, error) in [
        (json!({ "4": 2 }), OutOfRange { kind: skip }),
        (json!({ "4": -1 }), OutOfRange { kind: skip }),
        (json!({ "0": 0 }), UnknownType),
        (json!({ "9": 0 }), UnknownType),
        (json!({ "255": 1 }), UnknownType),
        (json!({ "1": 1, "4": 1, "5": 1, "6": 1, "8": 1 }), TooMany),
        // Those that say nothing count too, as in `tx_attributes.go` of lighter-go.
        (json!({ "1": 0, "2": 0, "4": 1, "5": 255, "8": 0 }), TooMany),
        (json!({ "2": 1 }), AttributesError::FeeWithoutIntegrator),
    ] {
        let refused = with(TxType::MODIFY_ORDER, "L2TxAttributes", value.clone()).unwrap_err();
        assert_eq!(
            (refused, refused.api_code()),
            (TxInfoError::Attributes(error), ApiCode::INVALID_TX_INFO),
            "{value}"
        );
    }
    let wrong = TxInfoError::WrongType { name: "L2TxAttributes" };
    for value in [
        json!([]),
        json!(1),
        json!("{}"),
        json!({ "4": "1" }),
        json!({ "4": 1.0 }),
        json!({ "4": null }),
        json!({ "04": 1 }),
        json!({ "+4": 1 }),
        json!({ "": 1 }),
        json!({ "256": 1 }),
        json!({ "skip": 1 }),
    ] {
        assert_eq!(with(TxType::MODIFY_ORDER, "L2TxAttributes", value.clone()), Err(wrong), "{value}");
    }
    let info = Value::Object(valid(TxType::MODIFY_ORDER)).to_string();
    let twice = info.replace("\"L2TxAttributes\":null", r#""L2TxAttributes":{"4":1,"\u0034":1}"#);
    assert_eq!(read(TxType::MODIFY_ORDER, &twice), Err(TxInfoError::Repeated { name: "L2TxAttributes" }));
}

#[test]
fn the_first_error_counts() {
    let mut info = valid(TxType::CHANGE_PUB_KEY);
    for (name, value, error) in [
        ("L1Sig", json!("0x"), TxInfoError::L1Signature),
        ("Sig", json!(""), TxInfoError::Signature),
        ("Nonce", json!(-1), TxInfoError::Nonce),
        ("L2TxAttributes", json!({ "9": 1 }), TxInfoError::Attributes(AttributesError::UnknownType)),
        ("ExpiredAt", json!(-1), TxInfoError::ExpiredAt),
        ("PubKey", json!(""), TxInfoError::PublicKey),
        ("ApiKeyIndex", json!(255), TxInfoError::ApiKeyIndex),
        ("AccountIndex", json!(-1), TxInfoError::AccountIndex),
    ] {
        info.insert(name.to_owned(), value);
        assert_eq!(read(TxType::CHANGE_PUB_KEY, &Value::Object(info.clone()).to_string()), Err(error));
    }
    let parsed = TxInfo::parse(TxType::CHANGE_PUB_KEY, &Value::Object(info).to_string()).unwrap();
    assert_eq!((parsed.account_index(), parsed.api_key_index()), (-1, 255));
}

#[test]
fn a_transaction_is_told_whatever_its_signatures_are() {
    let signed = read(TxType::CHANGE_PUB_KEY, &Value::Object(valid(TxType::CHANGE_PUB_KEY)).to_string()).unwrap();
    let mut info = valid(TxType::CHANGE_PUB_KEY);
    info.insert("L1Sig".to_owned(), "0x".into());
    let l1_broken = TxInfo::parse(TxType::CHANGE_PUB_KEY, &Value::Object(info.clone()).to_string()).unwrap();
    info.insert("Sig".to_owned(), "".into());
    let both_broken = TxInfo::parse(TxType::CHANGE_PUB_KEY, &Value::Object(info).to_string()).unwrap();
    for broken in [&l1_broken, &both_broken] {
        assert_eq!(broken.transaction().as_ref(), Ok(signed.transaction()));
        assert_eq!(broken.l1_signature(), Err(TxInfoError::L1Signature));
    }
    assert_eq!(l1_broken.signature().as_ref(), Ok(signed.signature()));
    assert_eq!(both_broken.signature(), Err(TxInfoError::Signature));
}
