//! Four permutations at a time, one in each lane. No branch and no address depends on a value.

use core::array;

use keyward_goldilocks::Fp;
use keyward_goldilocks::vector::{Fpx4, Sumx4};
use zeroize::optimization_barrier;

use crate::WIDTH;
use crate::constants::{DIAGONAL, EXTERNAL, HALF_EXTERNAL_ROUNDS, INTERNAL};

/// What no round adds: after the last one.
const NOTHING: [u64; WIDTH] = [0; WIDTH];

/// [`permute`](crate::permute)s each of `states`. External layers add the constants of the round that follows before they reduce.
#[target_feature(enable = "avx2,fma")]
#[expect(clippy::needless_range_loop, reason = "a count up to a constant is a jump that plainly tells no secret")]
pub(super) fn permute_four(states: &mut [[Fp; WIDTH]; 4]) {
    let mut state = [Fpx4::splat(Fp::ZERO); WIDTH];
    for (i, element) in state.iter_mut().enumerate() {
        *element = Fpx4::load(&array::from_fn(|lane| states[lane][i]));
    }
    external_layer(&mut state, &EXTERNAL[0]);
    for round in 1..HALF_EXTERNAL_ROUNDS {
        external_round(&mut state, &EXTERNAL[round]);
    }
    external_round(&mut state, &NOTHING);
    for round in 0..INTERNAL.len() {
        internal_round(&mut state, INTERNAL[round]);
    }
    for (element, constant) in state.iter_mut().zip(EXTERNAL[HALF_EXTERNAL_ROUNDS]) {
        *element = Sumx4::new(*element).add_splat(Fp::from_u64_mod_order(constant)).reduce();
    }
    for round in HALF_EXTERNAL_ROUNDS + 1..2 * HALF_EXTERNAL_ROUNDS {
        external_round(&mut state, &EXTERNAL[round]);
    }
    external_round(&mut state, &NOTHING);
    for (i, element) in state.iter().enumerate() {
        for (state, element) in states.iter_mut().zip(element.store()) {
            state[i] = element;
        }
    }
    // What is hashed may be a secret.
    state = [Fpx4::splat(Fp::ZERO); WIDTH];
    optimization_barrier(&state);
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn external_round(state: &mut [Fpx4; WIDTH], next_constants: &[u64; WIDTH]) {
    for element in state.iter_mut() {
        *element = pow7(*element);
    }
    external_layer(state, next_constants);
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn internal_round(state: &mut [Fpx4; WIDTH], constant: u64) {
    state[0] = pow7(Sumx4::new(state[0]).add_splat(Fp::from_u64_mod_order(constant)).reduce());
    let mut sum = Sumx4::new(state[0]);
    for element in &state[1..] {
        sum = sum.add(Sumx4::new(*element));
    }
    let sum = sum.reduce();
    for (element, factor) in state.iter_mut().zip(DIAGONAL) {
        *element = element.mul_add(Fpx4::splat(Fp::from_u64_mod_order(factor)), sum);
    }
}

/// As in the portable code.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn external_layer(state: &mut [Fpx4; WIDTH], next_constants: &[u64; WIDTH]) {
    let mut sums = [Sumx4::new(state[0]); WIDTH];
    for (block, sums) in state.as_chunks::<4>().0.iter().zip(sums.as_chunks_mut::<4>().0) {
        let [a, b, c, d] = [Sumx4::new(block[0]), Sumx4::new(block[1]), Sumx4::new(block[2]), Sumx4::new(block[3])];
        let (ab, cd) = (a.add(b), c.add(d));
        let abcd = ab.add(cd);
        *sums = [abcd.add(ab).add(b), abcd.add(b).add(c.add(c)), abcd.add(cd).add(d), abcd.add(d).add(a.add(a))];
    }
    for column in 0..4 {
        let total = sums[column].add(sums[4 + column]).add(sums[8 + column]);
        for i in [column, 4 + column, 8 + column] {
            state[i] = sums[i].add(total).add_splat(Fp::from_u64_mod_order(next_constants[i])).reduce();
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn pow7(element: Fpx4) -> Fpx4 {
    let square = element.square();
    square.square().mul(square.mul(element))
}
