//! Parses `Retry-After`.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;

/// How long the service asks to wait: a number of seconds, or the time until a date. Of several
/// values the longest counts.
///
/// A date is counted from the response's own `Date`, so that a clock which is wrong here neither
/// fails a call nor floods the service. A date in the past means no delay. Anything else is
/// ignored.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let values = headers.get_all(RETRY_AFTER).iter();
    let delays = values.filter_map(|value| {
        let value = value.to_str().ok()?;
        match date(value) {
            Some(until) => {
                let sent = headers.get(DATE).and_then(|sent| date(sent.to_str().ok()?));
                let sent = sent.or_else(|| SystemTime::try_from(now).ok())?;
                Some(until.duration_since(sent).unwrap_or(Duration::ZERO))
            }
            // A list, for a date has a comma itself.
            None => value.split(',').filter_map(seconds).max(),
        }
    });
    delays.max()
}

fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text.trim()).ok()
}

/// A number of seconds, of which a fraction counts as a whole one.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    // More digits than fit into a number still ask for a delay, and for a very long one.
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    let has_fraction = fraction.bytes().any(|digit| digit != b'0');
    Some(Duration::from_secs(
        whole.saturating_add(u64::from(has_fraction)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn read(values: &[&'static str], date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(RETRY_AFTER, HeaderValue::from_static(value));
        }
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        let now = "2026-03-02T06:00:00Z".parse().unwrap();
        retry_after(&headers, now).map(|delay| delay.as_secs())
    }

    #[test]
    fn every_form_is_read() {
        for (value, expected) in [
            ("5", Some(5)),
            (" 0 ", Some(0)),
            ("18446744073709551616", Some(u64::MAX)),
            ("18446744073709551616.5", Some(u64::MAX)),
            ("Mon, 02 Mar 2026 06:00:30 GMT", Some(30)),
            ("Monday, 02-Mar-26 06:00:30 GMT", Some(30)),
            ("Mon Mar  2 06:00:30 2026", Some(30)),
            ("Mon, 02 Mar 2026 05:00:00 GMT", Some(0)),
            ("1.5", Some(2)),
            ("1.0", Some(1)),
            ("0.001", Some(1)),
            ("120, 60", Some(120)),
            ("soon, 60", Some(60)),
            ("-5", None),
            ("+5", None),
            ("1.", None),
            (".5", None),
            ("1.2.3", None),
            ("1e3", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(read(&[value], None), expected, "{value}");
        }
        assert_eq!(read(&[], None), None);
    }

    #[test]
    fn the_longest_of_several_headers_counts() {
        let until = "Mon, 02 Mar 2026 06:01:30 GMT";
        assert_eq!(read(&["5", until, "never"], None), Some(90));
    }

    #[test]
    fn a_date_is_counted_from_the_date_of_the_response() {
        let until = "Mon, 02 Mar 2026 06:00:30 GMT";
        for (sent, expected) in [
            ("Mon, 02 Mar 2026 06:00:20 GMT", 10),
            ("Mon, 02 Mar 2026 05:00:00 GMT", 3_630),
            ("Mon, 02 Mar 2026 07:00:00 GMT", 0),
            ("some time ago", 30),
        ] {
            assert_eq!(read(&[until], Some(sent)), Some(expected), "{sent}");
        }
    }

    #[test]
    fn the_last_day_that_can_be_written_is_far_away() {
        let delay = read(&["Fri, 31 Dec 9999 23:59:59 GMT"], None);
        assert!(delay.unwrap() > 200_000_000_000, "{delay:?}");
    }
}
