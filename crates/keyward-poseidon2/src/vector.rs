//! The permutation on vector units.

#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
mod avx2;
#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
mod avx512;

use keyward_goldilocks::Fp;

use crate::WIDTH;

/// The most states that are permuted at the same time.
pub(crate) const LANES: usize = 8;

/// Permutes each of `states` with AVX-512 IFMA; does nothing, and gives `None`, where the processor has not got it, or the feature
/// `vector` is off.
#[inline(always)]
pub(crate) fn permute_eight(states: &mut [[Fp; WIDTH]; LANES]) -> Option<()> {
    #[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
    #[expect(unsafe_code, reason = "the call of a function with target features")]
    // SAFETY: an `Avx512` proves that the processor has them.
    return keyward_goldilocks::vector::Avx512::detect().map(|_| unsafe { avx512::permute_eight(states) });
    #[cfg(not(all(
        feature = "vector",
        target_arch = "x86_64",
        not(any(miri, target_os = "none", target_os = "uefi"))
    )))]
    {
        let _ = states;
        None
    }
}

/// Permutes each of `states` with AVX2; does nothing, and gives `None`, where the processor has not got it, or has AVX-512 IFMA as well,
/// or the feature `vector` is off.
#[inline(always)]
pub(crate) fn permute_four(states: &mut [[Fp; WIDTH]; 4]) -> Option<()> {
    #[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
    #[expect(unsafe_code, reason = "the call of a function with target features")]
    // SAFETY: an `Avx2` proves that the processor has them.
    return keyward_goldilocks::vector::Avx2::detect_alone().map(|_| unsafe { avx2::permute_four(states) });
    #[cfg(not(all(
        feature = "vector",
        target_arch = "x86_64",
        not(any(miri, target_os = "none", target_os = "uefi"))
    )))]
    {
        let _ = states;
        None
    }
}

#[cfg(all(test, feature = "vector"))]
mod tests {
    use keyward_goldilocks::Fp;
    use keyward_goldilocks::vector::{Avx2, Level, limit};

    use super::permute_four;
    use crate::WIDTH;

    /// Tests of results would not see it if the portable code had always the turn.
    #[test]
    fn four_are_the_turn_of_avx2_up_to_its_level() {
        let four = || permute_four(&mut [[Fp::ONE; WIDTH]; 4]);
        limit(Level::Portable);
        let portable = four();
        limit(Level::Avx2);
        let avx2 = four();
        limit(Level::Avx512);
        assert_eq!(portable, None);
        assert_eq!(avx2, Avx2::detect().map(|_| ()));
    }
}
