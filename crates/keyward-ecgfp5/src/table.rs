use keyward_goldilocks::{Fp, Fp5, value_barrier};

use crate::Point;
use crate::point::AffinePoint;
use crate::scan::scan;
use crate::windows::HALF;

/// An affine point as it stands in a table: the canonical coefficients of x, then those of u.
pub(crate) type Entry = [u64; 10];

/// The multiples of a point from 1 to [`HALF`].
pub(crate) type Row = [Entry; HALF];

/// The point of `row` for `digit`: negated for a negative digit, the neutral for 0. In constant time: it reads the whole
/// row, and neither a branch nor an address depends on the digit.
#[inline(always)]
pub(crate) fn select(row: &Row, digit: i8) -> AffinePoint {
    let digit = i64::from(digit);
    let sign = digit >> 63;
    let [x0, x1, x2, x3, x4, u @ ..] = scan(row, ((digit ^ sign) - sign) as u64);
    let sign = value_barrier(sign as u64);
    // An entry's words are canonical, so this is the negation without a correction; p is a form of 0.
    let [u0, u1, u2, u3, u4] = u.map(|word| word ^ ((word ^ (Fp::MODULUS - word)) & sign));
    AffinePoint::from_entry(&[x0, x1, x2, x3, x4, u0, u1, u2, u3, u4])
}

/// The row of a point's multiples from 1 to [`HALF`].
pub(crate) fn row(point: &Point) -> (Row, Point) {
    let mut multiples = [*point; HALF];
    for i in 1..HALF {
        multiples[i] = multiples[i - 1] + *point;
    }
    (Point::to_affine(&multiples).map(AffinePoint::to_entry), multiples[HALF - 1])
}

impl AffinePoint {
    #[inline(always)]
    pub(crate) fn from_entry(&[x0, x1, x2, x3, x4, u0, u1, u2, u3, u4]: &Entry) -> Self {
        Self {
            x: Fp5::from_coefficients([x0, x1, x2, x3, x4].map(Fp::from_u64_mod_order)),
            u: Fp5::from_coefficients([u0, u1, u2, u3, u4].map(Fp::from_u64_mod_order)),
        }
    }

    pub(crate) fn to_entry(self) -> Entry {
        let [x0, x1, x2, x3, x4] = self.x.coefficients().map(Fp::to_u64);
        let [u0, u1, u2, u3, u4] = self.u.coefficients().map(Fp::to_u64);
        [x0, x1, x2, x3, x4, u0, u1, u2, u3, u4]
    }
}
