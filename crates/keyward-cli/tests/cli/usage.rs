//! Help, versions, wrong usage, and streams that are closed or full.

use std::fs::OpenOptions;
use std::io::Read;
use std::process::{Command, Stdio};

use crate::venue::{OWNER_KEY, Venue, empty_bench};
use crate::workbench::{BINARY, FIRST_SLOT, PRIVATE_KEYS, PUBLIC_KEYS, Workbench, sample_token};

const OFFLINE: [&str; 7] = ["generate", "token", "verify", "inspect", "keygen", "public-key", "sign"];

/// Those that talk to a venue; the ones without a space stand in the overview.
const ONLINE: [&str; 12] = [
    "setup",
    "rotate",
    "check",
    "keys",
    "nonce",
    "ro",
    "ro create",
    "ro list",
    "ro revoke",
    "maker-only",
    "maker-only get",
    "maker-only set",
];

#[test]
fn version_is_printed() {
    let bench = Workbench::new();
    assert_eq!(bench.keyward("--version").prints(), format!("keyward {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_command_shows_the_help_and_is_wrong_usage() {
    let bench = Workbench::new();
    for group in ["", "lighter"] {
        let help = bench.keyward(&format!("{group} --help")).prints();
        let output = bench.keyward(group).exits(2);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("Usage: keyward"), "{}", output.stderr);
        assert!(help.contains("Usage: keyward"), "{help}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let bench = Workbench::new();
    let overview = bench.keyward("lighter --help").prints();
    for command in OFFLINE.into_iter().chain(ONLINE).chain(["sandbox"]) {
        let (group, name) = command.split_once(' ').map_or((&*overview, command), |(group, name)| {
            (bench.keyward(&format!("lighter {group} --help")).prints().leak(), name)
        });
        assert!(group.contains(&format!("\n  {name} ")), "{command} is not in {group}");
        let help = bench.keyward(&format!("lighter {command} --help")).prints();
        let (_, example) = help.split_once("Example:\n").expect(command);
        assert!(example.contains(&format!("keyward lighter {command}")), "{help}");
    }
}

/// The commands that the help of `command` gives as an example.
fn example(bench: &Workbench, command: &str) -> String {
    let help = bench.keyward(&format!("lighter {command} --help")).prints();
    let (_, example) = help.split_once("Example:\n").expect(command);
    assert!(example.lines().all(|line| line.len() <= 80), "{example}");
    example.to_owned()
}

/// In a folder with a config, the key of its first account and tokens.
#[test]
fn examples_in_help_run_as_written_and_fit_a_narrow_terminal() {
    for command in OFFLINE {
        let bench = Workbench::new();
        bench.keyward("lighter generate --days 1").exits(0);
        if command != "keygen" {
            bench.write_private("key.txt", PRIVATE_KEYS[0]);
        }
        bench.script(&example(&bench, command)).exits(0);
    }
}

/// In a folder with an Ethereum key and the config that `setup` has made with it, at a venue where the
/// account has a read-only token.
#[test]
fn examples_in_help_of_online_commands_run_as_written_and_fit_a_narrow_terminal() {
    for command in ONLINE {
        let (venue, bench) = (Venue::start(0, ""), empty_bench());
        bench.write_private("eth-key.txt", OWNER_KEY);
        venue.keyward(&bench, "setup").exits(0);
        venue.keyward(&bench, "ro create --name first --days 1").exits(0);
        bench.script(&example(&bench, command)).env("LIGHTER_URL", &venue.url).exits(0);
    }
}

#[test]
fn wrong_usage_is_one_line_and_exit_code_2() {
    let bench = Workbench::new();
    let key = PUBLIC_KEYS[0];
    bench.keyward("lighter fly").rejects_usage("unrecognized subcommand 'fly'");
    bench.keyward("lighter generate --fast").rejects_usage("unexpected argument '--fast' found");
    bench.keyward("lighter generate --jobs 0").rejects_usage("invalid value '0' for '--jobs <N>'");
    bench.keyward("lighter generate --now 1e9").rejects_usage("invalid value '1e9' for '--now <UNIX>'");
    bench.keyward("lighter token 281474976710655").rejects_usage("invalid value '281474976710655' for '[ACCOUNT]'");
    bench.keyward("lighter token -- -1").rejects_usage("invalid value '-1' for '[ACCOUNT]'");
    bench
        .keyward("lighter keygen")
        .rejects_usage("the following required arguments were not provided: --output <FILE>");
    bench.keyward("lighter verify --public-key 00").rejects_usage("invalid value '00' for '--public-key <HEX>'");
    bench
        .keyward(&format!("lighter verify --public-key {key} --now 1 --any-time"))
        .rejects_usage("the argument '--now <UNIX>' cannot be used with '--any-time'");
    bench
        .keyward("lighter sign --account 1 --api-key-index 255 --expires-at 1")
        .rejects_usage("invalid value '255' for '--api-key-index <I>'");
    assert_eq!(bench.names(), ["config.json"]);
}

#[test]
fn secret_in_the_wrong_place_is_not_repeated() {
    let bench = Workbench::new();
    let [key, _] = PRIVATE_KEYS;
    let token = sample_token(0, FIRST_SLOT);
    let (_, signature) = token.rsplit_once(':').unwrap();
    let public_key = PUBLIC_KEYS[0];
    for (arguments, code) in [
        (format!("lighter sign {key}"), 2),
        (format!("lighter sign 0x{key}"), 2),
        (format!("lighter public-key 0X{}", key.to_uppercase()), 2),
        (format!("lighter token 0x{key}"), 2),
        (format!("lighter token --public-key=0x{key}00"), 2),
        (format!("lighter {key}"), 2),
        (format!("lighter token {token}"), 2),
        (format!("lighter verify --public-key {public_key} {token}"), 1),
        (format!("lighter inspect {token}"), 1),
        (format!("lighter generate {key}"), 1),
    ] {
        let output = bench.keyward(&arguments).exits(code);
        assert!(!output.stderr.contains(signature), "{output:?}");
        assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
    }
    // A slip in the middle does not turn a private key into something to show.
    let slip = format!("{}g{}", &key[..40], &key[41..]);
    for arguments in [format!("verify --public-key 0x{slip}"), format!("sign --account {slip}")] {
        let output = bench.keyward(&format!("lighter {arguments}")).exits(2);
        assert!(!output.stderr.contains(&key[..20]) && !output.stderr.contains(&key[60..]), "{output:?}");
    }
}

#[test]
fn file_name_cannot_forge_a_line() {
    let bench = Workbench::new();
    let output = bench.command(BINARY, &["lighter", "inspect", "a\nerror: all is lost"]).exits(1);
    assert!(output.stderr.starts_with("error: a\\nerror: all is lost: "), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1);
}

#[test]
fn reader_that_goes_away_ends_it_quietly() {
    let bench = Workbench::new();
    // More than a pipe holds.
    bench.write("tokens.txt", format!("{}\n", sample_token(0, FIRST_SLOT)).repeat(20_000));
    let mut child = Command::new(BINARY)
        .args(["lighter", "inspect", "--json", "tokens.txt"])
        .current_dir(bench.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn full_standard_output_is_an_error() {
    let bench = Workbench::new();
    bench.write("tokens.txt", sample_token(0, FIRST_SLOT));
    for arguments in ["--version", "lighter --help", "lighter inspect tokens.txt", "lighter keygen --output key.txt"] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output =
            Command::new(BINARY).args(arguments.split(' ')).current_dir(bench.folder()).stdout(full).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments}: {message}");
        assert_eq!(message, "error: standard output: No space left on device (os error 28)\n", "{arguments}");
    }
}

#[test]
fn closed_standard_error_does_no_harm() {
    let bench = Workbench::new();
    let script = format!("'{BINARY}' lighter generate --days 1 2>&-; echo $?; '{BINARY}' lighter keygen 2>&-; echo $?");
    assert_eq!(bench.command("sh", &["-c", &script]).prints(), "0\n2\n");
}
