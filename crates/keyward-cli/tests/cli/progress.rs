//! The progress bar, for those who watch.

use serde_json::{Value, json};

use crate::workbench::{BINARY, PRIVATE_KEYS, Workbench, python};

/// Runs a program on a terminal of its own and prints what appears there.
const ON_A_TERMINAL: &str = "
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.environ['TERM'] = 'xterm'
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    try:
        shown = os.read(terminal, 4096)
    except OSError:
        break
    if not shown:
        break
    os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

#[test]
fn bar_is_shown_on_a_terminal_only_and_gone_at_the_end() {
    let bench = Workbench::new();
    let Some(python) = python(&bench) else { return };
    let account =
        |index: u64| json!({ "api_key_private_key": PRIVATE_KEYS[0], "account_index": index, "api_key_index": 253 });
    let accounts: Vec<Value> = (0..100).map(account).collect();
    bench.write_private("config.json", json!({ "BASE_URL": "u", "ACCOUNTS": accounts }).to_string());

    let shown = bench.command(&python, &["-c", ON_A_TERMINAL, BINARY, "lighter", "generate"]).prints();
    assert!(shown.contains("/11,200 tokens, "), "{shown:?}");
    let after_the_bar = shown.rsplit('\r').find(|text| !text.trim().is_empty()).unwrap();
    assert!(after_the_bar.contains("auth-tokens.json: 100 accounts, 11200 tokens, "), "{shown:?}");

    let output = bench.keyward("lighter generate").exits(0);
    assert!(output.stderr.starts_with("auth-tokens.json: 100 accounts, 11200 tokens, "), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1);
}
