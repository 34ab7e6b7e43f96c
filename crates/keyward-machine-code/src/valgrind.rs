//! Requests to valgrind: a few instructions that do nothing, unless the program runs under it.
//!
//! The sequence and the numbers are those of `valgrind.h`, `memcheck.h` and `callgrind.h`, which are an interface kept
//! for programs.

use core::ffi::CStr;

/// Whether valgrind is there; only known on x86-64.
pub fn is_present() -> bool {
    request(0x1001, []) > 0
}

/// How many errors valgrind has found so far, suppressed ones not counted.
pub fn error_count() -> u64 {
    request(0x1201, [])
}

/// `value` with all of its bits undefined to memcheck, which from now on complains of every jump and every address that
/// depends on them. To the program they are what they were.
#[must_use]
pub fn secret<T>(mut value: T) -> T {
    make_secret(&mut value);
    value
}

/// [`secret`] in place.
pub fn make_secret<T: ?Sized>(value: &mut T) {
    request(MEMCHECK + 1, [(&raw mut *value).expose_provenance(), size_of_val(value)]);
}

/// `value` with all of its bits defined: it is public from now on.
#[must_use]
pub fn declassify<T>(value: T) -> T {
    declassify_in_place(&value);
    value
}

/// [`declassify`] for what is only lent.
pub fn declassify_in_place<T: ?Sized>(value: &T) {
    request(MEMCHECK + 2, [(&raw const *value).expose_provenance(), size_of_val(value)]);
}

/// How many bytes of `value` have bits that are undefined to memcheck. To ask is no error, as it would be to depend on one.
pub fn secret_bytes<T: ?Sized>(value: &T) -> usize {
    let mut undefined = vec![0_u8; size_of_val(value)];
    let (value, bits) = (&raw const *value, undefined.as_mut_ptr());
    request(MEMCHECK + 8, [value.expose_provenance(), bits.expose_provenance(), undefined.len()]);
    undefined.into_iter().filter(|bits| *bits != 0).count()
}

/// Counts what `run` takes under callgrind, which is told not to count from the start, and has it written to a file under
/// this name.
pub fn count(name: &CStr, run: impl FnOnce()) {
    request(CALLGRIND + 2, []);
    run();
    request(CALLGRIND + 2, []);
    request(CALLGRIND + 3, [name.as_ptr().expose_provenance()]);
}

/// Where callgrind's own requests begin.
const CALLGRIND: usize = (b'C' as usize) << 24 | (b'T' as usize) << 16;

/// Where memcheck's own requests begin.
const MEMCHECK: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;

/// The answer, or 0 where nobody answers. Where memory is handed over the compiler must know it, or it would go on with what it has
/// of it in registers: hence the exposed addresses.
#[cfg(target_arch = "x86_64")]
fn request<const N: usize>(number: usize, rest: [usize; N]) -> u64 {
    let mut arguments = [number, 0, 0, 0, 0, 0];
    arguments[1..=N].copy_from_slice(&rest);
    let mut answer = 0;
    #[expect(unsafe_code, reason = "valgrind is asked by a sequence of instructions")]
    // SAFETY: the rotations of rdi add up to 128 bits and the exchange is of a register with itself, so that all
    // registers keep their values. Valgrind reads `arguments` and writes the answer to rdx. What it changes is its own
    // record of the memory, never the memory; but for that of `secret_bytes`, which is given to be written to.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") &raw const arguments,
            inout("rdx") answer,
        );
    }
    answer
}

#[cfg(not(target_arch = "x86_64"))]
fn request<const N: usize>(_: usize, _: [usize; N]) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::{declassify, error_count, is_present, secret, secret_bytes};

    #[test]
    fn without_valgrind_requests_do_nothing() {
        assert!(!is_present());
        assert_eq!(error_count(), 0);
        assert_eq!(secret_bytes(&secret([1, 2, 3])), 0);
        assert_eq!(declassify(secret([1, 2, 3])), [1, 2, 3]);
    }
}
