//! Multiples of points agree with the oracle's, which doubles and adds in the short Weierstrass form.

use keyward_ecgfp5::{Point, PointTable};
use proptest::prelude::*;

use crate::curve::Element;
use crate::field::Poly;
use crate::strategies::{point, scalar};

#[cfg(feature = "alloc")]
pub(crate) const SIZES: [keyward_ecgfp5::TableSize; 3] = {
    use keyward_ecgfp5::TableSize::{Large, Medium, Small};
    [Small, Medium, Large]
};

proptest! {
    #[test]
    fn every_way_to_multiply((s, a) in scalar(), (e, b) in scalar(), (x, p, _) in point()) {
        let (left, right) = (Element::generator().mul(&a), p.mul(&b));
        let sum = left.add(&right).encode();
        prop_assert_eq!(Poly::of(&Point::mul_generator(&s).encode()), left.encode());
        prop_assert_eq!(Poly::of(&(&x * &e).encode()), right.encode());
        prop_assert_eq!(Poly::of(&Point::mul_generator_add_vartime(&s, &e, &x).encode()), sum);
        let table = PointTable::new(&x);
        prop_assert_eq!(Poly::of(&table.mul_generator_add_vartime(&s, &e).encode()), sum);
        #[cfg(feature = "alloc")]
        for size in SIZES {
            let table = keyward_ecgfp5::SizedPointTable::new(&x, size);
            prop_assert_eq!(Poly::of(&table.mul_generator_add_vartime(&s, &e).encode()), sum, "{:?}", size);
        }
    }
}
