use keyward_goldilocks::Fp;

use crate::constants::{DIAGONAL, EXTERNAL, HALF_EXTERNAL_ROUNDS, INTERNAL};

/// How many field elements the state has.
pub const WIDTH: usize = 12;

/// What no round adds: after the last one.
const NOTHING: [u64; WIDTH] = [0; WIDTH];

/// The Poseidon2 permutation of Lighter's instance: width 12, S-box x^7, 4 + 22 + 4 rounds.
///
/// The round constants are not those of other Poseidon2 instances over the same field.
pub fn permute(state: &mut [Fp; WIDTH]) {
    // A round is "add constants, S-box, linear layer". Each linear layer here adds the constants of the round that
    // follows, before it reduces.
    external_layer(state, &EXTERNAL[0]);
    for next in &EXTERNAL[1..HALF_EXTERNAL_ROUNDS] {
        external_round(state, next);
    }
    external_round(state, &lane_0(INTERNAL[0]));
    for &next in &INTERNAL[1..] {
        internal_round(state, &lane_0(next));
    }
    internal_round(state, &EXTERNAL[HALF_EXTERNAL_ROUNDS]);
    for next in &EXTERNAL[HALF_EXTERNAL_ROUNDS + 1..] {
        external_round(state, next);
    }
    external_round(state, &NOTHING);
}

/// The constants of an internal round, as those of an external one.
#[inline(always)]
fn lane_0(constant: u64) -> [u64; WIDTH] {
    let mut constants = NOTHING;
    constants[0] = constant;
    constants
}

#[inline(always)]
fn external_round(state: &mut [Fp; WIDTH], next_constants: &[u64; WIDTH]) {
    for lane in &mut *state {
        *lane = pow7(*lane);
    }
    external_layer(state, next_constants);
}

#[inline(always)]
fn internal_round(state: &mut [Fp; WIDTH], next_constants: &[u64; WIDTH]) {
    // All but lane 0 is at hand before the S-box is through.
    let others: u128 = state[1..].iter().map(wide).sum();
    state[0] = pow7(state[0]);
    let sum = others + wide(&state[0]);
    for ((lane, &factor), &constant) in state.iter_mut().zip(&DIAGONAL).zip(next_constants) {
        // No overflow: the factor is canonical, so the product is below 2^128 − 2^96, and the rest below 2^68.
        *lane = Fp::from_u128_mod_order(wide(lane) * u128::from(factor) + sum + u128::from(constant));
    }
}

/// Each block of four lanes is multiplied by M4 = [[2,3,1,1],[1,2,3,1],[1,1,2,3],[3,1,1,2]], then the sum of the
/// three blocks is added to each.
#[inline(always)]
fn external_layer(state: &mut [Fp; WIDTH], next_constants: &[u64; WIDTH]) {
    let mut sums = [0; WIDTH];
    for (block, sums) in state.as_chunks::<4>().0.iter().zip(sums.as_chunks_mut::<4>().0) {
        let [a, b, c, d] = block.each_ref().map(wide);
        let (ab, cd) = (a + b, c + d);
        let abcd = ab + cd;
        // Row 0 is (a + b + c + d) + (a + b) + b, and so on, round and round.
        *sums = [abcd + ab + b, abcd + b + c + c, abcd + cd + d, abcd + d + a + a];
    }
    for column in 0..4 {
        let total = sums[column] + sums[4 + column] + sums[8 + column];
        for lane in [column, 4 + column, 8 + column] {
            state[lane] = Fp::from_u96_mod_order(sums[lane] + total + u128::from(next_constants[lane]));
        }
    }
}

#[inline(always)]
fn pow7(x: Fp) -> Fp {
    let square = x * x;
    let cube = square * x;
    square * square * cube
}

#[inline(always)]
fn wide(element: &Fp) -> u128 {
    u128::from(element.word())
}
