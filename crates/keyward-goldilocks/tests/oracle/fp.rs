//! GF(p) agrees with the integers modulo p.

use keyward_goldilocks::Fp;
use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::bigint::{self, add, big, mul, p, reduce, sub};
use crate::strategies::{EDGES, MAKINGS, fp, word};

/// Every edge word, made in every way.
fn edges() -> impl Iterator<Item = (Fp, u64)> + Clone {
    EDGES.iter().flat_map(|&word| MAKINGS.map(|making| (making.make(word), word)))
}

#[test]
fn edge_words_agree_under_every_operation() {
    let mut pairs = 0u32;
    for (x, a) in edges() {
        assert_eq!(x.to_u64(), reduce(big(a)), "{a:#x}");
        assert_eq!((-x).to_u64(), sub(0, a), "-{a:#x}");
        assert_eq!(x.double().to_u64(), add(a, a), "2 * {a:#x}");
        assert_eq!(x.square().to_u64(), mul(a, a), "{a:#x}^2");
        for (y, b) in edges() {
            assert_eq!((x + y).to_u64(), add(a, b), "{a:#x} + {b:#x}");
            assert_eq!((x - y).to_u64(), sub(a, b), "{a:#x} - {b:#x}");
            assert_eq!((x * y).to_u64(), mul(a, b), "{a:#x} * {b:#x}");
            assert_eq!(x == y, reduce(big(a)) == reduce(big(b)), "{a:#x} == {b:#x}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 104 * 104);
}

#[test]
fn constants_are_the_fields() {
    assert_eq!(big(Fp::MODULUS), p());
    assert_eq!(Fp::ZERO.to_u64(), 0);
    assert_eq!(Fp::ONE.to_u64(), 1);
    // 7 generates the group: no maximal subgroup of the order 2^32 * 3 * 5 * 17 * 257 * 65537 contains it.
    let order = p() - 1u8;
    for prime in [2u32, 3, 5, 17, 257, 65_537] {
        let power = bigint::pow(Fp::GENERATOR.to_u64(), &(&order / prime));
        assert_ne!(power, 1, "{prime}");
    }
}

proptest! {
    #[test]
    fn words_enter_by_their_residue(a in word()) {
        prop_assert_eq!(Fp::from_u64_mod_order(a).to_u64(), reduce(big(a)));
        prop_assert_eq!(Fp::new(a).map(Fp::to_u64).ok(), (big(a) < p()).then_some(a));
    }

    #[test]
    fn wide_integers_enter_by_their_residue(low in word(), high in word()) {
        let value = u128::from(high) << 64 | u128::from(low);
        prop_assert_eq!(Fp::from_u128_mod_order(value).to_u64(), reduce(BigUint::from(value)));
        let value = value & (u128::MAX >> 32);
        prop_assert_eq!(Fp::from_u96_mod_order(value).to_u64(), reduce(BigUint::from(value)));
        let value = u128::from(high >> 32) << 64 | u128::from(low);
        prop_assert_eq!(Fp::from_u96_mod_order(value).to_u64(), reduce(BigUint::from(value)));
    }

    #[test]
    fn held_words_have_the_residue((x, a) in fp()) {
        prop_assert_eq!(reduce(big(x.word())), reduce(big(a)));
    }

    #[test]
    fn sums_and_differences((x, a) in fp(), (y, b) in fp()) {
        prop_assert_eq!((x + y).to_u64(), add(a, b));
        prop_assert_eq!((x - y).to_u64(), sub(a, b));
        prop_assert_eq!((-x).to_u64(), sub(0, a));
        prop_assert_eq!(x.double().to_u64(), add(a, a));
    }

    #[test]
    fn products_and_squares((x, a) in fp(), (y, b) in fp()) {
        prop_assert_eq!((x * y).to_u64(), mul(a, b));
        prop_assert_eq!(x.square().to_u64(), mul(a, a));
    }

    #[test]
    fn assigning_operators_are_the_plain_ones((x, _) in fp(), (y, _) in fp()) {
        let mut z = x;
        z += y;
        prop_assert_eq!(z, x + y);
        z = x;
        z -= y;
        prop_assert_eq!(z, x - y);
        z = x;
        z *= y;
        prop_assert_eq!(z, x * y);
    }

    #[test]
    fn inverses((x, a) in fp()) {
        let expected = if reduce(big(a)) == 0 { 0 } else { 1 };
        prop_assert_eq!(mul(x.invert().to_u64(), a), expected);
        prop_assert_eq!(x.invert() == Fp::ZERO, expected == 0);
    }

    #[test]
    fn powers((x, a) in fp(), exponent in word()) {
        prop_assert_eq!(x.pow_vartime(exponent).to_u64(), bigint::pow(a, &big(exponent)));
    }

    #[test]
    fn squares_have_roots_and_others_none((x, a) in fp()) {
        let square = bigint::is_square(a);
        prop_assert_eq!(x.is_square_vartime(), square);
        match x.sqrt_vartime() {
            Some(root) => prop_assert_eq!(mul(root.to_u64(), root.to_u64()), reduce(big(a))),
            None => prop_assert!(!square),
        }
        prop_assert!(x.square().sqrt_vartime().is_some_and(|root| root == x || root == -x));
    }

    #[test]
    fn equality_is_of_values((x, a) in fp(), (y, b) in fp()) {
        let equal = reduce(big(a)) == reduce(big(b));
        prop_assert_eq!(x == y, equal);
        prop_assert_eq!(bool::from(x.ct_eq(&y)), equal);
        let same = Fp::from_u64_mod_order(a);
        prop_assert_eq!(x, same);
        prop_assert!(bool::from(x.ct_eq(&same)));
    }

    #[test]
    fn selection_follows_the_choice((x, _) in fp(), (y, _) in fp(), second in any::<bool>()) {
        let selected = Fp::conditional_select(&x, &y, Choice::from(u8::from(second)));
        prop_assert_eq!(selected, if second { y } else { x });
    }

    #[test]
    fn long_calculations_do_not_drift((x, a) in fp(), steps in vec((0..5u8, fp()), 1..64)) {
        let (mut ours, mut theirs) = (x, a);
        for (operation, (y, b)) in steps {
            (ours, theirs) = match operation {
                0 => (ours + y, add(theirs, b)),
                1 => (ours - y, sub(theirs, b)),
                2 => (y - ours, sub(b, theirs)),
                3 => (-ours.double(), sub(0, add(theirs, theirs))),
                _ => (ours * y, mul(theirs, b)),
            };
        }
        prop_assert_eq!(ours.to_u64(), theirs);
    }
}
