use core::arch::x86_64::{
    _mm_cvtsi32_si128, _mm256_add_epi64, _mm256_and_si256, _mm256_cmpeq_epi64, _mm256_cvtepu8_epi64, _mm256_or_si256,
    _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64, _mm256_sub_epi64, _mm256_xor_si256,
};

use keyward_goldilocks::Fp5;
use keyward_goldilocks::vector::FloatFp5x4;
use zeroize::{Zeroizing, optimization_barrier};

use crate::table::Row;
use crate::torsion::{MINUS_A, TorsionPoint};
use crate::windows::{COUNT, HALF, WIDTH};

/// Four of [`TorsionPoint`]. Limbs are reduced.
#[derive(Clone, Copy)]
struct TorsionPointx4 {
    x: FloatFp5x4,
    y: FloatFp5x4,
}

/// Sums of points, and what it takes to add them up: 75 KiB.
pub(super) struct Sums {
    points: [TorsionPointx4; COUNT],
    /// Of each pair of points a product, then the inverse of the difference.
    inverses: [FloatFp5x4; COUNT / 2],
}

#[expect(clippy::needless_range_loop, reason = "a count up to a constant is a jump that plainly tells no secret")]
impl Sums {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn vacant() -> Self {
        let zero = FloatFp5x4::load(&[Fp5::ZERO; 4]);
        Self { points: [TorsionPointx4 { x: zero, y: zero }; COUNT], inverses: [zero; COUNT / 2] }
    }

    /// Puts the points of `row` for four digits in the form of [`odd_digits`](crate::windows::odd_digits) in place `i`. In constant time:
    /// it reads the whole row, and neither a branch nor an address depends on a digit.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn select(&mut self, i: usize, row: &Row, digits: [u8; 4]) {
        let digits = _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(i32::from_le_bytes(digits)));
        let one = _mm256_set1_epi64x(1);
        let negative = _mm256_sub_epi64(_mm256_srli_epi64::<{ WIDTH as i32 - 1 }>(digits), one);
        let index = _mm256_and_si256(_mm256_xor_si256(digits, negative), _mm256_set1_epi64x(HALF as i64 - 1));
        let mut words = [_mm256_setzero_si256(); 10];
        let mut place = _mm256_setzero_si256();
        for j in 0..HALF {
            let mask = _mm256_cmpeq_epi64(index, place);
            for (word, candidate) in words.iter_mut().zip(row[j]) {
                let candidate = _mm256_set1_epi64x(candidate.cast_signed());
                *word = _mm256_or_si256(*word, _mm256_and_si256(mask, candidate));
            }
            place = _mm256_add_epi64(place, one);
        }
        let [x0, x1, x2, x3, x4, y0, y1, y2, y3, y4] = words;
        let point = &mut self.points[i];
        point.x = FloatFp5x4::from_words([x0, x1, x2, x3, x4]);
        point.y = FloatFp5x4::from_words([y0, y1, y2, y3, y4]).negate_where(negative);
    }

    /// Adds point i + `LENGTH` to point i, for each i below `LENGTH`: as [`add_pairs`](crate::torsion::add_pairs) does.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn add_upper<const LENGTH: usize>(&mut self) {
        let (first, second) = self.points.split_at_mut(LENGTH);
        let inverses = &mut self.inverses;
        // Montgomery's trick. Differences are made twice rather than kept.
        let mut product = FloatFp5x4::load(&[Fp5::ONE; 4]);
        for i in 0..LENGTH {
            inverses[i] = product;
            product.mul_by(&second[i].x.sub(&first[i].x));
        }
        let mut inverse = invert(&product);
        for i in (0..LENGTH).rev() {
            inverses[i].mul_by(&inverse);
            inverse.mul_by(&second[i].x.sub(&first[i].x));
        }
        // In the place of the second point there come the slope, and how far left of the first point the sum is.
        for i in 0..LENGTH {
            second[i].y = second[i].y.sub(&first[i].y);
            second[i].y.mul_by(&inverses[i]);
        }
        let minus_a = FloatFp5x4::load(&[MINUS_A; 4]);
        for i in 0..LENGTH {
            let x = first[i].x;
            first[i].x = minus_a.sub(&x).sub(&second[i].x);
            first[i].x.add_square(&second[i].y);
            second[i].x = x.sub(&first[i].x);
        }
        for i in 0..LENGTH {
            first[i].y.sub_from_product(&second[i].y, &second[i].x);
        }
    }

    /// The first two points of each lane.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn first_two(&self) -> Zeroizing<[[TorsionPoint; 4]; 2]> {
        let [first, second, ..] = &self.points;
        let mut points = Zeroizing::new([const { TorsionPoint::vacant() }; 2]);
        for (points, four) in points.iter_mut().zip([first, second]) {
            let (x, y) = (Zeroizing::new(four.x.store()), Zeroizing::new(four.y.store()));
            for (lane, point) in points.iter_mut().enumerate() {
                (point.x, point.y) = (x[lane], y[lane]);
            }
        }
        points
    }

    /// Leaves nothing of the points.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn wipe(&mut self) {
        let zero = FloatFp5x4::load(&[Fp5::ZERO; 4]);
        self.points.fill(TorsionPointx4 { x: zero, y: zero });
        self.inverses.fill(zero);
        optimization_barrier(self);
    }
}

/// The inverse of each lane, none of which may be 0, by one inversion.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn invert(elements: &FloatFp5x4) -> FloatFp5x4 {
    let [a, b, c, d] = elements.store();
    let (ab, cd) = (a * b, c * d);
    let inverse = (ab * cd).invert();
    let (of_ab, of_cd) = (inverse * cd, inverse * ab);
    FloatFp5x4::load(&[of_ab * b, of_ab * a, of_cd * d, of_cd * c])
}
