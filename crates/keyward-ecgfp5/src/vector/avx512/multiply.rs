use core::iter::once;

use keyward_goldilocks::vector::load;

use super::digits::{Neighbours, STEPS};
use super::fold::fold;
use super::point::{AffinePointx8, Pointx8, TorsionPointx8};
use super::table::{TABLE, select_each, signed};
use super::wide::Digits;
use super::wide_table::WIDE_TABLE;
use crate::comb::Comb;
use crate::table::Entry;
use crate::{Point, Scalar};

/// `scalar` times the generator. Each lane adds up the points of every eighth window.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn mul_generator(scalar: &Scalar) -> Point {
    fold(&generator_sums(scalar))
}

/// The sum in each lane.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn generator_sums(scalar: &Scalar) -> Pointx8 {
    let digits = Neighbours::new(scalar);
    let mut sum =
        Pointx8::sum(&select_each(TABLE.step(0), digits.step(0)), &select_each(TABLE.step(1), digits.step(1)));
    for step in 2..STEPS {
        sum.add_affine(&select_each(TABLE.step(step), digits.step(step)));
    }
    sum
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

/// `s` times the generator plus `e` times the table's point: the table's entries are added to the sums of [`mul_generator`].
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn mul_generator_add_vartime(s: &Scalar, e: &Scalar, table: &Comb<'_>) -> Point {
    let mut sum = generator_sums(s);
    let mut entries = table.entries_vartime(e);
    while let Some(first) = entries.next() {
        sum.add_torsion(&gather(first, &mut entries));
    }
    fold(&sum)
}

/// Eight entries, the first of which has been taken already, in lanes. There must be as many: a shape that has a row for each window
/// has them in eights.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn gather<'a>(first: (&'a Entry, bool), rest: &mut impl Iterator<Item = (&'a Entry, bool)>) -> TorsionPointx8 {
    let (mut words, mut digits) = ([[0; 8]; 10], [0; 8]);
    for (lane, (entry, is_negative)) in once(first).chain(rest.take(7)).enumerate() {
        for (word, entry) in words.iter_mut().zip(entry) {
            word[lane] = *entry;
        }
        digits[lane] = u64::from(is_negative).wrapping_neg();
    }
    let [w0, w1, w2, w3, w4, w5, w6, w7, w8, w9] = &words;
    let words = [load(w0), load(w1), load(w2), load(w3), load(w4), load(w5), load(w6), load(w7), load(w8), load(w9)];
    let AffinePointx8 { x, u: y } = signed(words, load(&digits));
    TorsionPointx8 { x, y }
}
