//! The name of a problem that lasts from report to report.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::Class;
use super::text::normalized;
use crate::error::{Error, ErrorKind};

/// The version of what is hashed.
const VERSION: u8 = 1;

/// What a finding is about, as a hash that is the same in each report and on each machine.
///
/// It is made of the class of the kind, the id of the task, the source, and the name of the entity,
/// trimmed and lower-cased. The id of the tenant is in it only where the task's is missing. So a
/// problem keeps its fingerprint when it gets worse within its class, and an entity that is renamed
/// has another. It is written as 32 hexadecimal digits.
///
/// It is not keyed: whoever can guess the id of the task can test a guessed address. Pseudonymised
/// ledgers have other fingerprints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

/// What a fingerprint is made of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) tenant: Option<&'a str>,
    pub(crate) task: Option<&'a str>,
    pub(crate) source: Option<&'a str>,
    pub(crate) entity: Option<&'a str>,
}

impl Fingerprint {
    pub(crate) fn new(class: Class, subject: Subject<'_>) -> Self {
        let mut hash = Fnv::new();
        hash.byte(VERSION);
        hash.text(Some(class.name()));
        match subject.task {
            Some(task) => hash.text(Some(task)),
            None => {
                hash.text(None);
                hash.text(subject.tenant);
            }
        }
        hash.text(subject.source);
        let entity = subject.entity.map(normalized);
        hash.text(entity.as_deref());
        Self(hash.0)
    }
}

/// FNV-1a of 128 bits. Fingerprints are stored, so it must not change without a new version.
struct Fnv(u128);

impl Fnv {
    const fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn byte(&mut self, byte: u8) {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(PRIME);
    }

    /// A text that may be missing. Its end is marked by a byte that no text has.
    fn text(&mut self, text: Option<&str>) {
        self.byte(u8::from(text.is_some()));
        text.unwrap_or_default()
            .bytes()
            .for_each(|byte| self.byte(byte));
        self.byte(0xff);
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = is_hex
            .then(|| u128::from_str_radix(text, 16).ok())
            .flatten();
        hash.map(Self).ok_or_else(|| {
            let detail = "a fingerprint has 32 hexadecimal digits; copy it from a report";
            Error::new(ErrorKind::InvalidInput, detail)
        })
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| D::Error::custom("a fingerprint has 32 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Subject<'_> = Subject {
        tenant: Some("U-1"),
        task: Some("T-1"),
        source: Some("GMAIL"),
        entity: Some("ann@acme.example.com"),
    };

    #[test]
    fn the_hash_is_the_published_one() {
        let mut hash = Fnv::new();
        hash.byte(b'a');
        assert_eq!(hash.0, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn what_differs_has_another_fingerprint_and_what_is_the_same_keeps_it() {
        let of = |subject| Fingerprint::new(Class::Outcome, subject);
        // A stored fingerprint must stay what it is.
        assert_eq!(of(ANN).to_string(), "56a08c017183cc05e0816ce2624566ea");
        assert_eq!(of(ANN).to_string().parse::<Fingerprint>().unwrap(), of(ANN));
        let entity = Some(" Ann@Acme.Example.com ");
        assert_eq!(of(Subject { entity, ..ANN }), of(ANN));
        let tenant = Some("U-2");
        assert_eq!(of(Subject { tenant, ..ANN }), of(ANN));
        let no_task = Subject { task: None, ..ANN };
        assert_ne!(of(Subject { tenant, ..no_task }), of(no_task));
        let all = [
            of(ANN),
            of(no_task),
            of(Subject {
                task: Some("T-2"),
                ..ANN
            }),
            of(Subject {
                source: None,
                ..ANN
            }),
            of(Subject {
                source: Some(""),
                ..ANN
            }),
            of(Subject {
                entity: None,
                ..ANN
            }),
            of(Subject {
                source: Some("GMAI"),
                entity: Some("Lann@acme.example.com"),
                ..ANN
            }),
            Fingerprint::new(Class::Freshness, ANN),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn what_is_no_fingerprint_is_refused() {
        for text in [
            "",
            "7",
            "+0000000000000000000000000000001",
            &"g".repeat(32),
            &"0".repeat(33),
        ] {
            let error = text.parse::<Fingerprint>().unwrap_err();
            assert!(error.to_string().contains("32 hexadecimal"), "{error}");
        }
    }
}
