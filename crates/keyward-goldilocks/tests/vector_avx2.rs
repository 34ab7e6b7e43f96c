//! Four lanes give what the portable code gives, for all words. (For limbs as large as they may be: the tests of the products.)

#![cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
#![expect(unsafe_code, reason = "the way into functions with target features")]

use core::arch::x86_64::_mm256_set_epi64x;

use keyward_goldilocks::vector::{Avx2, FloatFp5x4, Fpx4, Sumx4};
use keyward_goldilocks::{Fp, Fp5};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};
use proptest::test_runner::Config;

/// Words at which carries, borrows and limbs change.
const EDGES: [u64; 20] = [
    0,
    1,
    0x7f_ffff,
    0x80_0000,
    0xff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    0x7fff_ff7f_ffff,
    0x7fff_ff80_0000,
    0xffff_ff7f_ffff,
    0xffff_ffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_fffe_ffff_ffff,
    0xffff_ffff_0000_0000,
    Fp::MODULUS,
    Fp::MODULUS + 1,
    0xffff_ffff_8000_0000,
    u64::MAX,
];

/// Whether there is something to test; says so if not.
fn processor_has_it() -> bool {
    let found = Avx2::detect().is_some();
    if !found {
        eprintln!("no AVX2 here: its code is not tested");
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

fn four() -> impl Strategy<Value = [Fp; 4]> {
    prop::array::uniform4(word()).prop_map(|words| words.map(Fp::from_u64_mod_order))
}

fn four_fp5() -> impl Strategy<Value = [Fp5; 4]> {
    prop::array::uniform4(prop::array::uniform5(word()))
        .prop_map(|words| words.map(|words| Fp5::from_coefficients(words.map(Fp::from_u64_mod_order))))
}

fn each<T>(value: impl Fn(usize) -> T) -> [T; 4] {
    core::array::from_fn(value)
}

#[target_feature(enable = "avx2,fma")]
fn check_words(a: &[Fp; 4], b: &[Fp; 4], c: &[Fp; 4]) {
    let (va, vb, vc) = (Fpx4::load(a), Fpx4::load(b), Fpx4::load(c));
    assert_eq!(va.store().map(Fp::word), a.map(Fp::word));
    assert_eq!(Fpx4::splat(a[2]).store(), [a[2]; 4]);
    assert_eq!(va.mul(vb).store(), each(|i| a[i] * b[i]));
    assert_eq!(va.square().store(), a.map(Fp::square));
    assert_eq!(va.mul_add(vb, vc).store(), each(|i| a[i] * b[i] + c[i]));
    assert_eq!(Sumx4::new(va).reduce().store(), *a);
    let (mut sum, mut expected) = (Sumx4::new(va).add(Sumx4::new(vb)).add_splat(c[0]), each(|i| a[i] + b[i] + c[0]));
    // To as many as make a sum.
    for _ in 0..25 {
        assert_eq!(sum.reduce().store(), expected);
        sum = sum.add(sum);
        expected = expected.map(Fp::double);
    }
}

#[target_feature(enable = "avx2,fma")]
fn check_fp5(a: &[Fp5; 4], b: &[Fp5; 4], c: &[Fp5; 4], signs: &[i64; 4]) {
    let (va, vb, vc) = (FloatFp5x4::load(a), FloatFp5x4::load(b), FloatFp5x4::load(c));
    assert_eq!(va.store(), *a);
    let lanes = _mm256_set_epi64x(signs[3], signs[2], signs[1], signs[0]);
    assert_eq!(va.negate_where(lanes).store(), each(|i| if signs[i] < 0 { -a[i] } else { a[i] }));
    let mut product = va.sub(&vb);
    product.mul_by(&vc);
    assert_eq!(product.store(), each(|i| (a[i] - b[i]) * c[i]));
    let mut difference = va;
    difference.sub_from_product(&vb, &va.sub(&vc));
    assert_eq!(difference.store(), each(|i| b[i] * (a[i] - c[i]) - a[i]));
    let mut sum = va.sub(&vb).sub(&vc);
    sum.add_square(&vb);
    assert_eq!(sum.store(), each(|i| a[i] - b[i] - c[i] + b[i].square()));
}

#[test]
fn edge_words_agree_in_all_pairs() {
    if !processor_has_it() {
        return;
    }
    for a in EDGES.map(Fp::from_u64_mod_order) {
        for b in EDGES.map(Fp::from_u64_mod_order) {
            let splat = |element| [Fp5::from_coefficients([element; 5]); 4];
            // SAFETY: the processor has the target features.
            unsafe {
                check_words(&[a; 4], &[b; 4], &[a; 4]);
                check_fp5(&splat(a), &splat(b), &splat(b), &[-1, 0, i64::MIN, i64::MAX]);
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn words_agree(a in four(), b in four(), c in four()) {
        if Avx2::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_words(&a, &b, &c) }
        }
    }

    #[test]
    fn fp5_agrees(a in four_fp5(), b in four_fp5(), c in four_fp5(), signs in prop::array::uniform4(any::<i64>())) {
        if Avx2::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_fp5(&a, &b, &c, &signs) }
        }
    }
}
