use std::io::{self, Write};

use keyward_time::UnixSeconds;
use keyward_token::AccountIndex;

use crate::wiping_writer::WipingWriter;

/// Writes a file of tokens, piece by piece, as Python's `json.dump(tokens, file, indent=2)` lays it
/// out.
pub(crate) struct TokensWriter<W: Write> {
    out: WipingWriter<W>,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    NoAccount,
    NoToken,
    Tokens,
}

impl<W: Write> TokensWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out: WipingWriter::new(out), state: State::NoAccount }
    }

    pub(crate) fn begin_account(&mut self, account: AccountIndex) -> io::Result<()> {
        self.end_account()?;
        let separator = if self.state == State::NoAccount { '{' } else { ',' };
        self.state = State::NoToken;
        write!(self.out, "{separator}\n  \"{account}\": {{")
    }

    /// Adds a token, which must be plain characters, to the account that was begun last.
    pub(crate) fn token(&mut self, slot: UnixSeconds, text: &[u8]) -> io::Result<()> {
        let separator = if self.state == State::NoToken { "" } else { "," };
        self.state = State::Tokens;
        write!(self.out, "{separator}\n    \"{slot}\": \"")?;
        self.out.write_all(text)?;
        self.out.write_all(b"\"")
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.end_account()?;
        self.out.write_all(if self.state == State::NoAccount { b"{}" } else { b"\n}" })?;
        self.out.flush()
    }

    fn end_account(&mut self) -> io::Result<()> {
        match self.state {
            State::NoAccount => Ok(()),
            State::NoToken => self.out.write_all(b"}"),
            State::Tokens => self.out.write_all(b"\n  }"),
        }
    }
}
