//! Multiplication of points by scalars.

use core::array;
use core::ops::Mul;

use zeroize::Zeroize;

use crate::comb;
use crate::point::AffinePoint;
use crate::table::{row, select};
use crate::windows::{COUNT, NAF_WIDTH, SignedDigits, WIDTH, naf_vartime};
use crate::{Point, Scalar, vector};

impl Point {
    /// `scalar` times the generator, in constant time.
    pub fn mul_generator(scalar: &Scalar) -> Self {
        vector::mul_generator(scalar).unwrap_or_else(|| comb::mul_generator(scalar))
    }

    /// Each of `scalars` times the generator, in constant time: with vector code, eight together take the time of five, or four together
    /// that of two and a half.
    pub fn mul_generator_batch<const N: usize>(scalars: &[Scalar; N]) -> [Self; N] {
        /// From how many scalars on eight products are cheaper than one for each.
        const WORTH_EIGHT: usize = 5;
        /// From how many on four are, where there are not eight at a time.
        const WORTH_FOUR: usize = 3;

        let mut products = [Self::NEUTRAL; N];
        let (mut rest, mut places) = (&scalars[..], &mut products[..]);
        while !rest.is_empty() {
            let eight = || vector::mul_generator_x8(&array::from_fn(|i| rest.get(i).unwrap_or(&Scalar::ZERO)));
            let four = || vector::mul_generator_x4(&array::from_fn(|i| rest.get(i).unwrap_or(&Scalar::ZERO)));
            let done = if let Some(products) = (rest.len() >= WORTH_EIGHT).then(eight).flatten() {
                hand_out(products, places)
            } else if let Some(products) = (rest.len() >= WORTH_FOUR).then(four).flatten() {
                hand_out(products, places)
            } else {
                hand_out([Self::mul_generator(&rest[0])], places)
            };
            rest = &rest[done..];
            places = &mut places[done..];
        }
        products
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

        let mut steps = [(multiples[0], 0); 320 / NAF_WIDTH];
        let mut count = 0;
        for (step, (digit, doublings)) in steps.iter_mut().zip(naf_vartime(e)) {
            let multiple = multiples[usize::from(digit.unsigned_abs()) / 2];
            *step = (if digit < 0 { -multiple } else { multiple }, doublings);
            count += 1;
        }
        let steps = &steps[..count];
        let of_point = vector::add_and_double_vartime(steps).unwrap_or_else(|| add_and_double_vartime(steps));
        // In lanes constant time costs less than the shortest way without them.
        let of_generator = vector::mul_generator(s).unwrap_or_else(|| comb::mul_generator_vartime(s));
        of_point + of_generator
    }
}

/// Puts as many products as there are places for into these, and wipes them: coordinates tell how a point was computed.
fn hand_out<const N: usize>(mut products: [Point; N], places: &mut [Point]) -> usize {
    let count = places.len().min(N);
    places[..count].copy_from_slice(&products[..count]);
    products.zeroize();
    count
}

/// From the neutral on adds each point and doubles the sum so many times.
fn add_and_double_vartime(steps: &[(AffinePoint, u32)]) -> Point {
    let Some(((first, doublings), steps)) = steps.split_first() else { return Point::NEUTRAL };
    let mut sum = Point::from(*first).double_times(*doublings);
    for (point, doublings) in steps {
        sum = sum.add_affine(point).double_times(*doublings);
    }
    sum
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
