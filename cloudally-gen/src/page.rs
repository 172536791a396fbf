//! The envelope in which the service sends one page of a list.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::extra::{Extra, Keep};
use crate::lenient;

/// One page of a list, as the service sends it.
///
/// The service's document does not promise an envelope, so a bare array is read as the only page of
/// its list.
///
/// [Evidence](crate#evidence): observed for the envelope, inferred for the bare array.
///
/// # Examples
///
/// ```
/// # mod cloudally { pub mod testing { pub use cloudally_gen::page::Page; } }
/// use cloudally::testing::Page;
/// let bare: Page<u8> = serde_json::from_str("[1, 2]")?;
/// let page: Page<u8> = serde_json::from_str(r#"{"page": 1, "totalPages": 1, "data": [1, 2]}"#)?;
/// assert_eq!(bare.data, page.data);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Page<T> {
    /// Number of this page, from 1. It can be 0 for an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
    /// Number of pages. It can be 0 for an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_pages: Option<i64>,
    /// Number of items over all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// Token to send with the request for the next page; null after the last one, and often
    /// throughout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// The items of this page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<T>>,
    /// The fields that this type does not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            page: None,
            total_pages: None,
            total: None,
            next_page_token: None,
            data: None,
            extra: Extra::default(),
        }
    }
}

impl<T> Page<T> {
    /// Sets the number of this page, from 1.
    #[must_use]
    pub fn with_page(mut self, page: i64) -> Self {
        self.page = Some(page);
        self
    }

    /// Sets the number of pages.
    #[must_use]
    pub fn with_total_pages(mut self, total_pages: i64) -> Self {
        self.total_pages = Some(total_pages);
        self
    }

    /// Sets the number of items over all pages.
    #[must_use]
    pub fn with_total(mut self, total: i64) -> Self {
        self.total = Some(total);
        self
    }

    /// Sets the token to send with the request for the next page.
    #[must_use]
    pub fn with_next_page_token(mut self, token: impl Into<String>) -> Self {
        self.next_page_token = Some(token.into());
        self
    }

    /// Replaces the items, and keeps the rest of the envelope.
    #[must_use]
    pub fn with_data<U>(self, data: Vec<U>) -> Page<U> {
        Page {
            page: self.page,
            total_pages: self.total_pages,
            total: self.total,
            next_page_token: self.next_page_token,
            data: Some(data),
            extra: self.extra,
        }
    }
}

/// Makes a page of these items that says nothing else. A page without items is
/// `Page::from(vec![])`; one by `Page::default()` has no `data`, which is not an empty list.
impl<T> From<Vec<T>> for Page<T> {
    fn from(items: Vec<T>) -> Self {
        Self {
            data: Some(items),
            ..Self::default()
        }
    }
}

/// The envelope of a page that is an object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<T> {
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    total_pages: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    total: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    next_page_token: Option<String>,
    #[serde(default = "missing")]
    data: Option<Vec<T>>,
}

fn missing<T>() -> Option<Vec<T>> {
    None
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PageVisitor(PhantomData))
    }
}

struct PageVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PageVisitor<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a list, or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Page<T>, A::Error> {
        let mut extra = Extra::default();
        let Envelope {
            page,
            total_pages,
            total,
            next_page_token,
            data,
        } = Envelope::deserialize(Keep::new(MapAccessDeserializer::new(map), &mut extra))?;
        Ok(Page {
            page,
            total_pages,
            total,
            next_page_token,
            data,
            extra,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Page<T>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(Page::from)
    }
}
