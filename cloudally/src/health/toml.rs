//! Policies as TOML.

use ::toml::de::DeTable;

use super::policy::Policy;
use crate::error::Error;

impl Policy {
    /// Reads a policy from TOML, and [checks](Self::check) it. What is not given is as by default.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) with the line and the key of
    /// what is wrong. A key that is not known is an error, because it would have no effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use cloudally::health::Policy;
    /// let policy = Policy::from_toml(r#"
    ///     grace = "72h"
    ///
    ///     [words]
    ///     success = ["SUCCESS", "DONE"]
    ///
    ///     [[overrides]]
    ///     source = "SALESFORCE"
    ///     interval = "7d"
    ///
    ///     [[exclusions]]
    ///     entity = "old@acme.example.com"
    ///     reason = "the mailbox is moved"
    ///     expires = "2026-05-31"
    /// "#)?;
    /// assert_eq!(policy.words.success, ["SUCCESS", "DONE"]);
    /// # Ok::<(), cloudally::Error>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let refuse = |line: Option<usize>, key: &str, what: &str| {
            let line = line
                .map(|line| format!("line {line}: "))
                .unwrap_or_default();
            let key = match key {
                "" | "." => String::new(),
                key => format!("`{key}`: "),
            };
            let what = what.trim().replace('\n', ", ");
            Error::configuration(format!("the policy is not valid: {line}{key}{what}"))
        };
        let line_of =
            |error: &::toml::de::Error| error.span().map(|span| line_at(text, span.start));
        let document = ::toml::Deserializer::parse(text)
            .map_err(|error| refuse(line_of(&error), "", error.message()))?;
        let policy: Self = serde_path_to_error::deserialize(document).map_err(|error| {
            let key = error.path().to_string();
            let inner = error.into_inner();
            refuse(line_of(&inner), &key, inner.message())
        })?;
        policy.verify().map_err(|misfit| {
            let line = line_of_path(text, &misfit.path);
            refuse(line, &misfit.path, &misfit.problem)
        })?;
        Ok(policy)
    }
}

/// The line of a path such as `exclusions[0].reason`, or of as much of it as there is.
fn line_of_path(text: &str, path: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?.into_inner();
    let mut table = Some(&document);
    let mut line = None;
    for part in path.split('.') {
        let (name, place) = match part.trim_end_matches(']').split_once('[') {
            Some((name, place)) => (name, place.parse::<usize>().ok()),
            None => (part, None),
        };
        let Some((key, mut value)) = table.and_then(|table| table.get_key_value(name)) else {
            break;
        };
        let mut start = key.span().start;
        if let Some(item) = place.and_then(|place| value.get_ref().as_array()?.get(place)) {
            (start, value) = (item.span().start, item);
        }
        line = Some(line_at(text, start));
        table = value.get_ref().as_table();
    }
    line
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_line_and_key() {
        for (text, expected) in [
            (
                "interval = \"12h\"\ngrase = \"48h\"\n",
                &["line 2", "grase"][..],
            ),
            (
                "\n\ninterval = \"often\"",
                &["line 3", "`interval`", "`often` is no duration"],
            ),
            ("[words]\nfailure = [7]", &["line 2", "`words.failure[0]`"]),
            (
                "[[overrides]]\nsource = \"A\"\n[[overrides]]\nsorce = \"B\"",
                &["line 4", "sorce"],
            ),
            (
                "[[exclusions]]\ntask = \"T-1\"\nreason = \"x\"",
                &["line 1", "expires"],
            ),
            ("interval = ", &["line 1"]),
            ("interval = \"12h\"\ninterval = \"13h\"", &["line 2"]),
            ("version = 2", &["line 1", "version 2"]),
            ("\nstale_factor = 0.5", &["line 2", "`stale_factor`"]),
            (
                "[[overrides]]\n[[overrides]]\nsource = \"A\"\ninterval = \"0s\"",
                &["line 4", "`overrides[1].interval`"],
            ),
            (
                "[words]\n\nfailure = [\"SUCCESS\"]",
                &["line 3", "`words.failure`"],
            ),
            (
                "[[exclusions]]\nreason = \"x\"\nexpires = \"2026-05-31\"",
                &["line 1", "`exclusions[0].tenant`"],
            ),
            (
                "[reconcile]\n[reconcile.columns]\nname = \"A\"",
                &["line 2", "`reconcile.columns.total`"],
            ),
        ] {
            let error = Policy::from_toml(text).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            for part in expected {
                assert!(error.to_string().contains(part), "{text:?}: {error}");
            }
        }
        assert_eq!(Policy::from_toml("").unwrap(), Policy::default());
    }

    #[test]
    fn a_toml_date_is_a_date() {
        let day = "[[exclusions]]\ntask = \"T-1\"\nreason = \"x\"\nexpires = ";
        let text = Policy::from_toml(&format!("{day}\"2026-05-31\"")).unwrap();
        assert_eq!(text.exclusions.len(), 1);
        let toml = Policy::from_toml(&format!("{day}2026-05-31"));
        assert_eq!(toml.unwrap(), text);
    }
}
