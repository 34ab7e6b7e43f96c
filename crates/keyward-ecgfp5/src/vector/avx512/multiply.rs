use keyward_goldilocks::vector::load;

use super::digits::{Batch, Neighbours, STEPS};
use super::fold::fold;
use super::point::{AffinePointx8, Pointx8};
use super::table::{TABLE, select, select_each, signed};
use super::wide;
use crate::generator_table::GENERATOR_TABLE;
use crate::table::Row;
use crate::windows::{COUNT, SignedDigits, WIDTH};
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
    match wide::table() {
        Some(table) => mul_generator_x8_wide(scalars, table),
        None => mul_generator_x8_narrow(scalars),
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn mul_generator_x8_narrow(scalars: &[&Scalar; 8]) -> [Point; 8] {
    let digits = Batch::<WIDTH>::new(scalars);
    let mut sum = Pointx8::sum(&select(TABLE.window(0), digits.window(0)), &select(TABLE.window(1), digits.window(1)));
    for window in 2..COUNT {
        sum.add_affine(&select(TABLE.window(window), digits.window(window)));
    }
    sum.store()
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn mul_generator_x8_wide(scalars: &[&Scalar; 8], table: &wide::Table) -> [Point; 8] {
    let digits = Batch::<{ wide::WIDTH }>::new(scalars);
    let mut sum = Pointx8::sum(&table.select(0, digits.window(0)), &table.select(1, digits.window(1)));
    for window in 2..wide::COUNT {
        sum.add_affine(&table.select(window, digits.window(window)));
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

#[cfg(test)]
mod tests {
    use keyward_goldilocks::vector::Avx512;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::{mul_generator_x8_narrow, mul_generator_x8_wide, wide};
    use crate::{Point, Scalar};

    /// With both tables.
    fn products(scalars: &[Scalar; 8]) -> [[Point; 8]; 2] {
        #[expect(unsafe_code, reason = "the way into functions with target features")]
        // SAFETY: the callers have seen that the processor has the target features.
        unsafe {
            let scalars = scalars.each_ref();
            [mul_generator_x8_narrow(&scalars), mul_generator_x8_wide(&scalars, wide::filled())]
        }
    }

    #[test]
    fn digits_of_all_windows() {
        if Avx512::detect().is_none() {
            return;
        }
        let mut power = Scalar::ONE;
        for _ in 0..319 {
            // Alone, with a carry, and negative.
            let scalars =
                [power, -power, power - Scalar::ONE, power + Scalar::ONE, power + power + power].map(|scalar| {
                    [scalar, Scalar::ZERO, -scalar, Scalar::ONE, scalar, -Scalar::ONE, scalar + scalar, scalar]
                });
            for scalars in scalars {
                let [narrow, wide] = products(&scalars);
                assert_eq!(narrow, wide);
            }
            power = power + power;
        }
    }

    proptest! {
        #[test]
        fn the_table_makes_no_difference(bytes in prop::array::uniform8(prop::array::uniform32(any::<u8>()))) {
            if Avx512::detect().is_some() {
                let scalars = bytes.map(|half| {
                    let mut bytes = [0; 64];
                    bytes[..32].copy_from_slice(&half);
                    bytes[32..].copy_from_slice(&half);
                    Scalar::from_bytes_mod_order_wide(&bytes)
                });
                let [narrow, wide] = products(&scalars);
                prop_assert_eq!(narrow, wide);
            }
        }
    }
}
