//! A position in a list, which can be stored.

use cloudally_gen::operation::Operation;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, ErrorKind, ListCounts};

/// The version of the stored form.
pub(super) const VERSION: u32 = 1;

/// A position in a list, between two items.
///
/// It can be stored as JSON, and the list can be resumed from it later or in another program, with
/// [`ListRequest::resume_from`](crate::ListRequest::resume_from). Where items have ids, the
/// position is found again even if items were added or removed meanwhile.
///
/// The stored form has a version. A cursor of a version that this crate does not know is read
/// without an error, and using it is [`ErrorKind::InvalidCursor`]: read the list from its start.
/// The same happens when the service no longer accepts the page token in it.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let mut users = client.users().list().items();
/// let first = users.try_next().await?;
/// if let Some(cursor) = users.cursor() {
///     std::fs::write("users.cursor", serde_json::to_string(&cursor)?)?;
/// }
/// // Later:
/// let cursor = serde_json::from_str(&std::fs::read_to_string("users.cursor")?)?;
/// let rest = client.users().list().resume_from(cursor).collect().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    pub(crate) position: Position,
    /// The stored form of a version that is not known, which is kept so that storing the cursor
    /// again does not destroy it.
    unknown: Option<Box<Value>>,
}

/// What a cursor stores. It changes only with the version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(super) operation: String,
    /// Whose list it is, where an operation has several.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// The number of the page, from 1.
    pub(crate) page: u64,
    pub(crate) token: Option<String>,
    pub(crate) page_size: u32,
    /// How many items were received before this page.
    pub(super) received: u64,
    /// How many of those were received twice, because the list shifted while it was read.
    #[serde(default)]
    pub(super) duplicates: u64,
    /// How many items of this page were consumed.
    #[serde(default)]
    pub(super) skip: u64,
    /// The hash of the id of the item before the position, if it has an id.
    #[serde(default, with = "hex")]
    pub(super) last: Option<u64>,
    /// The number of items and pages by the service's last report.
    #[serde(default)]
    pub(super) total: Option<u64>,
    #[serde(default)]
    pub(super) total_pages: Option<u64>,
    /// The smallest and the largest total that the service reported.
    #[serde(default)]
    pub(super) min_total: Option<u64>,
    #[serde(default)]
    pub(super) max_total: Option<u64>,
    /// The total before it became smaller.
    #[serde(default)]
    pub(super) shrank_from: Option<u64>,
    #[serde(default)]
    pub(super) has_fewer_pages: bool,
    /// Whether the service reported no end, so that this page is requested to find out if it
    /// exists.
    #[serde(default)]
    pub(super) is_probe: bool,
}

/// A hash as hexadecimal text, because many formats and programs read a number as a double, which
/// has 53 bits.
mod hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        hash: &Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = hash.map(|hash| format!("{hash:016x}"));
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u64>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        let hash = text.map(|text| u64::from_str_radix(&text, 16));
        hash.transpose().map_err(D::Error::custom)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Stored<'a> {
            version: u32,
            #[serde(flatten)]
            position: &'a Position,
        }
        match &self.unknown {
            Some(stored) => stored.serialize(serializer),
            None => Stored {
                version: VERSION,
                position: &self.position,
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Value::deserialize(deserializer)?;
        if !stored.is_object() {
            return Err(D::Error::custom("a cursor is a JSON object"));
        }
        if stored.get("version") != Some(&Value::from(VERSION)) {
            return Ok(Self {
                position: Position::default(),
                unknown: Some(Box::new(stored)),
            });
        }
        let position = Position::deserialize(stored).map_err(D::Error::custom)?;
        Ok(position.into())
    }
}

impl From<Position> for Cursor {
    fn from(position: Position) -> Self {
        Self {
            position,
            unknown: None,
        }
    }
}

impl Cursor {
    /// Checks whether the cursor can be used for a list.
    pub(super) fn check(
        &self,
        operation: &Operation<'_>,
        subject: Option<&str>,
    ) -> Result<(), Error> {
        let Position {
            page, page_size, ..
        } = self.position;
        let what = if let Some(stored) = &self.unknown {
            match stored.get("version") {
                Some(version) => {
                    format!("it has the version {version} and this crate reads {VERSION}")
                }
                None => "it has no version".to_owned(),
            }
        } else if self.position.operation != operation.id {
            format!("it is a cursor of {}", self.position.operation)
        } else if self.position.subject.as_deref() != subject {
            "it is a cursor of the list of another reseller".to_owned()
        } else if page == 0 || page_size == 0 {
            "its page or page size is 0".to_owned()
        } else {
            return Ok(());
        };
        let detail = format!(
            "the cursor does not fit the list: {what}; nothing was sent, start over without the cursor"
        );
        Err(Error::new(ErrorKind::InvalidCursor, detail).with_operation(operation.id))
    }
}

impl Position {
    pub(crate) fn start(
        operation: &Operation<'_>,
        subject: Option<String>,
        page_size: u32,
    ) -> Self {
        Self {
            operation: operation.id.to_owned(),
            subject,
            page: 1,
            page_size,
            ..Self::default()
        }
    }

    /// The page number to request; the first page is requested without one. Evidence: observed.
    pub(crate) fn number(&self) -> Option<i64> {
        (self.page > 1).then(|| i64::try_from(self.page).unwrap_or(i64::MAX))
    }

    /// Whether nothing was read yet.
    pub(super) fn is_start(&self) -> bool {
        self.page == 1 && self.token.is_none() && self.skip == 0
    }

    /// Whether it is on the same page as another.
    pub(super) fn is_on_page_of(&self, other: &Self) -> bool {
        self.page == other.page && self.token == other.token && self.page_size == other.page_size
    }

    /// How many different items were received before its page.
    pub(super) fn distinct(&self) -> u64 {
        self.received.saturating_sub(self.duplicates)
    }

    pub(super) fn counts(&self) -> ListCounts {
        ListCounts {
            received: self.received,
            duplicates: self.duplicates,
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudally_gen::operations::LIST_PARTNER_TASKS;

    #[test]
    fn a_cursor_of_another_version_is_read_and_refused() {
        let mut position = Position::start(&LIST_PARTNER_TASKS, None, 500);
        position.last = Some(u64::MAX - 1);
        let cursor = Cursor::from(position);
        let mut stored = serde_json::to_value(&cursor).unwrap();
        assert_eq!(stored["last"], "fffffffffffffffe");
        let read: Cursor = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(read, cursor);
        assert!(read.check(&LIST_PARTNER_TASKS, None).is_ok());

        for version in [Value::Null, 0.into(), 2.into(), "1".into(), (-1).into()] {
            stored["version"] = version.clone();
            // Another version may have other fields.
            stored["page"] = Value::from("x");
            let read: Cursor = serde_json::from_value(stored.clone()).unwrap();
            let error = read.check(&LIST_PARTNER_TASKS, None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidCursor, "{version}");
            assert!(error.to_string().contains("start over"), "{error}");
            let again = serde_json::to_value(&read).unwrap();
            assert_eq!(again, stored, "storing it again destroys nothing");
        }
        assert!(serde_json::from_str::<Cursor>("7").is_err());
        stored["version"] = 1.into();
        assert!(serde_json::from_value::<Cursor>(stored).is_err());
    }
}
