//! Methods of users, bills and resellers.

use std::borrow::Cow;

use jiff::civil::Date;

use super::label::label;
use crate::types::{Bill, Reseller, User};

impl User {
    /// Returns the day of [`date`](Self::date), or `None` if it is missing or has no known form.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// let user: cloudally::types::User = serde_json::from_str(r#"{"date": 20210311}"#)?;
    /// assert_eq!(user.date().map(|day| day.to_string()).as_deref(), Some("2021-03-11"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.date.as_ref().and_then(|date| date.date())
    }

    /// Returns the name without the number that the portal appends to it since March 2026.
    ///
    /// Show it, but join by id: names repeat, and a name that ended with a number of its own before
    /// loses that number here.
    ///
    /// [Evidence](crate#evidence): published.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// let user: cloudally::types::User = serde_json::from_str(r#"{"name": "Studio 54 12345"}"#)?;
    /// assert_eq!(user.display_name(), Some("Studio 54"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().and_then(without_number)
    }

    /// Returns a text to show for the user: the display name, else the address, else the id.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "user without a name",
            [
                self.display_name(),
                self.email.as_deref(),
                self.id.as_ref().map(AsRef::as_ref),
            ],
        )
    }
}

impl Bill {
    /// Returns the name without the number that the portal appends to it; see
    /// [`User::display_name`].
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().and_then(without_number)
    }

    /// Returns a text to show for the bill: the display name, else the period.
    ///
    /// A bill names no tenant id, so two tenants of one name have the same label.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "bill without a name",
            [self.display_name(), self.period.as_deref()],
        )
    }
}

impl Reseller {
    /// Returns a text to show for the reseller: its name, else its contact, else its address, else
    /// its id.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "reseller without a name",
            [
                self.reseller_name.as_deref(),
                self.contact_name.as_deref(),
                self.reseller_email.as_deref(),
                self.partner_id.as_ref().map(AsRef::as_ref),
            ],
        )
    }
}

/// `Acme 12345` without ` 12345`. A name that is nothing but a number stays as it is.
fn without_number(name: &str) -> Option<&str> {
    let name = name.trim();
    let name = match name.rsplit_once(char::is_whitespace) {
        Some((rest, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest.trim_end(),
        _ => name,
    };
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_last_number_and_nothing_else() {
        for (name, expected) in [
            ("Acme 12345", "Acme"),
            ("Studio 54 12345", "Studio 54"),
            ("Acme  12345 ", "Acme"),
            ("Acme", "Acme"),
            ("Acme2000", "Acme2000"),
            ("12345", "12345"),
            ("Acme 12a", "Acme 12a"),
            ("Ünal 1", "Ünal"),
            ("", ""),
        ] {
            let expected = Some(expected).filter(|name| !name.is_empty());
            assert_eq!(without_number(name), expected, "{name:?}");
        }
    }
}
