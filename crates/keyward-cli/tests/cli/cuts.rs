//! The network cut at each step of `setup`, the process killed at any instant: no key is lost, and none
//! is registered a second time.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::proxy::{Cut, Proxy, Then};
use crate::venue::{OWNER, OWNER_KEY, SUB, Venue, at, config_keys, empty_bench};
use crate::workbench::{BINARY, Workbench};

/// How often the network is cut at each step.
const RUNS: usize = 50;

/// The requests of a first registration, in order: whether the venue has the key yet, the nonce, the
/// transaction, and again whether the venue has the key.
const CUTS: [(Cut, usize); 7] = [
    (Cut::Before("/nextNonce"), 0),
    (Cut::After("/nextNonce"), 0),
    (Cut::Before("/sendTx"), 0),
    (Cut::After("/sendTx"), 0),
    // The first one is before the transaction.
    (Cut::Before("/apikeys"), 1),
    (Cut::After("/apikeys"), 1),
    (Cut::Before("/accountsByL1Address"), 0),
];

/// The public key of what is pending for `account`, if anything is.
fn pending_key(bench: &Workbench, account: &str) -> Option<String> {
    if !bench.path("config.json.pending").exists() {
        return None;
    }
    let account_index: u64 = account.parse().unwrap();
    let entries: Vec<Value> = serde_json::from_str(&bench.read("config.json.pending")).unwrap();
    let entry = entries.iter().find(|entry| entry["account_index"] == account_index)?;
    let private_key = entry["api_key_private_key"].as_str().unwrap();
    Some(bench.keyward("lighter public-key").input(private_key).prints().trim_end().to_owned())
}

/// After the last run: the config has the venue's key, which is the one that was pending if there was
/// one, and the slot's nonce shows the number of transactions.
#[track_caller]
fn is_registered_once(venue: &Venue, bench: &Workbench, account: &str, pending: Option<String>, case: &str) {
    assert_eq!(bench.names(), ["config.json"], "{case}");
    let keys = config_keys(bench);
    assert_eq!(keys.len(), 1, "{case}");
    assert_eq!(venue.key(bench, account, 253), (Some(keys[0].2.clone()), 1), "{case}");
    if let Some(pending) = pending {
        assert_eq!(pending, keys[0].2, "{case}: another key than the pending one");
    }
}

/// Hands out the sub-accounts of a venue that has `count` of them, each once, to some threads.
fn each_account(count: usize, work: impl Fn(usize, &str) + Sync) {
    let next = AtomicUsize::new(0);
    let first: usize = SUB.parse().unwrap();
    thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                loop {
                    let run = next.fetch_add(1, Ordering::Relaxed);
                    if run >= count {
                        break;
                    }
                    work(run, &(first - run).to_string());
                }
            });
        }
    });
}

/// The run that meets the cut fails, or gets over it; the next one ends what it has begun.
fn cut_at_each_step(then: Then, arguments: &str, timeout: u32) {
    let venue = Venue::start(CUTS.len() * RUNS, arguments);
    each_account(CUTS.len() * RUNS, |run, account| {
        let (cut, spared) = CUTS[run % CUTS.len()];
        let case = format!("{cut:?} after {spared}, {then:?}, account {account}");
        let (bench, proxy) = (empty_bench(), Proxy::start(&venue.url));
        let setup = || at(&proxy.url, &bench, &format!("setup --timeout {timeout} --account {account}"));
        proxy.cut(cut, spared, then);
        let code = setup().command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::null()).status().unwrap();
        let pending = pending_key(&bench, account);
        assert!(proxy.heal(), "{case}: there was no such request");
        assert_eq!(code.success(), then == Then::Heal, "{case}");
        if !code.success() {
            setup().exits(0);
        }
        is_registered_once(&venue, &bench, account, pending, &case);
    });
}

#[test]
fn network_that_is_cut_and_stays_cut_loses_no_key_and_rotates_none_twice() {
    cut_at_each_step(Then::StayCut, "", 1);
}

#[test]
fn network_that_is_cut_for_a_moment_is_got_over() {
    cut_at_each_step(Then::Heal, "", 30);
    // The nonce counts before the key is to be seen.
    cut_at_each_step(Then::Heal, "--execution-delay-ms 300", 30);
}

/// The process is killed at the very moment of the cut.
#[test]
fn process_killed_at_each_step_loses_no_key_and_rotates_none_twice() {
    let venue = Venue::start(CUTS.len() * RUNS, "");
    each_account(CUTS.len() * RUNS, |run, account| {
        let (cut, spared) = CUTS[run % CUTS.len()];
        let case = format!("{cut:?} after {spared}, killed, account {account}");
        let (bench, proxy) = (empty_bench(), Proxy::start(&venue.url));
        let child = Arc::new(Mutex::new(None::<Child>));
        let victim = Arc::clone(&child);
        proxy.at_the_cut(move || victim.lock().unwrap().as_mut().unwrap().kill().unwrap());
        proxy.cut(cut, spared, Then::Heal);
        // The lock is held until the child is there to be killed.
        let mut place = child.lock().unwrap();
        *place = Some(spawn_setup(&proxy.url, &bench, account));
        drop(place);
        // Polled, as the proxy needs the child too.
        while child.lock().unwrap().as_mut().unwrap().try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(proxy.heal(), "{case}: there was no such request");
        let pending = pending_key(&bench, account);
        at(&proxy.url, &bench, &format!("setup --account {account}")).exits(0);
        is_registered_once(&venue, &bench, account, pending, &case);
    });
}

/// The process is killed at instants spread over its whole run, and closer together over its end. With the
/// delay the venue has taken the transaction while the key is not yet to be seen.
#[test]
fn process_killed_at_any_instant_loses_no_key_and_rotates_none_twice() {
    for arguments in ["", "--execution-delay-ms 300"] {
        let venue = Venue::start(RUNS + 1, arguments);
        let accounts: Vec<_> = (0..=RUNS).map(|run| (SUB.parse::<usize>().unwrap() - run).to_string()).collect();
        let start = Instant::now();
        assert!(spawn_setup(&venue.url, &empty_bench(), &accounts[RUNS]).wait().unwrap().success());
        let whole = start.elapsed();
        for (run, account) in accounts[..RUNS].iter().enumerate() {
            let instant =
                if run % 2 == 0 { whole * run as u32 / RUNS as u32 } else { whole * (75 + run as u32 / 2) / 100 };
            let bench = empty_bench();
            let mut child = spawn_setup(&venue.url, &bench, account);
            thread::sleep(instant);
            child.kill().unwrap();
            child.wait().unwrap();
            let pending = pending_key(&bench, account);
            let was_finished = pending.is_none() && bench.path("config.json").exists();
            // A first key of a run that had ended is not to be replaced.
            if was_finished {
                venue.keyward(&bench, "check").exits(0);
            } else {
                venue.keyward(&bench, &format!("setup --account {account}")).exits(0);
            }
            is_registered_once(&venue, &bench, account, pending, &format!("killed after {instant:?}, {arguments}"));
        }
    }
}

/// Several accounts: what was done before the kill is not done again.
#[test]
fn run_for_several_accounts_is_ended_and_not_repeated() {
    const ACCOUNTS: usize = 3;
    const KILLS: u32 = 30;
    let nonces = |venue: &Venue, bench: &Workbench| -> Vec<u64> {
        let keys = venue.json(bench, &format!("keys {OWNER}"));
        keys.iter().map(|key| key["next_nonce"].as_u64().unwrap()).collect()
    };
    let start = Instant::now();
    let (venue, bench) = (Venue::start(ACCOUNTS - 1, ""), empty_bench());
    let begun = start.elapsed();
    venue.keyward(&bench, "setup").exits(0);
    let whole = start.elapsed() - begun;
    for run in 0..KILLS {
        let (venue, bench) = (Venue::start(ACCOUNTS - 1, ""), empty_bench());
        for (command, expected) in [("setup", [1; ACCOUNTS]), ("rotate", [2; ACCOUNTS])] {
            let before = bench.path("config.json").exists().then(|| config_keys(&bench));
            let mut child = spawn(&venue.url, &bench, &["lighter", command]);
            thread::sleep(whole * run / KILLS);
            child.kill().unwrap();
            child.wait().unwrap();
            let was_cut = bench.path("config.json.pending").exists();
            let has_begun = bench.path("config.json").exists().then(|| config_keys(&bench)) != before;
            if was_cut || !has_begun {
                venue.keyward(&bench, command).exits(0);
            }
            assert_eq!(nonces(&venue, &bench), expected, "{command} killed after {run}/{KILLS}");
            assert_eq!(venue.keyward(&bench, "check").prints().matches(": matches").count(), ACCOUNTS);
            assert_eq!(bench.names(), ["config.json"]);
        }
    }
}

fn spawn_setup(url: &str, bench: &Workbench, account: &str) -> Child {
    spawn(url, bench, &["lighter", "setup", "--account", account])
}

fn spawn(url: &str, bench: &Workbench, arguments: &[&str]) -> Child {
    Command::new(BINARY)
        .args(arguments)
        .current_dir(bench.folder())
        .env("LIGHTER_URL", url)
        .env("ETH_PRIVATE_KEY", OWNER_KEY)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
