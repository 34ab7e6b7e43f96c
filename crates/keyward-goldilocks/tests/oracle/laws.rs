//! What holds in every field, and in every extension of one: no oracle needed.

use keyward_goldilocks::{Fp, Fp5};
use proptest::prelude::*;
use zeroize::Zeroize;

use crate::strategies::{fp, fp5};

proptest! {
    #[test]
    fn fp_is_a_commutative_ring((x, _) in fp(), (y, _) in fp(), (z, _) in fp()) {
        prop_assert_eq!((x + y) + z, x + (y + z));
        prop_assert_eq!((x * y) * z, x * (y * z));
        prop_assert_eq!(x + y, y + x);
        prop_assert_eq!(x * y, y * x);
        prop_assert_eq!(x * (y + z), x * y + x * z);
        prop_assert_eq!(x + Fp::ZERO, x);
        prop_assert_eq!(x * Fp::ONE, x);
        prop_assert_eq!(x + -x, Fp::ZERO);
        prop_assert_eq!(x - y, x + -y);
    }

    #[test]
    fn fp_has_inverses((x, _) in fp(), (y, _) in fp()) {
        prop_assert_eq!(x * x.invert(), if x == Fp::ZERO { Fp::ZERO } else { Fp::ONE });
        prop_assert_eq!((x * y).invert(), x.invert() * y.invert());
        prop_assert_eq!(x.invert().invert(), x);
    }

    #[test]
    fn fp5_is_a_commutative_ring((x, _) in fp5(), (y, _) in fp5(), (z, _) in fp5()) {
        prop_assert_eq!((x + y) + z, x + (y + z));
        prop_assert_eq!((x * y) * z, x * (y * z));
        prop_assert_eq!(x + y, y + x);
        prop_assert_eq!(x * y, y * x);
        prop_assert_eq!(x * (y + z), x * y + x * z);
        prop_assert_eq!(x + Fp5::ZERO, x);
        prop_assert_eq!(x * Fp5::ONE, x);
        prop_assert_eq!(x + -x, Fp5::ZERO);
        prop_assert_eq!(x - y, x + -y);
    }

    #[test]
    fn fp5_has_inverses((x, _) in fp5(), (y, _) in fp5()) {
        prop_assert_eq!(x * x.invert(), if x == Fp5::ZERO { Fp5::ZERO } else { Fp5::ONE });
        prop_assert_eq!((x * y).invert(), x.invert() * y.invert());
        prop_assert_eq!(x.invert().invert(), x);
    }

    #[test]
    fn frobenius_is_an_automorphism((x, _) in fp5(), (y, _) in fp5(), (c, _) in fp(), k in 0..5usize, l in 0..5usize) {
        prop_assert_eq!((x + y).frobenius(k), x.frobenius(k) + y.frobenius(k));
        prop_assert_eq!((x * y).frobenius(k), x.frobenius(k) * y.frobenius(k));
        prop_assert_eq!(Fp5::from(c).frobenius(k), Fp5::from(c));
        prop_assert_eq!(x.frobenius(k).frobenius(l), x.frobenius((k + l) % 5));
    }

    #[test]
    fn norm_is_multiplicative((x, _) in fp5(), (y, _) in fp5(), (c, _) in fp()) {
        prop_assert_eq!((x * y).norm(), x.norm() * y.norm());
        prop_assert_eq!(Fp5::from(c).norm(), c.pow_vartime(5));
        let conjugates = (1..5).fold(x, |product, k| product * x.frobenius(k));
        prop_assert_eq!(Fp5::from(x.norm()), conjugates);
    }

    #[test]
    fn half_of_the_products_are_squares((x, _) in fp5(), (y, _) in fp5()) {
        prop_assume!(x != Fp5::ZERO && y != Fp5::ZERO);
        let agree = x.is_square_vartime() == y.is_square_vartime();
        prop_assert_eq!((x * y).is_square_vartime(), agree);
    }

    #[test]
    fn bytes_round_trip((x, _) in fp(), (y, _) in fp5()) {
        prop_assert_eq!(Fp::from_bytes(&x.to_bytes()), Ok(x));
        prop_assert_eq!(Fp::new(x.to_u64()), Ok(x));
        prop_assert_eq!(x.to_bytes(), x.to_u64().to_le_bytes());
        prop_assert_eq!(Fp5::from_bytes(&y.to_bytes()), Ok(y));
        prop_assert_eq!(Fp5::from_coefficients(y.coefficients()), y);
        prop_assert_eq!(y.to_bytes().to_vec(), y.coefficients().map(Fp::to_bytes).concat());
    }

    #[test]
    fn wiping_leaves_zero((mut x, _) in fp(), (mut y, _) in fp5()) {
        x.zeroize();
        y.zeroize();
        prop_assert_eq!(x, Fp::ZERO);
        prop_assert_eq!(y, Fp5::ZERO);
    }
}
