//! Reading, judging and making tokens does not touch the heap.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use keyward_time::UnixSeconds;
use keyward_token::{AuthToken, AuthTokenMessage, Token};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct CountingAllocator;

#[expect(unsafe_code, reason = "only an allocator can count allocations")]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// How often `work` allocates on this thread. A reallocation counts: its default is to allocate.
fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn counter_counts() {
    assert_eq!(allocations(|| drop(black_box(Box::new(1)))), 1);
    assert!(allocations(|| drop(black_box(format!("{}", black_box(1))))) >= 1);
}

#[test]
fn parsing_does_not_allocate() {
    let auth = format!("1763704800:281474976710654:253:{}", "0123456789abcdef".repeat(10));
    let read_only = format!("ro:5:single:1795248000:{}", "0123456789abcdef".repeat(4));
    for text in [&auth, &read_only] {
        let count = allocations(|| {
            let token = Token::parse(black_box(text)).expect("canonical");
            black_box(token.usability(UnixSeconds::EPOCH));
            black_box(Token::parse_bytes(black_box(text.as_bytes())).expect("canonical"));
        });
        assert_eq!(count, 0);
    }
}

#[test]
fn refusal_does_not_allocate() {
    let huge = "1".repeat(1 << 20);
    let unsigned = format!("1763704800:5:253:{}", "z".repeat(160));
    let further = format!("1763704800:5:253:{}:", "0".repeat(160));
    for text in ["", "x", "1:2", "1:2:3:4:5", "ro:", "ro:5:all:1:zz", &huge, &unsigned, &further] {
        let count = allocations(|| {
            assert!(Token::parse(black_box(text)).is_err());
            assert!(Token::parse_bytes(black_box(text.as_bytes())).is_err());
        });
        assert_eq!(count, 0, "{} bytes", text.len());
    }
}

#[test]
fn making_a_token_does_not_allocate() {
    let text = format!("1763704800:5:253:{}", "0123456789abcdef".repeat(10));
    let count = allocations(|| {
        let token = AuthToken::parse(&text).expect("canonical");
        let message = AuthTokenMessage::new(token.deadline(), token.account_index(), token.api_key_index());
        let made = message.with_signature(&token.signature_bytes());
        assert!(made.expose_secret() == text);
    });
    assert_eq!(count, 0);
}
