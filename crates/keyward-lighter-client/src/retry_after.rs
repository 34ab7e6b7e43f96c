use std::time::{Duration, SystemTime};

use keyward_lighter::{Clock, SystemClock};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// How long the header `Retry-After` asks to wait. It is a number of seconds, or a date.
///
/// A date is one of the other side's clock, which its header `Date` shows; only without that one does it go by the
/// clock here. Source: RFC 9110, section 10.2.3.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(secs) = text.parse() {
        return Some(Duration::from_secs(secs));
    }
    let until = date(headers, RETRY_AFTER)?;
    let now = date(headers, DATE)
        .unwrap_or_else(|| SystemTime::UNIX_EPOCH + Duration::from_secs(SystemClock.now().as_secs()));
    Some(until.duration_since(now).unwrap_or_default())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(HeaderName, &'static str)]) -> Option<u64> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    const NOW: &str = "Sat, 21 Nov 2026 00:00:00 GMT";

    #[test]
    fn seconds_and_dates_are_read() {
        for (text, secs) in [
            ("7", 7),
            ("0", 0),
            ("18446744073709551615", u64::MAX),
            ("Sat, 21 Nov 2026 00:01:30 GMT", 90),
            ("Saturday, 21-Nov-26 00:01:30 GMT", 90),
            ("Sat Nov 21 00:01:30 2026", 90),
            ("Fri, 20 Nov 2026 23:59:59 GMT", 0),
        ] {
            assert_eq!(asked(&[(RETRY_AFTER, text), (DATE, NOW)]), Some(secs), "{text}");
        }
    }

    #[test]
    fn anything_else_does_not_count() {
        for text in ["-1", "1.5", "soon", "", "18446744073709551616", "Sat, 21 Nov 2026"] {
            assert_eq!(asked(&[(RETRY_AFTER, text), (DATE, NOW)]), None, "{text}");
        }
        assert_eq!(asked(&[(DATE, NOW)]), None);
    }

    /// Years apart from whatever this machine's clock shows.
    #[test]
    fn a_date_goes_by_the_other_sides_clock_if_that_is_shown() {
        let date = (RETRY_AFTER, "Thu, 01 Jan 1970 00:01:00 GMT");
        assert_eq!(asked(&[date.clone(), (DATE, "Thu, 01 Jan 1970 00:00:00 GMT")]), Some(60));
        assert_eq!(asked(&[date.clone(), (DATE, "today")]), Some(0));
        assert_eq!(asked(&[date]), Some(0));
    }
}
