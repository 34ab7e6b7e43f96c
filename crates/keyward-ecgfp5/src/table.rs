use core::fmt;

use keyward_goldilocks::{Fp, Fp5, value_barrier};

use crate::Point;
use crate::point::AffinePoint;
use crate::scan::scan;
use crate::windows::{COUNT, HALF};

/// An affine point as it stands in a table: the canonical coefficients of x, then those of u.
pub(crate) type Entry = [u64; 10];

/// The multiples of a point from 1 to [`HALF`].
pub(crate) type Row = [Entry; HALF];

/// The affine multiples of one point that make a multiplication by it cheap: 80 KiB.
///
/// Entry `[i][j]` is (j + 1)·2^(5i)·P, so that a scalar's 64 signed digits of five bits pick one entry of each row, and
/// the sum of these, without any doubling, is the product.
///
/// It is held by value since this crate does not allocate; callers box it.
pub struct PointTable(pub(crate) [Row; COUNT]);

impl PointTable {
    /// Computes the table of `point`, which must not be a secret, in about the time of ten verifications.
    pub fn new(point: &Point) -> Self {
        let mut rows = [[[0; 10]; HALF]; COUNT];
        let mut base = *point;
        for slot in &mut rows {
            let half_way;
            (*slot, half_way) = row(&base);
            base = half_way.double();
        }
        Self(rows)
    }

    /// The point of row `window` for `digit`, in constant time.
    #[inline(always)]
    pub(crate) fn select(&self, window: usize, digit: i8) -> AffinePoint {
        select(&self.0[window], digit)
    }

    /// [`select`](Self::select) for a public digit: the address and the branches tell it.
    #[inline(always)]
    pub(crate) fn select_vartime(&self, window: usize, digit: i8) -> Option<AffinePoint> {
        let index = usize::from(digit.unsigned_abs()).checked_sub(1)?;
        let point = AffinePoint::from_entry(&self.0[window][index]);
        Some(if digit < 0 { -point } else { point })
    }

    /// The table's rows, for the program that prints the generator's and for the test that checks it.
    #[doc(hidden)]
    pub fn rows(&self) -> &[[[u64; 10]; HALF]; COUNT] {
        &self.0
    }
}

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
    fn from_entry(&[x0, x1, x2, x3, x4, u0, u1, u2, u3, u4]: &Entry) -> Self {
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

/// The point itself: the first entry.
impl fmt::Debug for PointTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = Point::from(AffinePoint::from_entry(&self.0[0][0]));
        f.debug_tuple("PointTable").field(&point).finish()
    }
}
