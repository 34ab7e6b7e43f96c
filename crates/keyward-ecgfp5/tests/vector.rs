//! The vector code gives what the portable code gives, and batches what single operations give.

use keyward_ecgfp5::{Point, PointTable, Scalar};
use keyward_goldilocks::Fp5;
use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};
use proptest::test_runner::Config;

/// Runs `operation` with the code for AVX-512 IFMA and with that for AVX2, if there is any here, then with the portable code. All comparisons of points are
/// of [encodings](Point::encode), which only the portable code computes.
#[cfg(feature = "vector")]
fn on_all_paths<T>(mut operation: impl FnMut() -> T) -> [T; 3] {
    use std::io::{self, Write};
    use std::sync::{Mutex, Once};

    use keyward_goldilocks::vector::{Avx2, Avx512, Level, limit};

    /// The switch is the whole process's.
    static SWITCH: Mutex<()> = Mutex::new(());

    // A test that fails while it holds the lock poisons it, and leaves the switch where the next one sets it.
    let _lock = SWITCH.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
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
    if default.cases == 256 { Config { cases: 512, ..default } } else { default }
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop::array::uniform32(any::<u8>()).prop_flat_map(|low| {
        prop::array::uniform32(any::<u8>()).prop_map(move |high| {
            let mut bytes = [0; 64];
            bytes[..32].copy_from_slice(&low);
            bytes[32..].copy_from_slice(&high);
            Scalar::from_bytes_mod_order_wide(&bytes)
        })
    })
}

/// The widths of the windows that scalars are taken in: alone, and in batches.
const WIDTHS: [usize; 2] = [5, 7];

/// The scalar whose windows of so many bits, below bit 315, all have the same signed digit. Where it is negative 2^315
/// is added.
fn digits(width: usize, digit: i64) -> Scalar {
    let mut bytes = [0; 40];
    let magnitude = digit.unsigned_abs();
    for bit in (0..315).step_by(width) {
        let bits = magnitude << (bit % 8);
        bytes[bit / 8] |= bits as u8;
        bytes[bit / 8 + 1] |= (bits >> 8) as u8;
    }
    let scalar = Scalar::from_bytes_mod_order(&bytes);
    if digit < 0 { power_of_two(315) - scalar } else { scalar }
}

fn power_of_two(exponent: usize) -> Scalar {
    (0..exponent).fold(Scalar::ONE, |power, _| power + power)
}

/// Scalars with the smallest and largest digits, with no digit but one, and around the group's order.
fn edges() -> Vec<Scalar> {
    let mut edges = vec![Scalar::ZERO, Scalar::ONE, -Scalar::ONE];
    for width in WIDTHS {
        let half = 1 << (width - 1);
        for digit in [-half, 1 - half, -1, 1, half - 1, half] {
            edges.extend([digits(width, digit), -digits(width, digit)]);
        }
    }
    let mut power = Scalar::ONE;
    for bit in 0..319 {
        // A window's digits of half its range, of one less and of one more, which carries.
        if WIDTHS.iter().any(|width| bit % width == width - 1) {
            edges.extend([power, power - Scalar::ONE, power + Scalar::ONE, -power]);
        }
        power = power + power;
    }
    edges
}

fn product(scalar: &Scalar) -> [Point; 3] {
    on_all_paths(|| Point::mul_generator(scalar))
}

fn batch<const N: usize>(scalars: &[Scalar; N]) -> [Vec<Fp5>; 3] {
    on_all_paths(|| Point::mul_generator_batch(scalars).to_vec()).map(|products| encode_each(&products))
}

/// `s` times the generator plus `e` times a point, without and with the point's table.
fn sums(s: &Scalar, e: &Scalar, point: &Point, table: &PointTable) -> [Fp5; 2] {
    [Point::mul_generator_add_vartime(s, e, point), table.mul_generator_add_vartime(s, e)].map(|sum| sum.encode())
}

fn encode_each(points: &[Point]) -> Vec<Fp5> {
    points.iter().map(Point::encode).collect()
}

#[test]
fn edge_scalars_agree() {
    for scalar in edges() {
        let expected = (&Point::GENERATOR * &scalar).encode();
        for product in product(&scalar) {
            assert_eq!(product.encode(), expected, "{:x?}", scalar.to_bytes());
        }
    }
}

#[test]
fn batches_of_edge_scalars_agree() {
    for scalars in edges().as_chunks::<17>().0 {
        let expected: Vec<Fp5> = scalars.iter().map(|scalar| (&Point::GENERATOR * scalar).encode()).collect();
        for products in batch(scalars) {
            assert_eq!(products, expected);
        }
    }
}

#[test]
fn batches_of_all_sizes_agree() {
    fn check<const N: usize>() {
        let scalars = edges().last_chunk::<N>().copied().expect("enough");
        let expected: Vec<Fp5> = scalars.iter().map(|scalar| (&Point::GENERATOR * scalar).encode()).collect();
        for products in batch(&scalars) {
            assert_eq!(products, expected);
        }
    }
    check::<0>();
    check::<1>();
    check::<2>();
    check::<3>();
    check::<4>();
    check::<5>();
    check::<6>();
    check::<7>();
    check::<8>();
    check::<9>();
    check::<11>();
    check::<12>();
    check::<13>();
    check::<15>();
    check::<16>();
    check::<22>();
    check::<24>();
}

#[test]
fn edge_scalars_agree_for_any_point() {
    let minus_two = -Point::GENERATOR.double();
    let table = Box::new(PointTable::new(&minus_two));
    let edges = edges();
    // Of 2·e·G − e·2G, s·G + e·Q with s = 2e, every sum is the neutral.
    for (s, e) in edges.iter().zip(edges.iter().rev()).chain(edges.iter().map(|e| (e, e))) {
        let doubled = *e + *e;
        for (s, e) in [(s, e), (&doubled, e)] {
            let expected = (&Point::GENERATOR * &(*s - doubled)).encode();
            for sums in on_all_paths(|| sums(s, e, &minus_two, &table)) {
                assert_eq!(sums, [expected; 2]);
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn products_agree(scalar in scalar()) {
        let [avx512, avx2, portable] = product(&scalar).map(|product| product.encode());
        prop_assert_eq!([avx512, avx2], [portable; 2]);
    }

    #[test]
    fn batches_agree(scalars in prop::array::uniform8(scalar())) {
        let [avx512, avx2, portable] = batch(&scalars);
        prop_assert_eq!(&avx512, &portable);
        prop_assert_eq!(&avx2, &portable);
    }

    #[test]
    fn sums_agree(s in scalar(), e in scalar(), q in scalar()) {
        let point = Point::mul_generator(&q);
        let table = Box::new(PointTable::new(&point));
        let expected = [(&Point::GENERATOR * &(s + e * q)).encode(); 2];
        prop_assert_eq!(on_all_paths(|| sums(&s, &e, &point, &table)), [expected; 3]);
    }
}
