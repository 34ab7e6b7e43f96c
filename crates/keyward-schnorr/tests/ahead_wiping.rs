//! No memory is given back to the heap with what was made ahead in it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};

use getrandom::SysRng;
use keyward_schnorr::{AheadSigner, MessageHash, SigningKey};

/// An odd number, so that no other block has the pairs' size.
const CAPACITY: usize = 37;
const PAIRS_SIZE: usize = CAPACITY * 80;

static BLOCKS: AtomicUsize = AtomicUsize::new(0);
static UNWIPED: AtomicUsize = AtomicUsize::new(0);

/// Looks at each block of the pairs' size that is given back.
struct WatchingAllocator;

#[expect(unsafe_code, reason = "only an allocator sees what is given back")]
// SAFETY: every call is passed on to the system's allocator, with blocks that hold zeros from the start.
unsafe impl GlobalAlloc for WatchingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if layout.size() == PAIRS_SIZE {
            // SAFETY: the block is the caller's until it is passed on, and no byte of it was ever unset.
            let block = unsafe { slice::from_raw_parts(pointer, layout.size()) };
            BLOCKS.fetch_add(1, Ordering::Relaxed);
            UNWIPED.fetch_add(usize::from(block.iter().any(|&byte| byte != 0)), Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: WatchingAllocator = WatchingAllocator;

#[test]
fn pairs_are_wiped_on_drop() {
    drop(black_box(vec![1u8; PAIRS_SIZE]));
    assert_eq!((BLOCKS.load(Ordering::Relaxed), UNWIPED.load(Ordering::Relaxed)), (1, 1), "the watcher watches");

    let signer = AheadSigner::new(SigningKey::from_seed(&[7; 32]).expect("32 bytes"), CAPACITY);
    signer.prepare(CAPACITY, &mut SysRng).expect("the system has randomness");
    let message = MessageHash::of_text(b"1").expect("ASCII");
    for _ in 0..5 {
        black_box(signer.sign(&message).expect("prepared"));
    }
    assert_eq!(signer.prepared(), CAPACITY - 5);
    drop(signer);
    assert_eq!((BLOCKS.load(Ordering::Relaxed), UNWIPED.load(Ordering::Relaxed)), (2, 1));
}
