//! What goes wrong, told in one line on standard error, and the exit code that says it.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write as _};
use std::process::ExitCode;

use keyward_lighter_client::ClientError;

/// Letters and digits in a row that may be a secret: 32 bytes in hexadecimal, the shortest seed of a
/// key. Any letter counts, since a key with a slip in it is still a secret.
const SECRET_LENGTH: usize = 64;

/// Why a command has not done what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense: exit 2.
    Usage(String),
    /// The usage has been shown instead: exit 2 without a word.
    SilentUsage,
    /// Refused or failed: exit 1.
    Refused(String),
    /// Everything was told already, or nobody listens any more: exit 1 without a word.
    Silent,
}

impl Failure {
    /// A failure of `subject`: a file, a stream, and where it has parts, the part.
    pub(crate) fn of(subject: impl Display, cause: impl Display) -> Self {
        Self::Refused(format!("{subject}: {cause}"))
    }

    /// The venue has not done what it was asked for.
    pub(crate) fn of_venue(cause: ClientError) -> Self {
        Self::of("venue", cause)
    }

    /// A result could not be written to standard output.
    pub(crate) fn of_stdout(cause: io::Error) -> Self {
        // The reader has seen enough (`| head -1`): that is not worth a message.
        if cause.kind() == io::ErrorKind::BrokenPipe { Self::Silent } else { Self::of("standard output", cause) }
    }

    /// Tells the failure on standard error, and gives its exit code.
    pub(crate) fn report(self) -> ExitCode {
        match &self {
            Self::Usage(message) | Self::Refused(message) => tell("error", message),
            Self::SilentUsage | Self::Silent => {}
        }
        match self {
            Self::Usage(_) | Self::SilentUsage => ExitCode::from(2),
            Self::Refused(_) | Self::Silent => ExitCode::FAILURE,
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Refused(message) => f.write_str(message),
            Self::SilentUsage | Self::Silent => Ok(()),
        }
    }
}

/// Writes `label: message` as one line on standard error.
///
/// Every message goes through here, so that a file name cannot forge a second line and no secret
/// that was given in the wrong place (a token as a file name, say) is repeated.
pub(crate) fn tell(label: impl Display, message: impl Display) {
    // There is no place left to complain to if standard error is closed.
    let _ = writeln!(io::stderr(), "{}", presentable(&format!("{label}: {message}")));
}

/// `text` with control characters escaped and long runs of letters and digits left out.
fn presentable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let taken = run.max(first.len_utf8());
        if run >= SECRET_LENGTH {
            shown.push('…');
        } else if first.is_control() {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", first.escape_default());
        } else {
            shown.push_str(&rest[..taken]);
        }
        rest = &rest[taken..];
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::presentable;

    #[test]
    fn message_stays_on_one_line() {
        assert_eq!(presentable("a\nb\r\u{1b}[2J"), "a\\nb\\r\\u{1b}[2J");
    }

    #[test]
    fn what_may_be_a_secret_is_left_out() {
        let key = "0x".to_owned() + &"aB".repeat(40);
        assert_eq!(presentable(&format!("{key}: no such file")), "…: no such file");
        let slip = key.replacen("BaB", "Bag", 1);
        assert_eq!(presentable(&format!("'{slip}'")), "'…'");
        let token = "1795248000:5:253:".to_owned() + &"01".repeat(80);
        assert_eq!(presentable(&token), "1795248000:5:253:…");
    }

    #[test]
    fn other_text_is_shown_as_it_is() {
        let text = "konto-ü/deadbeef.json: entry 1795248000: no";
        assert_eq!(presentable(text), text);
    }
}
