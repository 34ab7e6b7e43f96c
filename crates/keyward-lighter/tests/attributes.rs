//! Which attributes a transaction may have, and which say nothing.

use keyward_lighter::{AttributeType, Attributes, AttributesError, NonceMode};

use AttributeType::{
    CancelAllMarketIndex, IntegratorAccountIndex, IntegratorMakerFee, IntegratorTakerFee, OrderVersion,
    SelfTradeBehavior, SelfTradeEquality, SkipNonce,
};

const ALL: [AttributeType; 8] = [
    IntegratorAccountIndex,
    IntegratorTakerFee,
    IntegratorMakerFee,
    SkipNonce,
    CancelAllMarketIndex,
    SelfTradeBehavior,
    SelfTradeEquality,
    OrderVersion,
];

#[test]
fn types_have_the_numbers_1_to_8() {
    for (number, kind) in (1..).zip(ALL) {
        assert_eq!((kind.as_u8(), AttributeType::from_u8(number)), (number, Some(kind)));
    }
    for number in [0, 9, 255] {
        assert_eq!(AttributeType::from_u8(number), None);
    }
}

#[test]
fn each_type_has_its_range() {
    for (kind, max) in [
        (IntegratorAccountIndex, (1 << 48) - 2),
        (SkipNonce, 1),
        (CancelAllMarketIndex, (1 << 48) - 1),
        (SelfTradeBehavior, 3),
        (SelfTradeEquality, 1),
        (OrderVersion, (1 << 48) - 1),
    ] {
        assert_eq!(Attributes::new([(kind, max)]).unwrap().get(kind), Some(max));
        for above in [max + 1, u64::MAX] {
            assert_eq!(Attributes::new([(kind, above)]), Err(AttributesError::OutOfRange { kind }));
        }
    }
    for kind in [IntegratorTakerFee, IntegratorMakerFee] {
        let with_integrator = |fee| Attributes::new([(kind, fee), (IntegratorAccountIndex, 1)]);
        assert_eq!(with_integrator(1_000_000).unwrap().get(kind), Some(1_000_000));
        assert_eq!(with_integrator(1_000_001), Err(AttributesError::OutOfRange { kind }));
    }
}

#[test]
fn values_that_say_nothing_are_dropped() {
    let nothing = ALL.map(|kind| (kind, if kind == CancelAllMarketIndex { 255 } else { 0 }));
    assert_eq!(Attributes::new(nothing), Ok(Attributes::NONE));
    assert_eq!(Attributes::new([]), Ok(Attributes::NONE));
    assert_eq!(Attributes::NONE.iter().count(), 0);
    // The market of index 0 is one, however.
    assert_eq!(Attributes::new([(CancelAllMarketIndex, 0)]).unwrap().get(CancelAllMarketIndex), Some(0));
}

#[test]
fn at_most_four_say_something() {
    let four = [(OrderVersion, 4), (SelfTradeEquality, 1), (SkipNonce, 1), (IntegratorAccountIndex, 9)];
    let attributes = Attributes::new(four).unwrap();
    assert!(attributes.iter().eq(four.into_iter().rev()), "not by ascending type");
    let with = |more| Attributes::new(four.into_iter().chain([more]));
    assert_eq!(with((SelfTradeBehavior, 1)), Err(AttributesError::TooMany));
    assert_eq!(with((SelfTradeBehavior, 0)), Ok(attributes));
    assert_eq!(with((SkipNonce, 1)), Err(AttributesError::Repeated { kind: SkipNonce }));
    // Twice is twice, even where one says nothing.
    assert_eq!(with((SkipNonce, 0)), Err(AttributesError::Repeated { kind: SkipNonce }));
}

#[test]
fn some_exclude_others() {
    let integrator = (IntegratorAccountIndex, 1);
    for fee in [(IntegratorTakerFee, 1), (IntegratorMakerFee, 1)] {
        assert_eq!(Attributes::new([fee]), Err(AttributesError::FeeWithoutIntegrator));
        assert!(Attributes::new([fee, integrator]).is_ok());
        for rule in [(SelfTradeBehavior, 1), (SelfTradeEquality, 1)] {
            assert_eq!(Attributes::new([fee, integrator, rule]), Err(AttributesError::FeeWithSelfTrade));
            assert!(Attributes::new([integrator, rule]).is_ok());
        }
    }
    let equality = (SelfTradeEquality, 1);
    assert!(Attributes::new([(SelfTradeBehavior, 2), equality]).is_ok());
    assert!(Attributes::new([(SelfTradeBehavior, 3)]).is_ok());
    assert_eq!(Attributes::new([(SelfTradeBehavior, 3), equality]), Err(AttributesError::ReduceWithMainAccount));
}

#[test]
fn one_attribute_tells_the_rule_of_the_nonce() {
    assert_eq!(Attributes::NONE.nonce_mode(), NonceMode::Sequential);
    assert_eq!(Attributes::SKIP_NONCE.nonce_mode(), NonceMode::Skip);
    assert_eq!(Attributes::new([(SkipNonce, 1)]), Ok(Attributes::SKIP_NONCE));
}
