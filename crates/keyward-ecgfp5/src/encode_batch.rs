use keyward_goldilocks::Fp5;
use subtle::ConditionallySelectable;
use zeroize::Zeroizing;

use crate::Point;

impl Point {
    /// The [encoding](Self::encode) of each point, by one inversion for all of them.
    pub fn encode_batch<const N: usize>(points: &[Self; N]) -> [Fp5; N] {
        // Montgomery's trick. The neutral's U of 0 would spoil all, and its encoding is 0 whatever it is divided by; but its
        // T is not 0. Coordinates tell how a point was computed, so that all this is wiped.
        let mut divisors = Zeroizing::new([Fp5::ONE; N]);
        let mut products_before = Zeroizing::new([Fp5::ONE; N]);
        let mut product = Fp5::ONE;
        for ((point, divisor), before) in points.iter().zip(divisors.iter_mut()).zip(products_before.iter_mut()) {
            *divisor = Fp5::conditional_select(&point.u, &Fp5::ONE, point.is_neutral());
            *before = product;
            product *= *divisor;
        }
        let mut inverse = product.invert();
        let mut encodings = [Fp5::ZERO; N];
        for (i, encoding) in encodings.iter_mut().enumerate().rev() {
            let quotient = points[i].t * (inverse * products_before[i]);
            *encoding = Fp5::conditional_select(&quotient, &Fp5::ZERO, points[i].is_neutral());
            inverse *= divisors[i];
        }
        encodings
    }
}
