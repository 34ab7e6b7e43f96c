use core::sync::atomic::{AtomicU8, Ordering};

#[cfg(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
cpufeatures::new!(avx512, "avx512f", "avx512dq", "avx512ifma");
#[cfg(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
cpufeatures::new!(avx2, "avx2", "fma");

/// What has none of it, or no vector registers to use it with.
#[cfg(not(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi")))))]
mod nothing {
    pub(super) fn get() -> bool {
        false
    }
}
#[cfg(not(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi")))))]
use {nothing as avx2, nothing as avx512};

/// Which code is taken, from that of every processor to that of the fewest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// No vector code.
    Portable,
    /// That for AVX2 and FMA.
    Avx2,
    /// That for AVX-512 IFMA as well.
    Avx512,
}

static LIMIT: AtomicU8 = AtomicU8::new(Level::Avx512 as u8);

/// Has no vector code beyond this level taken from now on, in the whole process, so that tests and benches reach all of it on
/// a processor that has more. Results do not depend on it.
pub fn limit(level: Level) {
    LIMIT.store(level as u8, Ordering::Relaxed);
}

fn is_within_limit(level: Level) -> bool {
    level as u8 <= LIMIT.load(Ordering::Relaxed)
}

/// Proof that this processor, under this operating system, has AVX-512 F, DQ and IFMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx512 {
    /// `None` if the processor has not all of it, or by a [`limit`]. Cheap: the processor is asked once.
    #[inline]
    pub fn detect() -> Option<Self> {
        (avx512::get() && is_within_limit(Level::Avx512)).then_some(Self(()))
    }
}

/// Proof that this processor, under this operating system, has AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// `None` if the processor has not both, or by a [`limit`]. Cheap: the processor is asked once.
    #[inline]
    pub fn detect() -> Option<Self> {
        (avx2::get() && is_within_limit(Level::Avx2)).then_some(Self(()))
    }

    /// As [`detect`](Self::detect), but also `None` where there is an [`Avx512`]: for code whose turn it is only where that for more
    /// lanes has none.
    #[inline]
    pub fn detect_alone() -> Option<Self> {
        Self::detect().filter(|_| Avx512::detect().is_none())
    }
}
