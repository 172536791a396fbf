//! What is known of an operation beyond its types.

/// An operation of the API; one of the document lives as long as the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation<'a> {
    /// Its name in the document, such as `listPartnerTasks`.
    pub id: &'a str,
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The template of the path, such as `/v1/restore/{jobId}`.
    pub path: &'a str,
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
