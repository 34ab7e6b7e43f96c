use std::collections::HashSet;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use keyward_lighter::{
    AccountIndex, AuthTokenText, Clock, LookupError, SlotPlan, SysRng, TimeSlot, TokenVerifier, UnixSeconds,
    pregenerate,
};
use keyward_lighter_client::{TokenSource, TokenSourceError};

use crate::sample::{NOW, account, key, signer};

const HOUR: u64 = 3600;

/// A clock that is set by hand.
#[derive(Clone)]
struct Hands(Arc<AtomicU64>);

impl Hands {
    fn at(secs: u64) -> Self {
        Self(Arc::new(AtomicU64::new(secs)))
    }

    fn set(&self, secs: u64) {
        self.0.store(secs, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> UnixSeconds {
        UnixSeconds::new(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

fn deadline(token: &AuthTokenText) -> u64 {
    token.as_token().deadline().as_secs()
}

#[test]
fn a_signed_token_serves_until_an_hour_before_its_end() {
    let clock = Hands::at(NOW);
    let source = TokenSource::from_signer(signer(), clock.clone());
    let first = source.token().unwrap();
    assert_eq!(deadline(&first), NOW + 7 * HOUR);
    TokenVerifier::one_off(key().verifying_key()).verify(&first.as_token(), clock.now()).unwrap();

    clock.set(NOW + 6 * HOUR - 1);
    assert!(Arc::ptr_eq(&source.token().unwrap(), &first));
    clock.set(NOW + 6 * HOUR);
    let second = source.token().unwrap();
    assert_eq!(deadline(&second), NOW + 13 * HOUR);
    assert!(Arc::ptr_eq(&source.token().unwrap(), &second));
}

#[test]
fn a_clock_that_is_set_back_gets_a_token_that_the_venue_takes() {
    let clock = Hands::at(NOW);
    let source = TokenSource::from_signer(signer(), clock.clone());
    let first = source.token().unwrap();
    clock.set(NOW - HOUR);
    assert!(Arc::ptr_eq(&source.token().unwrap(), &first));
    clock.set(NOW - HOUR - 1);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 6 * HOUR - 1);
}

#[test]
fn however_many_ask_one_token_is_signed() {
    const THREADS: usize = 8;
    let clock = Hands::at(NOW);
    let source = TokenSource::from_signer(signer(), clock.clone());
    let mut before = source.token().unwrap();
    // Half of the times the token from before is past its end, and all have to wait for the next one.
    for round in 1..=100 {
        let elapsed = if round % 2 == 0 { 8 * HOUR } else { 6 * HOUR + HOUR / 2 };
        let now = clock.now().as_secs() + elapsed;
        clock.set(now);
        let barrier = Barrier::new(THREADS);
        let ask = || {
            barrier.wait();
            source.token().unwrap()
        };
        let found: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(found.iter().all(|token| now < deadline(token)));
        let after = source.token().unwrap();
        let new: HashSet<_> =
            found.iter().chain([&after]).map(Arc::as_ptr).filter(|it| *it != Arc::as_ptr(&before)).collect();
        assert_eq!(new, HashSet::from([Arc::as_ptr(&after)]), "round {round}");
        before = after;
    }
}

/// A folder with a file of tokens of account 5, for some days from the slot of `NOW` on.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.generate(NOW);
        folder
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("auth-tokens.json")
    }

    /// Puts another file in place of the one there.
    fn generate(&self, from: u64) {
        let plan = SlotPlan::for_days(TimeSlot::containing(UnixSeconds::new(from).unwrap()), 2).unwrap();
        let mut text = Vec::new();
        pregenerate(&[signer()], plan, NonZero::<usize>::MIN, || SysRng, |_| (), &mut text).unwrap();
        self.replace(&text);
    }

    fn replace(&self, text: &[u8]) {
        let new = self.0.path().join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.path()).unwrap();
    }

    fn source(&self, skew_secs: u64, clock: &Hands) -> TokenSource {
        TokenSource::from_file(self.path(), Some(account()), skew_secs, clock.clone())
    }
}

#[test]
fn a_file_gives_the_token_of_the_slot() {
    assert_eq!(NOW % (6 * HOUR), 0);
    let (folder, clock) = (Folder::new(), Hands::at(NOW));
    let source = folder.source(0, &clock);
    let first = source.token().unwrap();
    assert_eq!(deadline(&first), NOW + 8 * HOUR);
    for elapsed in [1, 59, 60, 61, 6 * HOUR - 1] {
        clock.set(NOW + elapsed);
        assert!(Arc::ptr_eq(&source.token().unwrap(), &first), "{elapsed}");
    }
    clock.set(NOW + 6 * HOUR);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 14 * HOUR);
    clock.set(NOW);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 8 * HOUR);
}

#[test]
fn in_the_first_seconds_of_a_slot_the_token_before_is_given() {
    let (folder, clock) = (Folder::new(), Hands::at(NOW + 6 * HOUR + 29));
    let source = folder.source(30, &clock);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 8 * HOUR);
    clock.set(NOW + 6 * HOUR + 30);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 14 * HOUR);
    // Also when the one before was at hand.
    clock.set(NOW + 12 * HOUR + 29);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 14 * HOUR);
    clock.set(NOW + 12 * HOUR + 30);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 20 * HOUR);
}

#[test]
fn a_new_file_is_seen_within_a_minute() {
    let (folder, clock) = (Folder::new(), Hands::at(NOW + 100));
    let source = folder.source(0, &clock);
    let first = source.token().unwrap();
    folder.generate(NOW);
    clock.set(NOW + 159);
    assert!(Arc::ptr_eq(&source.token().unwrap(), &first));
    clock.set(NOW + 160);
    let second = source.token().unwrap();
    assert_eq!(deadline(&second), deadline(&first));
    assert_ne!(second.expose_secret(), first.expose_secret());
}

#[test]
fn while_a_file_is_of_no_use_the_token_before_is() {
    let (folder, clock) = (Folder::new(), Hands::at(NOW));
    let source = folder.source(0, &clock);
    let first = source.token().unwrap();
    folder.replace(b"{");
    // Past the slot's end the next token would be due, but this one lasts for two hours more.
    for elapsed in [60, 6 * HOUR, 8 * HOUR - 1] {
        clock.set(NOW + elapsed);
        assert!(Arc::ptr_eq(&source.token().unwrap(), &first), "{elapsed}");
    }
    clock.set(NOW + 8 * HOUR);
    assert!(matches!(source.token(), Err(TokenSourceError::File(_))));
    fs::remove_file(folder.path()).unwrap();
    assert!(matches!(source.token(), Err(TokenSourceError::Read(_))));
    folder.generate(NOW);
    assert_eq!(deadline(&source.token().unwrap()), NOW + 14 * HOUR);
}

#[test]
fn a_file_without_the_slot_gives_the_token_that_lasts_longest_until_its_end() {
    let (folder, clock) = (Folder::new(), Hands::at(NOW + 3 * HOUR));
    let text = fs::read_to_string(folder.path()).unwrap();
    // Filed two hours off, as by a program that aligns slots in another way.
    let shifted: String = text.replace(&format!("\"{NOW}\""), &format!("\"{}\"", NOW - 2 * HOUR));
    folder.replace(shifted.as_bytes());
    let source = folder.source(0, &clock);
    let first = source.token().unwrap();
    assert_eq!(deadline(&first), NOW + 8 * HOUR);
    clock.set(NOW + 6 * HOUR - 1);
    assert!(Arc::ptr_eq(&source.token().unwrap(), &first));
}

#[test]
fn what_a_file_lacks_is_told() {
    let (folder, clock) = (Folder::new(), Hands::at(NOW));
    let stranger = AccountIndex::new(6).unwrap();
    let source = TokenSource::from_file(folder.path(), Some(stranger), 0, clock.clone());
    assert!(matches!(source.token(), Err(TokenSourceError::Lookup(LookupError::UnknownAccount { .. }))));

    let only = TokenSource::from_file(folder.path(), None, 0, clock.clone());
    assert_eq!(only.token().unwrap().as_token().account_index(), account());

    clock.set(NOW + 100 * HOUR);
    assert!(matches!(only.token(), Err(TokenSourceError::Lookup(LookupError::AfterLast { .. }))));
    let nowhere = TokenSource::from_file(Path::new("/nowhere"), None, 0, clock);
    assert!(matches!(nowhere.token(), Err(TokenSourceError::Read(_))));
}
