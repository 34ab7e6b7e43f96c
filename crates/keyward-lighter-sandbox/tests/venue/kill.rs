//! A process that is killed while it writes its state file.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyward_lighter::public_key_hex;
use keyward_lighter_sandbox::{Storage, VenueSettings};
use tempfile::TempDir;

use crate::workbench::{MAIN, NEW_TOKEN, SLOT, START, Workbench, change_key, key, main_order, owner, token};

const STATE: &str = "KEYWARD_TEST_STATE";
const ROUNDS: u64 = 200;

/// So many transactions are accepted at a time.
const BATCH: u64 = 3;

fn open(file: &Path) -> Workbench {
    Workbench::open(VenueSettings::default(), Storage::File(file.to_owned()))
}

/// Rotates the key and places two orders in one batch, makes a read-only token and revokes it; tells the nonce that is
/// due after each batch and the number of each token, once it has the answer.
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
        bench.send_batch(&[rotation, main_order(nonce + 1, &key), main_order(nonce + 2, &key)]).unwrap();
        writeln!(out, "\naccepted {}.", nonce + BATCH).unwrap();

        let principal = manager(nonce);
        let created = bench.venue.create_token(&principal, &NEW_TOKEN).unwrap().token;
        writeln!(out, "\ncreated {}.", created.token_id).unwrap();
        bench.venue.revoke_token(&principal, created.token_id as i64).unwrap();
    }
}

#[test]
fn nothing_answered_is_lost_and_nothing_is_half_done() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("venue.state");
    let (mut nonce, mut tokens) = (0, 0);
    for round in 0..ROUNDS {
        let (told_nonce, told_tokens) = run_and_kill(&file, round);
        // The first rounds may be killed before there is a file.
        let bench = open(&file);
        let (next, told) = (bench.next_nonce(MAIN, SLOT), told_nonce.unwrap_or(nonce));
        assert!(next == told || next == told + BATCH, "{told} was told, {next} is due");
        nonce = next;

        let listed = bench.listed_key(MAIN, SLOT);
        assert_eq!(listed, (nonce > 0).then(|| public_key_hex(key(nonce - BATCH).verifying_key())));
        if nonce > 0 {
            let token = token(MAIN, SLOT, &key(nonce - BATCH), START + 60);
            let principal = bench.read(&token, MAIN).unwrap();
            let made = bench.venue.list_tokens(&principal).api_tokens;
            let (last, told) = (made.last().map_or(0, |token| token.token_id), told_tokens.unwrap_or(tokens));
            assert!(last == told || last == told + 1, "token {told} was told, {last} is the last");
            assert!(made.iter().all(|token| token.revoked || token.token_id == last));
            tokens = last;
        }
    }
    assert!(nonce > BATCH, "some rounds got that far");
}

/// The last nonce and token number that a process told which was killed at some moment: while it starts, or after it
/// has told something.
fn run_and_kill(file: &Path, round: u64) -> (Option<u64>, Option<u64>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "kill::accept_until_killed", "--ignored", "--nocapture"])
        .env(STATE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (first, told) = mpsc::channel();
    let reader = thread::spawn(move || {
        let (mut nonce, mut token) = (None, None);
        for line in out.split(b'\n').map(|line| String::from_utf8(line.unwrap()).unwrap()) {
            // With the full stop, a line that was cut short is none.
            let Some(line) = line.strip_suffix('.') else { continue };
            if let Some(text) = line.strip_prefix("accepted ") {
                nonce = Some(text.parse().unwrap());
            } else if let Some(text) = line.strip_prefix("created ") {
                token = Some(text.parse().unwrap());
            }
            let _ = first.send(());
        }
        (nonce, token)
    });
    // The moment is to be any; nothing is waited for by sleeping.
    if round.is_multiple_of(4) {
        thread::sleep(Duration::from_micros(round * 7_919 % 30_000));
    } else {
        told.recv_timeout(Duration::from_secs(60)).unwrap();
        thread::sleep(Duration::from_micros(round * 7_919 % 10_000));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}
