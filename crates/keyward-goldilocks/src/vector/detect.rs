use core::sync::atomic::{AtomicBool, Ordering};

cpufeatures::new!(avx512, "avx512f", "avx512dq", "avx512ifma");

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

/// Whether [`Avx512::detect`] is to find nothing, so that tests and benches reach the portable code on any machine.
///
/// For the whole process. Results do not depend on it.
pub fn force_portable(force: bool) {
    FORCE_PORTABLE.store(force, Ordering::Relaxed);
}
