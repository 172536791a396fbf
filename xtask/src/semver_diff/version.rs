//! Versions, and what a change does to them.

use std::fmt;

use super::Class;

/// A version of the crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let plain = text.split(['-', '+']).next()?;
        let mut parts = plain.split('.').map(str::parse);
        let version = Self {
            major: parts.next()?.ok()?,
            minor: parts.next()?.ok()?,
            patch: parts.next()?.ok()?,
        };
        parts.next().is_none().then_some(version)
    }

    /// The least version after this one that says what a change is. Before 1.0 the second number is
    /// the one that breaks.
    pub(crate) fn after(self, class: Class) -> Self {
        let Self {
            major,
            minor,
            patch,
        } = self;
        match (class, major) {
            (Class::Breaking, 0) => Self {
                major,
                minor: minor + 1,
                patch: 0,
            },
            (Class::Breaking, _) => Self {
                major: major + 1,
                minor: 0,
                patch: 0,
            },
            (Class::Additive, 1..) => Self {
                major,
                minor: minor + 1,
                patch: 0,
            },
            _ => Self {
                major,
                minor,
                patch: patch + 1,
            },
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The version of a workspace, from the text of its manifest.
pub(crate) fn current(manifest: &str) -> Option<Version> {
    let (_, table) = manifest.split_once("[workspace.package]")?;
    let table = table.split("\n[").next()?;
    let line = table
        .lines()
        .find_map(|line| line.trim().strip_prefix("version"))?;
    Version::parse(line.trim_start_matches([' ', '=']).trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_and_after_1_0_a_change_has_its_number() {
        for (from, class, to) in [
            ("0.1.3", Class::Breaking, "0.2.0"),
            ("0.1.3", Class::Additive, "0.1.4"),
            ("1.2.3", Class::Breaking, "2.0.0"),
            ("1.2.3", Class::Additive, "1.3.0"),
            ("1.2.3", Class::Docs, "1.2.4"),
        ] {
            assert_eq!(Version::parse(from).unwrap().after(class).to_string(), to);
        }
    }

    #[test]
    fn the_version_stands_in_the_workspace() {
        let manifest = "[workspace]\nmembers = []\n\n[workspace.package]\nedition = \"2024\"\nversion = \"0.4.2-rc.1\"\n\n[x]\nversion = \"9.9.9\"\n";
        assert_eq!(current(manifest).unwrap().to_string(), "0.4.2");
        assert!(current("[package]\nversion = \"1.0.0\"").is_none());
    }
}
