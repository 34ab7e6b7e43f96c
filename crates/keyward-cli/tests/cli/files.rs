//! Files with secrets: private, whole or not there, and never in the place of something else.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use crate::workbench::{BINARY, FIRST_SLOT, Run, SAMPLE_CONFIG, Workbench};

const OLD: &str = "what was there before";

/// An id that owns nothing.
const NOBODY: u32 = 65_534;

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.write_private("auth-tokens.json", OLD);
    bench
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A shell script in the folder of `bench`, where `$keyward` is the binary.
fn script(bench: &Workbench, text: &str) -> Run {
    bench.command("sh", &["-c", text]).env("keyward", BINARY)
}

/// Whether `text` is a complete file of `tokens` tokens.
fn is_complete(text: &str, tokens: usize) -> bool {
    text.ends_with("\n  }\n}")
        && text.matches(":253:").count() == tokens
        && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

#[test]
fn mode_is_0600_whatever_the_umask_and_the_old_file() {
    for umask in ["000", "022", "077"] {
        let bench = bench();
        fs::set_permissions(bench.path("auth-tokens.json"), Permissions::from_mode(0o666)).unwrap();
        let run =
            format!("umask {umask} && $keyward lighter generate --days 1 && $keyward lighter keygen --output key.txt");
        script(&bench, &run).exits(0);
        assert_eq!(mode(&bench.path("auth-tokens.json")), 0o600);
        assert_eq!(mode(&bench.path("key.txt")), 0o600);
        assert_ne!(bench.read("auth-tokens.json"), OLD);
        assert_eq!(bench.names(), ["auth-tokens.json", "config.json", "key.txt"]);
    }
}

#[test]
fn only_a_regular_file_is_replaced() {
    let bench = bench();
    symlink("auth-tokens.json", bench.path("link.json")).unwrap();
    symlink("nowhere.json", bench.path("dangling.json")).unwrap();
    fs::create_dir(bench.path("folder")).unwrap();
    for (output, cause) in [
        ("link.json", "is a symbolic link; name the file itself"),
        ("dangling.json", "is a symbolic link; name the file itself"),
        ("folder", "is not a regular file"),
        ("/dev/null", "is not a regular file"),
        ("/dev/full", "is not a regular file"),
        ("..", "not the name of a file"),
        ("none/auth-tokens.json", "No such file or directory (os error 2)"),
    ] {
        bench.keyward(&format!("lighter generate --output {output}")).refuses(&format!("{output}: {cause}"));
        bench.keyward(&format!("lighter keygen --force --output {output}")).refuses(&format!("{output}: {cause}"));
    }
    assert_eq!(bench.read("auth-tokens.json"), OLD);
    assert_eq!(bench.names(), ["auth-tokens.json", "config.json", "dangling.json", "folder", "link.json"]);
}

#[test]
fn config_is_not_replaced_by_the_tokens() {
    let bench = bench();
    symlink("config.json", bench.path("link.json")).unwrap();
    for arguments in ["config.json --output config.json", "link.json --output ./config.json", "--output config.json"] {
        bench.keyward(&format!("lighter generate {arguments}")).rejects_usage("--output ");
    }
    assert_eq!(bench.read("config.json"), SAMPLE_CONFIG);
}

/// Runs `keyward` as someone whom permissions bind, in a folder that is only for reading.
#[test]
fn read_only_folder_is_left_as_it_is() {
    let bench = bench();
    let folder = bench.path("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("auth-tokens.json"), OLD).unwrap();
    // Not `fs::copy`: while that writes, another test may start a process, which inherits the open
    // file, and a file open for writing cannot be run.
    let binary = bench.path("keyward");
    bench.command("cp", &[BINARY, "keyward"]).exits(0);
    let is_root = fs::metadata(bench.folder()).unwrap().uid() == 0;
    if is_root {
        fs::set_permissions(bench.folder(), Permissions::from_mode(0o755)).unwrap();
        chown(bench.path("config.json"), Some(NOBODY), Some(NOBODY)).unwrap();
        chown(folder.join("auth-tokens.json"), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    for (command, file) in [("generate", "folder/auth-tokens.json"), ("keygen", "folder/key.txt")] {
        let mut run = bench.command(&binary, &["lighter", command, "--output", file]);
        if is_root {
            run.command.uid(NOBODY).gid(NOBODY);
        }
        run.refuses(&format!("{file}: permission denied"));
    }
    assert_eq!(fs::read_to_string(folder.join("auth-tokens.json")).unwrap(), OLD);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    // So that the folder can be removed.
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
}

/// A file may not grow beyond 64 KiB, the tokens of 100 days take more.
#[test]
fn file_that_cannot_grow_leaves_the_old_one() {
    let bench = bench();
    let output = script(&bench, "trap '' XFSZ; ulimit -f 64; exec $keyward lighter generate --days 100").exits(1);
    assert_eq!(output.stderr, "error: auth-tokens.json: File too large (os error 27)\n");
    assert_eq!(bench.read("auth-tokens.json"), OLD);
    assert_eq!(bench.names(), ["auth-tokens.json", "config.json"]);
}

/// The same limit, but the kernel kills the process at the write that goes beyond it.
#[test]
fn process_killed_while_it_writes_leaves_nothing() {
    let bench = bench();
    let output = script(&bench, "ulimit -f 64; $keyward lighter generate --days 100; echo $?").exits(0);
    assert_ne!(output.stdout, "0\n");
    assert_eq!(bench.read("auth-tokens.json"), OLD);
    assert_eq!(bench.names(), ["auth-tokens.json", "config.json"]);
}

/// A file system of 64 KiB, which takes the right to mount one.
#[test]
#[cfg(target_os = "linux")]
fn full_disk_leaves_the_old_file() {
    let bench = Workbench::new();
    fs::create_dir(bench.path("disk")).unwrap();
    let mount = "mount -t tmpfs -o size=64k tmpfs disk";
    let in_namespace = |text: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", text]);
        command.current_dir(bench.folder()).env("keyward", BINARY);
        command
    };
    if !in_namespace(mount).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("NOT RUN: no right to mount a file system");
        return;
    }
    let script = format!(
        "{mount} && echo old > disk/tokens && $keyward lighter generate --days 100 --output disk/tokens; \
         echo $? && ls -A disk && cat disk/tokens"
    );
    let output = in_namespace(&script).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1\ntokens\nold\n");
    let message = "error: disk/tokens: No space left on device (os error 28)\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), message);
}

/// Kills the process at instants spread over its whole run and, closer together, over its end, where
/// the files change places.
#[test]
fn process_killed_at_any_instant_leaves_the_old_or_the_new_file() {
    const TOKENS: usize = 2 * 4 * 200;
    let bench = bench();
    let spawn = || {
        Command::new(BINARY)
            .args(["lighter", "generate", "--days", "200", "--now", &FIRST_SLOT.to_string()])
            .current_dir(bench.folder())
            .env_remove("NUM_DAYS")
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let start = Instant::now();
    assert!(spawn().wait().unwrap().success());
    let whole = start.elapsed();
    assert!(is_complete(&bench.read("auth-tokens.json"), TOKENS));

    let everywhere = (0..30).map(|step| whole * step / 25);
    let at_the_end = (0..30).map(|step| whole * (85 + step) / 100);
    for instant in everywhere.chain(at_the_end) {
        bench.write_private("auth-tokens.json", OLD);
        let mut child = spawn();
        thread::sleep(instant);
        child.kill().unwrap();
        child.wait().unwrap();
        let found = bench.read("auth-tokens.json");
        assert!(found == OLD || is_complete(&found, TOKENS), "neither old nor new: {} bytes", found.len());
        for name in bench.names() {
            // Between getting a name and changing places a file is complete.
            if name.starts_with(".keyward-") {
                assert!(is_complete(&bench.read(&name), TOKENS), "{name} is not complete");
                assert_eq!(mode(&bench.path(&name)), 0o600);
                fs::remove_file(bench.path(&name)).unwrap();
            }
        }
        assert_eq!(bench.names(), ["auth-tokens.json", "config.json"]);
    }
}
