//! Batches give what single operations give, and the vector code what the portable code gives.

use core::array;

use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::{WIDTH, hash, hash_batch, hash_text, hash_text_batch, permute, permute_batch};
use proptest::prelude::{Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::Config;
use serde_json::Value;

type State = [Fp; WIDTH];

/// Words at which carries, borrows and limbs change.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    0xffff_fffe,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_fffe_ffff_ffff,
    0xffff_ffff_0000_0000,
    Fp::MODULUS,
    Fp::MODULUS + 1,
    0xffff_ffff_8000_0000,
    0xffff_ffff_ffff_fffe,
    u64::MAX,
];

/// Runs `operation` with the code for AVX-512 IFMA and with that for AVX2, if there is any here, then with the portable code.
#[cfg(feature = "vector")]
fn on_all_paths<T>(mut operation: impl FnMut() -> T) -> [T; 3] {
    use std::io::{self, Write};
    use std::sync::{Mutex, Once, PoisonError};

    use keyward_goldilocks::vector::{Avx2, Avx512, Level, limit};

    /// The switch is the whole process's.
    static SWITCH: Mutex<()> = Mutex::new(());

    // A test that fails while it holds the lock poisons it, and leaves the switch where the next one sets it.
    let _lock = SWITCH.lock().unwrap_or_else(PoisonError::into_inner);
    limit(Level::Avx512);
    if Avx512::detect().is_none() {
        static SAID: Once = Once::new();
        // Not `eprintln!`, which the test harness captures.
        SAID.call_once(|| _ = io::stderr().write_all(b"NOT RUN: the code for AVX-512 IFMA\n"));
    }
    if Avx2::detect().is_none() {
        static SAID: Once = Once::new();
        SAID.call_once(|| _ = io::stderr().write_all(b"NOT RUN: the code for AVX2\n"));
    }
    let results = [Level::Avx512, Level::Avx2, Level::Portable].map(|level| {
        limit(level);
        operation()
    });
    limit(Level::Avx512);
    results
}

#[cfg(not(feature = "vector"))]
fn on_all_paths<T>(mut operation: impl FnMut() -> T) -> [T; 3] {
    [operation(), operation(), operation()]
}

fn config() -> Config {
    // PROPTEST_CASES overrides it.
    let default = Config::default();
    if default.cases == 256 { Config { cases: 2_048, ..default } } else { default }
}

fn word() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), prop::sample::select(&EDGES[..])]
}

fn state() -> impl Strategy<Value = State> {
    array::from_fn::<_, WIDTH, _>(|_| word()).prop_map(|words| words.map(Fp::from_u64_mod_order))
}

/// Together, on all paths, and one by one with what has no vector code.
fn permuted(states: &[State]) -> ([Vec<State>; 3], Vec<State>) {
    let together = on_all_paths(|| {
        let mut states = states.to_vec();
        permute_batch(&mut states);
        states
    });
    let mut alone = states.to_vec();
    alone.iter_mut().for_each(permute);
    (together, alone)
}

fn assert_all_are(together: &[Vec<State>; 3], expected: &[State]) {
    for (states, path) in together.iter().zip(["AVX-512", "AVX2", "portable"]) {
        assert_eq!(states, expected, "{path}");
    }
}

#[test]
fn edge_words_agree_in_every_lane() {
    let states = EDGES.map(|word| [Fp::from_u64_mod_order(word); WIDTH]);
    for shift in 0..EDGES.len() {
        let mut states = states;
        states.rotate_left(shift);
        let (together, alone) = permuted(&states);
        assert_all_are(&together, &alone);
    }
}

#[test]
fn one_edge_word_among_zeros_agrees() {
    for word in EDGES {
        let states: [State; WIDTH] =
            array::from_fn(|i| array::from_fn(|j| Fp::from_u64_mod_order(if i == j { word } else { 0 })));
        let (together, alone) = permuted(&states);
        assert_all_are(&together, &alone);
    }
}

#[test]
fn batches_of_all_sizes_agree() {
    for count in 0..=25_u64 {
        let states: Vec<State> =
            (0..count).map(|i| array::from_fn(|j| Fp::from_u64_mod_order(i << 32 | j as u64))).collect();
        let (together, alone) = permuted(&states);
        assert_all_are(&together, &alone);
    }
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/poseidon2.json")).expect("JSON")
}

fn elements(value: &Value) -> Vec<Fp> {
    let element = |value: &Value| {
        let text = value.as_str().expect("a decimal string");
        Fp::new(text.parse().expect("a number")).expect("canonical")
    };
    value.as_array().expect("an array").iter().map(element).collect()
}

/// The field `name` of each case of a kind, as many as the file must have.
fn column<T>(kind: &str, name: &str, count: usize, read: impl Fn(&Value) -> T) -> Vec<T> {
    let vectors = vectors();
    let cases = vectors[kind].as_array().expect("an array");
    assert_eq!(cases.len(), count, "{kind}");
    cases.iter().map(|case| read(&case[name])).collect()
}

#[test]
fn permutations_of_the_reference_implementation() {
    let state = |value: &Value| State::try_from(elements(value)).expect("12 elements");
    let (together, alone) = permuted(&column("permutations", "input", 38, state));
    let expected = column("permutations", "output", 38, state);
    assert_all_are(&together, &expected);
    assert_eq!(alone, expected);
}

#[test]
fn hashes_of_the_reference_implementation() {
    /// Hashes those of this length together; how many there are.
    fn check<const LEN: usize>(cases: &[(Vec<Fp>, Vec<Fp>)]) -> usize {
        let of_length = || cases.iter().filter(|(input, _)| input.len() == LEN);
        let inputs: Vec<[Fp; LEN]> =
            of_length().map(|(input, _)| input.as_slice().try_into().expect("of this length")).collect();
        for hashes in on_all_paths(|| {
            let mut hashes = vec![Fp5::ONE; inputs.len()];
            hash_batch(&inputs, &mut hashes);
            hashes
        }) {
            for ((input, output), digest) in of_length().zip(hashes) {
                assert_eq!(digest.coefficients().as_slice(), output, "{input:?}");
            }
        }
        inputs.len()
    }
    let inputs = column("hashes", "input", 60, elements);
    let cases: Vec<_> = inputs.into_iter().zip(column("hashes", "output", 60, elements)).collect();
    let mut checked = 0;
    macro_rules! lengths {
        ($($length:literal)*) => { $(checked += check::<$length>(&cases);)* };
    }
    lengths!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24);
    assert_eq!(checked, cases.len());
}

#[test]
fn texts_of_the_reference_implementation() {
    let texts = column("texts", "text", 40, |text| text.as_str().expect("a text").to_owned());
    let expected = column("texts", "hash", 40, |hash| hash.as_str().expect("a hash").to_owned());
    let texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    for hashes in on_all_paths(|| {
        let mut hashes = vec![Fp5::ONE; texts.len()];
        hash_text_batch(&texts, &mut hashes).map(|()| hashes)
    }) {
        let hex = |digest: &Fp5| digest.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hashes.expect("ASCII").iter().map(hex).collect::<Vec<_>>(), expected);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn permutations_agree(states in prop::array::uniform8(state())) {
        let (together, alone) = permuted(&states);
        for together in &together {
            prop_assert_eq!(together, &alone);
        }
    }

    #[test]
    fn hashes_agree(inputs in prop::collection::vec(prop::array::uniform10(word()), 0..=17)) {
        let inputs: Vec<[Fp; 10]> = inputs.into_iter().map(|words| words.map(Fp::from_u64_mod_order)).collect();
        let alone: Vec<Fp5> = inputs.iter().map(|input| hash(input)).collect();
        for hashes in on_all_paths(|| {
            let mut hashes = vec![Fp5::ONE; inputs.len()];
            hash_batch(&inputs, &mut hashes);
            hashes
        }) {
            prop_assert_eq!(&hashes, &alone);
        }
    }

    #[test]
    fn texts_agree(texts in prop::collection::vec(prop::collection::vec(0..0x80_u8, 1..=70), 0..=17)) {
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        let alone: Result<Vec<Fp5>, _> = texts.iter().map(|text| hash_text(text)).collect();
        for hashes in on_all_paths(|| {
            let mut hashes = vec![Fp5::ONE; texts.len()];
            hash_text_batch(&texts, &mut hashes).map(|()| hashes)
        }) {
            prop_assert_eq!(&hashes, &alone);
        }
    }
}
