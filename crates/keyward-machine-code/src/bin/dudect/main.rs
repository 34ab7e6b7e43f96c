//! Whether the time of an operation depends on its secret: Welch's t-test between the times for one fixed secret and those
//! for random ones, after "Dude, is my code constant time?" (<https://eprint.iacr.org/2016/1123>).
//!
//! `dudect [SAMPLES]` takes so many of each class, a million if not told. A |t| above 4.5 asks for a second run, one above 10
//! is a leak. The last operation is one that leaks, to show that the test would see it.

mod t_test;

use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use keyward_goldilocks::vector::{Avx2, Avx512, Level, limit};
use keyward_machine_code::{FixedRng, Leak, Secret, SecretOperation, operations};
use t_test::TTest;

/// Of each class.
const SAMPLES: usize = 1_000_000;

/// For what leaks a hundredth is enough.
const LEAK_SAMPLES_DIVISOR: usize = 100;

/// What |t| is beyond chance: a leak.
const LIMIT: f64 = 10.0;

/// On which code the operations are timed.
const CODES: [(&str, Level); 3] =
    [("portable", Level::Portable), ("AVX2", Level::Avx2), ("AVX-512 IFMA", Level::Avx512)];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let samples = match arguments.iter().map(|argument| argument.parse()).collect::<Vec<_>>()[..] {
        [] => SAMPLES,
        [Ok(samples)] if samples >= LEAK_SAMPLES_DIVISOR * t_test::WARM_UP => samples,
        _ => {
            eprintln!("usage: dudect [SAMPLES of each class, {} or more]", LEAK_SAMPLES_DIVISOR * t_test::WARM_UP);
            return ExitCode::from(2);
        }
    };
    println!("{:52} {:>9}  |t| of all times, then of those below growing limits", "operation", "samples");
    let mut is_as_expected = true;
    for (code, level) in CODES {
        limit(level);
        let is_here = match level {
            Level::Portable => true,
            Level::Avx2 => Avx2::detect().is_some(),
            Level::Avx512 => Avx512::detect().is_some(),
        };
        if !is_here {
            println!("{code}: NOT RUN: this processor has not got it");
            continue;
        }
        // Whether a look-up shows in the time is up to the caches; and all but batches is portable where there is AVX2.
        let is_wanted = |operation: &SecretOperation| match operation.leak {
            Leak::Nothing => operation.is_batch || level != Level::Avx2,
            Leak::Jumps => true,
            Leak::Addresses => false,
        };
        for mut operation in operations().into_iter().filter(is_wanted) {
            let leaks = operation.leak == Leak::Jumps;
            let samples = if leaks { samples / LEAK_SAMPLES_DIVISOR } else { samples };
            let test = measure(&mut operation, samples);
            let values: Vec<String> = test.values().map(|t| format!("{t:.1}")).collect();
            let largest = test.values().fold(0.0, f64::max);
            let verdict = match (largest > LIMIT, leaks) {
                (false, false) => "no leak seen",
                (true, true) => "leaks, as it must",
                (true, false) => "LEAKS",
                (false, true) => "NOT SEEN to leak",
            };
            is_as_expected &= (largest > LIMIT) == leaks;
            let name = format!("{}, {code}", operation.name);
            println!("{name:52} {samples:9}  {}: {verdict}", values.join(" "));
        }
    }
    if is_as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Takes `samples` times of each class, in an order that is drawn.
fn measure(operation: &mut SecretOperation, samples: usize) -> TTest {
    let mut rng = FixedRng::new(1);
    let mut test = TTest::new();
    for _ in 0..2 * samples {
        let [coin] = rng.bytes();
        let is_fixed = coin & 1 == 0;
        // Both classes are made by the same steps in the same place, without a jump, so that they leave the processor in the
        // same state.
        let mut secret: Secret = rng.bytes();
        let keep = black_box(coin & 1).wrapping_neg();
        secret.iter_mut().for_each(|byte| *byte &= keep);
        (operation.prepare)(&secret);
        let start = Instant::now();
        (operation.run)();
        test.add(is_fixed, start.elapsed());
    }
    test
}
