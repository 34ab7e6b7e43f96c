//! The look-up in a row whose address does not tell what is looked up.

use keyward_goldilocks::value_barrier;

use crate::table::{Entry, Row};

/// The entry of `row` at place `magnitude`, counted from 1, or zeros for 0. It reads the whole row.
#[inline(always)]
pub(crate) fn scan(row: &Row, magnitude: u64) -> Entry {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    #[expect(unsafe_code, reason = "the call of a function with a target feature")]
    {
        // SAFETY: the whole program is compiled for processors with SSE2.
        unsafe { scan_sse2(row, magnitude) }
    }
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    scan_portable(row, magnitude)
}

#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
fn scan_portable(row: &Row, magnitude: u64) -> Entry {
    let mut selected = [0; 10];
    for (entry, multiple) in row.iter().zip(1..) {
        // All ones if the two are the same, else 0: of all differences 0 alone borrows.
        let mask = value_barrier(((magnitude ^ multiple).wrapping_sub(1) as i64 >> 63) as u64);
        for (word, candidate) in selected.iter_mut().zip(entry) {
            *word |= candidate & mask;
        }
    }
    selected
}

/// Two words at a time, which the compiler does not come to by itself: it halves the time.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
#[target_feature(enable = "sse2")]
fn scan_sse2(row: &Row, magnitude: u64) -> Entry {
    use core::arch::x86_64::{
        _mm_add_epi32, _mm_and_si128, _mm_cmpeq_epi32, _mm_cvtsi128_si64, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi32,
        _mm_setzero_si128, _mm_unpackhi_epi64,
    };

    let mut selected = [_mm_setzero_si128(); 5];
    let (magnitude, one) = (_mm_set1_epi32(value_barrier(magnitude) as i32), _mm_set1_epi32(1));
    let mut multiple = _mm_setzero_si128();
    for entry in row {
        multiple = _mm_add_epi32(multiple, one);
        let mask = _mm_cmpeq_epi32(magnitude, multiple);
        for (pair, [low, high]) in selected.iter_mut().zip(entry.as_chunks().0) {
            let candidate = _mm_set_epi64x(high.cast_signed(), low.cast_signed());
            *pair = _mm_or_si128(*pair, _mm_and_si128(candidate, mask));
        }
    }
    let mut entry = [0; 10];
    for (words, pair) in entry.as_chunks_mut().0.iter_mut().zip(selected) {
        *words = [pair, _mm_unpackhi_epi64(pair, pair)].map(|pair| _mm_cvtsi128_si64(pair).cast_unsigned());
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::{scan, scan_portable};
    use crate::generator_comb::GENERATOR_COMB;

    #[test]
    fn every_magnitude_gives_its_entry() {
        for row in &GENERATOR_COMB {
            assert_eq!(scan(row, 0), [0; 10]);
            for (entry, magnitude) in row.iter().zip(1..) {
                assert_eq!(scan(row, magnitude), *entry);
                assert_eq!(scan_portable(row, magnitude), *entry);
            }
            assert_eq!(scan(row, 17), [0; 10]);
        }
    }
}
