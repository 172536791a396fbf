//! The kinds of failures.

#[allow(unused_imports, reason = "for the docs")]
use super::Error;

/// The kind of a failure.
///
/// *Retried* says whether the SDK itself tries again within the deadline, and for which operations:
/// *reads* stands for every idempotent operation. *Carried out* says whether the service acted on
/// the request; it matters for a restore.
///
/// | kind | when | retried | carried out | what to do |
/// |---|---|---|---|---|
/// | [`Configuration`](Self::Configuration) | the client is set up wrongly, or used outside a runtime with a timer; 407 of a proxy | no | no | fix what the error names |
/// | [`InvalidInput`](Self::InvalidInput) | an argument that cannot be sent | no | no | fix the argument |
/// | [`InvalidCursor`](Self::InvalidCursor) | a cursor of another list or version, or one that the service no longer knows | no | no | read the list from its start |
/// | [`Unauthenticated`](Self::Unauthenticated) | 401 to a sign-in or to a fixed access token, or a token provider failed | no | no | check the credentials |
/// | [`TokenRefused`](Self::TokenRefused) | 401 to another operation | with a new token: reads twice, mutations once | no | see whether another program signs in with the same login |
/// | [`Forbidden`](Self::Forbidden) | 403 | no | no | use an account with this right |
/// | [`NotFound`](Self::NotFound) | 404, 410 | no | no | check the id |
/// | [`BadRequest`](Self::BadRequest) | 400, 409, 422 and other 4xx | no | no | read [`Error::server_message`], and change the request |
/// | [`RateLimited`](Self::RateLimited) | 429 | reads | no | wait for [`Error::retry_after`], or set a [`RateLimit`](crate::RateLimit) |
/// | [`Server`](Self::Server) | 5xx to a read, 501 to any | reads, except for 501 | no | try later |
/// | [`UnexpectedRedirect`](Self::UnexpectedRedirect) | 3xx; redirects are never followed | no | no | check the base URL |
/// | [`Connect`](Self::Connect) | no connection: name, network, proxy, TLS | every operation | no | check what the error names |
/// | [`ConnectionLost`](Self::ConnectionLost) | the connection of a read broke after the request was sent | reads | perhaps | try later |
/// | [`Timeout`](Self::Timeout) | the deadline or the read timeout passed, or 408 | reads | reads: perhaps; mutations: no | allow more time |
/// | [`BodyTooLarge`](Self::BodyTooLarge) | the response exceeds a limit: on its bytes, the memory of its values, or the items of a page | no | yes, if it is of the operation itself | raise the limit that the error names, or request less |
/// | [`Decode`](Self::Decode) | the response is not what is documented | no | yes, if the service sent it | see [`Error::json_path`]; for one bad item, [`skip_invalid_items`](crate::ListRequest::skip_invalid_items) |
/// | [`Incomplete`](Self::Incomplete) | a list ended early, repeated itself, or changed while it was read | with [`restarts`](crate::Collect::restarts) | yes | read it again |
/// | [`OutcomeUnknown`](Self::OutcomeUnknown) | a mutation was sent, and what became of it is unknown: the connection broke, say, or the response is a web page or an error under 200 | no | **perhaps** | look in the portal before sending it again |
/// | [`MissingJobId`](Self::MissingJobId) | a restore was accepted, and the response names no job | no | **yes** | look in the portal; do not send it again |
/// | [`JobFailed`](Self::JobFailed) | a restore ended in a failed state | no | yes | see [`Error::job`] |
/// | [`WaitTimeout`](Self::WaitTimeout) | a restore was not done in time | polls are | yes | wait again |
/// | [`Cancelled`](Self::Cancelled) | the runtime that did the work shut down | no | reads: perhaps; mutations: no | call again on a live runtime |
/// | [`Internal`](Self::Internal) | a token provider or another callback panicked during the sign-in | no | no | fix the callback |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly: a missing variable, say, or an invalid base URL. Nothing was
    /// sent.
    Configuration,
    /// An argument cannot be sent as it is. Nothing was sent.
    InvalidInput,
    /// A cursor does not fit: it is of another list or of another version of this crate, or the
    /// service no longer accepts its page token. Start over without it.
    InvalidCursor,
    /// The credentials were refused, or an access token that cannot be renewed (401).
    ///
    /// Refused credentials are not sent again for a while, from 1 s up to 5 min, and calls that
    /// come meanwhile fail at once: [`Error::retry_after`] is the time until the next sign-in. Make
    /// another client once the credentials are right.
    Unauthenticated,
    /// The access token was refused, and so was a renewed one (401).
    ///
    /// Whether a new sign-in ends older tokens of the same login is not known, so two programs that
    /// share a login may end each other's. A token that was renewed a moment ago is replaced after
    /// a pause, which doubles from 1 s to 60 s while new tokens keep being refused.
    TokenRefused,
    /// The account lacks the right (403).
    Forbidden,
    /// There is nothing with this id or path (404, 410).
    NotFound,
    /// The service refused the request as it is (400, 409, 422 and other 4xx).
    BadRequest,
    /// The service received too many requests (429). [`Error::retry_after`] may say when to return.
    RateLimited,
    /// The service failed (5xx).
    Server,
    /// The response is a redirect (3xx), and redirects are never followed.
    UnexpectedRedirect,
    /// No connection could be made. Nothing was sent.
    Connect,
    /// The deadline passed.
    Timeout,
    /// The connection broke while the response was awaited or read.
    ConnectionLost,
    /// The response is not what is documented. [`Error::json_path`] names the field.
    Decode,
    /// The response exceeds [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), would
    /// take too much memory once it is decoded, or has more items than
    /// [`max_page_items`](crate::ClientBuilder::max_page_items).
    BodyTooLarge,
    /// A list is not complete. [`Error::counts`] says how far it was read.
    Incomplete,
    /// A mutation was sent and its outcome is unknown: it may have been carried out. The SDK did
    /// not repeat it, and nor should the program before someone has looked.
    OutcomeUnknown,
    /// A restore was accepted, and the response does not name its job.
    MissingJobId,
    /// A restore ended in a failed state. [`Error::job`] is its last state.
    JobFailed,
    /// A restore was not done within the time given. [`Error::job`] is its last state.
    WaitTimeout,
    /// The runtime on which the work was done shut down.
    Cancelled,
    /// A token provider or another callback of the program panicked during the sign-in. A callback
    /// that panics elsewhere, such as that of `skip_invalid_items`, panics in the caller.
    Internal,
}

/// How far a list was read that is not complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListCounts {
    /// How many items were received, duplicates included.
    pub received: u64,
    /// How many of them were received twice, because the list shifted while it was read.
    pub duplicates: u64,
    /// How many items the list has, by the service's count.
    pub total: Option<u64>,
}
