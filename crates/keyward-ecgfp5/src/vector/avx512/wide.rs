//! A larger table for batches: windows of seven bits, a third fewer additions.

use core::arch::x86_64::{
    __m512i, _mm512_mask_blend_epi64, _mm512_maskz_mov_epi64, _mm512_permutex2var_epi64, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_test_epi64_mask,
};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use keyward_goldilocks::vector::load;

use super::digits::Batch;
use super::point::AffinePointx8;
use super::table::{indices, signed};
use crate::Point;
use crate::table::row;

/// Bits of a window.
pub(super) const WIDTH: usize = 7;
/// Windows of a scalar.
pub(super) const COUNT: usize = Batch::<WIDTH>::COUNT;
const HALF: usize = 1 << (WIDTH - 1);

/// After how many batches the table is worth the time that it takes to fill: as long as two hundred of them.
const WORTH_FILLING: usize = 500;

/// The generator's multiples, `[window][word][entry / 8][entry % 8]`: 230 KiB.
#[repr(align(64))]
pub(super) struct Table([[[[u64; 8]; HALF / 8]; 10]; COUNT]);

impl Table {
    fn fill(&mut self) {
        let mut base = Point::GENERATOR;
        for window in &mut self.0 {
            let (multiples, half_way) = row::<HALF>(&base);
            for (entry, multiple) in multiples.iter().enumerate() {
                for (words, word) in window.iter_mut().zip(multiple) {
                    words[entry / 8][entry % 8] = *word;
                }
            }
            base = half_way.double();
        }
    }

    /// The points of one window for eight digits, in constant time, as [`select`](super::table::select).
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn select(&self, window: usize, digits: __m512i) -> AffinePointx8 {
        let (indices, present) = indices(digits);
        let bit_4 = _mm512_test_epi64_mask(indices, _mm512_set1_epi64(16));
        let bit_5 = _mm512_test_epi64_mask(indices, _mm512_set1_epi64(32));
        let mut words = [_mm512_setzero_si512(); 10];
        for (word, [c0, c1, c2, c3, c4, c5, c6, c7]) in words.iter_mut().zip(&self.0[window]) {
            let first = _mm512_permutex2var_epi64(load(c0), indices, load(c1));
            let second = _mm512_permutex2var_epi64(load(c2), indices, load(c3));
            let third = _mm512_permutex2var_epi64(load(c4), indices, load(c5));
            let fourth = _mm512_permutex2var_epi64(load(c6), indices, load(c7));
            let low = _mm512_mask_blend_epi64(bit_4, first, second);
            let high = _mm512_mask_blend_epi64(bit_4, third, fourth);
            *word = _mm512_maskz_mov_epi64(present, _mm512_mask_blend_epi64(bit_5, low, high));
        }
        signed(words, digits)
    }
}

/// The table, once it is worth it. Nobody waits for it: as long as one thread fills it, the others do without.
pub(super) fn table() -> Option<&'static Table> {
    static BATCHES: AtomicUsize = AtomicUsize::new(0);

    SHARED.get().or_else(|| {
        let is_worth_it = BATCHES.fetch_add(1, Ordering::Relaxed) >= WORTH_FILLING;
        is_worth_it.then(|| SHARED.fill()).flatten()
    })
}

/// The table, whatever it costs.
#[cfg(test)]
pub(super) fn filled() -> &'static Table {
    loop {
        if let Some(table) = SHARED.get().or_else(|| SHARED.fill()) {
            return table;
        }
        core::hint::spin_loop();
    }
}

static SHARED: Shared =
    Shared { state: AtomicU8::new(EMPTY), table: UnsafeCell::new(Table([[[[0; 8]; HALF / 8]; 10]; COUNT])) };

struct Shared {
    state: AtomicU8,
    table: UnsafeCell<Table>,
}

const EMPTY: u8 = 0;
const FILLING: u8 = 1;
const FILLED: u8 = 2;

#[expect(unsafe_code, reason = "there is no lock without std, and none is needed")]
// SAFETY: the table is written by the one thread that has changed the state from `EMPTY` to `FILLING`, which happens once, and
// read by others only after that thread has set it to `FILLED`, for good.
unsafe impl Sync for Shared {}

impl Shared {
    #[inline]
    fn get(&self) -> Option<&Table> {
        #[expect(unsafe_code, reason = "as said at `Sync`")]
        // SAFETY: nobody writes the table any more, and what was written happened before this load.
        (self.state.load(Ordering::Acquire) == FILLED).then(|| unsafe { &*self.table.get() })
    }

    /// `None` if another thread is at it.
    #[cold]
    fn fill(&self) -> Option<&Table> {
        self.state.compare_exchange(EMPTY, FILLING, Ordering::Relaxed, Ordering::Relaxed).ok()?;
        #[expect(unsafe_code, reason = "as said at `Sync`")]
        // SAFETY: no other thread gets here, and none reads the table before the state says so.
        unsafe { &mut *self.table.get() }.fill();
        self.state.store(FILLED, Ordering::Release);
        self.get()
    }
}
