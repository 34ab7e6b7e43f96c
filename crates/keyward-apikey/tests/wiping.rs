//! No memory is given back to the heap with a raw key, a link token or a pepper in it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::convert::Infallible;
use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, KeyInit};
use keyward_apikey::{KeyDigest, KeyProfile, LinkToken, Pepper, PepperId, Peppers, PlainDigests, PresentedKey, RawKey};
use rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;

/// What all secrets here are made of.
const RANDOM: [u8; 32] = *b"\x83\x1f\xa9\x02\xc4\x57\x6e\xd8\x91\x0b\x3c\xe5\x7a\x26\xf4\x68\
    \xb2\x4d\x95\x11\xce\x80\x39\xa7\x5f\xe3\x1c\x74\x08\xdd\x62\xba";

/// The first digits of that in other keys.
const HEX: &[u8] = b"831fa902c4576ed8";

static LEAKS: AtomicUsize = AtomicUsize::new(0);

/// What else is looked for: the first words of a keyed state.
static STATE: Mutex<Option<[u8; 16]>> = Mutex::new(None);

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

/// Whether the block holds the random bytes, their digits, a `kw_` key, or the state that is watched for.
fn holds_a_secret(block: &[u8]) -> bool {
    let holds = |secret: &[u8]| block.windows(secret.len()).any(|bytes| bytes == secret);
    let state = STATE.try_lock().ok().and_then(|state| *state);
    holds(&RANDOM[..8]) || holds(HEX) || holds(BASE_62) || state.is_some_and(|state| holds(&state))
}

/// The first digits of that in the `kw_` key.
const BASE_62: &[u8] = b"V5nGSCK9Wb";

/// A generator of [`RANDOM`].
struct Given;

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("secrets take bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("secrets take bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&RANDOM);
        Ok(())
    }
}

impl TryCryptoRng for Given {}

/// How many blocks with a secret in them `work` gives back.
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

fn generated(profile: KeyProfile) -> RawKey {
    match RawKey::generate(profile, &mut Given) {
        Ok(key) => key,
        Err(never) => match never {},
    }
}

fn pepper(name: &str) -> Pepper {
    Pepper::new(PepperId::new(name).unwrap(), &RANDOM).unwrap()
}

#[test]
fn watcher_sees_each_secret() {
    let _alone = alone();
    for profile in KeyProfile::ALL {
        let key = generated(profile);
        assert_eq!(leaks(|| drop(black_box(key.expose_secret().to_owned()))), 1, "{profile}");
    }
    assert_eq!(leaks(|| drop(black_box(RANDOM.to_vec()))), 1);
}

#[test]
fn raw_keys_are_wiped() {
    let _alone = alone();
    for profile in KeyProfile::ALL {
        assert_eq!(leaks(|| drop(black_box(generated(profile)))), 0, "{profile}");
        let key = generated(profile);
        assert_eq!(leaks(|| drop(black_box(RawKey::parse(key.expose_secret()).unwrap()))), 0, "{profile}");
        assert_eq!(leaks(|| drop(black_box(RawKey::parse(&key.expose_secret()[1..])))), 0, "{profile}");
    }
}

#[test]
fn link_tokens_are_wiped() {
    let _alone = alone();
    let token = LinkToken::generate(&mut Given).unwrap();
    assert_eq!(leaks(|| drop(black_box(LinkToken::generate(&mut Given).unwrap()))), 0);
    assert_eq!(leaks(|| drop(black_box(LinkToken::parse(token.expose_secret()).unwrap()))), 0);
    assert_eq!(leaks(|| drop(black_box(token.expose_secret().to_owned()))), 1);
}

#[test]
fn digests_leave_nothing_of_keys_and_peppers() {
    let _alone = alone();
    let key = generated(KeyProfile::OpenSvm);
    let digested = || {
        let peppers = Peppers::new(pepper("one"), PlainDigests::Accept).rotate(pepper("two")).unwrap();
        let presented = PresentedKey::parse(key.expose_secret()).unwrap();
        let found: Vec<KeyDigest> = peppers.candidates(presented).collect();
        assert_eq!(found.len(), 3);
        black_box((peppers, found))
    };
    assert_eq!(leaks(|| drop(digested())), 0);
}

#[test]
fn keyed_states_are_wiped() {
    let _alone = alone();
    *STATE.lock().unwrap() = Some(keyed_state());
    assert_eq!(leaks(|| drop(black_box(pepper("main")))), 0);
    let (peppers, token) =
        (Peppers::new(pepper("main"), PlainDigests::Refuse), LinkToken::generate(&mut Given).unwrap());
    let digested = || {
        black_box(peppers.link_digest(&token));
    };
    assert_eq!(leaks(digested), 0);
    // The watcher does see such a state: that of a MAC which is given back without its own drop.
    let mac = Hmac::<Sha256>::new_from_slice(&RANDOM).unwrap();
    let never_dropped = Box::new(ManuallyDrop::new(mac));
    assert_eq!(leaks(|| drop(black_box(never_dropped))), 1);
    *STATE.lock().unwrap() = None;
}

/// The beginning of HMAC-SHA256's inner state under [`RANDOM`], as it lies in memory.
fn keyed_state() -> [u8; 16] {
    // FIPS 180-4, 5.3.3.
    let mut state =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19_u32];
    let mut block = [0x36; 64];
    block.iter_mut().zip(RANDOM).for_each(|(pad, byte)| *pad ^= byte);
    sha2::block_api::compress256(&mut state, &[block]);
    let mut bytes = [0; 16];
    bytes.chunks_exact_mut(4).zip(state).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_ne_bytes()));
    bytes
}
