//! Pages of lists. A page costs as much as its size, whatever the size of the list.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;
use crate::token::Signer;

const MAX_PAGE_SIZE: usize = 500;

/// The query of a v1 list: `pageSize`, `page`, `nextPageToken`.
#[derive(Debug)]
pub(crate) struct V1Query(PageRequest);

/// The query of a v2 list: `limit`, `page`.
#[derive(Debug)]
pub(crate) struct V2Query(PageRequest);

#[derive(Debug)]
struct PageRequest {
    /// A size that the request asks for; never 0.
    size: Option<usize>,
    /// 1 for the first page.
    page: Option<usize>,
    token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawQuery {
    page_size: Option<String>,
    limit: Option<String>,
    page: Option<String>,
    next_page_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    page: usize,
    total_pages: usize,
    total: usize,
    next_page_token: Option<String>,
    data: &'a [Value],
    #[serde(skip)]
    start: usize,
    #[serde(skip)]
    size: usize,
}

#[derive(Debug, Serialize)]
struct Within<'a> {
    #[serde(flatten)]
    object: &'a Value,
    #[serde(flatten)]
    page: Page<'a>,
}

impl V1Query {
    /// A page of a list that is walked by page numbers.
    pub(crate) fn by_number(&self, items: &[Value]) -> Result<Response, ApiError> {
        Ok(self.numbered(items)?.into_response())
    }

    /// An object that carries such a page among its own fields.
    pub(crate) fn by_number_within(
        &self,
        object: &Value,
        items: &[Value],
    ) -> Result<Response, ApiError> {
        let page = self.numbered(items)?;
        Ok(Json(Within { object, page }).into_response())
    }

    fn numbered<'a>(&self, items: &'a [Value]) -> Result<Page<'a>, ApiError> {
        if self.0.token.is_some() {
            return Err(ApiError::bad_request("nextPageToken is not valid"));
        }
        Ok(self.0.by_number(items))
    }

    /// A page of a list that hands out next page tokens. Page numbers work too.
    pub(crate) fn by_token(
        &self,
        list: &str,
        items: &[Value],
        signer: &Signer,
    ) -> Result<Response, ApiError> {
        let page = match &self.0.token {
            None => self.0.by_number(items),
            Some(token) => {
                let (start, size) = open(token, list, signer)
                    .ok_or_else(|| ApiError::bad_request("nextPageToken is not valid"))?;
                Page::at(items, start, self.0.size.unwrap_or(size))
            }
        };
        Ok(page.with_token(list, signer).into_response())
    }
}

impl V2Query {
    /// A page of a list that is walked by page numbers.
    pub(crate) fn by_number(&self, items: &[Value]) -> Response {
        self.0.by_number(items).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for V1Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = raw_query(parts)?;
        PageRequest::parse("pageSize", query.page_size.as_deref(), &query).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for V2Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = raw_query(parts)?;
        PageRequest::parse("limit", query.limit.as_deref(), &query).map(Self)
    }
}

fn raw_query(parts: &Parts) -> Result<RawQuery, ApiError> {
    let Query(query) = Query::try_from_uri(&parts.uri)
        .map_err(|error| ApiError::bad_request(error.body_text()))?;
    Ok(query)
}

fn positive(name: &str, text: Option<&str>) -> Result<Option<usize>, ApiError> {
    text.map(|text| {
        text.parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| ApiError::bad_request(format!("{name} must be a positive number")))
    })
    .transpose()
}

impl PageRequest {
    fn parse(size_name: &str, size: Option<&str>, query: &RawQuery) -> Result<Self, ApiError> {
        Ok(Self {
            size: positive(size_name, size)?.map(|size| size.min(MAX_PAGE_SIZE)),
            page: positive("page", query.page.as_deref())?,
            token: query.next_page_token.clone(),
        })
    }

    fn by_number<'a>(&self, items: &'a [Value]) -> Page<'a> {
        let size = self.size.unwrap_or(MAX_PAGE_SIZE);
        let page = self.page.unwrap_or(1);
        Page {
            page: if items.is_empty() { 0 } else { page },
            ..Page::at(items, (page - 1).saturating_mul(size), size)
        }
    }
}

impl<'a> Page<'a> {
    /// The page that begins at `start`, which may lie beyond the end.
    fn at(items: &'a [Value], start: usize, size: usize) -> Self {
        let rest = items.get(start..).unwrap_or_default();
        Self {
            page: start / size + 1,
            total_pages: items.len().div_ceil(size),
            total: items.len(),
            next_page_token: None,
            data: &rest[..size.min(rest.len())],
            start,
            size,
        }
    }

    fn with_token(mut self, list: &str, signer: &Signer) -> Self {
        let next = self.start.saturating_add(self.data.len());
        if next < self.total {
            self.next_page_token = Some(signer.seal(&format!("{list}:{next}:{}", self.size)));
        }
        self
    }
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// The start and the page size that a token of `list` names.
fn open(token: &str, list: &str, signer: &Signer) -> Option<(usize, usize)> {
    let text = signer.open(token)?;
    let (start, size) = text
        .strip_prefix(list)?
        .strip_prefix(':')?
        .split_once(':')?;
    Some((start.parse().ok()?, size.parse().ok()?))
}
