//! No memory is given back to the heap with a private key or a token in it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{io, slice};

use keyward_lighter::{
    Config, SlotPlan, SysRng, TimeSlot, TokenSigner, TokensFile, UnixSeconds, key_from_seed_text, parse_private_key,
    pregenerate, private_key_text,
};
use zeroize::Zeroizing;

const KEY: &str = "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c";

/// The lowest word of the key's number, as it lies in memory.
const KEY_WORD: [u8; 8] = 0x9994_6e45_0f7f_17ae_u64.to_ne_bytes();

static LEAKS: AtomicUsize = AtomicUsize::new(0);

/// Looks through each block that is given back.
struct WatchingAllocator;

#[expect(unsafe_code, reason = "only an allocator sees what is given back")]
// SAFETY: every call is passed on to the system's allocator, with blocks that hold zeros from the start.
unsafe impl GlobalAlloc for WatchingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's until it is passed on, and no byte of it was ever unset.
        let block = unsafe { slice::from_raw_parts(pointer, layout.size()) };
        if holds_a_secret(block) {
            LEAKS.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: WatchingAllocator = WatchingAllocator;

/// Whether the block holds a word of [`KEY`]'s number, or as many hex digits in a row as only keys and signatures have.
fn holds_a_secret(block: &[u8]) -> bool {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    block.windows(KEY_WORD.len()).any(|bytes| bytes == KEY_WORD)
        || block.split(|byte| !is_digit(byte)).any(|run| run.len() >= 64)
}

/// How many blocks with a secret in them `work` gives back. A reallocation counts: its default is to move.
fn leaks(work: impl FnOnce()) -> usize {
    let before = LEAKS.load(Ordering::Relaxed);
    work();
    LEAKS.load(Ordering::Relaxed) - before
}

/// Keeps the other tests waiting, whose blocks would count too.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn config_text(accounts: u64) -> Zeroizing<Vec<u8>> {
    let signers = (0..accounts).map(|index| {
        let key = parse_private_key(KEY).unwrap();
        TokenSigner::new(key, index.try_into().unwrap(), 253.try_into().unwrap())
    });
    let mut kept = Vec::with_capacity(accounts as usize);
    kept.extend(signers);
    Config::new("https://example.org".to_owned(), kept).unwrap().to_json()
}

#[test]
fn watcher_sees_keys_and_texts() {
    let _alone = alone();
    assert_eq!(leaks(|| drop(black_box(KEY_WORD.to_vec()))), 1);
    assert_eq!(leaks(|| drop(black_box(KEY.to_owned()))), 1);
    assert_eq!(leaks(|| drop(black_box(Box::new(parse_private_key(KEY).unwrap())))), 0);
    let mut growing = Vec::with_capacity(1);
    growing.push(parse_private_key(KEY).unwrap());
    assert_eq!(leaks(|| growing.reserve(1_000)), 1);
}

#[test]
fn key_texts_are_wiped() {
    let _alone = alone();
    let key = parse_private_key(KEY).unwrap();
    assert_eq!(leaks(|| drop(black_box(private_key_text(&key)))), 0);
    assert_eq!(leaks(|| drop(black_box(key_from_seed_text(&KEY[2..])))), 0);
}

#[cfg(feature = "ethereum")]
#[test]
fn ethereum_keys_are_wiped() {
    use std::mem::ManuallyDrop;

    use keyward_lighter::EthereumKey;

    let _alone = alone();
    // The lowest word of the number is that which is watched for.
    let text = Zeroizing::new(["01".repeat(24).as_str(), "99946e450f7f17ae"].concat());
    let signed = || {
        let key = Box::new(EthereumKey::parse(&text).unwrap());
        black_box((key.sign_message("Lighter"), key.address()));
        key
    };
    assert_eq!(leaks(|| drop(black_box(signed()))), 0);
    // The watcher does see such a key: one that is given back without its own drop.
    let never_dropped = Box::new(ManuallyDrop::new(EthereumKey::parse(&text).unwrap()));
    assert_eq!(leaks(|| drop(black_box(never_dropped))), 1);
}

#[test]
fn configurations_are_wiped() {
    let _alone = alone();
    assert_eq!(leaks(|| drop(black_box(config_text(100)))), 0);
    let text = config_text(100);
    assert_eq!(leaks(|| drop(black_box(Config::parse(&text).unwrap()))), 0);
    // A broken account among the good ones, and a broken end behind them.
    let broken = str::from_utf8(&text).unwrap().replacen("\"account_index\": 7,", "\"account_index\": -1,", 1);
    let broken = Zeroizing::new(broken);
    assert_eq!(leaks(|| drop(black_box(Config::parse(broken.as_bytes())))), 0);
    assert_eq!(leaks(|| drop(black_box(Config::parse(&text[..text.len() - 1])))), 0);
}

#[test]
fn tokens_are_wiped() {
    let _alone = alone();
    let text = config_text(20);
    let config = Config::parse(&text).unwrap();
    let plan = SlotPlan::for_days(TimeSlot::containing(UnixSeconds::new(1_795_219_200).unwrap()), 28).unwrap();
    for jobs in [1, 2] {
        let jobs = NonZero::new(jobs).unwrap();
        let made = || pregenerate(config.signers(), plan, jobs, || SysRng, |_| (), io::sink());
        assert_eq!(leaks(|| drop(black_box(made()))), 0, "{jobs} jobs");
    }
}

#[test]
fn files_of_tokens_are_wiped() {
    let _alone = alone();
    let text = include_bytes!("samples/auth-tokens.json");
    assert_eq!(leaks(|| drop(black_box(TokensFile::parse(text).unwrap()))), 0);
    assert_eq!(leaks(|| drop(black_box(TokensFile::parse(&text[1..])))), 0);
    let file = TokensFile::parse(text).unwrap();
    assert_eq!(leaks(|| file.write_to(io::sink()).unwrap()), 0);
}
