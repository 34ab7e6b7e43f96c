//! The one place of this crate with `unsafe`: an opaque copy of a register.
//!
//! Left alone, LLVM turns the "add 2^32 - 1 on carry" of a modular reduction into a conditional jump, which leaks
//! the carry through timing and mispredicts half of the time, and packs neighbouring reductions into vector
//! registers, where a 64-bit carry must be emulated. It does neither across a value that it cannot look through.

/// Returns `word` unchanged; the compiler knows nothing about the result.
#[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline(always)]
#[expect(unsafe_code, reason = "an empty assembly block is the only opaque copy that stays in a register")]
pub(crate) fn opaque(mut word: u64) -> u64 {
    // SAFETY: the block has no instruction. It touches no memory, no stack and no flags, and its one operand is
    // an initialised register that it leaves as it was.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) word, options(nomem, nostack, preserves_flags));
    }
    word
}

/// Returns `word` unchanged; the compiler is asked to know nothing about the result.
#[cfg(not(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[inline(always)]
pub(crate) fn opaque(word: u64) -> u64 {
    core::hint::black_box(word)
}

#[cfg(test)]
mod tests {
    #[test]
    fn opaque_is_the_identity() {
        for word in [0, 1, u64::from(u32::MAX), 1 << 63, u64::MAX] {
            assert_eq!(super::opaque(word), word);
        }
    }
}
