//! Multiplication of points by scalars.

use core::ops::Mul;

use crate::comb;
use crate::table::{row, select};
use crate::windows::{COUNT, NAF_WIDTH, SignedDigits, WIDTH, naf_vartime};
use crate::{Point, Scalar};

impl Point {
    /// `scalar` times the generator, in constant time.
    pub fn mul_generator(scalar: &Scalar) -> Self {
        comb::mul_generator(scalar)
    }

    /// `s` times the generator plus `e` times `point`, in variable time: for public values.
    #[must_use]
    pub fn mul_generator_add_vartime(s: &Scalar, e: &Scalar, point: &Self) -> Self {
        // Odd multiples ±1, ±3, … of the point, for the non-adjacent form of e.
        let twice = point.double();
        let mut multiples = [*point; 1 << (NAF_WIDTH - 2)];
        for i in 1..multiples.len() {
            multiples[i] = multiples[i - 1] + twice;
        }
        let multiples = Self::to_affine(&multiples);

        let mut sum = Self::NEUTRAL;
        let mut pending_doublings = 0;
        for digit in naf_vartime(e).into_iter().rev() {
            pending_doublings += 1;
            if digit != 0 {
                let multiple = multiples[usize::from(digit.unsigned_abs()) / 2];
                sum = sum.double_times(pending_doublings).add_affine(&if digit < 0 { -multiple } else { multiple });
                pending_doublings = 0;
            }
        }
        sum.double_times(pending_doublings) + comb::mul_generator_vartime(s)
    }
}

/// In constant time.
impl Mul<&Scalar> for &Point {
    type Output = Point;

    fn mul(self, scalar: &Scalar) -> Point {
        let (multiples, _) = row(self);
        let digits = SignedDigits::new(scalar);
        let mut product = Point::NEUTRAL;
        for digit in digits.as_array().iter().rev() {
            product = product.double_times(WIDTH as u32).add_affine(&select(&multiples, *digit));
        }
        product
    }
}

const _: () = assert!(WIDTH * COUNT == 320);
