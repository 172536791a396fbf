//! Operations: the facts that the SDK needs to call one correctly, and the type that ties them to
//! its request.

use std::future::Future;

use progenitor_client::{Error, ResponseValue};

use crate::Client;

/// An operation of the service: how it is requested, and what may be done when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation<'a> {
    /// The `operationId` of the document, such as `listPartnerTasks`.
    pub id: &'a str,
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The path template, such as `/v1/restore/{jobId}`.
    pub path: &'a str,
    /// Whether the request may be repeated when its outcome is unknown.
    pub is_idempotent: bool,
    /// Whether the request carries an access token. A sign-in does not.
    pub needs_token: bool,
    /// How the response is split into pages, if it is a list.
    pub pagination: Option<Pagination>,
    /// The names of the fields of a successful response, if it is documented as an object.
    pub response_fields: &'static [&'static str],
}

/// The query parameters by which a list is read page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pagination {
    /// `pageSize`, `page` and `nextPageToken` (v1).
    PageSize,
    /// `limit` and `page` (v2).
    Limit,
}

/// An operation as a type, tied to its request builder and its response. Its fields are the
/// parameters that it requires.
///
/// Generated code implements it for each operation, in [`operations`](crate::operations). Because
/// the builder follows from the operation, a caller that says which operation is called cannot send
/// the request of another one, and the retry rules of the one always apply to the request of the
/// same.
pub trait Endpoint: sealed::Sealed + Send + Sync + 'static {
    /// The builder of the request.
    type Request: Send;
    /// The body of a successful response.
    type Response: Send + 'static;
    /// The facts of the operation.
    const OPERATION: Operation<'static>;

    /// Starts a request in which no optional parameter is set.
    fn request(&self, client: Client) -> Self::Request;

    /// Sends a request once.
    ///
    /// # Errors
    /// Fails if a parameter is not valid, the exchange fails, or the response is not one that the
    /// document describes.
    fn send(
        request: Self::Request,
    ) -> impl Future<Output = Result<ResponseValue<Self::Response>, Error<()>>> + Send;
}

/// Only the generated operations are endpoints: one that pairs the facts of a read with the request
/// of a mutation would have that mutation retried.
pub(crate) mod sealed {
    pub trait Sealed {}
}
