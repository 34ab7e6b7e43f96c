//! `keys`, `nonce`, `ro`, `maker-only` and `sandbox`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::venue::{MAIN, OWNER, OWNER_KEY, SUB, Venue, empty_bench};
use crate::workbench::{BINARY, FIRST_SLOT, Workbench};

fn set_up(subs: usize) -> (Venue, Workbench) {
    let (venue, bench) = (Venue::start(subs, ""), empty_bench());
    venue.keyward(&bench, "setup").exits(0);
    (venue, bench)
}

#[test]
fn keys_of_an_account_or_of_an_owner_are_listed() {
    let (venue, bench) = set_up(1);
    let lines = |whose: &str| {
        let printed = venue.keyward(&bench, &format!("keys {whose}")).prints();
        printed.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let one = lines(MAIN);
    assert_eq!(one[0], "ACCOUNT          SLOT  NEXT NONCE       PUBLIC KEY");
    let fields: Vec<_> = one[1].split_whitespace().collect();
    assert_eq!(fields[..3], [MAIN, "253", "1"]);
    assert!(fields[3].len() == 82 && fields[3].starts_with("0x"), "{one:?}");
    let of_owner = lines(&OWNER.to_lowercase());
    assert_eq!(of_owner.len(), 3);
    assert_eq!(of_owner[..2], one[..]);
    assert_eq!(venue.json(&bench, &format!("keys {SUB}"))[0]["account_index"].to_string(), SUB);
    venue.keyward(&bench, "keys 0x12").rejects_usage("invalid value '0x12' for '<ACCOUNT|ADDRESS>'");
    venue.keyward(&bench, "keys -- -1").rejects_usage("invalid value '-1' for '<ACCOUNT|ADDRESS>'");
    let none = venue.keyward(&bench, "keys 77").exits(0);
    assert_eq!(none.stderr, "account 77: no API keys\n");
}

#[test]
fn next_nonce_is_that_number_alone() {
    let (venue, bench) = set_up(0);
    assert_eq!(venue.keyward(&bench, &format!("nonce {MAIN}")).prints(), "1\n");
    assert_eq!(venue.keyward(&bench, &format!("nonce {MAIN} 7")).prints(), "0\n");
    venue.keyward(&bench, &format!("nonce {MAIN} 255")).rejects_usage("invalid value '255' for '[SLOT]'");
}

#[test]
fn config_names_the_venue_to_ask() {
    let (venue, bench) = set_up(0);
    let run = |arguments: &str| {
        let mut run = bench.keyward(&format!("lighter {arguments}"));
        run.command.env_remove("LIGHTER_URL");
        run
    };
    assert_eq!(run(&format!("nonce {MAIN}")).prints(), "1\n");
    assert_eq!(run(&format!("keys {MAIN}")).prints().lines().count(), 2);
    // The option goes before the config, and the config before the environment.
    let nobody = "http://127.0.0.1:1";
    assert_eq!(run(&format!("nonce {MAIN}")).env("LIGHTER_URL", nobody).prints(), "1\n");
    run(&format!("nonce {MAIN} --timeout 1 --url {nobody}")).exits(1);
    assert_eq!(run(&format!("nonce {MAIN} --config none --url {}", venue.url)).prints(), "1\n");
    run(&format!("nonce {MAIN} --config none")).rejects_usage("no venue: ");
}

#[test]
fn read_only_token_is_made_listed_used_and_revoked() {
    let (venue, bench) = set_up(1);
    let account = format!("--account {MAIN}");
    let made = venue.keyward(&bench, &format!("ro create {account} --name a --days 1 --sub-accounts")).exits(0);
    let token = made.stdout.trim_end();
    assert!(token.starts_with(&format!("ro:{MAIN}:all:")), "{token}");
    assert!(made.stderr.starts_with(&format!("account {MAIN}: read-only token 1, until ")), "{made:?}");
    let list = venue.keyward(&bench, "ro list --token-file -").input(token).exits(0).stdout;
    assert!(list.lines().nth(1).unwrap().ends_with("  all     \"a\""), "{list}");
    assert!(!list.contains(token.rsplit_once(':').unwrap().1));
    // It opens the sub-account, and makes no tokens.
    venue.keyward(&bench, &format!("ro list --account {SUB} --token-file -")).input(token).exits(0);
    let refused = venue.keyward(&bench, "ro create --name b --days 1 --token-file -").input(token).exits(1);
    assert!(refused.stderr.starts_with("error: venue: the venue refused with code 20013"), "{refused:?}");

    venue.keyward(&bench, &format!("ro revoke 1 {account}")).exits(0);
    let refused = venue.keyward(&bench, "ro list --token-file -").input(token).exits(1);
    assert!(refused.stderr.contains("code 20013"), "{refused:?}");
    let again = venue.keyward(&bench, &format!("ro revoke 1 {account}")).exits(1);
    assert!(again.stderr.starts_with("error: read-only token 1: the venue refused with code 61006"), "{again:?}");
    assert_eq!(venue.json(&bench, &format!("ro list {account}"))[0]["state"], "revoked");
}

#[test]
fn read_only_token_goes_to_a_new_private_file_if_so_wanted() {
    let (venue, bench) = set_up(0);
    let create = "ro create --name c --days 2 --output ro.txt";
    assert_eq!(venue.keyward(&bench, create).prints(), "");
    assert_eq!(fs::metadata(bench.path("ro.txt")).unwrap().permissions().mode() & 0o7777, 0o600);
    venue.keyward(&bench, "ro list --token-file ro.txt").exits(0);
    // Not a second one, and none is made for nothing.
    venue.keyward(&bench, create).refuses("ro.txt: file exists");
    assert_eq!(venue.json(&bench, "ro list").len(), 1);
}

#[test]
fn expiry_out_of_range_is_wrong_usage() {
    let (venue, bench) = set_up(0);
    venue.keyward(&bench, "ro create --name a --days 0").rejects_usage("--days: expiry is less than 1 day ahead");
    venue.keyward(&bench, "ro create --name a --days 3651").rejects_usage("invalid value '3651' for '--days <N>'");
    let late = format!("ro create --name a --now {FIRST_SLOT} --expires-at {}", FIRST_SLOT + 315_360_001);
    venue.keyward(&bench, &late).rejects_usage("--expires-at: ");
    venue.keyward(&bench, "ro create --name a").rejects_usage("the following required arguments were not provided");
    let named = venue.keyward(&bench, "ro create --days 1 --name a/b").exits(1);
    assert!(named.stderr.contains("code 61009"), "{named:?}");
}

#[test]
fn account_of_the_request_is_never_guessed() {
    let (venue, bench) = set_up(1);
    venue.keyward(&bench, "ro list").refuses("config.json: has more than one account: name one with --account");
    venue.keyward(&bench, "ro list --account 6").refuses("config.json: no key of account 6");
    venue
        .keyward(&bench, &format!("ro list --account {MAIN} --api-key-index 7"))
        .refuses(&format!("config.json: no key of account {MAIN} in slot 7"));
    venue.keyward(&bench, "ro list --token-file -").input("nonsense").exits(1);
}

#[test]
fn maker_only_keys_are_set_and_read() {
    let (venue, bench) = set_up(0);
    assert_eq!(venue.keyward(&bench, "maker-only get").prints(), "");
    venue.keyward(&bench, "maker-only set 253 4").exits(0);
    assert_eq!(venue.keyward(&bench, "maker-only get").prints().lines().collect::<Vec<_>>(), ["4", "253"]);
    let report = venue.json(&bench, "maker-only get");
    assert_eq!(report, [json!({ "account_index": 5, "api_key_indexes": [4, 253] })]);
    // Once an hour.
    let refused = venue.keyward(&bench, "maker-only set --none").exits(1);
    assert!(refused.stderr.contains("code 23000"), "{refused:?}");
    venue.keyward(&bench, "maker-only set").rejects_usage("the following required arguments were not provided");
    venue
        .keyward(&bench, "maker-only set 4 --none")
        .rejects_usage("the argument '[SLOT]...' cannot be used with '--none'");
}

/// The venue's clock stands on another day: everything that is signed goes by --now.
#[test]
fn another_time_than_the_system_clocks_can_be_gone_by() {
    let (venue, bench) = (Venue::start(0, &format!("--clock fixed:{FIRST_SLOT}")), empty_bench());
    let now = format!("--now {FIRST_SLOT}");
    let refused = venue.keyward(&bench, &format!("setup --now {}", FIRST_SLOT - 3600)).exits(1);
    assert!(refused.stderr.contains("code 21501"), "{refused:?}");
    venue.keyward(&bench, &format!("setup {now}")).exits(0);
    venue.keyward(&bench, &format!("rotate {now}")).exits(0);
    venue.keyward(&bench, &format!("ro list {now}")).exits(0);
    venue.keyward(&bench, &format!("ro list --now {}", FIRST_SLOT + 50_000)).exits(1);
}

#[test]
fn not_found_with_status_200_is_understood() {
    let (venue, bench) = (Venue::start(0, "--not-found-status 200"), empty_bench());
    venue.keyward(&bench, "setup").exits(0);
    venue.keyward(&bench, "check").exits(0);
    let missing = venue.keyward(&bench, "keys 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266").exits(1);
    assert!(missing.stderr.contains("code 21100"), "{missing:?}");
}

#[test]
fn new_key_is_waited_for_until_it_is_in_force() {
    let (venue, bench) = (Venue::start(0, "--execution-delay-ms 700"), empty_bench());
    venue.keyward(&bench, "setup").exits(0);
    venue.keyward(&bench, "check").exits(0);
    assert_eq!(venue.key(&bench, MAIN, 253).1, 1);
}

#[test]
fn venue_that_is_not_there_is_told() {
    let bench = empty_bench();
    let run = |arguments: &str| {
        let mut run = bench.keyward(&format!("lighter {arguments}")).env("ETH_PRIVATE_KEY", OWNER_KEY);
        run.command.env_remove("LIGHTER_URL");
        run
    };
    run("keys 5").rejects_usage("no venue: give --url, a config or the environment variable LIGHTER_URL");
    run("keys 5 --url http://example.org")
        .refuses("venue: the base URL must begin with https:// unless the host is this machine");
    let secret = "http://user:hunter2@127.0.0.1:1";
    let refused = run(&format!("setup --url {secret}")).exits(1);
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    // A port that nobody listens on any more.
    let url = Venue::start(0, "").url.clone();
    let refused = run(&format!("setup --timeout 1 --url {url}")).exits(1);
    assert!(refused.stderr.contains("not sent: connection failed"), "{refused:?}");
    assert_eq!(bench.names(), [""; 0]);
}

#[test]
fn sandbox_prints_how_to_reach_it_and_ends_when_asked_to() {
    for signal in ["INT", "TERM"] {
        let bench = empty_bench();
        let mut child = Command::new(BINARY)
            .args(["lighter", "sandbox", "--port", "0", "--state", "sandbox.db"])
            .current_dir(bench.folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let exports: Vec<_> = stdout.by_ref().lines().take(3).map(Result::unwrap).collect();
        let script = format!("{}\nkeyward lighter setup\nkeyward lighter check", exports.join("\n"));
        bench.script(&script).exits(0);
        bench.command("kill", &[&format!("-{signal}"), &child.id().to_string()]).exits(0);
        assert!(child.wait().unwrap().success());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(stderr, "");
        assert_eq!(fs::metadata(bench.path("sandbox.db")).unwrap().permissions().mode() & 0o7777, 0o600);
    }
}

#[test]
fn sandbox_logs_requests_without_secrets_if_so_wanted() {
    let bench = empty_bench();
    let log = fs::File::create(bench.path("log")).unwrap();
    let mut child = Command::new(BINARY)
        .args(["lighter", "sandbox", "--port", "0", "--log", "trace"])
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let exports: Vec<_> = stdout.by_ref().lines().take(3).map(Result::unwrap).collect();
    let commands = "keyward lighter setup\nkeyward lighter ro create --account 3 --name a --days 1 > ro.txt";
    bench.script(&format!("{}\n{commands}", exports.join("\n"))).exits(0);
    let token = bench.read("ro.txt");
    // The WebSocket library logs whole messages, if it is let.
    subscribe(exports[0].rsplit_once("//").unwrap().1, token.trim_end());
    child.kill().unwrap();
    child.wait().unwrap();
    let log = bench.read("log");
    assert!(log.contains("/api/v1/tokens/create") && log.contains("/stream"), "{log}");
    assert!(log.lines().all(|line| line.contains("keyward")), "{log}");
    let key = exports[1].rsplit_once("0x").unwrap().1;
    let random = token.trim_end().rsplit_once(':').unwrap().1;
    assert!(key.len() == 64 && random.len() == 64);
    assert!(!log.contains(key) && !log.contains(random), "{log}");
}

/// Subscribes to the transactions of account 3 over a WebSocket.
fn subscribe(address: &str, token: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let handshake = format!(
        "GET /stream HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    let message = format!(r#"{{"type":"subscribe","channel":"account_tx/3","auth":"{token}"}}"#);
    // A text in one frame, with a mask of zeros.
    let frame = [&[0x81, 0x80 | 126, 0, u8::try_from(message.len()).unwrap(), 0, 0, 0, 0][..], message.as_bytes()];
    stream.write_all(&[handshake.as_bytes(), &frame.concat()].concat()).unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("subscribed/account_tx") {
        let mut bytes = [0; 1024];
        let count = stream.read(&mut bytes).unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&bytes[..count]);
    }
}

#[test]
fn sandbox_refuses_what_it_cannot_be() {
    let bench = empty_bench();
    bench.keyward("lighter sandbox --clock noon").rejects_usage("invalid value 'noon' for '--clock <CLOCK>'");
    bench.keyward("lighter sandbox --not-found-status 404").rejects_usage("invalid value '404'");
    bench.keyward("lighter sandbox --rate-limit some").rejects_usage("invalid value 'some'");
    bench.keyward("lighter sandbox --account 5").rejects_usage("invalid value '5' for '--account <ADDRESS[:INDEX]>'");
    bench.keyward("lighter sandbox --seed none").refuses("none: No such file or directory (os error 2)");
    bench.write("sandbox.db", "no database");
    let refused = bench.keyward("lighter sandbox --port 0 --state sandbox.db").exits(1);
    assert!(refused.stderr.starts_with("error: sandbox.db: "), "{refused:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    bench
        .keyward(&format!("lighter sandbox --port {}", address.port()))
        .refuses(&format!("{address}: Address already in use (os error 98)"));
}
