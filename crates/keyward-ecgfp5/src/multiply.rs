//! Multiplication of points by scalars.

use core::ops::Mul;

use crate::generator_table::GENERATOR_TABLE;
use crate::table::{row, select};
use crate::windows::{COUNT, NAF_WIDTH, SignedDigits, WIDTH, naf_vartime};
use crate::{Point, PointTable, Scalar};

impl Point {
    /// `scalar` times the generator, in constant time.
    pub fn mul_generator(scalar: &Scalar) -> Self {
        #[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
        if let Some(avx512) = keyward_goldilocks::vector::Avx512::detect() {
            return crate::vector::mul_generator(avx512, scalar);
        }
        let digits = SignedDigits::new(scalar);
        let [first, rest @ ..] = digits.as_array();
        let mut sum = Self::from(GENERATOR_TABLE.select(0, *first));
        for (window, &digit) in (1..).zip(rest) {
            sum = sum.add_affine(&GENERATOR_TABLE.select(window, digit));
        }
        sum
    }

    #[doc(hidden)]
    pub fn mul_generator_x8(scalars: &[Scalar; 8]) -> [Self; 8] {
        #[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
        if let Some(avx512) = keyward_goldilocks::vector::Avx512::detect() {
            return crate::vector::mul_generator_x8(avx512, scalars);
        }
        scalars.each_ref().map(Self::mul_generator)
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
        GENERATOR_TABLE.add_product_vartime(s, sum.double_times(pending_doublings))
    }
}

impl PointTable {
    /// `s` times the generator plus `e` times the table's point, in variable time: for public values.
    #[must_use]
    pub fn mul_generator_add_vartime(&self, s: &Scalar, e: &Scalar) -> Point {
        GENERATOR_TABLE.add_product_vartime(s, self.add_product_vartime(e, Point::NEUTRAL))
    }

    /// `sum` plus `scalar` times the table's point.
    fn add_product_vartime(&self, scalar: &Scalar, sum: Point) -> Point {
        SignedDigits::new(scalar)
            .as_array()
            .iter()
            .enumerate()
            .filter_map(|(window, &digit)| self.select_vartime(window, digit))
            .fold(sum, |sum, entry| sum.add_affine(&entry))
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
