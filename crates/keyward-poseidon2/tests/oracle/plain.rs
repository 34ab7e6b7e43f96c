//! The oracle: Poseidon2 with full matrices over the integers modulo p.

use core::array;
use std::sync::LazyLock;

use serde_json::Value;

pub(crate) const P: u64 = 0xFFFF_FFFF_0000_0001;
const WIDTH: usize = 12;
const RATE: usize = 8;

type Row = [u64; WIDTH];

/// What the published constants make of the instance.
struct Instance {
    external_constants: Vec<Row>,
    internal_constants: Vec<u64>,
    external_matrix: [Row; WIDTH],
    internal_matrix: [Row; WIDTH],
}

static INSTANCE: LazyLock<Instance> = LazyLock::new(|| {
    let constants = &constants()["poseidon2"];
    let external_constants: Vec<Row> = array_of(&constants["external_constants"], row);
    let internal_constants = array_of(&constants["internal_constants"], number);
    assert_eq!((external_constants.len(), internal_constants.len()), (8, 22));
    let m4 = array_of(&constants["m4"], |row| array_of(row, |entry| entry.as_u64().expect("a number")));
    let diagonal = row(&constants["internal_diagonal"]);
    // A block circulant of M4: twice M4 on the diagonal.
    let external = |i: usize, j: usize| m4[i % 4][j % 4] * if i / 4 == j / 4 { 2 } else { 1 };
    // All ones, plus the diagonal.
    let internal = |i: usize, j: usize| if i == j { add(diagonal[i], 1) } else { 1 };
    Instance {
        external_constants,
        internal_constants,
        external_matrix: array::from_fn(|i| array::from_fn(|j| external(i, j))),
        internal_matrix: array::from_fn(|i| array::from_fn(|j| internal(i, j))),
    }
});

pub(crate) fn constants() -> Value {
    serde_json::from_str(include_str!("../vectors/constants.json")).expect("JSON")
}

fn array_of<T>(value: &Value, item: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().expect("an array").iter().map(item).collect()
}

fn number(value: &Value) -> u64 {
    value.as_str().and_then(|text| text.parse().ok()).expect("a decimal string")
}

fn row(value: &Value) -> Row {
    array_of(value, number).try_into().expect("one entry for each lane")
}

fn add(a: u64, b: u64) -> u64 {
    ((u128::from(a) + u128::from(b)) % u128::from(P)) as u64
}

fn mul(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(P)) as u64
}

fn apply(matrix: &[Row; WIDTH], state: Row) -> Row {
    array::from_fn(|i| (0..WIDTH).fold(0, |sum, j| add(sum, mul(matrix[i][j], state[j]))))
}

fn sbox(x: u64) -> u64 {
    (0..6).fold(x, |power, _| mul(power, x))
}

pub(crate) fn plain_permutation(input: Row) -> Row {
    let instance = &*INSTANCE;
    let external_round = |state: Row, constants: &Row| {
        apply(&instance.external_matrix, array::from_fn(|lane| sbox(add(state[lane], constants[lane]))))
    };
    let (first, last) = instance.external_constants.split_at(4);
    let mut state = apply(&instance.external_matrix, input);
    state = first.iter().fold(state, external_round);
    for &constant in &instance.internal_constants {
        state[0] = sbox(add(state[0], constant));
        state = apply(&instance.internal_matrix, state);
    }
    last.iter().fold(state, external_round)
}

/// Overwrites, permutes, and reads five lanes.
pub(crate) fn plain_hash(input: &[u64]) -> [u64; 5] {
    let mut state = [0; WIDTH];
    for chunk in input.chunks(RATE) {
        state[..chunk.len()].copy_from_slice(chunk);
        state = plain_permutation(state);
    }
    array::from_fn(|lane| state[lane])
}
