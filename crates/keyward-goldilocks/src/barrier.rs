//! The one place of this crate with `unsafe`: opaque copies of a register.
//!
//! Left alone, LLVM turns the "add 2^32 − 1 on carry" of a modular reduction into a conditional jump, which leaks the
//! carry through timing and mispredicts half of the time, and packs neighbouring reductions into vector registers, where
//! a 64-bit carry must be emulated. It does neither across a value that it cannot look through.

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

#[cfg(test)]
mod tests {
    use super::{ordered_barrier, value_barrier};

    #[test]
    fn barriers_are_the_identity() {
        for word in [0, 1, u64::from(u32::MAX), 1 << 63, u64::MAX] {
            assert_eq!(value_barrier(word), word);
            assert_eq!(ordered_barrier(word), word);
        }
    }
}
