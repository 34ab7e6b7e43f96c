//! Eight permutations at a time, on x86-64 processors with AVX-512 IFMA: one in each lane.

use core::array;

use keyward_goldilocks::Fp;
use keyward_goldilocks::vector::{Avx512, Factor, Fpx8, Products};
use zeroize::Zeroizing;

use crate::constants::{DIAGONAL, EXTERNAL, HALF_EXTERNAL_ROUNDS, INTERNAL};
use crate::{WIDTH, permute};

const LANES: usize = 8;

/// From so many states on, eight at a time take less time than one after the other, even if some lanes are idle.
const WORTHWHILE: usize = 4;

pub(crate) fn permute_batch(_: Avx512, states: &mut [[Fp; WIDTH]]) {
    for states in states.chunks_mut(LANES) {
        if states.len() < WORTHWHILE {
            states.iter_mut().for_each(permute);
            continue;
        }
        let mut eight = Zeroizing::new([[Fp::ZERO; LANES]; WIDTH]);
        for (lane, state) in states.iter().enumerate() {
            for (elements, element) in eight.iter_mut().zip(state) {
                elements[lane] = *element;
            }
        }
        #[expect(unsafe_code, reason = "the call of a function with target features")]
        // SAFETY: an `Avx512` is the proof that the processor has them.
        unsafe {
            permute_eight(&mut eight);
        }
        for (lane, state) in states.iter_mut().enumerate() {
            *state = array::from_fn(|i| eight[i][lane]);
        }
    }
}

/// Permutes the states `[..][lane]`.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn permute_eight(words: &mut [[Fp; LANES]; WIDTH]) {
    let mut state = words.each_ref().map(|elements| Fpx8::load(elements));
    external_layer(&mut state);
    for constants in &EXTERNAL[..HALF_EXTERNAL_ROUNDS] {
        external_round(&mut state, constants);
    }
    for &constant in &INTERNAL {
        internal_round(&mut state, constant);
    }
    for constants in &EXTERNAL[HALF_EXTERNAL_ROUNDS..] {
        external_round(&mut state, constants);
    }
    for (elements, word) in words.iter_mut().zip(state) {
        *elements = word.store();
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn external_round(state: &mut [Fpx8; WIDTH], constants: &[u64; WIDTH]) {
    for (lane, &constant) in state.iter_mut().zip(constants) {
        *lane = pow7(lane.add(Fpx8::splat(Fp::from_u64_mod_order(constant))));
    }
    external_layer(state);
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn internal_round(state: &mut [Fpx8; WIDTH], constant: u64) {
    state[0] = pow7(state[0].add(Fpx8::splat(Fp::from_u64_mod_order(constant))));
    let [first, rest @ ..] = *state;
    let mut sum = first;
    for lane in rest {
        sum = sum.add(lane);
    }
    for (lane, factor) in state.iter_mut().zip(DIAGONAL) {
        let factor = Factor::new(Fpx8::splat(Fp::from_u64_mod_order(factor)));
        *lane = Products::zero().plus_element(sum).plus(Factor::new(*lane), factor).reduce();
    }
}

/// Multiplies limbs by 28 at most: those of products come to less than 2^39.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn external_layer(state: &mut [Fpx8; WIDTH]) {
    let [mut block0, mut block1, mut block2] = [[state[0]; 4]; 3];
    for (i, block) in [&mut block0, &mut block1, &mut block2].into_iter().enumerate() {
        let [a, b, c, d] = [state[4 * i], state[4 * i + 1], state[4 * i + 2], state[4 * i + 3]];
        let (ab, cd) = (a.add(b), c.add(d));
        let abcd = ab.add(cd);
        *block = [abcd.add(ab).add(b), abcd.add(b).add(c.add(c)), abcd.add(cd).add(d), abcd.add(d).add(a.add(a))];
    }
    for column in 0..4 {
        let total = block0[column].add(block1[column]).add(block2[column]);
        state[column] = block0[column].add(total);
        state[4 + column] = block1[column].add(total);
        state[8 + column] = block2[column].add(total);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn pow7(x: Fpx8) -> Fpx8 {
    let factor = Factor::new(x);
    let square = Factor::new(Products::zero().plus(factor, factor).reduce());
    let cube = Factor::new(Products::zero().plus(square, factor).reduce());
    let fourth = Factor::new(Products::zero().plus(square, square).reduce());
    Products::zero().plus(fourth, cube).reduce()
}
