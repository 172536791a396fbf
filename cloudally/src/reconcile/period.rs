//! Periods of bills, whose form is not documented.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The period for which bills are compared, and the currency in which they are.
///
/// A bill or row is of the period if it states the same text, or a month, day or range of days in
/// the same month. Days of which it is not known which number is the month, such as `03/04/2026`,
/// are not understood, unless the policy says which one is.
///
/// # Examples
///
/// ```
/// use cloudally::reconcile::BillingPeriod;
/// let period = BillingPeriod::new("2026-03").currency("USD");
/// assert_eq!(period, BillingPeriod::new("2026-03").currency("usd"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BillingPeriod {
    /// The period as the caller states it, such as `2026-03`.
    pub text: String,
    /// The code of the currency, such as `USD`. A bill does not name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// How a bill or row relates to the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Within,
    Outside,
    Unknown,
}

impl BillingPeriod {
    /// Creates a period of which the currency is not known, so that nothing is summed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into().trim().to_owned(),
            currency: None,
        }
    }

    /// States the currency of the bills, and of the rows that name none.
    #[must_use]
    pub fn currency(mut self, code: impl AsRef<str>) -> Self {
        self.currency = Some(code.as_ref().trim().to_uppercase());
        self
    }

    /// How a text relates to the period, if it is to be so many months later.
    pub(super) fn relation(
        &self,
        text: Option<&str>,
        months_later: u8,
        day_first: Option<bool>,
    ) -> Relation {
        let text = text.unwrap_or_default().trim();
        if months_later == 0 && !text.is_empty() && text.eq_ignore_ascii_case(&self.text) {
            return Relation::Within;
        }
        match (month(&self.text, None), month(text, day_first)) {
            (Some(own), Some(other)) if own + i32::from(months_later) == other => Relation::Within,
            (Some(_), Some(_)) => Relation::Outside,
            _ => Relation::Unknown,
        }
    }
}

/// The names of the months, of which three letters are enough.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The month of a text, as a number of months: of a month, a day, or a range of them.
fn month(text: &str, day_first: Option<bool>) -> Option<i32> {
    let parts = [" - ", " – ", " to ", ".."].into_iter();
    match parts.filter_map(|between| text.split_once(between)).next() {
        Some((from, to)) => {
            let from = month_of(from, day_first)?;
            (Some(from) == month_of(to, day_first)).then_some(from)
        }
        None => month_of(text, day_first),
    }
}

fn month_of(text: &str, day_first: Option<bool>) -> Option<i32> {
    let text = text.trim();
    let date = text.split(['T', 't']).next().filter(|it| it.len() == 10);
    if let Some(date) = date.filter(|it| it.len() < text.len()) {
        let day: Date = date.parse().ok()?;
        return number(day.year().into(), day.month().into());
    }
    let day_of_time = text.split_once(' ').filter(|(_, time)| time.contains(':'));
    let text = day_of_time.map_or(text, |(day, _)| day);
    let is_separator = |it: char| matches!(it, '-' | '/' | '.' | ',') || it.is_whitespace();
    let parts: Vec<&str> = text
        .split(is_separator)
        .filter(|it| !it.is_empty())
        .collect();
    let digits = |text: &str| -> Option<i32> {
        let is_number = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    match parts.as_slice() {
        [all] if all.bytes().all(|byte| byte.is_ascii_digit()) => match (all.len(), all) {
            (6, all) => number(digits(&all[..4])?, digits(&all[4..])?),
            (8, all) => day(digits(&all[..4])?, digits(&all[4..6])?, digits(&all[6..])?),
            _ => None,
        },
        [one, other] => match (one.len(), other.len()) {
            (4, _) if digits(one).is_some() => number(
                digits(one)?,
                named(other).or(digits(other).filter(|_| other.len() <= 2))?,
            ),
            (_, 4) => number(digits(other)?, named(one).or(digits(one))?),
            _ => None,
        },
        [one, two, three] => {
            if let (4, Some(year)) = (one.len(), digits(one)) {
                return day(year, named(two).or(digits(two))?, digits(three)?);
            }
            let year = digits(three).filter(|_| three.len() == 4)?;
            match (named(one), named(two)) {
                (Some(month), None) => day(year, month, digits(two)?),
                (None, Some(month)) => day(year, month, digits(one)?),
                _ => {
                    let (one, two) = (digits(one)?, digits(two)?);
                    match (day_first, one <= 12, two <= 12) {
                        (Some(true), ..) => day(year, two, one),
                        (Some(false), ..) => day(year, one, two),
                        (None, true, true) if one == two => day(year, one, two),
                        (None, true, false) => day(year, one, two),
                        (None, false, true) => day(year, two, one),
                        // Which of them is the month is not known.
                        _ => None,
                    }
                }
            }
        }
        _ => None,
    }
}

fn named(text: &str) -> Option<i32> {
    let text = text.to_lowercase();
    let is_it = |name: &str| text.len() >= 3 && name.starts_with(&text);
    let at = MONTHS.iter().position(|name| is_it(name))?;
    i32::try_from(at + 1).ok()
}

fn day(year: i32, month: i32, day: i32) -> Option<i32> {
    let date = Date::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    );
    date.ok().and_then(|_| number(year, month))
}

fn number(year: i32, month: i32) -> Option<i32> {
    let is_month = (1..=12).contains(&month) && (1000..=9999).contains(&year);
    is_month.then(|| year * 12 + month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unambiguous_form_is_understood() {
        let march = number(2026, 3);
        for (text, expected) in [
            ("2026-03", march),
            ("2026-3", march),
            ("2026/03", march),
            ("202603", march),
            ("03/2026", march),
            ("3.2026", march),
            ("March 2026", march),
            ("mar 2026", march),
            ("Mar-2026", march),
            ("2026 March", march),
            ("2026-03-31", march),
            ("20260331", march),
            ("2026-03-31T23:00:00Z", march),
            ("2026-03-31 23:00:00", march),
            ("31.03.2026", march),
            ("3/31/2026", march),
            ("March 31, 2026", march),
            ("31 Mar 2026", march),
            ("03/03/2026", march),
            ("2026-03-01 - 2026-03-31", march),
            ("2026-03-01 to 2026-03-31", march),
            ("03/04/2026", None),
            ("2026-03-15 - 2026-04-14", None),
            ("2026-13", None),
            ("2026-02-30", None),
            ("20261301", None),
            ("Ma 2026", None),
            ("03/26", None),
            ("2026-03 - 2026-03 - 2026-03", None),
            ("Q1 2026", None),
            ("last month", None),
            ("", None),
        ] {
            assert_eq!(month(text, None), expected, "{text}");
        }
        assert_eq!(month(&"2026-03 - ".repeat(100_000), None), None);
    }

    #[test]
    fn the_policy_says_which_number_is_the_month() {
        for (text, day_first, expected) in [
            ("03/04/2026", true, number(2026, 4)),
            ("03/04/2026", false, number(2026, 3)),
            ("1.3.2026", true, number(2026, 3)),
            ("31.03.2026", false, None),
            ("2026-03-04", true, number(2026, 3)),
        ] {
            assert_eq!(month(text, Some(day_first)), expected, "{text} {day_first}");
        }
    }

    #[test]
    fn a_text_relates_to_the_period() {
        use Relation::{Outside, Unknown, Within};
        for (period, text, months_later, expected) in [
            ("2026-03", "March 2026", 0, Within),
            ("2026-03", "2026-04-02", 0, Outside),
            ("2026-03", "2026-04-02", 1, Within),
            ("2025-12", "2026-01-02", 1, Within),
            ("2026-03", "2026-03-31", 1, Outside),
            ("2026-03", "03/04/2026", 0, Unknown),
            ("2026-03", "", 0, Unknown),
            ("Q1", " q1 ", 0, Within),
            ("Q1", "q2", 0, Unknown),
        ] {
            let relation = BillingPeriod::new(period).relation(Some(text), months_later, None);
            assert_eq!(relation, expected, "{period} {text} {months_later}");
        }
    }
}
