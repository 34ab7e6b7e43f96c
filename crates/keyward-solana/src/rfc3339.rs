use core::fmt;
use core::str::FromStr;

use keyward_time::UnixMillis;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339 as Format;

/// `2025-11-21T06:00:00.123456789+01:00`
const MAX_LEN: usize = 35;

/// An instant written as RFC 3339 has it, kept with the very text.
///
/// Taken is `YYYY-MM-DDTHH:MM:SS`, then a point with 1 to 9 digits or none, then `Z` or an offset `±HH:MM`, with
/// upper-case `T` and `Z`, from 1970 to 9999. Not taken are leap seconds, which no Unix time has.
/// An instant between two milliseconds counts as the earlier one.
///
/// ```
/// use keyward_solana::Rfc3339;
/// use keyward_time::UnixMillis;
///
/// let text = Rfc3339::try_from(UnixMillis::new(1_763_704_800_000)?)?;
/// assert_eq!(text.to_string(), "2025-11-21T06:00:00.000Z");
/// assert_eq!("2025-11-21T07:00:00+01:00".parse::<Rfc3339>()?.instant(), text.instant());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rfc3339 {
    text: Text,
    instant: UnixMillis,
}

impl Rfc3339 {
    /// The instant.
    pub const fn instant(&self) -> UnixMillis {
        self.instant
    }
}

/// With milliseconds and `Z`, as JavaScript's `toISOString` prints it.
impl TryFrom<UnixMillis> for Rfc3339 {
    type Error = Rfc3339Error;

    fn try_from(instant: UnixMillis) -> Result<Self, Rfc3339Error> {
        let secs = i64::try_from(instant.to_seconds().as_secs()).map_err(|_| Rfc3339Error)?;
        let date = OffsetDateTime::from_unix_timestamp(secs).map_err(|_| Rfc3339Error)?;
        let ((year, month, day), (hour, minute, second)) = (date.to_calendar_date(), date.to_hms());
        let (month, millis) = (u8::from(month), instant.as_millis() % 1000);
        let mut text = Text::EMPTY;
        fmt::Write::write_fmt(
            &mut text,
            format_args!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"),
        )
        .map_err(|_| Rfc3339Error)?;
        Ok(Self { text, instant })
    }
}

impl FromStr for Rfc3339 {
    type Err = Rfc3339Error;

    fn from_str(text: &str) -> Result<Self, Rfc3339Error> {
        if !has_the_form(text.as_bytes()) {
            return Err(Rfc3339Error);
        }
        let date = OffsetDateTime::parse(text, &Format).map_err(|_| Rfc3339Error)?;
        let millis = date.unix_timestamp_nanos().div_euclid(1_000_000);
        let instant = u64::try_from(millis).ok().and_then(|millis| UnixMillis::new(millis).ok()).ok_or(Rfc3339Error)?;
        let mut kept = Text::EMPTY;
        fmt::Write::write_str(&mut kept, text).map_err(|_| Rfc3339Error)?;
        Ok(Self { text: kept, instant })
    }
}

/// Whether digits and signs are where they belong. The numbers' ranges are the calendar's business, but for the
/// seconds: some of it takes a sixtieth.
fn has_the_form(text: &[u8]) -> bool {
    let matches = |text: &[u8], form: &[u8]| {
        text.len() == form.len()
            && text.iter().zip(form).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'5' => matches!(byte, b'0'..=b'5'),
                b'+' => matches!(byte, b'+' | b'-'),
                form => byte == form,
            })
    };
    let Some((head, rest)) = text.split_at_checked(19) else { return false };
    let zone = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            &fraction[digits..]
        }
        zone => zone,
    };
    matches(head, b"0000-00-00T00:00:50") && (zone == b"Z" || matches(zone, b"+00:00"))
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text.as_str())
    }
}

impl fmt::Debug for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rfc3339({self})")
    }
}

/// A text that is no instant from 1970 to 9999 in the form of RFC 3339, or an instant after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not an instant as of RFC 3339")]
pub struct Rfc3339Error;

/// A short text in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Text {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Text {
    const EMPTY: Self = Self { bytes: [0; MAX_LEN], len: 0 };

    fn as_str(&self) -> &str {
        // What is written is whole strings, so the bytes are one.
        str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
