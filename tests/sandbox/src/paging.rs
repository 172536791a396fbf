//! Serves lists in pages. The cost of a page depends on its size, and not on that of the list.

use std::borrow::Cow;

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::data::{Item, View, progressed};
use crate::error::ApiError;
use crate::faults::{PageFaults, Place, Sequence};
use crate::token::Signer;

const MAX_PAGE_SIZE: usize = 500;

/// The query of a v1 list: `pageSize`, `page` or `nextPage`, `nextPageToken`.
#[derive(Debug)]
pub(crate) struct V1Query(PageRequest);

/// The query of a v2 list: `limit`, `page` or `nextPage`.
#[derive(Debug)]
pub(crate) struct V2Query(PageRequest);

#[derive(Debug)]
struct PageRequest {
    /// The requested page size, which is never 0.
    size: Option<usize>,
    /// The page number, from 1.
    page: Option<usize>,
    token: Option<String>,
    faults: Option<PageFaults>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawQuery {
    page_size: Option<String>,
    limit: Option<String>,
    page: Option<String>,
    /// Another name of `page`. Evidence: inferred.
    next_page: Option<String>,
    next_page_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    page: usize,
    total_pages: usize,
    total: u64,
    next_page_token: Option<String>,
    data: Vec<Cow<'a, RawValue>>,
    /// The position in the list at which the page begins.
    #[serde(skip)]
    start: usize,
    #[serde(skip)]
    size: usize,
    /// The length of the list, including slots without an item.
    #[serde(skip)]
    places: usize,
}

#[derive(Debug, Serialize)]
struct Within<'a> {
    #[serde(flatten)]
    object: &'a Value,
    #[serde(flatten)]
    page: Page<'a>,
}

impl V1Query {
    /// Returns a page of a list that is read by page numbers.
    pub(crate) fn by_number(&self, list: &View<'_>, now: Timestamp) -> Result<Response, ApiError> {
        Ok(self.numbered(list, now)?.into_response())
    }

    /// Returns an object that has such a page among its own fields.
    pub(crate) fn by_number_within(
        &self,
        object: &Value,
        list: &View<'_>,
        now: Timestamp,
    ) -> Result<Response, ApiError> {
        let page = self.numbered(list, now)?;
        Ok(Json(Within { object, page }).into_response())
    }

    fn numbered<'a>(&self, list: &View<'a>, now: Timestamp) -> Result<Page<'a>, ApiError> {
        if self.0.token.is_some() {
            return Err(ApiError::bad_request("nextPageToken is not valid"));
        }
        Ok(self.0.by_number(list, now))
    }

    /// Returns a page of a list with next-page tokens. Page numbers work too.
    pub(crate) fn by_token(
        &self,
        list: &View<'_>,
        signer: &Signer,
        now: Timestamp,
    ) -> Result<Response, ApiError> {
        let page = match &self.0.token {
            None => self.0.by_number(list, now),
            Some(token) => {
                let (start, size) = open(token, list.kind.name(), signer)
                    .ok_or_else(|| ApiError::bad_request("nextPageToken is not valid"))?;
                self.0.page(list, (start, self.0.size.unwrap_or(size)), now)
            }
        };
        let next = if self.0.faults.as_ref().is_some_and(PageFaults::repeat_token) {
            Some(page.start)
        } else {
            page.next()
        };
        let token =
            next.map(|next| signer.seal(&format!("{}:{next}:{}", list.kind.name(), page.size)));
        Ok(page.with_token(token).into_response())
    }
}

impl V2Query {
    /// Returns a page of a list that is read by page numbers.
    pub(crate) fn by_number(&self, list: &View<'_>, now: Timestamp) -> Response {
        self.0.by_number(list, now).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for V1Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = raw_query(parts)?;
        let size = positive("pageSize", query.page_size.as_deref())?;
        PageRequest::new(size, query, parts).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for V2Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = raw_query(parts)?;
        let size = positive("limit", query.limit.as_deref())?;
        PageRequest::new(size, query, parts).map(Self)
    }
}

fn raw_query(parts: &Parts) -> Result<RawQuery, ApiError> {
    let Query(query) = Query::try_from_uri(&parts.uri)
        .map_err(|error| ApiError::bad_request(error.body_text()))?;
    Ok(query)
}

fn positive(name: &str, text: Option<&str>) -> Result<Option<usize>, ApiError> {
    text.map(|text| {
        text.parse::<i64>()
            .ok()
            .filter(|number| *number > 0)
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| ApiError::bad_request(format!("{name} must be a positive number")))
    })
    .transpose()
}

impl PageRequest {
    fn new(size: Option<usize>, query: RawQuery, parts: &Parts) -> Result<Self, ApiError> {
        let page = positive("page", query.page.as_deref())?;
        let next = positive("nextPage", query.next_page.as_deref())?;
        if page.zip(next).is_some_and(|(page, next)| page != next) {
            return Err(ApiError::bad_request("page and nextPage differ"));
        }
        Ok(Self {
            size: size.map(|size| size.min(MAX_PAGE_SIZE)),
            page: page.or(next),
            token: query.next_page_token,
            faults: parts.extensions.get().cloned(),
        })
    }

    fn by_number<'a>(&self, list: &View<'a>, now: Timestamp) -> Page<'a> {
        let size = self.size.unwrap_or(MAX_PAGE_SIZE);
        let number = self.page.unwrap_or(1);
        let page = self.page(list, ((number - 1).saturating_mul(size), size), now);
        match page.places {
            0 => Page { page: 0, ..page },
            _ => page,
        }
    }

    /// Returns the page that begins at `start`, which may be beyond the end of the list.
    fn page<'a>(&self, list: &View<'a>, (start, size): (usize, usize), now: Timestamp) -> Page<'a> {
        let len = list.len();
        let Some(faults) = &self.faults else {
            return Page::at(list, &Sequence::new(len), (start, size), now);
        };
        let start = if faults.first_page() { 0 } else { start };
        let sequence = faults.sequence(len, start, size);
        let page = Page::at(list, &sequence, (start, size), now);
        Page {
            total: faults.total(sequence.total()),
            ..page
        }
    }
}

impl<'a> Page<'a> {
    fn at(
        list: &View<'a>,
        sequence: &Sequence,
        (start, size): (usize, usize),
        now: Timestamp,
    ) -> Self {
        let item = |place| match place {
            Place::Item(at) => list.get(at).map(|item| shown(list, item, now)),
            Place::New(number) => Some(Cow::Owned(made_up(list, number))),
        };
        Self {
            page: start / size + 1,
            total_pages: sequence.len().div_ceil(size),
            total: u64::try_from(sequence.total()).unwrap_or(u64::MAX),
            next_page_token: None,
            data: sequence.places(start, size).filter_map(item).collect(),
            start,
            size,
            places: sequence.len(),
        }
    }

    /// Returns the position of the next page, if there is one.
    fn next(&self) -> Option<usize> {
        let next = self.start.saturating_add(self.size);
        (next < self.places).then_some(next)
    }

    fn with_token(self, next_page_token: Option<String>) -> Self {
        Self {
            next_page_token,
            ..self
        }
    }
}

/// Returns the item as it is at `now`.
fn shown<'a>(list: &View<'a>, item: &'a Item, now: Timestamp) -> Cow<'a, RawValue> {
    match progressed(list.set, list.kind, item, now) {
        Some(value) => Cow::Owned(raw(&value)),
        None => Cow::Borrowed(&item.text),
    }
}

/// Returns an item that a fault inserts: a copy of an existing one with an id of its own.
fn made_up(list: &View<'_>, number: usize) -> Box<RawValue> {
    let mut item = match list.get(number % list.len().max(1)) {
        Some(item) => item.value(),
        None => json!({}),
    };
    item[list.kind.key()] = json!(format!("inserted-{number}"));
    raw(&item)
}

fn raw(value: &Value) -> Box<RawValue> {
    // Serializing a JSON value cannot fail.
    to_raw_value(value).unwrap_or_default()
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Returns the position and the page size that a token for `list` contains.
fn open(token: &str, list: &str, signer: &Signer) -> Option<(usize, usize)> {
    let text = signer.open(token)?;
    let (start, size) = text
        .strip_prefix(list)?
        .strip_prefix(':')?
        .split_once(':')?;
    Some((start.parse().ok()?, size.parse().ok()?))
}
