use core::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_set1_epi64, _mm512_setr_epi64, _mm512_srlv_epi64, _mm512_sub_epi64,
};

use zeroize::Zeroize;

use crate::Scalar;
use crate::scalar::add;
use crate::windows::{COUNT, HALF, OFFSET, WIDTH};

/// Steps of eight windows in a scalar.
pub(super) const STEPS: usize = COUNT / 8;

// A step's digits are five whole bytes.
const _: () = assert!(WIDTH == 5 && COUNT == 8 * STEPS);

/// The signed digits of one scalar, eight neighbouring windows at a time: those of
/// [`SignedDigits`](crate::windows::SignedDigits). Wiped on drop.
pub(super) struct Neighbours([u8; 40]);

impl Neighbours {
    pub(super) fn new(scalar: &Scalar) -> Self {
        let mut limbs = add(scalar.limbs(), &OFFSET);
        let mut bytes = [0; 40];
        for (bytes, limb) in bytes.as_chunks_mut().0.iter_mut().zip(&limbs) {
            *bytes = limb.to_le_bytes();
        }
        limbs.zeroize();
        Self(bytes)
    }

    /// The digits of the windows from 8·`step` on.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn step(&self, step: usize) -> __m512i {
        let [b0, b1, b2, b3, b4] = self.0.as_chunks::<5>().0[step];
        let bits = _mm512_set1_epi64(i64::from_le_bytes([b0, b1, b2, b3, b4, 0, 0, 0]));
        let windows = _mm512_srlv_epi64(bits, _mm512_setr_epi64(0, 5, 10, 15, 20, 25, 30, 35));
        let half = HALF as i64;
        // The last window carries no offset.
        let last = if step == STEPS - 1 { 0 } else { half };
        let digits = _mm512_and_si512(windows, _mm512_set1_epi64((1 << WIDTH) - 1));
        _mm512_sub_epi64(digits, _mm512_setr_epi64(half, half, half, half, half, half, half, last))
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
