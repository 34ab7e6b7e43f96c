//! Vector code that leaks on purpose. It is there to be read: the check of the listings must complain of each function.

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_i64gather_epi64, _mm512_loadu_epi64, _mm512_reduce_add_epi64, _mm512_set1_epi64,
        _mm512_test_epi64_mask,
    };
    use std::hint::black_box;

    /// Branches on a bit of a vector.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn jump(secret: __m512i) {
        if _mm512_test_epi64_mask(secret, _mm512_set1_epi64(1)) & 1 == 1 {
            black_box(secret);
        }
    }

    /// Goes on until a bit of a vector is set.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn endless(secret: __m512i) {
        let mut bits = u64::from(_mm512_test_epi64_mask(secret, secret)) | 1 << 8;
        while bits & 1 == 0 {
            bits = black_box(bits >> 1);
        }
    }

    /// Looks the words of a vector up in a table.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn look_up(secret: __m512i) -> i64 {
        let table = black_box([7; 256]);
        #[expect(unsafe_code, reason = "the instruction that is looked for")]
        // SAFETY: the caller's words are below 256.
        _mm512_reduce_add_epi64(unsafe { _mm512_i64gather_epi64::<8>(secret, table.as_ptr()) })
    }

    #[expect(unsafe_code, reason = "vector code is called")]
    pub(crate) fn run() {
        if std::arch::is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has the feature, and there are eight words, all below 256.
            unsafe {
                let secret = _mm512_loadu_epi64(black_box([1; 8]).as_ptr());
                jump(secret);
                endless(secret);
                black_box(look_up(secret));
            }
        }
    }
}

/// The listing's vector functions of fewer lanes have a module of this name.
#[cfg(target_arch = "x86_64")]
mod vector {
    use std::arch::x86_64::{
        __m256i, _mm256_extract_epi64, _mm256_i64gather_epi64, _mm256_set1_epi64x, _mm256_testz_si256,
    };
    use std::hint::black_box;

    /// Branches on a bit of a vector.
    #[inline(never)]
    #[target_feature(enable = "avx2")]
    pub(crate) fn jump_of_four(secret: __m256i) {
        if _mm256_testz_si256(secret, _mm256_set1_epi64x(1)) == 0 {
            black_box(secret);
        }
    }

    /// Looks the words of a vector up in a table.
    #[inline(never)]
    #[target_feature(enable = "avx2")]
    pub(crate) fn look_up_four(secret: __m256i) -> i64 {
        let table = black_box([7; 256]);
        #[expect(unsafe_code, reason = "the instruction that is looked for")]
        // SAFETY: the caller's words are below 256.
        _mm256_extract_epi64::<0>(unsafe { _mm256_i64gather_epi64::<8>(table.as_ptr(), secret) })
    }

    #[expect(unsafe_code, reason = "vector code is called")]
    pub(crate) fn run() {
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the feature, and the words are below 256.
            unsafe {
                let secret = _mm256_set1_epi64x(black_box(1));
                jump_of_four(secret);
                black_box(look_up_four(secret));
            }
        }
    }
}

fn main() {
    #[cfg(target_arch = "x86_64")]
    {
        avx512::run();
        vector::run();
    }
}
