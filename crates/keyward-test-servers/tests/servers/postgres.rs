//! PostgreSQL is there when it says so, and what it has acknowledged is there after a kill.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyward_test_servers::{Durability, Postgres, or_skip};

use crate::client::{self, Load};

/// A server and a client.
fn start(durability: Durability) -> Option<(Postgres, PathBuf)> {
    let psql = or_skip(client::find("psql"))?;
    Some((or_skip(Postgres::start(durability))?, psql))
}

/// Connects by the URL as PostgreSQL's own library reads it.
fn psql(program: &Path, server: &Postgres) -> Command {
    let mut psql = Command::new(program);
    psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", &server.url()]);
    psql
}

#[test]
fn what_was_committed_before_a_kill_is_there_after_it() {
    let Some((mut server, program)) = start(Durability::Synced) else { return };
    let url = server.url();
    let ask = |server: &Postgres, text: &str| client::ask(psql(&program, server), text);
    assert_eq!(ask(&server, "SHOW fsync; SHOW synchronous_commit; SHOW full_page_writes;"), "on\non\non\n");
    ask(&server, "CREATE TABLE acknowledged (number integer PRIMARY KEY);");

    let mut least = 0;
    for round in 0..3 {
        let load = Load::start(psql(&program, &server), move |number| {
            format!("INSERT INTO acknowledged VALUES ({round} * 1000000 + {number}) RETURNING number;\n")
        });
        let mut acknowledged = load.await_lines(50);
        let pid = server.pid().expect("it runs");
        server.kill().expect("killed");
        assert_eq!(server.pid(), None);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
        acknowledged.extend(load.end());

        server.restart().expect("recovered");
        assert_eq!(server.url(), url);
        assert_ne!(server.pid().expect("it runs"), pid);
        let there = ask(&server, "SELECT number FROM acknowledged ORDER BY number;");
        let there: Vec<&str> = there.lines().collect();
        least += acknowledged.len();
        // The last of a round may have been committed and not acknowledged.
        assert!((least..=least + 1).contains(&there.len()), "{least} acknowledged, {} there", there.len());
        let lost: Vec<&String> = acknowledged.iter().filter(|number| !there.contains(&number.as_str())).collect();
        assert!(acknowledged.len() >= 50 && lost.is_empty(), "{lost:?} of {acknowledged:?}");
        least = there.len();
    }
}

#[test]
fn what_was_committed_before_a_stop_is_there_after_it_also_when_fast() {
    let Some((mut server, program)) = start(Durability::Fast) else { return };
    let ask = |server: &Postgres, text: &str| client::ask(psql(&program, server), text);
    assert_eq!(ask(&server, "SHOW fsync; CREATE TABLE t AS SELECT 7 AS n;"), "off\n");
    server.stop().expect("stopped");
    assert_eq!(server.pid(), None);
    server.stop().expect("it is stopped");
    server.restart().expect("up again");
    let pid = server.pid();
    server.restart().expect("a server that runs is restarted");
    assert!(server.pid().is_some() && server.pid() != pid);
    assert_eq!(ask(&server, "SELECT n FROM t;"), "7\n");
}

#[test]
fn only_who_has_the_password_is_let_in_and_only_from_this_machine() {
    let Some((server, program)) = start(Durability::Fast) else { return };
    let (before, after) = server.url().split_once('@').map(|(b, a)| (b.to_owned(), a.to_owned())).expect("a password");
    let wrong = format!("{before}0@{after}");
    let output = Command::new(&program).args(["--no-psqlrc", "-c", "SELECT 1", &wrong]).output().expect("psql runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("password authentication failed"), "{text}");

    let ask = |text: &str| client::ask(psql(&program, &server), text);
    assert_eq!(ask("SHOW listen_addresses; SHOW unix_socket_directories;"), "127.0.0.1\n\n");
    let methods = ask("SELECT DISTINCT auth_method FROM pg_hba_file_rules;");
    assert_eq!(methods, "scram-sha-256\n");
}

#[test]
fn the_password_is_in_no_argument_and_no_debug_text() {
    let Some((server, _)) = start(Durability::Fast) else { return };
    let url = server.url();
    let secret = url.split([':', '%']).nth(2).expect("the beginning of the password").to_owned();
    assert_eq!(secret.len(), 16, "{url}");
    assert!(!format!("{server:?}").contains(&secret));
    let arguments = fs::read(format!("/proc/{}/cmdline", server.pid().expect("it runs"))).expect("arguments");
    let arguments = String::from_utf8_lossy(&arguments);
    assert!(arguments.contains("postgres") && !arguments.contains(&secret), "{arguments}");
}
