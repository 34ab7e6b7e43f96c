//! The multiplications that AVX-512 IFMA makes faster. A function gives `None` where the processor has not
//! got it, or the feature `vector` is off: the portable code's turn.

#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
mod avx512;

use crate::comb::Comb;
use crate::point::AffinePoint;
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

/// `s` times the generator plus `e` times the table's point, in variable time. The table must have a row for each window.
#[inline]
pub(crate) fn mul_generator_add_vartime(s: &Scalar, e: &Scalar, table: &Comb<'_>) -> Option<Point> {
    dispatch!(mul_generator_add_vartime(s, e, table))
}

/// From the neutral on adds each point and doubles the sum so many times.
#[inline]
pub(crate) fn add_and_double_vartime(steps: &[(AffinePoint, u32)]) -> Option<Point> {
    dispatch!(add_and_double_vartime(steps))
}
