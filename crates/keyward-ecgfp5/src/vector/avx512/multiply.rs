use keyward_goldilocks::vector::load;

use super::digits::{Neighbours, STEPS};
use super::fold::fold;
use super::point::{AffinePointx8, Pointx8};
use super::table::{TABLE, select_each, signed};
use super::wide::Digits;
use super::wide_table::WIDE_TABLE;
use crate::generator_table::GENERATOR_TABLE;
use crate::table::Row;
use crate::windows::{COUNT, SignedDigits};
use crate::{Point, Scalar};

/// `scalar` times the generator. Each lane adds up the points of every eighth window.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn mul_generator(scalar: &Scalar) -> Point {
    let digits = Neighbours::new(scalar);
    let mut sum =
        Pointx8::sum(&select_each(TABLE.step(0), digits.step(0)), &select_each(TABLE.step(1), digits.step(1)));
    for step in 2..STEPS {
        sum.add_affine(&select_each(TABLE.step(step), digits.step(step)));
    }
    fold(&sum)
}

/// Each of the scalars times the generator, one in each lane.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn mul_generator_x8(scalars: &[&Scalar; 8]) -> [Point; 8] {
    let digits = Digits::new(scalars);
    let [row_0, row_1, rows @ ..] = &WIDE_TABLE.0;
    let mut sum = Pointx8::sum(&digits.points(0, row_0), &digits.points(1, row_1));
    for (window, row) in (2..).zip(rows) {
        sum.add_affine(&digits.points(window, row));
    }
    sum.store()
}

/// `s` times the generator plus `e` times the rows' point: [`mul_generator`] with two scalars and look-ups that their
/// addresses give away.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn mul_generator_add_vartime(s: &Scalar, e: &Scalar, rows: &[Row; COUNT]) -> Point {
    let (s, e) = (SignedDigits::new(s), SignedDigits::new(e));
    let mut sum = Pointx8::sum(&select_vartime(&GENERATOR_TABLE, &s, 0), &select_vartime(rows, &e, 0));
    for step in 1..STEPS {
        sum.add_affine(&select_vartime(&GENERATOR_TABLE, &s, step));
        sum.add_affine(&select_vartime(rows, &e, step));
    }
    fold(&sum)
}

/// The points of the eight windows from 8·`step` on.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn select_vartime(rows: &[Row; COUNT], digits: &SignedDigits, step: usize) -> AffinePointx8 {
    let digits = &digits.as_array().as_chunks::<8>().0[step];
    let rows = &rows.as_chunks::<8>().0[step];
    let mut words = [[0; 8]; 10];
    for (lane, (digit, row)) in digits.iter().zip(rows).enumerate() {
        if let Some(entry) = usize::from(digit.unsigned_abs()).checked_sub(1) {
            for (word, entry) in words.iter_mut().zip(row[entry]) {
                word[lane] = entry;
            }
        }
    }
    let [w0, w1, w2, w3, w4, w5, w6, w7, w8, w9] = &words;
    let words = [load(w0), load(w1), load(w2), load(w3), load(w4), load(w5), load(w6), load(w7), load(w8), load(w9)];
    signed(words, load(&digits.map(|digit| i64::from(digit).cast_unsigned())))
}
