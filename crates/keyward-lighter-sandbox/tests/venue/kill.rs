//! A process that is killed while it writes its state file.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyward_lighter::public_key_hex;
use keyward_lighter_sandbox::{OpenError, Seed, Storage, StoreError, VenueSettings};
use tempfile::TempDir;

use crate::persistence::open_error;
use crate::workbench::{MAIN, NEW_TOKEN, SLOT, START, Workbench, change_key, key, main_order, owner, token};

const STATE: &str = "KEYWARD_TEST_STATE";
const KILLS: u64 = 200;

/// So many transactions are accepted at a time.
const BATCH: u64 = 3;

fn open(file: &Path) -> Workbench {
    Workbench::open(VenueSettings::default(), Storage::File(file.to_owned()))
}

/// Rotates the key and places two orders in one batch, makes a read-only token and revokes it; tells when it begins a
/// change, and, once it has the answer, the nonce that is due after each batch and the number of each token.
#[test]
#[ignore = "the process that is killed, no test by itself"]
fn accept_until_killed() {
    let file = env::var_os(STATE).expect("the test that starts this process names a file");
    let bench = open(Path::new(&file));
    let mut out = std::io::stdout();
    let manager = |nonce| bench.manage(&token(MAIN, SLOT, &key(nonce), START + 600), MAIN).unwrap();
    if let Some(last) = bench.next_nonce(MAIN, SLOT).checked_sub(BATCH) {
        let principal = manager(last);
        for token in bench.venue.list_tokens(&principal).api_tokens.iter().filter(|token| !token.revoked) {
            bench.venue.revoke_token(&principal, token.token_id as i64).unwrap();
        }
    }
    loop {
        let nonce = bench.next_nonce(MAIN, SLOT);
        let key = key(nonce);
        let rotation = change_key(MAIN, SLOT, nonce, &key, &owner());
        let batch = [rotation, main_order(nonce + 1, &key), main_order(nonce + 2, &key)];
        writeln!(out, "\nchanging.").unwrap();
        bench.send_batch(&batch).unwrap();
        writeln!(out, "\naccepted {}.", nonce + BATCH).unwrap();

        let principal = manager(nonce);
        writeln!(out, "\nchanging.").unwrap();
        let created = bench.venue.create_token(&principal, &NEW_TOKEN).unwrap().token;
        writeln!(out, "\ncreated {}.", created.token_id).unwrap();
        writeln!(out, "\nchanging.").unwrap();
        bench.venue.revoke_token(&principal, created.token_id as i64).unwrap();
        writeln!(out, "\nrevoked.").unwrap();
    }
}

#[test]
fn nothing_answered_is_lost_and_nothing_is_half_done() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("venue.state");
    let (mut nonce, mut tokens) = (0, 0);
    let mut kills = 0;
    for round in 0.. {
        let told = run_and_kill(&file, round);
        // The first rounds may be killed before there is a file.
        let bench = open(&file);
        let (next, told_nonce) = (bench.next_nonce(MAIN, SLOT), told.nonce.unwrap_or(nonce));
        assert!(next == told_nonce || next == told_nonce + BATCH, "{told_nonce} was told, {next} is due");
        nonce = next;

        let listed = bench.listed_key(MAIN, SLOT);
        assert_eq!(listed, (nonce > 0).then(|| public_key_hex(key(nonce - BATCH).verifying_key())));
        if nonce > 0 {
            let token = token(MAIN, SLOT, &key(nonce - BATCH), START + 60);
            let principal = bench.read(&token, MAIN).unwrap();
            let made = bench.venue.list_tokens(&principal).api_tokens;
            let (last, told) = (made.last().map_or(0, |token| token.token_id), told.token.unwrap_or(tokens));
            assert!(last == told || last == told + 1, "token {told} was told, {last} is the last");
            assert!(made.iter().all(|token| token.revoked || token.token_id == last));
            tokens = last;
        }
        // Those count that came while a change was made: between its beginning and the answer.
        kills += u64::from(told.changing);
        if kills == KILLS {
            break;
        }
    }
}

/// What a process told before it was killed.
#[derive(Default)]
struct Told {
    /// The nonce that is due.
    nonce: Option<u64>,
    /// The number of the last read-only token.
    token: Option<u64>,
    /// Whether it was making a change.
    changing: bool,
}

/// Kills a process at some moment: while it starts, or after it has told something.
fn run_and_kill(file: &Path, round: u64) -> Told {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "kill::accept_until_killed", "--ignored", "--nocapture"])
        .env(STATE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (first, answered) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut told = Told::default();
        for line in out.split(b'\n').map(|line| String::from_utf8(line.unwrap()).unwrap()) {
            // With the full stop, a line that was cut short is none.
            let Some(line) = line.strip_suffix('.') else { continue };
            told.changing = line == "changing";
            if let Some(text) = line.strip_prefix("accepted ") {
                told.nonce = Some(text.parse().unwrap());
            } else if let Some(text) = line.strip_prefix("created ") {
                told.token = Some(text.parse().unwrap());
            }
            if !told.changing {
                let _ = first.send(());
            }
        }
        told
    });
    // The moment is to be any; nothing is waited for by sleeping.
    if round.is_multiple_of(4) {
        thread::sleep(Duration::from_micros(round * 7_919 % 30_000));
    } else {
        answered.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(matches!(open_error(Seed::empty(), file), OpenError::Store(StoreError::Locked)));
        thread::sleep(Duration::from_micros(round * 7_919 % 10_000));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}
