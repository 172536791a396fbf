//! Formats dates in the ways that the service does, in UTC.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::Offset};

pub(super) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) fn ago(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MIN)
}

fn utc(at: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(at)
}

/// Formats a date as the number `20210311`.
pub(crate) fn day_number(at: Timestamp) -> i64 {
    let at = utc(at);
    i64::from(at.year()) * 10_000 + i64::from(at.month()) * 100 + i64::from(at.day())
}

/// Formats a date and time as the number `202303302028`.
pub(super) fn minute_number(at: Timestamp) -> i64 {
    let time = utc(at);
    day_number(at) * 10_000 + i64::from(time.hour()) * 100 + i64::from(time.minute())
}

/// Formats a date and time as the number `20230330202812`.
pub(crate) fn second_number(at: Timestamp) -> i64 {
    minute_number(at) * 100 + i64::from(utc(at).second())
}

/// Formats a timestamp as `2021-01-07T11:44:57.000Z`.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Formats a timestamp as `2021-01-07T11:44:57Z`.
pub(super) fn rfc3339_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Formats a timestamp as `2021-01-07T11:44:57`, without an offset.
pub(super) fn without_offset(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Formats a timestamp as `2021-01-07T13:44:57.000+02:00`.
pub(super) fn with_offset(at: Timestamp) -> String {
    ago(at, -2 * HOUR)
        .strftime("%Y-%m-%dT%H:%M:%S%.3f+02:00")
        .to_string()
}

/// Formats the month that is `months` before `now` as `2026-02`.
pub(super) fn month(now: Timestamp, months: i32) -> String {
    let at = utc(now);
    let count = i32::from(at.year()) * 12 + i32::from(at.month()) - 1 - months;
    format!(
        "{:04}-{:02}",
        count.div_euclid(12),
        count.rem_euclid(12) + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        let at: Timestamp = "2023-03-30T20:28:12Z".parse().unwrap();
        assert_eq!(day_number(at), 20_230_330);
        assert_eq!(minute_number(at), 202_303_302_028);
        assert_eq!(second_number(at), 20_230_330_202_812);
        assert_eq!(rfc3339(at), "2023-03-30T20:28:12.000Z");
        assert_eq!(rfc3339_seconds(at), "2023-03-30T20:28:12Z");
        assert_eq!(without_offset(at), "2023-03-30T20:28:12");
        assert_eq!(with_offset(at), "2023-03-30T22:28:12.000+02:00");
        assert_eq!(with_offset(at).parse::<Timestamp>().unwrap(), at);
        assert_eq!(month(at, 0), "2023-03");
        assert_eq!(month(at, 3), "2022-12");
        assert_eq!(ago(at, DAY).to_string(), "2023-03-29T20:28:12Z");
    }
}
