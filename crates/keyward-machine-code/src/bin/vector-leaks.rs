//! Code that leaks on purpose, most of it for vectors. It is there to be read: the check of the listings must complain of each
//! function.

use std::hint::black_box;

use keyward_ecgfp5::Scalar;

/// Divides, and has the name of a crate that works on secrets only in its type.
#[inline(never)]
fn divide_for<T>(secret: u64) -> u64 {
    size_of::<T>() as u64 / (secret | 1)
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_i64gather_epi64, _mm512_loadu_epi64, _mm512_reduce_add_epi64,
        _mm512_set1_epi64, _mm512_test_epi64_mask,
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

    /// Goes round as often as a vector says.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn trips(secret: __m512i) {
        let mut sum = secret;
        for _ in 0..u32::from(_mm512_reduce_add_epi64(secret) as u8) + 1 {
            sum = _mm512_add_epi64(black_box(sum), secret);
        }
        black_box(sum);
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

    /// Goes one of many ways, which have nothing in common that would let one instruction stand for all.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn choose(secret: __m512i) {
        match _mm512_reduce_add_epi64(secret) & 7 {
            0 => drop(black_box(secret)),
            1 => drop(black_box(1_u8)),
            2 => drop(black_box(2_u16)),
            3 => drop(black_box(3_u32)),
            4 => drop(black_box(4_u64)),
            5 => drop(black_box(5_u128)),
            6 => drop(black_box([6_u8; 3])),
            _ => drop(black_box([7_u64; 7])),
        }
    }

    /// Divides.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn divide(secret: __m512i) -> i64 {
        1_000_000 / (_mm512_reduce_add_epi64(secret) | 1)
    }

    #[expect(unsafe_code, reason = "vector code is called")]
    pub(crate) fn run() {
        if std::arch::is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has the feature, and there are eight words, all below 256.
            unsafe {
                let secret = _mm512_loadu_epi64(black_box([1; 8]).as_ptr());
                jump(secret);
                endless(secret);
                trips(secret);
                black_box(look_up(secret));
                choose(secret);
                black_box(divide(secret));
            }
        }
    }
}

/// Of fewer lanes: by the name of its module the listing knows that it is vector code.
#[cfg(target_arch = "x86_64")]
mod vector {
    pub(crate) mod avx2 {
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
}

fn main() {
    black_box(divide_for::<Scalar>(black_box(1)));
    #[cfg(target_arch = "x86_64")]
    {
        avx512::run();
        vector::avx2::run();
    }
}
