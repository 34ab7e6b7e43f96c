//! The multiplications that AVX-512 IFMA makes faster. A function gives `None` where the processor has not
//! got it, or the feature `vector` is off: the portable code's turn.

#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
mod avx512;

use crate::table::Row;
use crate::windows::COUNT;
use crate::{Point, Scalar};

/// Calls a function of [`avx512`], if the processor can run it.
macro_rules! dispatch {
    ($function:ident($($argument:expr),*)) => {{
        #[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
        #[expect(unsafe_code, reason = "the call of a function with target features")]
        // SAFETY: an `Avx512` proves that the processor has them.
        let result = keyward_goldilocks::vector::Avx512::detect().map(|_| unsafe { avx512::$function($($argument),*) });
        #[cfg(not(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi")))))]
        let result = {
            let _ = ($($argument),*);
            None
        };
        result
    }};
}

/// Whether there is vector code for this processor.
#[inline]
pub(crate) fn is_at_hand() -> bool {
    #[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
    let detected = keyward_goldilocks::vector::Avx512::detect().is_some();
    #[cfg(not(all(
        feature = "vector",
        target_arch = "x86_64",
        not(any(miri, target_os = "none", target_os = "uefi"))
    )))]
    let detected = false;
    detected
}

/// `scalar` times the generator, in constant time.
#[inline]
pub(crate) fn mul_generator(scalar: &Scalar) -> Option<Point> {
    dispatch!(mul_generator(scalar))
}

/// Each of the scalars times the generator, in constant time.
#[inline]
pub(crate) fn mul_generator_x8(scalars: &[&Scalar; 8]) -> Option<[Point; 8]> {
    dispatch!(mul_generator_x8(scalars))
}

/// `s` times the generator plus `e` times the point whose multiples stand in `rows`, in variable time.
#[inline]
pub(crate) fn mul_generator_add_vartime(s: &Scalar, e: &Scalar, rows: &[Row; COUNT]) -> Option<Point> {
    dispatch!(mul_generator_add_vartime(s, e, rows))
}
