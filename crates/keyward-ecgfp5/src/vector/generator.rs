use core::arch::x86_64::{
    __m512i, _mm512_abs_epi64, _mm512_cmpeq_epi64_mask, _mm512_loadu_si512, _mm512_mask_sub_epi64, _mm512_movepi64_mask,
    _mm512_movm_epi64, _mm512_set1_epi64, _mm512_set_epi64, _mm512_setzero_si512, _mm512_ternarylogic_epi64,
};

use keyward_goldilocks::Fp;
use keyward_goldilocks::vector::{Avx512, Fp5x8, Fpx8};

use super::point::{AffinePointx8, Pointx8};
use crate::generator_table::GENERATOR_TABLE;
use crate::windows::{COUNT, HALF, SignedDigits};
use crate::{Point, Scalar};

const STEPS: usize = COUNT / 8;

/// [`GENERATOR_TABLE`] for eight windows at a time: `[step][entry][word][lane]` is that of window 8·`step` + `lane`.
#[repr(align(64))]
struct Table([[[[u64; 8]; 10]; HALF]; STEPS]);

static TABLE: Table = {
    let mut table = [[[[0; 8]; 10]; HALF]; STEPS];
    let mut window = 0;
    while window < COUNT {
        let mut entry = 0;
        while entry < HALF {
            let mut word = 0;
            while word < 10 {
                table[window / 8][entry][word][window % 8] = GENERATOR_TABLE.0[window][entry][word];
                word += 1;
            }
            entry += 1;
        }
        window += 1;
    }
    Table(table)
};

pub(crate) fn mul_generator(_: Avx512, scalar: &Scalar) -> Point {
    #[expect(unsafe_code, reason = "the call of a function with target features")]
    // SAFETY: the processor has them.
    unsafe {
        mul_generator_inner(scalar)
    }
}

pub(crate) fn mul_generator_x8(_: Avx512, scalars: &[Scalar; 8]) -> [Point; 8] {
    #[expect(unsafe_code, reason = "the call of a function with target features")]
    // SAFETY: the processor has them.
    unsafe {
        mul_generator_x8_inner(scalars)
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn mul_generator_inner(scalar: &Scalar) -> Point {
    let digits = SignedDigits::new(scalar);
    let digits = digits.as_array().as_chunks::<8>().0;
    let mut sum = Pointx8::from_affine(select(&TABLE.0[0], &digits[0]));
    for (table, digits) in TABLE.0.iter().zip(digits).skip(1) {
        sum = sum.add_affine(&select(table, digits));
    }
    for lanes in [_mm512_set_epi64(3, 2, 1, 0, 7, 6, 5, 4), _mm512_set_epi64(1, 0, 7, 6, 5, 4, 3, 2), _mm512_set_epi64(0, 7, 6, 5, 4, 3, 2, 1)] {
        sum = sum.add(&sum.permute(lanes));
    }
    sum.store()[0]
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn mul_generator_x8_inner(scalars: &[Scalar; 8]) -> [Point; 8] {
    let digits = scalars.each_ref().map(SignedDigits::new);
    let at = |window: usize| digits.each_ref().map(|d| d.as_array()[window]);
    let mut sum = Pointx8::from_affine(select_broadcast(&GENERATOR_TABLE.0[0], &at(0)));
    for window in 1..COUNT {
        sum = sum.add_affine(&select_broadcast(&GENERATOR_TABLE.0[window], &at(window)));
    }
    sum.store()
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn select(table: &[[[u64; 8]; 10]; HALF], digits: &[i8; 8]) -> AffinePointx8 {
    let [d0, d1, d2, d3, d4, d5, d6, d7] = digits.map(i64::from);
    let digits = _mm512_set_epi64(d7, d6, d5, d4, d3, d2, d1, d0);
    let magnitudes = _mm512_abs_epi64(digits);
    let mut words = [_mm512_setzero_si512(); 10];
    for (entry, magnitude) in table.iter().zip(1..) {
        let mask = _mm512_movm_epi64(_mm512_cmpeq_epi64_mask(magnitudes, _mm512_set1_epi64(magnitude)));
        for (word, candidate) in words.iter_mut().zip(entry) {
            *word = _mm512_ternarylogic_epi64::<0b1111_1000>(*word, mask, load(candidate));
        }
    }
    finish(words, _mm512_movepi64_mask(digits))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn select_broadcast(table: &[[u64; 10]; HALF], digits: &[i8; 8]) -> AffinePointx8 {
    let [d0, d1, d2, d3, d4, d5, d6, d7] = digits.map(i64::from);
    let digits = _mm512_set_epi64(d7, d6, d5, d4, d3, d2, d1, d0);
    let magnitudes = _mm512_abs_epi64(digits);
    let mut words = [_mm512_setzero_si512(); 10];
    for (entry, magnitude) in table.iter().zip(1..) {
        let mask = _mm512_movm_epi64(_mm512_cmpeq_epi64_mask(magnitudes, _mm512_set1_epi64(magnitude)));
        for (word, candidate) in words.iter_mut().zip(entry) {
            *word = _mm512_ternarylogic_epi64::<0b1111_1000>(*word, mask, _mm512_set1_epi64(candidate.cast_signed()));
        }
    }
    finish(words, _mm512_movepi64_mask(digits))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn finish([x0, x1, x2, x3, x4, u0, u1, u2, u3, u4]: [__m512i; 10], negative: u8) -> AffinePointx8 {
    let p = _mm512_set1_epi64(Fp::MODULUS.cast_signed());
    let (u0, u1, u2, u3, u4) = (
        _mm512_mask_sub_epi64(u0, negative, p, u0),
        _mm512_mask_sub_epi64(u1, negative, p, u1),
        _mm512_mask_sub_epi64(u2, negative, p, u2),
        _mm512_mask_sub_epi64(u3, negative, p, u3),
        _mm512_mask_sub_epi64(u4, negative, p, u4),
    );
    AffinePointx8 {
        x: Fp5x8::from_coefficients([
            Fpx8::from_words(x0),
            Fpx8::from_words(x1),
            Fpx8::from_words(x2),
            Fpx8::from_words(x3),
            Fpx8::from_words(x4),
        ]),
        u: Fp5x8::from_coefficients([
            Fpx8::from_words(u0),
            Fpx8::from_words(u1),
            Fpx8::from_words(u2),
            Fpx8::from_words(u3),
            Fpx8::from_words(u4),
        ]),
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
#[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
fn load(words: &[u64; 8]) -> __m512i {
    // SAFETY: the 64 bytes that are read, at any alignment, are those of the array.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}
