//! Amounts.

use keyward_ledger::Msat;
use proptest::prelude::*;

const MAX: u64 = 9_007_199_254_740_991;

#[test]
fn the_range_ends_where_a_double_is_exact() {
    assert_eq!(Msat::MAX.as_msat(), MAX);
    assert_eq!(Msat::new(MAX), Ok(Msat::MAX));
    assert!(Msat::new(MAX + 1).is_err());
    assert!(Msat::try_from(u64::MAX).is_err());
    let as_double = MAX as f64;
    assert_eq!(as_double as u64, MAX);
    assert_eq!(as_double - 1.0, (MAX - 1) as f64);
}

#[test]
fn satoshi_are_rounded_down_for_balances_and_up_for_costs() {
    for (msat, floor, ceil) in [(0, 0, 0), (1, 0, 1), (999, 0, 1), (1000, 1, 1), (1001, 1, 2)] {
        let amount = Msat::new(msat).expect("an amount");
        assert_eq!((amount.to_sat_floor(), amount.to_sat_ceil()), (floor, ceil));
    }
    assert_eq!(Msat::MAX.to_sat_ceil(), 9_007_199_254_741);
    assert_eq!(Msat::from_sat(9_007_199_254_740).map(Msat::as_msat), Ok(9_007_199_254_740_000));
    assert!(Msat::from_sat(9_007_199_254_741).is_err());
    assert!(Msat::from_sat(u64::MAX).is_err());
}

#[test]
fn text_is_the_canonical_decimal() {
    assert_eq!("0".parse(), Ok(Msat::ZERO));
    assert_eq!("9007199254740991".parse(), Ok(Msat::MAX));
    for text in ["", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "1e3", "9007199254740992", "99999999999999999999"] {
        assert!(text.parse::<Msat>().is_err(), "{text}");
    }
}

fn any_msat() -> impl Strategy<Value = u64> {
    prop_oneof![0..10_u64, 0..=MAX, MAX - 10..=MAX]
}

proptest! {
    #[test]
    fn sums_and_differences_are_exact_or_none(one in any_msat(), other in any_msat()) {
        let [a, b] = [one, other].map(|msat| Msat::new(msat).expect("an amount"));
        let (sum, difference) = (i128::from(one) + i128::from(other), i128::from(one) - i128::from(other));
        let amount = |wide: i128| u64::try_from(wide).ok().filter(|msat| *msat <= MAX);
        prop_assert_eq!(a.checked_add(b).map(u64::from), amount(sum));
        prop_assert_eq!(a.checked_sub(b).map(u64::from), amount(difference));
        prop_assert_eq!(a.saturating_sub(b).as_msat(), amount(difference).unwrap_or(0));
        prop_assert_eq!(a.to_string().parse(), Ok(a));
        prop_assert_eq!(a.cmp(&b), one.cmp(&other));
    }
}
