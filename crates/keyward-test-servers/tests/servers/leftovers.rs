//! Nothing outlives the process that has started it, however that ends.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use keyward_test_servers::{Access, Durability, Postgres, Redis, or_skip};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A process that has one PostgreSQL server, one Redis server and a cluster; their folders are in `folder`.
fn start_servers(folder: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keyward-test-servers"))
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let output = BufReader::new(child.stdout.take().expect("an output"));
    let urls: Vec<String> = output.lines().take(3).map(|line| line.expect("a line")).collect();
    assert_eq!(urls.len(), 3, "{urls:?}");
    child
}

/// Whether this machine has the servers.
fn is_possible() -> bool {
    or_skip(Postgres::start(Durability::Fast)).is_some()
        && or_skip(Redis::start(Durability::Fast, Access::Open)).is_some()
}

/// A folder that everybody may write to, as that for temporary files is.
fn temporary() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).expect("permissions");
    folder
}

/// The processes that work in a folder or below it: number and working folder.
fn processes_in(folder: &Path) -> Vec<(Pid, PathBuf)> {
    let folder = folder.canonicalize().expect("a folder");
    fs::read_dir("/proc")
        .expect("processes")
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let works = fs::read_link(entry.path().join("cwd")).ok()?;
            works.starts_with(&folder).then_some((pid, works))
        })
        .collect()
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}

/// Waits until it holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "not after a minute: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn servers_and_folders_of_a_killed_process_are_gone_soon() {
    if !is_possible() {
        return;
    }
    let folder = temporary();
    let mut owner = start_servers(folder.path());
    // A server and a shell each, and PostgreSQL's background processes.
    assert!(processes_in(folder.path()).len() > 10);
    assert_eq!(folders_in(folder.path()).len(), 5);

    owner.kill().expect("killed");
    owner.wait().expect("killed");
    until("no server", || processes_in(folder.path()).is_empty());
    until("no folder", || folders_in(folder.path()).is_empty());
}

#[test]
fn an_owner_that_ends_by_itself_leaves_nothing() {
    if !is_possible() {
        return;
    }
    let folder = temporary();
    let mut owner = start_servers(folder.path());
    drop(owner.stdin.take());
    assert!(owner.wait().expect("it ends").success());
    assert_eq!(processes_in(folder.path()), []);
    assert_eq!(folders_in(folder.path()), [] as [PathBuf; 0]);
}

#[test]
fn what_nobody_could_clear_away_the_next_start_clears_away() {
    if !is_possible() {
        return;
    }
    let folder = temporary();
    let mut owner = start_servers(folder.path());
    let left = folders_in(folder.path());
    // The shells first, so that nobody is there when their owner dies.
    let of_shells = processes_in(folder.path()).into_iter().filter(|(_, works)| left.contains(works));
    for (shell, _) in of_shells {
        kill_process(shell, Signal::KILL).expect("killed");
    }
    owner.kill().expect("killed");
    owner.wait().expect("killed");
    until("no shell", || processes_in(folder.path()).iter().all(|(_, works)| !left.contains(works)));
    let servers = processes_in(folder.path());
    assert!(servers.len() > 5, "{servers:?}");
    let shared_memory = shared_memory_of(&left);
    assert!(segments().contains(&shared_memory));

    let mut next = start_servers(folder.path());
    let now = processes_in(folder.path());
    assert!(servers.iter().all(|(pid, _)| now.iter().all(|(other, _)| other != pid)), "{servers:?} {now:?}");
    let folders = folders_in(folder.path());
    assert!(folders.len() == 5 && left.iter().all(|folder| !folders.contains(folder)), "{folders:?}");
    assert!(!segments().contains(&shared_memory));
    next.kill().expect("killed");
    next.wait().expect("killed");
    until("no folder", || folders_in(folder.path()).is_empty());
}

/// The number of the shared memory of the PostgreSQL server with one of these folders.
fn shared_memory_of(folders: &[PathBuf]) -> String {
    let file = folders.iter().find_map(|folder| fs::read_to_string(folder.join("data/postmaster.pid")).ok());
    let file = file.expect("a PostgreSQL server");
    file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)).expect("a number").to_owned()
}

/// The numbers of all segments of shared memory.
fn segments() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/shm").expect("a table");
    table.lines().skip(1).filter_map(|line| Some(line.split_whitespace().nth(1)?.to_owned())).collect()
}
