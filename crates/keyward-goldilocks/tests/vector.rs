//! Eight lanes give what the portable code gives, for limbs as large as they may be.

#![cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
#![expect(unsafe_code, reason = "the way into functions with target features")]

use core::arch::x86_64::{__m512i, _mm512_set_epi64, _mm512_set1_epi64};
use std::io::{self, Write};
use std::sync::Once;

use keyward_goldilocks::vector::{Avx512, Factor, Factor5, Fp5x8, Fpx8, Products, SplitFp5x4, order};
use keyward_goldilocks::{Fp, Fp5};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use proptest::test_runner::Config;

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

/// Whether there is something to test; says so if not.
fn processor_has_it() -> bool {
    let found = Avx512::detect().is_some();
    if !found {
        static SAID: Once = Once::new();
        // Not `eprintln!`, which the test harness captures.
        SAID.call_once(|| _ = io::stderr().write_all(b"NOT RUN: the vector code, for lack of AVX-512 IFMA\n"));
    }
    found
}

fn config() -> Config {
    // PROPTEST_CASES overrides it.
    let default = Config::default();
    if default.cases == 256 { Config { cases: 4_096, ..default } } else { default }
}

fn word() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), prop::sample::select(&EDGES[..])]
}

fn eight() -> impl Strategy<Value = [Fp; 8]> {
    prop::array::uniform8(word()).prop_map(|words| words.map(Fp::from_u64_mod_order))
}

fn eight_fp5() -> impl Strategy<Value = [Fp5; 8]> {
    prop::array::uniform8(prop::array::uniform5(word()))
        .prop_map(|words| words.map(|words| Fp5::from_coefficients(words.map(Fp::from_u64_mod_order))))
}

/// Limbs below 2^`bits`, more often than not at one of the ends.
fn limbs(bits: u32) -> impl Strategy<Value = [[u64; 8]; 2]> {
    let top = (1_u64 << bits) - 1;
    let limb = prop_oneof![0..=top, prop::sample::select(vec![0, 1, 0xffff_ffff, 1 << 32, top - 1, top])];
    prop::array::uniform2(prop::array::uniform8(limb))
}

fn value([l, h]: &[[u64; 8]; 2]) -> [Fp; 8] {
    let shift = Fp::from_u64_mod_order(1 << 32);
    core::array::from_fn(|i| Fp::from_u64_mod_order(l[i]) + Fp::from_u64_mod_order(h[i]) * shift)
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn vector([l, h]: &[[u64; 8]; 2]) -> Fpx8 {
    Fpx8::from_limbs(lanes(l), lanes(h))
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn lanes(words: &[u64; 8]) -> __m512i {
    let [w0, w1, w2, w3, w4, w5, w6, w7] = words.map(u64::cast_signed);
    _mm512_set_epi64(w7, w6, w5, w4, w3, w2, w1, w0)
}

fn zip<T: Copy, U>(a: &[T; 8], b: &[T; 8], operation: impl Fn(T, T) -> U) -> [U; 8] {
    core::array::from_fn(|i| operation(a[i], b[i]))
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn check_words(a: &[Fp; 8], b: &[Fp; 8]) {
    let (va, vb) = (Fpx8::load(a), Fpx8::load(b));
    assert_eq!(va.store(), *a);
    assert_eq!(Fpx8::splat(a[3]).store(), [a[3]; 8]);
    assert_eq!(va.add(vb).store(), zip(a, b, |a, b| a + b));
    assert_eq!(va.sub(vb).store(), zip(a, b, |a, b| a - b));
    assert_eq!(va.mul(vb).store(), zip(a, b, |a, b| a * b));
    assert_eq!(va.square().store(), a.map(Fp::square));
    assert_eq!(va.times(0xfffff).store(), a.map(|a| a * Fp::from_u64_mod_order(0xfffff)));
    assert_eq!(va.plus_times(vb, 0xfffff).store(), zip(a, b, |a, b| a + b * Fp::from_u64_mod_order(0xfffff)));
    assert_eq!(va.reduce().store(), *a);
    assert_eq!(va.blend(vb, 0b0101_1100).store(), [a[0], a[1], b[2], b[3], b[4], a[5], b[6], a[7]]);
    let order = _mm512_set_epi64(0, 3, 1, 7, 7, 4, 2, 5);
    assert_eq!(va.permute(order).store(), [5, 2, 4, 7, 7, 1, 3, 0].map(|lane: usize| a[lane]));
    let order = _mm512_set_epi64(0, 8, 1, 15, 7, 10, 2, 9);
    assert_eq!(va.pick(vb, order).store(), [b[1], a[2], b[2], a[7], b[7], a[1], b[0], a[0]]);
}

/// `a` and `b` have limbs below 2^39, `wide` below 2^62.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn check_limbs(a: &[[u64; 8]; 2], b: &[[u64; 8]; 2], wide: &[[u64; 8]; 2]) {
    let (va, vb) = (vector(a), vector(b));
    let (a, b) = (value(a), value(b));
    assert_eq!(va.store(), a);
    assert_eq!(va.add(vb).store(), zip(&a, &b, |a, b| a + b));
    assert_eq!(va.sub_below::<40>(vb).store(), zip(&a, &b, |a, b| a - b));
    assert_eq!(va.reduce().store(), a);
    let product = va.mul(vb);
    assert_eq!(product.store(), zip(&a, &b, |a, b| a * b));
    // What is reduced may be subtracted: in debug builds this checks the bounds.
    for reduced in [product, va.reduce(), va.square(), vector(wide).reduce()] {
        let _ = va.sub(reduced);
    }
    assert_eq!(va.square().store(), a.map(Fp::square));
    assert_eq!(vector(wide).store(), value(wide));
    assert_eq!(vector(wide).reduce().store(), value(wide));
}

/// Limbs of `a` and `b` are below 2^38, those of `term` below 2^56.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn check_products(a: &[[u64; 8]; 2], b: &[[u64; 8]; 2], term: &[[u64; 8]; 2]) {
    let (fa, fb) = (Factor::new(vector(a)), Factor::new(vector(b)));
    let mut sum = Products::zero().plus_element(vector(term));
    let minus = Products::zero().plus(fa, fb).minus_element(vector(a)).reduce();
    let _ = minus.sub_below::<33>(minus);
    assert_eq!(minus.store(), zip(&value(a), &value(b), |a, b| a * b - a));
    let (a, b, term) = (value(a), value(b), value(term));
    let product = zip(&a, &b, |a, b| a * b);
    let mut expected = term;
    assert_eq!(sum.reduce().store(), expected);
    for count in 0..16 {
        // 3·4 + 12 products count fully: below 2^82.6.
        sum = if count < 4 { sum.plus(fa, fb.triple()) } else { sum.plus(fa, fb) };
        for (expected, product) in expected.iter_mut().zip(product) {
            *expected += if count < 4 { product.double() + product } else { product };
        }
        let reduced = sum.reduce();
        assert_eq!(reduced.store(), expected);
        let _ = reduced.sub_below::<33>(reduced);
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn check_fp5(a: &[Fp5; 8], b: &[Fp5; 8], c: &[Fp5; 8]) {
    let (va, vb, vc) = (Fp5x8::load(a), Fp5x8::load(b), Fp5x8::load(c));
    assert_eq!(va.store(), *a);
    assert_eq!(Fp5x8::splat(&a[6]).store(), [a[6]; 8]);
    assert_eq!(va.add(&vb).store(), zip(a, b, |a, b| a + b));
    assert_eq!(va.sub(&vb).store(), zip(a, b, |a, b| a - b));
    assert_eq!(va.sub_below::<36>(&vb).store(), zip(a, b, |a, b| a - b));
    assert_eq!(va.mul(&vb).store(), zip(a, b, |a, b| a * b));
    assert_eq!(va.reduce().store(), *a);
    let sum = zip(&zip(a, b, |a, b| a * b), c, |product, c| product + c);
    assert_eq!(Factor5::new(&va).mul_add(&vb, &vc).store(), sum);
    let difference = zip(&zip(a, b, |a, b| a * b), c, |product, c| product - c);
    assert_eq!(Factor5::new(&va).mul_sub(&vb, &vc).store(), difference);
    assert_eq!(Fp5x8::zero().store(), [Fp5::ZERO; 8]);
    let z = Fp5::from_coefficients([Fp::ZERO, Fp::from_u64_mod_order(526), Fp::ZERO, Fp::ZERO, Fp::ZERO]);
    assert_eq!(va.times_z(526).store(), a.map(|a| a * z));
    assert_eq!(va.plus_times_z(&vb, 526).store(), zip(a, b, |a, b| a + b * z));
    assert_eq!(va.plus_times(&vb, 7).store(), zip(a, b, |a, b| a + b * Fp::from_u64_mod_order(7)));
    assert_eq!(va.times(5).store(), a.map(|a| a * Fp::from_u64_mod_order(5)));
    assert_eq!(va.blend(&vb, 0b1000_0001).store(), [b[0], a[1], a[2], a[3], a[4], a[5], a[6], b[7]]);
    assert_eq!(va.permute(_mm512_set1_epi64(2)).store(), [a[2]; 8]);
    assert_eq!(va.pick(&vb, _mm512_set1_epi64(13)).store(), [b[5]; 8]);
}

/// All limbs of `a` and `b` are below 2^38: the largest that a product takes.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn check_fp5_limbs(a: &[[[u64; 8]; 2]; 5], b: &[[[u64; 8]; 2]; 5]) {
    let coefficients = |five: &[[[u64; 8]; 2]; 5]| -> [Fp5; 8] {
        let five = five.each_ref().map(value);
        core::array::from_fn(|lane| Fp5::from_coefficients(five.map(|eight| eight[lane])))
    };
    let element = |five: &[[[u64; 8]; 2]; 5]| {
        let [a0, a1, a2, a3, a4] = five;
        Fp5x8::from_coefficients([vector(a0), vector(a1), vector(a2), vector(a3), vector(a4)])
    };
    let product = element(a).mul(&element(b));
    assert_eq!(product.store(), zip(&coefficients(a), &coefficients(b), |a, b| a * b));
    let _ = product.sub_below::<33>(&product);
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn check_fp5x4(a: &[Fp5; 4], b: &[Fp5; 4]) {
    let (va, vb) = (SplitFp5x4::load(a), SplitFp5x4::load(b));
    let each = |operation: &dyn Fn(Fp5, Fp5) -> Fp5| -> [Fp5; 4] { core::array::from_fn(|i| operation(a[i], b[i])) };
    assert_eq!(va.store(), *a);
    assert_eq!(SplitFp5x4::zero().store(), [Fp5::ZERO; 4]);
    assert_eq!(va.add(&vb).store(), each(&|a, b| a + b));
    assert_eq!(va.add_where(0b0110, &vb).store(), [a[0], a[1] + b[1], a[2] + b[2], a[3]]);
    assert_eq!(va.sub_below::<33>(&vb).store(), each(&|a, b| a - b));
    assert_eq!(va.reduce().store(), *a);
    let z = Fp5::from_coefficients([Fp::ZERO, Fp::from_u64_mod_order(526), Fp::ZERO, Fp::ZERO, Fp::ZERO]);
    assert_eq!(va.plus_times_z(&vb, 526).store(), each(&|a, b| a + b * z));
    assert_eq!(va.permute::<{ order([3, 0, 0, 2]) }>().store(), [a[3], a[0], a[0], a[2]]);
    assert_eq!(va.blend(0b1001, &vb).store(), [b[0], a[1], a[2], b[3]]);
    assert_eq!(va.replace::<{ order([1, 2, 3, 0]) }>(0b0101, &vb).store(), [b[1], a[1], b[3], a[3]]);
    // What stands where coefficient 5 would be is something else from the second product on.
    let (mut product, mut expected) = (va, *a);
    for _ in 0..3 {
        product = product.mul(&vb).plus_times_z(&va, 1).permute::<{ order([1, 2, 3, 0]) }>();
        let z = Fp5::from_coefficients([Fp::ZERO, Fp::ONE, Fp::ZERO, Fp::ZERO, Fp::ZERO]);
        expected = core::array::from_fn(|i| expected[i] * b[i] + a[i] * z);
        expected.rotate_left(1);
        assert_eq!(product.store(), expected);
    }
}

/// From limbs below 2^32 to the largest that a product takes.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn check_fp5x4_limbs(l: u64, h: u64) {
    let four = [Fp5::from_coefficients([Fp::from_u64_mod_order((h << 32) | l); 5]); 4];
    let (mut wide, mut value) = (SplitFp5x4::load(&four), four[0]);
    // Below 2^38.
    for _ in 0..6 {
        wide = wide.add(&wide);
        value = value.double();
    }
    assert_eq!(wide.mul(&wide).store(), [value.square(); 4]);
    assert_eq!(wide.reduce().store(), [value; 4]);
    let product = wide.mul(&wide);
    let _ = product.sub_below::<33>(&product);
}

#[test]
fn all_pairs_of_edges() {
    if !processor_has_it() {
        return;
    }
    for (i, a) in EDGES.iter().enumerate() {
        for (j, b) in EDGES.iter().enumerate() {
            // Neighbours differ, so that a lane that looks into another one is seen.
            let a = core::array::from_fn(|lane| {
                Fp::from_u64_mod_order(if lane == 4 { *a } else { EDGES[(i + lane) % 16] })
            });
            let b = core::array::from_fn(|lane| {
                Fp::from_u64_mod_order(if lane == 4 { *b } else { EDGES[(j + 3 * lane) % 16] })
            });
            // SAFETY: the processor has the target features.
            unsafe { check_words(&a, &b) }
        }
    }
}

#[test]
fn the_largest_limbs() {
    if !processor_has_it() {
        return;
    }
    let limb = |bits: u32| (1 << bits) - 1;
    let splat = |limb: u64| [[limb; 8]; 2];
    // SAFETY: the processor has the target features.
    unsafe {
        check_limbs(&splat(limb(39)), &splat(limb(39)), &splat(limb(62)));
        check_products(&splat(limb(38)), &splat(limb(38)), &splat(limb(56)));
        check_fp5_limbs(&[splat(limb(38)); 5], &[splat(limb(38)); 5]);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn words_agree(a in eight(), b in eight()) {
        if Avx512::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_words(&a, &b) }
        }
    }

    #[test]
    fn limbs_agree(a in limbs(39), b in limbs(39), wide in limbs(62)) {
        if Avx512::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_limbs(&a, &b, &wide) }
        }
    }

    #[test]
    fn sums_of_products_agree(a in limbs(38), b in limbs(38), term in limbs(56)) {
        if Avx512::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_products(&a, &b, &term) }
        }
    }

    #[test]
    fn fp5_agrees(a in eight_fp5(), b in eight_fp5(), c in eight_fp5()) {
        if Avx512::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_fp5(&a, &b, &c) }
        }
    }

    #[test]
    fn four_of_fp5_agree(a in eight_fp5(), b in eight_fp5()) {
        if Avx512::detect().is_some() {
            let (Some(a), Some(b)) = (a.first_chunk(), b.last_chunk()) else { unreachable!("of eight there are four") };
            // SAFETY: the processor has the target features.
            unsafe { check_fp5x4(a, b) }
        }
    }

    #[test]
    fn limbs_of_four_agree(
        l in prop_oneof![0..1_u64 << 32, Just(0), Just(0xffff_ffff)],
        h in prop_oneof![0..1_u64 << 32, Just(0), Just(0xffff_ffff)],
    ) {
        if Avx512::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_fp5x4_limbs(l, h) }
        }
    }

    #[test]
    fn fp5_limbs_agree(a in prop::array::uniform5(limbs(38)), b in prop::array::uniform5(limbs(38))) {
        if Avx512::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_fp5_limbs(&a, &b) }
        }
    }
}
