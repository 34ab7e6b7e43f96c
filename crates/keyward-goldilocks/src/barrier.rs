//! Opaque copies of a register, and carries that cannot become jumps.
//!
//! Left alone, LLVM turns the "add 2^32 − 1 on carry" of a modular reduction into a conditional jump, which leaks the
//! carry through timing and mispredicts half of the time, and packs neighbouring reductions into vector registers, where
//! a 64-bit carry must be emulated. It does not do the latter across a value that it cannot look through; against the
//! former only the instructions themselves help, since what is a mask in one place, or for one processor, is a jump in
//! the next.

/// Returns `word` unchanged; the compiler knows nothing about the result, and so cannot turn arithmetic on it into a
/// branch. A building block of constant-time code. It stays in a register.
///
/// On processors other than x86-64 and AArch64 this is [`core::hint::black_box`].
#[inline(always)]
pub fn value_barrier(word: u64) -> u64 {
    opaque!(word, pure)
}

/// [`value_barrier`] that also keeps its place: of two calls the first one comes first in the machine code.
///
/// A product in GF(p^5) is five sums. Worked on at the same time, as the compiler likes to, they do not fit the
/// registers.
#[inline(always)]
pub(crate) fn ordered_barrier(word: u64) -> u64 {
    opaque!(word)
}

#[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
macro_rules! opaque {
    ($word:ident $(, $option:ident)?) => {{
        let mut word: u64 = $word;
        #[expect(unsafe_code, reason = "an empty assembly block is the only opaque copy that stays in a register")]
        // SAFETY: the block has no instruction. It touches no memory, no stack and no flags, and its one operand is an
        // initialised register that it leaves as it was.
        unsafe {
            core::arch::asm!("/* {0} */", inout(reg) word, options($($option,)? nomem, nostack, preserves_flags));
        }
        word
    }};
}

#[cfg(not(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64"))))]
macro_rules! opaque {
    ($word:ident $(, $option:ident)?) => {
        core::hint::black_box($word)
    };
}

use opaque;

/// `a + b` mod 2^64, and what a carry stands for modulo p: 2^32 − 1, or 0 if there is none.
#[inline(always)]
pub(crate) fn add_with_correction(a: u64, b: u64) -> (u64, u64) {
    with_correction!(a + b)
}

/// `a − b` mod 2^64, and what a borrow stands for modulo p: 2^32 − 1, to be subtracted, or 0 if there is none.
#[inline(always)]
pub(crate) fn sub_with_correction(a: u64, b: u64) -> (u64, u64) {
    with_correction!(a - b)
}

#[cfg(all(not(miri), target_arch = "x86_64"))]
macro_rules! with_correction {
    ($a:ident + $b:ident) => {
        in_registers!($a, $b, "add {a}, {b}", "sbb {mask:e}, {mask:e}")
    };
    ($a:ident - $b:ident) => {
        in_registers!($a, $b, "sub {a}, {b}", "sbb {mask:e}, {mask:e}")
    };
}

// A borrow is the carry's absence here.
#[cfg(all(not(miri), target_arch = "aarch64"))]
macro_rules! with_correction {
    ($a:ident + $b:ident) => {
        in_registers!($a, $b, "adds {a}, {a}, {b}", "csetm {mask:w}, cs")
    };
    ($a:ident - $b:ident) => {
        in_registers!($a, $b, "subs {a}, {a}, {b}", "csetm {mask:w}, cc")
    };
}

/// An operation that sets the carry, and a mask made of it in the lower half of a register, which clears the upper one.
#[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
macro_rules! in_registers {
    ($a:ident, $b:ident, $operation:literal, $mask_of_carry:literal) => {{
        let (result, mask): (u64, u64);
        #[expect(unsafe_code, reason = "the compiler may turn a mask of its own making into a jump")]
        // SAFETY: the two instructions touch registers and flags only. Of the register for the mask, which need not be
        // initialised, it does not matter what it was.
        unsafe {
            core::arch::asm!(
                $operation,
                $mask_of_carry,
                a = inlateout(reg) $a => result,
                b = in(reg) $b,
                mask = lateout(reg) mask,
                options(pure, nomem, nostack),
            );
        }
        (result, mask)
    }};
}

#[cfg(not(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64"))))]
macro_rules! with_correction {
    ($a:ident + $b:ident) => {
        mask_carry($a.overflowing_add($b))
    };
    ($a:ident - $b:ident) => {
        mask_carry($a.overflowing_sub($b))
    };
}

#[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
use in_registers;
use with_correction;

#[cfg(any(test, not(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))))]
#[inline(always)]
fn mask_carry((result, carry): (u64, bool)) -> (u64, u64) {
    (result, u64::from(u32::from(carry).wrapping_neg()))
}

#[cfg(test)]
mod tests {
    use super::{add_with_correction, mask_carry, ordered_barrier, sub_with_correction, value_barrier};

    #[test]
    fn corrections_are_those_of_the_carry_and_the_borrow() {
        let words = [0, 1, 2, u64::from(u32::MAX), 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX];
        for a in words {
            for b in words {
                assert_eq!(add_with_correction(a, b), mask_carry(a.overflowing_add(b)));
                assert_eq!(sub_with_correction(a, b), mask_carry(a.overflowing_sub(b)));
            }
        }
    }

    #[test]
    fn barriers_are_the_identity() {
        for word in [0, 1, u64::from(u32::MAX), 1 << 63, u64::MAX] {
            assert_eq!(value_barrier(word), word);
            assert_eq!(ordered_barrier(word), word);
        }
    }
}
