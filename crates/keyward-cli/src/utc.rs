//! Instants as people read them.

use std::fmt;

use keyward_time::UnixSeconds;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The instant in UTC as RFC 3339 has it, such as `2026-11-21T06:00:00Z`; none after the year 9999.
pub(crate) fn rfc3339(instant: UnixSeconds) -> Option<String> {
    let seconds = i64::try_from(instant.as_secs()).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

/// Shows an instant as `1795240800 (2026-11-21T06:00:00Z)`, without the text after the year 9999.
pub(crate) struct Shown(pub(crate) UnixSeconds);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)?;
        match rfc3339(self.0) {
            Some(text) => write!(f, " ({text})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use keyward_time::UnixSeconds;

    use super::Shown;

    #[test]
    fn instant_is_shown_as_number_and_utc_text() {
        let shown = |seconds| Shown(UnixSeconds::new(seconds).unwrap()).to_string();
        assert_eq!(shown(0), "0 (1970-01-01T00:00:00Z)");
        assert_eq!(shown(1_795_240_800), "1795240800 (2026-11-21T06:00:00Z)");
        assert_eq!(shown(253_402_300_799), "253402300799 (9999-12-31T23:59:59Z)");
    }

    #[test]
    fn instant_past_the_year_9999_is_shown_as_number() {
        assert_eq!(Shown(UnixSeconds::new(253_402_300_800).unwrap()).to_string(), "253402300800");
        assert_eq!(Shown(UnixSeconds::MAX).to_string(), "9223372036854775807");
    }
}
