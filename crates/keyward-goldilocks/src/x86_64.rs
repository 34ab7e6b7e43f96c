//! The arithmetic of [`plain`](crate::plain) for x86-64, instruction by instruction: without a jump, whatever the compiler.
//!
//! A product takes a tenth fewer instructions than what the compiler makes of the plain one, a sum or a difference half as many; and
//! formulas made of these keep less on the stack. The products read their operands where they stand in memory and leave the
//! result in registers.

use core::arch::asm;

use crate::Fp;
use crate::fp::EPSILON;

/// `a + b` in GF(p).
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn fp_add(mut a: u64, b: u64) -> u64 {
    // SAFETY: the instructions change no other registers than those named.
    unsafe {
        asm!(
            "add {a}, {b}",
            // epsilon on carry, else 0; the second carry needs both operands to be non-canonical.
            "sbb {correction:e}, {correction:e}",
            "add {a}, {correction}",
            "sbb {correction:e}, {correction:e}",
            "add {a}, {correction}",
            a = inout(reg) a,
            b = in(reg) b,
            correction = out(reg) _,
            options(pure, nomem, nostack),
        );
    }
    a
}

/// `a - b` in GF(p).
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn fp_sub(mut a: u64, b: u64) -> u64 {
    // SAFETY: the instructions change no other registers than those named.
    unsafe {
        asm!(
            "sub {a}, {b}",
            "sbb {correction:e}, {correction:e}",
            "sub {a}, {correction}",
            "sbb {correction:e}, {correction:e}",
            "sub {a}, {correction}",
            a = inout(reg) a,
            b = in(reg) b,
            correction = out(reg) _,
            options(pure, nomem, nostack),
        );
    }
    a
}

/// The residue of `low + 2^64·high`, by the steps of [`reduce`](crate::fp::reduce).
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn reduce_128(mut low: u64, high: u64) -> u64 {
    // SAFETY: the instructions change no other registers than those named.
    unsafe {
        asm!(
            "mov {t}, {high}",
            "shr {t}, 32",
            "sub {low}, {t}",
            "sbb {t:e}, {t:e}",
            "sub {low}, {t}",
            "mov {t:e}, {high:e}",
            "shl {high}, 32",
            "sub {high}, {t}",
            "add {low}, {high}",
            "sbb {t:e}, {t:e}",
            "add {low}, {t}",
            low = inout(reg) low,
            high = inout(reg) high => _,
            t = out(reg) _,
            options(pure, nomem, nostack),
        );
    }
    low
}

/// The residue of `low + 2^64·high` for `high` below 2^32, as [`plain::reduce_96`](crate::plain::reduce_96) does it.
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn reduce_96(mut low: u64, high: u64) -> u64 {
    // SAFETY: the instructions change no other registers than those named.
    unsafe {
        asm!(
            "mov {t}, {high}",
            "shl {t}, 32",
            "sub {t}, {high}",
            "add {low}, {t}",
            "sbb {t:e}, {t:e}",
            "add {low}, {t}",
            low = inout(reg) low,
            high = in(reg) high,
            t = out(reg) _,
            options(pure, nomem, nostack),
        );
    }
    low
}

/// A word of the operand `$operand`: the coefficient of that index, or the half coefficient of a term.
#[rustfmt::skip]
macro_rules! word {
    ($operand:literal, $index:literal) => {
        concat!("qword ptr [{", $operand, "} + 8*", $index, "]")
    };
}

/// The register `w`j becomes 3·b_j mod p.
#[rustfmt::skip]
macro_rules! triple {
    ($operand:literal, $index:literal) => {
        concat!(
            "mov eax, 3\n",
            "mul ", word!($operand, $index), "\n",
            // The high word is below 3, and 2^64 = epsilon.
            "imul rdx, {epsilon}\n",
            "add rax, rdx\n",
            // epsilon on carry, else 0.
            "sbb edx, edx\n",
            "lea {w", $index, "}, [rax + rdx]\n",
        )
    };
}

/// The sum becomes a product.
#[rustfmt::skip]
macro_rules! product {
    ($a:expr, $b:expr) => {
        concat!(
            "mov rax, ", $a, "\n",
            "mul ", $b, "\n",
            "mov {low}, rax\n",
            "mov {high}, rdx\n",
            "xor {top:e}, {top:e}\n",
        )
    };
}

/// The sum becomes a coefficient of the term.
#[rustfmt::skip]
macro_rules! term {
    ($low:literal, $high:literal) => {
        concat!(
            "mov {low}, ", word!("term", $low), "\n",
            "mov {high}, ", word!("term", $high), "\n",
            "xor {top:e}, {top:e}\n",
        )
    };
}

/// Adds a product to the sum.
#[rustfmt::skip]
macro_rules! plus {
    ($a:expr, $b:expr) => {
        concat!(
            "mov rax, ", $a, "\n",
            "mul ", $b, "\n",
            "add {low}, rax\n",
            "adc {high}, rdx\n",
            "adc {top}, 0\n",
        )
    };
}

/// Adds a coefficient of the term to the sum.
#[rustfmt::skip]
macro_rules! plus_term {
    ($low:literal, $high:literal) => {
        concat!(
            "add {low}, ", word!("term", $low), "\n",
            "adc {high}, ", word!("term", $high), "\n",
            "adc {top}, 0\n",
        )
    };
}

/// Doubles the sum.
#[rustfmt::skip]
macro_rules! double {
    () => {
        concat!(
            "add {low}, {low}\n",
            "adc {high}, {high}\n",
            "adc {top}, {top}\n",
        )
    };
}

/// The register `$result` becomes the sum mod p, by the steps of [`reduce`](crate::fp::reduce).
#[rustfmt::skip]
macro_rules! reduce {
    ($result:literal) => {
        concat!(
            "shld {top}, {high}, 32\n",
            "sub {low}, {top}\n",
            // epsilon on borrow, else 0.
            "sbb eax, eax\n",
            "sub {low}, rax\n",
            "mov eax, {high:e}\n",
            "shl {high}, 32\n",
            "sub {high}, rax\n",
            "add {low}, {high}\n",
            "sbb eax, eax\n",
            "lea ", $result, ", [{low} + rax]\n",
        )
    };
}

/// `a * b`.
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn mul(a: &[Fp; 5], b: &[Fp; 5]) -> [u64; 5] {
    let (c0, c1, c2, c3, c4);
    // SAFETY: the instructions read the operands, within their bounds, and change no other registers than those named.
    unsafe {
        asm!(
            triple!("b", 1),
            triple!("b", 2),
            triple!("b", 3),
            triple!("b", 4),
            product!(word!("a", 0), word!("b", 0)),
            plus!(word!("a", 1), "{w4}"),
            plus!(word!("a", 2), "{w3}"),
            plus!(word!("a", 3), "{w2}"),
            plus!(word!("a", 4), "{w1}"),
            reduce!("{w1}"),
            product!(word!("a", 0), word!("b", 1)),
            plus!(word!("a", 1), word!("b", 0)),
            plus!(word!("a", 2), "{w4}"),
            plus!(word!("a", 3), "{w3}"),
            plus!(word!("a", 4), "{w2}"),
            reduce!("{w2}"),
            product!(word!("a", 0), word!("b", 2)),
            plus!(word!("a", 1), word!("b", 1)),
            plus!(word!("a", 2), word!("b", 0)),
            plus!(word!("a", 3), "{w4}"),
            plus!(word!("a", 4), "{w3}"),
            reduce!("{w3}"),
            product!(word!("a", 0), word!("b", 3)),
            plus!(word!("a", 1), word!("b", 2)),
            plus!(word!("a", 2), word!("b", 1)),
            plus!(word!("a", 3), word!("b", 0)),
            plus!(word!("a", 4), "{w4}"),
            reduce!("{w4}"),
            product!(word!("a", 0), word!("b", 4)),
            plus!(word!("a", 1), word!("b", 3)),
            plus!(word!("a", 2), word!("b", 2)),
            plus!(word!("a", 3), word!("b", 1)),
            plus!(word!("a", 4), word!("b", 0)),
            reduce!("{low}"),
            a = in(reg) a.as_ptr(),
            b = in(reg) b.as_ptr(),
            epsilon = in(reg) EPSILON,
            w1 = out(reg) c0,
            w2 = out(reg) c1,
            w3 = out(reg) c2,
            w4 = out(reg) c3,
            low = out(reg) c4,
            high = out(reg) _,
            top = out(reg) _,
            out("rax") _,
            out("rdx") _,
            options(pure, readonly, nostack),
        );
    }
    [c0, c1, c2, c3, c4]
}

/// `a * b + term`.
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn mul_add(a: &[Fp; 5], b: &[Fp; 5], term: &[u128; 5]) -> [u64; 5] {
    let (c0, c1, c2, c3, c4);
    // SAFETY: the instructions read the operands, within their bounds, and change no other registers than those named.
    unsafe {
        asm!(
            triple!("b", 1),
            triple!("b", 2),
            triple!("b", 3),
            triple!("b", 4),
            term!(0, 1),
            plus!(word!("a", 0), word!("b", 0)),
            plus!(word!("a", 1), "{w4}"),
            plus!(word!("a", 2), "{w3}"),
            plus!(word!("a", 3), "{w2}"),
            plus!(word!("a", 4), "{w1}"),
            reduce!("{w1}"),
            term!(2, 3),
            plus!(word!("a", 0), word!("b", 1)),
            plus!(word!("a", 1), word!("b", 0)),
            plus!(word!("a", 2), "{w4}"),
            plus!(word!("a", 3), "{w3}"),
            plus!(word!("a", 4), "{w2}"),
            reduce!("{w2}"),
            term!(4, 5),
            plus!(word!("a", 0), word!("b", 2)),
            plus!(word!("a", 1), word!("b", 1)),
            plus!(word!("a", 2), word!("b", 0)),
            plus!(word!("a", 3), "{w4}"),
            plus!(word!("a", 4), "{w3}"),
            reduce!("{w3}"),
            term!(6, 7),
            plus!(word!("a", 0), word!("b", 3)),
            plus!(word!("a", 1), word!("b", 2)),
            plus!(word!("a", 2), word!("b", 1)),
            plus!(word!("a", 3), word!("b", 0)),
            plus!(word!("a", 4), "{w4}"),
            reduce!("{w4}"),
            term!(8, 9),
            plus!(word!("a", 0), word!("b", 4)),
            plus!(word!("a", 1), word!("b", 3)),
            plus!(word!("a", 2), word!("b", 2)),
            plus!(word!("a", 3), word!("b", 1)),
            plus!(word!("a", 4), word!("b", 0)),
            reduce!("{low}"),
            a = in(reg) a.as_ptr(),
            b = in(reg) b.as_ptr(),
            term = in(reg) term.as_ptr(),
            epsilon = in(reg) EPSILON,
            w1 = out(reg) c0,
            w2 = out(reg) c1,
            w3 = out(reg) c2,
            w4 = out(reg) c3,
            low = out(reg) c4,
            high = out(reg) _,
            top = out(reg) _,
            out("rax") _,
            out("rdx") _,
            options(pure, readonly, nostack),
        );
    }
    [c0, c1, c2, c3, c4]
}

/// `a * a`.
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn square(a: &[Fp; 5]) -> [u64; 5] {
    let (c0, c1, c2, c3, c4);
    // SAFETY: the instructions read the operands, within their bounds, and change no other registers than those named.
    unsafe {
        asm!(
            triple!("a", 3),
            triple!("a", 4),
            product!(word!("a", 1), "{w4}"),
            plus!(word!("a", 2), "{w3}"),
            double!(),
            plus!(word!("a", 0), word!("a", 0)),
            reduce!("{w1}"),
            product!(word!("a", 0), word!("a", 1)),
            plus!(word!("a", 2), "{w4}"),
            double!(),
            plus!(word!("a", 3), "{w3}"),
            reduce!("{w2}"),
            product!(word!("a", 0), word!("a", 2)),
            plus!(word!("a", 3), "{w4}"),
            double!(),
            plus!(word!("a", 1), word!("a", 1)),
            reduce!("{w3}"),
            product!(word!("a", 0), word!("a", 3)),
            plus!(word!("a", 1), word!("a", 2)),
            double!(),
            plus!(word!("a", 4), "{w4}"),
            reduce!("{w4}"),
            product!(word!("a", 0), word!("a", 4)),
            plus!(word!("a", 1), word!("a", 3)),
            double!(),
            plus!(word!("a", 2), word!("a", 2)),
            reduce!("{low}"),
            a = in(reg) a.as_ptr(),
            epsilon = in(reg) EPSILON,
            w1 = out(reg) c0,
            w2 = out(reg) c1,
            w3 = out(reg) c2,
            w4 = out(reg) c3,
            low = out(reg) c4,
            high = out(reg) _,
            top = out(reg) _,
            out("rax") _,
            out("rdx") _,
            options(pure, readonly, nostack),
        );
    }
    [c0, c1, c2, c3, c4]
}

/// `a * a + term`.
#[inline(always)]
#[expect(unsafe_code, reason = "assembly")]
pub(crate) fn square_add(a: &[Fp; 5], term: &[u128; 5]) -> [u64; 5] {
    let (c0, c1, c2, c3, c4);
    // SAFETY: the instructions read the operands, within their bounds, and change no other registers than those named.
    unsafe {
        asm!(
            triple!("a", 3),
            triple!("a", 4),
            product!(word!("a", 1), "{w4}"),
            plus!(word!("a", 2), "{w3}"),
            double!(),
            plus!(word!("a", 0), word!("a", 0)),
            plus_term!(0, 1),
            reduce!("{w1}"),
            product!(word!("a", 0), word!("a", 1)),
            plus!(word!("a", 2), "{w4}"),
            double!(),
            plus!(word!("a", 3), "{w3}"),
            plus_term!(2, 3),
            reduce!("{w2}"),
            product!(word!("a", 0), word!("a", 2)),
            plus!(word!("a", 3), "{w4}"),
            double!(),
            plus!(word!("a", 1), word!("a", 1)),
            plus_term!(4, 5),
            reduce!("{w3}"),
            product!(word!("a", 0), word!("a", 3)),
            plus!(word!("a", 1), word!("a", 2)),
            double!(),
            plus!(word!("a", 4), "{w4}"),
            plus_term!(6, 7),
            reduce!("{w4}"),
            product!(word!("a", 0), word!("a", 4)),
            plus!(word!("a", 1), word!("a", 3)),
            double!(),
            plus!(word!("a", 2), word!("a", 2)),
            plus_term!(8, 9),
            reduce!("{low}"),
            a = in(reg) a.as_ptr(),
            term = in(reg) term.as_ptr(),
            epsilon = in(reg) EPSILON,
            w1 = out(reg) c0,
            w2 = out(reg) c1,
            w3 = out(reg) c2,
            w4 = out(reg) c3,
            low = out(reg) c4,
            high = out(reg) _,
            top = out(reg) _,
            out("rax") _,
            out("rdx") _,
            options(pure, readonly, nostack),
        );
    }
    [c0, c1, c2, c3, c4]
}

#[cfg(test)]
mod tests {
    use super::{fp_add, fp_sub, mul, mul_add, reduce_96, reduce_128, square, square_add};
    use crate::{Fp, plain};

    const EDGES: [u64; 10] =
        [0, 1, 2, 0xffff_fffe, 0xffff_ffff, 1 << 63, Fp::MODULUS - 1, Fp::MODULUS, u64::MAX - 1, u64::MAX];

    /// Words without structure, now and then an edge.
    struct Words(u64);

    impl Words {
        fn next(&mut self) -> u64 {
            // Knuth's MMIX generator; its high bits are the good ones.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let word = self.0 ^ self.0 >> 32;
            if word >> 61 == 0 { EDGES[(word >> 32) as usize % EDGES.len()] } else { word }
        }

        fn element(&mut self) -> [Fp; 5] {
            core::array::from_fn(|_| Fp::from_u64_mod_order(self.next()))
        }
    }

    /// The very same words, not only the same residues.
    #[test]
    fn the_assembly_does_what_the_plain_code_does() {
        for a in EDGES {
            for b in EDGES {
                assert_eq!(fp_add(a, b), plain::fp_add(a, b), "{a:#x} + {b:#x}");
                assert_eq!(fp_sub(a, b), plain::fp_sub(a, b), "{a:#x} - {b:#x}");
                assert_eq!(reduce_128(a, b), plain::reduce_128(a, b), "{a:#x}, {b:#x}");
                assert_eq!(reduce_96(a, b >> 32), plain::reduce_96(a, b >> 32), "{a:#x}, {b:#x}");
                let (a, b) = ([a; 5].map(Fp::from_u64_mod_order), [b; 5].map(Fp::from_u64_mod_order));
                compare(&a, &b, &[0; 5]);
                compare(&a, &b, &[(1 << 96) - 1; 5]);
            }
        }
        let mut words = Words(1);
        for _ in 0..if cfg!(debug_assertions) { 10_000 } else { 1_000_000 } {
            let (a, b) = (words.next(), words.next());
            assert_eq!(fp_add(a, b), plain::fp_add(a, b), "{a:#x} + {b:#x}");
            assert_eq!(fp_sub(a, b), plain::fp_sub(a, b), "{a:#x} - {b:#x}");
            assert_eq!(reduce_128(a, b), plain::reduce_128(a, b), "{a:#x}, {b:#x}");
            assert_eq!(reduce_96(a, b >> 32), plain::reduce_96(a, b >> 32), "{a:#x}, {b:#x}");
            let term = core::array::from_fn(|_| u128::from(words.next()) << (words.next() % 33));
            compare(&words.element(), &words.element(), &term);
        }
    }

    fn compare(a: &[Fp; 5], b: &[Fp; 5], term: &[u128; 5]) {
        assert_eq!(mul(a, b), plain::mul(a, b), "{a:?} * {b:?}");
        assert_eq!(mul_add(a, b, term), plain::mul_add(a, b, term), "{a:?} * {b:?} + {term:?}");
        assert_eq!(square(a), plain::square(a), "{a:?}^2");
        assert_eq!(square_add(a, term), plain::square_add(a, term), "{a:?}^2 + {term:?}");
    }
}
