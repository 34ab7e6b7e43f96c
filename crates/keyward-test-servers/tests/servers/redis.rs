//! Redis is there when it says so, and what it has acknowledged is there after a kill.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyward_test_servers::{Access, Durability, Redis, or_skip};

use crate::client::{self, Load};

/// A server and a client.
fn start(durability: Durability, access: Access) -> Option<(Redis, PathBuf)> {
    let redis_cli = or_skip(client::find("redis-cli"))?;
    Some((or_skip(Redis::start(durability, access))?, redis_cli))
}

/// Connects by the URL as Redis' own client reads it.
fn redis_cli(program: &Path, server: &Redis) -> Command {
    let mut redis_cli = Command::new(program);
    redis_cli.args(["--raw", "--no-auth-warning", "-u", &server.url()]);
    redis_cli
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let Some((mut server, program)) = start(Durability::Synced, Access::Password) else { return };
    let url = server.url();
    let ask = |server: &Redis, text: &str| client::ask(redis_cli(&program, server), text);
    let settings = ask(&server, "CONFIG GET appendonly\nCONFIG GET appendfsync\n");
    assert_eq!(settings, "appendonly\nyes\nappendfsync\nalways\n");

    let mut least = 0;
    for _ in 0..3 {
        // The answer is how many there are.
        let load = Load::start(redis_cli(&program, &server), |number| format!("RPUSH acknowledged {number}\n"));
        let mut acknowledged = load.await_lines(50);
        let pid = server.pid().expect("it runs");
        server.kill().expect("killed");
        assert_eq!(server.pid(), None);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
        acknowledged.extend(load.end().into_iter().filter(|line| line.parse::<usize>().is_ok()));

        server.restart().expect("loaded");
        assert_eq!(server.url(), url);
        assert_ne!(server.pid().expect("it runs"), pid);
        let there: usize = ask(&server, "LLEN acknowledged\n").trim_end().parse().expect("a length");
        assert!(acknowledged.len() >= 50, "{acknowledged:?}");
        least += acknowledged.len();
        // The last of a round may have been written and not acknowledged.
        assert!((least..=least + 1).contains(&there), "{least} acknowledged, {there} there");
        least = there;
    }
}

#[test]
fn a_stop_keeps_what_is_on_disk_and_fast_keeps_nothing() {
    for (durability, expected) in [(Durability::Synced, "7\n"), (Durability::Fast, "\n")] {
        let Some((mut server, program)) = start(durability, Access::Open) else { return };
        let ask = |server: &Redis, text: &str| client::ask(redis_cli(&program, server), text);
        assert_eq!(ask(&server, "SET n 7\n"), "OK\n");
        server.stop().expect("stopped");
        server.stop().expect("it is stopped");
        assert_eq!(server.pid(), None);
        server.restart().expect("up again");
        let pid = server.pid();
        server.restart().expect("a server that runs is restarted");
        assert!(server.pid().is_some() && server.pid() != pid);
        assert_eq!(ask(&server, "GET n\n"), expected);
    }
}

#[test]
fn only_who_has_the_password_is_let_in() {
    let Some((server, program)) = start(Durability::Fast, Access::Password) else { return };
    let open = format!("redis://{}", server.url().split_once('@').expect("a password").1);
    let answer = Command::new(&program).args(["-u", &open, "PING"]).output().expect("redis-cli runs").stdout;
    assert!(answer.starts_with(b"NOAUTH"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(client::ask(redis_cli(&program, &server), "CONFIG GET bind\n"), "bind\n127.0.0.1\n");

    let secret = server.url().split([':', '%']).nth(2).expect("the beginning of the password").to_owned();
    assert_eq!(secret.len(), 16);
    assert!(!format!("{server:?}").contains(&secret));
    let arguments = fs::read(format!("/proc/{}/cmdline", server.pid().expect("it runs"))).expect("arguments");
    let arguments = String::from_utf8_lossy(&arguments);
    assert!(arguments.contains("redis-server") && !arguments.contains(&secret), "{arguments}");
}
