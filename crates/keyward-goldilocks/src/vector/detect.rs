use core::sync::atomic::{AtomicBool, Ordering};

#[cfg(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
cpufeatures::new!(avx512, "avx512f", "avx512dq", "avx512ifma");

/// What has none of it, or no vector registers to use it with.
#[cfg(not(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi")))))]
mod avx512 {
    pub(super) fn get() -> bool {
        false
    }
}

static FORCE_PORTABLE: AtomicBool = AtomicBool::new(false);

/// Proof that this processor, under this operating system, has AVX-512 F, DQ and IFMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx512 {
    /// `None` if the processor has not all of it, or after [`force_portable`]. Cheap: the processor is asked once.
    #[inline]
    pub fn detect() -> Option<Self> {
        (avx512::get() && !FORCE_PORTABLE.load(Ordering::Relaxed)).then_some(Self(()))
    }
}

/// Whether [`Avx512::detect`] is to find nothing from now on, in the whole process, so that tests and benches reach the
/// portable code on any processor. Results do not depend on it.
pub fn force_portable(force: bool) {
    FORCE_PORTABLE.store(force, Ordering::Relaxed);
}
