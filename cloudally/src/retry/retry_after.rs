//! Parses `Retry-After`.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

/// How long the service asks to wait: a number of seconds, or the time until a date.
///
/// A date in the past means no delay. Anything else is ignored.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit into a number still ask for a delay, and for a very long one.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn every_form_is_read() {
        let now: Timestamp = "2026-03-02T06:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("5", Some(5)),
            (" 0 ", Some(0)),
            ("18446744073709551616", Some(u64::MAX)),
            ("Mon, 02 Mar 2026 06:00:30 GMT", Some(30)),
            ("Mon, 02 Mar 2026 05:00:00 GMT", Some(0)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            let headers =
                HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static(text))]);
            assert_eq!(
                retry_after(&headers, now),
                expected.map(Duration::from_secs),
                "{text}"
            );
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
