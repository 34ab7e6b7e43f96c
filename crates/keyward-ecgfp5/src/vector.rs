//! The multiplications that AVX-512 IFMA makes faster, or AVX2. A function gives `None` where the processor has not
//! got it, or the feature `vector` is off: the turn of other code.

#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
mod avx2;
#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
mod avx512;

use crate::comb::Comb;
use crate::point::AffinePoint;
use crate::{Point, Scalar};

/// Calls a function of [`avx512`] or [`avx2`], if the processor can run it.
macro_rules! dispatch {
    ($proof:ident::$detect:ident, $module:ident::$function:ident($($argument:expr),*)) => {{
        #[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
        #[expect(unsafe_code, reason = "the call of a function with target features")]
        // SAFETY: the proof is of the features that the module's functions have.
        let result = keyward_goldilocks::vector::$proof::$detect().map(|_| unsafe { $module::$function($($argument),*) });
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
    dispatch!(Avx512::detect, avx512::mul_generator(scalar))
}

/// Each of the scalars times the generator, in constant time.
#[inline]
pub(crate) fn mul_generator_x8(scalars: &[&Scalar; 8]) -> Option<[Point; 8]> {
    dispatch!(Avx512::detect, avx512::mul_generator_x8(scalars))
}

/// Each of the scalars times the generator, in constant time; `None` also where [`mul_generator_x8`] gives something.
#[inline]
pub(crate) fn mul_generator_x4(scalars: &[&Scalar; 4]) -> Option<[Point; 4]> {
    dispatch!(Avx2::detect_alone, avx2::mul_generator_x4(scalars))
}

/// `s` times the generator plus `e` times the table's point, in variable time. The table must have a row for each window.
#[inline]
pub(crate) fn mul_generator_add_vartime(s: &Scalar, e: &Scalar, table: &Comb<'_>) -> Option<Point> {
    dispatch!(Avx512::detect, avx512::mul_generator_add_vartime(s, e, table))
}

/// From the neutral on adds each point and doubles the sum so many times.
#[inline]
pub(crate) fn add_and_double_vartime(steps: &[(AffinePoint, u32)]) -> Option<Point> {
    dispatch!(Avx512::detect, avx512::add_and_double_vartime(steps))
}

#[cfg(all(test, feature = "vector"))]
mod tests {
    use keyward_goldilocks::vector::{Avx2, Level, limit};

    use super::mul_generator_x4;
    use crate::{Point, Scalar};

    /// Tests of results would not see it if the portable code had always the turn.
    #[test]
    fn four_are_the_turn_of_avx2_up_to_its_level() {
        let four = || mul_generator_x4(&[&Scalar::ONE; 4]);
        limit(Level::Portable);
        let portable = four();
        limit(Level::Avx2);
        let avx2 = four();
        limit(Level::Avx512);
        assert_eq!(portable, None);
        assert_eq!(avx2, Avx2::detect().map(|_| [Point::GENERATOR; 4]));
    }
}
