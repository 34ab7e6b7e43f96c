//! One step of a suite: a command that is shown, run, and either succeeds or stops the suite.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Many times what one program takes whose output is kept, or the tests of the ground floor in another machine's place.
pub(crate) const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Why a suite did not pass.
#[derive(Debug)]
pub(crate) enum Stop {
    Failed(String),
    /// Something the suite needs is not to be had on this machine.
    NotRun(String),
    /// It needs what no machine has by itself, and was not asked for: no reason for a run to be red.
    NotAsked(String),
}

impl Stop {
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Failed(reason) | Self::NotRun(reason) | Self::NotAsked(reason) => reason,
        }
    }
}

/// What a suite ends with: a note for the table, or why it stopped.
pub(crate) type Outcome = Result<String, Stop>;

/// Shows and runs a command whose output goes straight to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Stop> {
    run_within(Duration::MAX, command)
}

/// [`run`] for what may hang.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<(), Stop> {
    let text = show(command);
    println!("$ {text}");
    match command.spawn().and_then(|mut child| wait(limit, &mut child)) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Stop::Failed(format!("`{text}`: {status}"))),
        Err(error) => Err(Stop::Failed(format!("`{text}`: {error}"))),
    }
}

/// Runs every command, also after one has failed; the first failure is the one reported.
pub(crate) fn run_all(commands: impl IntoIterator<Item = Command>) -> Result<(), Stop> {
    let mut first = Ok(());
    for mut command in commands {
        let result = run(&mut command);
        first = first.and(result);
    }
    first
}

/// Shows and runs a command, keeping its output.
pub(crate) fn capture(command: &mut Command) -> Result<Output, String> {
    let text = show(command);
    println!("$ {text}");
    output(command).map_err(|error| format!("`{text}`: {error}"))
}

/// The standard output of a command that must succeed; nothing is shown.
pub(crate) fn read(command: &mut Command) -> Result<String, String> {
    let text = show(command);
    let output = output(command).map_err(|error| format!("`{text}`: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{text}`: {}: {}", output.status, stderr.trim_end()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("`{text}`: {error}"))
}

/// Waits for a program to end, and ends it when it has taken so long; what it has started itself is left alone.
pub(crate) fn wait(limit: Duration, child: &mut Child) -> io::Result<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Err(io::Error::new(io::ErrorKind::TimedOut, format!("not done after {} s", limit.as_secs())))
}

/// What a program prints, which has [`LIMIT`] for it.
fn output(command: &mut Command) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let stdout = scope.spawn(|| read_all(stdout));
        let stderr = scope.spawn(|| read_all(stderr));
        let status = wait(LIMIT, &mut child)?;
        let joined =
            |bytes: thread::ScopedJoinHandle<'_, io::Result<Vec<u8>>>| bytes.join().expect("it does not panic");
        Ok(Output { status, stdout: joined(stdout)?, stderr: joined(stderr)? })
    })
}

fn read_all(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The command as one would type it, the program by its file name.
fn show(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo(arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").expect("run by cargo"));
        command.args(arguments);
        command
    }

    #[test]
    fn the_first_failure_is_reported_and_the_rest_still_runs() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut last = cargo(&["new", "--quiet", "--vcs", "none", "made"]);
        last.current_dir(folder.path());
        let commands = [cargo(&["--version"]), cargo(&["no-such-one"]), Command::new("no-such-program"), last];
        let Err(Stop::Failed(reason)) = run_all(commands) else { panic!("a failed command passed") };
        assert!(reason.starts_with("`cargo no-such-one`: "), "{reason}");
        assert!(folder.path().join("made").is_dir());
    }

    #[test]
    #[cfg(unix)]
    fn what_does_not_end_is_ended() {
        // It waits for its input, which this side never closes.
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().expect("it starts");
        let error = wait(Duration::ZERO, &mut child).expect_err("it has ended by itself");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(child.try_wait().expect("it can be asked").is_some());
    }

    #[test]
    fn a_failed_read_tells_what_the_command_said() {
        let error = read(&mut cargo(&["no-such-one"])).expect_err("a failed command passed");
        assert!(error.contains("no-such-one"), "{error}");
    }
}
