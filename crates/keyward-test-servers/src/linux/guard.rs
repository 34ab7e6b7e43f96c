//! A program that does not outlive the process that has started it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{env, io};

use rustix::process::{Pid, Signal};

use super::folder::Folder;
use super::process::Process;
use crate::ServerError;

/// Starts the program in the background and says its number, then waits for its own standard input: a line means that
/// the program is looked after, the end that nobody is left to do so, however that came about.
///
/// `PR_SET_PDEATHSIG` would do without a shell, but it goes by the *thread* that started the program (a test's, which
/// ends with the test) and removes no folder.
const SCRIPT: &str = r#"
farewell=$1 folder=$2
shift 2
exec 3<&0
"$@" </dev/null >&2 3<&- &
program=$!
echo "$program"
exec >&2
if read -r _ <&3; then
    wait "$program"
    exit
fi
exec 3<&-
kill -s "$farewell" "$program"
kill -s CONT "$program"
( trap 'kill "$!"; exit' TERM; sleep 10 & wait "$!"; kill -s KILL "$program" ) &
patience=$!
wait "$program"
kill "$patience"
cd /
rm -rf -- "$folder"
"#;

/// How long a program has for its farewell before it is killed. The script says it too.
const PATIENCE: Duration = Duration::from_secs(10);

/// The quickest way to end a program that leaves nothing of it outside of its folder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Farewell {
    Kill,
    Quit,
}

impl Farewell {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Quit => "QUIT",
        }
    }

    fn signal(self) -> Signal {
        match self {
            Self::Kill => Signal::KILL,
            Self::Quit => Signal::QUIT,
        }
    }
}

/// A running program in a [`Folder`]. It ends when this value is dropped, and when the process that has it ends, be it
/// by SIGKILL; then the folder goes too.
#[derive(Debug)]
pub(crate) struct Guard {
    pid: Pid,
    /// `None` if it had ended before it could be looked at.
    program: Option<Process>,
    farewell: Farewell,
    shell: Child,
    input: Option<ChildStdin>,
}

impl Guard {
    pub(crate) fn launch(
        folder: &Folder,
        farewell: Farewell,
        program: &Path,
        arguments: impl IntoIterator<Item: AsRef<OsStr>>,
    ) -> Result<Self, ServerError> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT, "sh", farewell.name()]).arg(folder.path()).arg(program).args(arguments);
        // No variable of the test's may change what the server does; and it is to speak English.
        shell.env_clear().env("LC_ALL", "C");
        shell.envs(["PATH", "LD_LIBRARY_PATH"].into_iter().filter_map(|name| Some((name, env::var_os(name)?))));
        // Of a group of its own: an interrupt from the terminal is for the test.
        shell.current_dir(folder.path()).process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(folder.log()?);
        folder.user().run(&mut shell);

        let fail = || ServerError::io(format!("starting {}", program.display()));
        let mut shell = shell.spawn().map_err(fail())?;
        let (input, output) = (shell.stdin.take(), shell.stdout.take());
        let mut line = String::new();
        output.map(|output| BufReader::new(output).read_line(&mut line)).transpose().map_err(fail())?;
        let number: Option<i32> = line.trim_end().parse().ok();
        let pid = number.and_then(Pid::from_raw).ok_or_else(|| fail()(io::ErrorKind::InvalidData.into()))?;
        Ok(Self { pid, program: Process::open(pid), farewell, shell, input })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw_pid().cast_unsigned()
    }

    /// Waits until the program has ended, but not longer than this. Whether it has.
    pub(crate) fn has_ended_within(&self, limit: Duration) -> bool {
        self.program.as_ref().is_none_or(|program| program.has_ended_within(limit))
    }

    /// Waits until the program has ended by itself, and says how.
    pub(crate) fn wait(mut self) -> Result<ExitStatus, ServerError> {
        self.let_go().map_err(ServerError::io("waiting for a program"))
    }

    /// Asks it to end in order and waits until it has. Whether it did.
    pub(crate) fn stop(self, limit: Duration) -> bool {
        // PostgreSQL's word for it: roll back and shut down. Redis takes it as SIGTERM.
        self.send(Signal::INT);
        self.has_ended_within(limit)
    }

    /// Kills it and waits until it is gone.
    pub(crate) fn kill(self) {
        self.send(Signal::KILL);
        self.has_ended_within(PATIENCE);
    }

    fn send(&self, signal: Signal) {
        if let Some(program) = &self.program {
            program.signal(signal);
        }
    }

    /// Lets the shell wait for the program, and end as the program does.
    fn let_go(&mut self) -> io::Result<ExitStatus> {
        if let Some(mut input) = self.input.take() {
            // A shell that has been killed does not read; waiting tells.
            let _ = input.write_all(b"\n");
        }
        self.shell.wait()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.has_ended_within(Duration::ZERO) {
            self.send(self.farewell.signal());
            self.send(Signal::CONT);
            if !self.has_ended_within(PATIENCE) {
                self.send(Signal::KILL);
            }
        }
        let _ = self.let_go();
    }
}
