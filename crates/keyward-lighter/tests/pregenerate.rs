//! Whole files of tokens, made ahead.

use std::io::{self, Write};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, Config, PregenerateError, Pregenerated, SlotPlan, SysRng, TimeSlot, TokenSigner,
    TokenVerifier, TokensFile, UnixSeconds, parse_private_key, pregenerate, total_tokens,
};
use rand_core::{TryCryptoRng, TryRng};

const FIRST: u64 = 1_795_219_200;
const CONFIG: &[u8] = include_bytes!("samples/config.json");
const KEYS: [&str; 2] = [
    "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c",
    "0xdc9fe5d1ea1825f9e0f1315ba0c9ad65b177cd117915ded07c2a537a12f0ae678795a62ac96d6d04",
];

fn jobs(count: usize) -> NonZero<usize> {
    NonZero::new(count).unwrap()
}

fn plan(len: u32) -> SlotPlan {
    SlotPlan::new(TimeSlot::containing(UnixSeconds::new(FIRST + 799).unwrap()), len).unwrap()
}

fn signer(key: &str, account: u64) -> TokenSigner {
    TokenSigner::new(parse_private_key(key).unwrap(), AccountIndex::new(account).unwrap(), ApiKeyIndex::READ_ONLY_AUTH)
}

fn signers(accounts: impl IntoIterator<Item = u64>) -> Vec<TokenSigner> {
    accounts.into_iter().map(|account| signer(KEYS[0], account)).collect()
}

fn file(signers: &[TokenSigner], plan: SlotPlan, count: usize) -> String {
    let mut out = Vec::new();
    let made = pregenerate(signers, plan, jobs(count), || SysRng, |_| (), &mut out).unwrap();
    assert_eq!(made.tokens, total_tokens(signers, plan));
    String::from_utf8(out).unwrap()
}

/// The file with an `x` for each digit of a signature.
fn masked(file: &str) -> String {
    let lines = file.lines().map(|line| match line.rfind(':') {
        Some(colon) if line[colon..].len() > 160 => {
            format!("{}{}{}", &line[..=colon], "x".repeat(160), &line[colon + 161..])
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn file_is_that_of_the_script_but_for_the_signatures() {
    let config = Config::parse(CONFIG).unwrap();
    let sample = include_str!("samples/auth-tokens.json");
    assert_eq!(masked(sample).matches(&"x".repeat(160)).count(), 224);
    for count in [1, 2, 7] {
        let made = file(config.signers(), plan(112), count);
        assert_eq!(masked(&made), masked(sample), "{count} jobs");
        assert_ne!(made, sample);
    }
}

#[test]
fn every_token_verifies_in_its_slot() {
    let config = Config::parse(CONFIG).unwrap();
    let plan = plan(112);
    let file = TokensFile::parse(file(config.signers(), plan, 2).as_bytes()).unwrap();
    for signer in config.signers() {
        let verifier = TokenVerifier::new(signer.verifying_key());
        for slot in plan {
            let token = file.token_for(Some(signer.account_index()), slot.start(), 0).unwrap();
            assert_eq!(verifier.verify(&token, slot.start()), Ok(()));
        }
    }
}

#[test]
fn order_is_that_of_the_signers_for_any_number_of_jobs() {
    // More than a batch holds for one job, in units that are not full.
    let (signers, plan) = (signers((0..70).rev()), plan(33));
    let expected = masked(&file(&signers, plan, 1));
    assert_eq!(expected.lines().count(), 70 * (33 + 2) + 2);
    for count in [2, 3, 300, usize::MAX] {
        assert_eq!(masked(&file(&signers, plan, count)), expected, "{count} jobs");
    }
}

#[test]
fn repeated_account_keeps_its_first_place_and_its_last_key() {
    let signers = [signer(KEYS[0], 7), signer(KEYS[0], 5), signer(KEYS[1], 7)];
    let mut out = Vec::new();
    let made = pregenerate(&signers, plan(4), jobs(2), || SysRng, |_| (), &mut out).unwrap();
    assert_eq!(made, Pregenerated { accounts: 2, tokens: 8 });
    let file = TokensFile::parse(&out).unwrap();
    assert_eq!(file.account_indices().map(AccountIndex::as_u64).collect::<Vec<_>>(), [7, 5]);
    let slot = plan(4).first().start();
    let token = file.token_for(Some(signers[2].account_index()), slot, 0).unwrap();
    assert_eq!(TokenVerifier::one_off(signers[2].verifying_key()).verify(&token, slot), Ok(()));
    assert!(TokenVerifier::one_off(signers[0].verifying_key()).verify(&token, slot).is_err());
}

#[test]
fn empty_plan_writes_empty_accounts() {
    let config = Config::parse(CONFIG).unwrap();
    assert_eq!(file(config.signers(), plan(0), 2), "{\n  \"5\": {},\n  \"281474976710600\": {}\n}");
    assert_eq!(file(&[], plan(4), 2), "{}");
}

#[test]
fn progress_grows_to_the_total() {
    let (signers, plan) = (signers(0..90), plan(40));
    let mut seen = Vec::new();
    let made = pregenerate(&signers, plan, jobs(1), || SysRng, |done| seen.push(done), io::sink()).unwrap();
    assert_eq!(made, Pregenerated { accounts: 90, tokens: 3_600 });
    assert!(seen.len() > 1 && seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    assert_eq!(seen.last(), Some(&3_600));
}

/// A generator that fails, or panics, once it has been asked `left` times.
struct Faulty<'a> {
    left: &'a AtomicUsize,
    panics: bool,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("out of order")]
struct OutOfOrder;

impl TryRng for Faulty<'_> {
    type Error = OutOfOrder;

    fn try_next_u32(&mut self) -> Result<u32, OutOfOrder> {
        self.try_fill_bytes(&mut []).map(|()| 0)
    }

    fn try_next_u64(&mut self) -> Result<u64, OutOfOrder> {
        self.try_fill_bytes(&mut []).map(|()| 0)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), OutOfOrder> {
        let ask = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match ask {
            Ok(_) => SysRng.try_fill_bytes(out).map_err(|_| OutOfOrder),
            Err(_) if self.panics => panic!("out of order"),
            Err(_) => Err(OutOfOrder),
        }
    }
}

impl TryCryptoRng for Faulty<'_> {}

#[test]
fn failure_of_a_generator_is_an_error() {
    for count in [1, 2, 5] {
        let left = AtomicUsize::new(60);
        let rng = || Faulty { left: &left, panics: false };
        let made = pregenerate(&signers(0..9), plan(112), jobs(count), rng, |_| (), io::sink());
        assert!(matches!(made, Err(PregenerateError::Random(OutOfOrder))), "{count} jobs: {made:?}");
    }
}

#[test]
fn panic_of_a_generator_is_a_panic_and_no_hang() {
    for count in [1, 2, 5] {
        let left = AtomicUsize::new(60);
        let rng = || Faulty { left: &left, panics: true };
        let made = catch_unwind(|| pregenerate(&signers(0..9), plan(112), jobs(count), rng, |_| (), io::sink()));
        assert!(made.is_err(), "{count} jobs");
    }
}

#[test]
fn panic_of_the_progress_is_a_panic_and_no_hang() {
    let signers = signers(0..9);
    let progress = |_| panic!("no progress");
    let made =
        catch_unwind(AssertUnwindSafe(|| pregenerate(&signers, plan(112), jobs(2), || SysRng, progress, io::sink())));
    assert!(made.is_err());
}

/// A disk with room for `room` bytes.
struct Disk {
    room: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn full_disk_is_an_error() {
    let signers = signers(0..30);
    let whole = file(&signers, plan(112), 2).len();
    for room in [0, 1, 100_000, whole - 1] {
        let made = pregenerate(&signers, plan(112), jobs(2), || SysRng, |_| (), Disk { room });
        let Err(PregenerateError::Write(error)) = made else { panic!("{room} bytes: {made:?}") };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
    assert!(pregenerate(&signers, plan(112), jobs(2), || SysRng, |_| (), Disk { room: whole }).is_ok());
}
