//! Eight permutations at a time, one in each lane. No branch and no address depends on a value.

use core::arch::x86_64::_mm512_set1_epi64;
use core::array;

use keyward_goldilocks::Fp;
use keyward_goldilocks::vector::{Factor, Fpx8, Products};

use super::LANES;
use crate::WIDTH;
use crate::constants::{DIAGONAL, EXTERNAL, HALF_EXTERNAL_ROUNDS, INTERNAL};

/// The limbs of [`EXTERNAL`]: to split them would take as long as to add them.
static EXTERNAL_LIMBS: [[[i64; 2]; WIDTH]; 2 * HALF_EXTERNAL_ROUNDS] = {
    let mut limbs = [[[0; 2]; WIDTH]; 2 * HALF_EXTERNAL_ROUNDS];
    let mut round = 0;
    while round < EXTERNAL.len() {
        let mut i = 0;
        while i < WIDTH {
            let constant = EXTERNAL[round][i];
            limbs[round][i] = [(constant & 0xffff_ffff) as i64, (constant >> 32) as i64];
            i += 1;
        }
        round += 1;
    }
    limbs
};

/// [`permute`](crate::permute)s each of `states`.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
#[expect(clippy::needless_range_loop, reason = "a count up to a constant is a jump that plainly tells no secret")]
pub(super) fn permute_eight(states: &mut [[Fp; WIDTH]; LANES]) {
    let mut state = [Fpx8::splat(Fp::ZERO); WIDTH];
    for (i, word) in state.iter_mut().enumerate() {
        *word = Fpx8::load(&array::from_fn(|lane| states[lane][i]));
    }
    external_layer(&mut state);
    for round in 0..HALF_EXTERNAL_ROUNDS {
        external_round(&mut state, &EXTERNAL_LIMBS[round]);
    }
    // In memory, where a multiplication takes them from.
    let mut diagonal = [Factor::new(Fpx8::splat(Fp::ZERO)); WIDTH];
    for (factor, element) in diagonal.iter_mut().zip(DIAGONAL) {
        *factor = Factor::new(Fpx8::splat(Fp::from_u64_mod_order(element)));
    }
    for constant in INTERNAL {
        internal_round(&mut state, constant, &diagonal);
    }
    for round in HALF_EXTERNAL_ROUNDS..2 * HALF_EXTERNAL_ROUNDS {
        external_round(&mut state, &EXTERNAL_LIMBS[round]);
    }
    for (i, word) in state.iter().enumerate() {
        for (state, element) in states.iter_mut().zip(word.store()) {
            state[i] = element;
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn external_round(state: &mut [Fpx8; WIDTH], constants: &[[i64; 2]; WIDTH]) {
    for (element, &[l, h]) in state.iter_mut().zip(constants) {
        *element = pow7(element.add(Fpx8::from_limbs(_mm512_set1_epi64(l), _mm512_set1_epi64(h))));
    }
    external_layer(state);
}

/// For elements whose limbs are below 2^39; gives reduced ones.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn internal_round(state: &mut [Fpx8; WIDTH], constant: u64, diagonal: &[Factor; WIDTH]) {
    state[0] = pow7(state[0].add(Fpx8::splat(Fp::from_u64_mod_order(constant))));
    let [first, others @ ..] = *state;
    let mut sum = first;
    for element in others {
        sum = sum.add(element);
    }
    let sum = Products::zero().plus_element(sum);
    for (element, factor) in state.iter_mut().zip(diagonal) {
        *element = sum.plus(Factor::new(*element), *factor).reduce();
    }
}

/// As in the portable code. Limbs become up to 28 times as large: those of products stay below 2^38.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn external_layer(state: &mut [Fpx8; WIDTH]) {
    for block in state.as_chunks_mut::<4>().0 {
        let [a, b, c, d] = *block;
        let (ab, cd) = (a.add(b), c.add(d));
        let abcd = ab.add(cd);
        *block = [abcd.add(ab).add(b), abcd.add(b).add(c.add(c)), abcd.add(cd).add(d), abcd.add(d).add(a.add(a))];
    }
    for column in 0..4 {
        let total = state[column].add(state[4 + column]).add(state[8 + column]);
        for i in [column, 4 + column, 8 + column] {
            state[i] = state[i].add(total);
        }
    }
}

/// For elements whose limbs, with what is to be added to them, are below 2^39; gives reduced ones.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn pow7(element: Fpx8) -> Fpx8 {
    let element = Factor::new(element);
    let square = Factor::new(Products::zero().plus(element, element).reduce());
    let cube = Factor::new(Products::zero().plus(square, element).reduce());
    let fourth = Factor::new(Products::zero().plus(square, square).reduce());
    Products::zero().plus(fourth, cube).reduce()
}
