//! What is known of an operation beyond its types.

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// Its name in the document, such as `listPartnerTasks`.
    pub id: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The template of the path, such as `/v1/restore/{jobId}`.
    pub path: &'static str,
    /// Whether it may be sent again without harm when its outcome is unknown.
    pub is_idempotent: bool,
    /// Whether it needs an access token; a sign-in does not.
    pub needs_token: bool,
    /// How its answer comes in pages, if it does.
    pub pagination: Option<Pagination>,
}

/// How a list is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pagination {
    /// `pageSize`, `page` and `nextPageToken` (v1).
    PageSize,
    /// `limit` and `page` (v2).
    Limit,
}
