//! Fetches single pages.

use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::operation::Operation;
use cloudally_gen::page::Page as RawPage;
use futures_util::future::BoxFuture;
use http::StatusCode;

use super::cursor::Position;
use super::deadline::Deadline;
use super::invalid::{InvalidItem, SkipInvalid};
use super::page::Page;
use crate::attempt::FailedCall;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::observe::PageRead;
use crate::response::Response;

/// The request for one page.
pub(crate) type PageCall<T> = BoxFuture<'static, Result<Response<RawPage<T>>, FailedCall>>;

/// A page as the service sent it, and its items that could not be decoded.
pub(super) type Fetched<T> = (Response<RawPage<T>>, Vec<InvalidItem>);

/// Where the pages of a list come from.
pub(super) struct PageSource<T> {
    pub(super) operation: &'static Operation<'static>,
    pub(super) client: Client,
    pub(super) request: Arc<dyn Fn(Client, Position) -> PageCall<T> + Send + Sync>,
    /// The deadline of the whole list, if it has one.
    pub(super) deadline: Option<Deadline>,
    pub(super) skip_invalid: Option<SkipInvalid<T>>,
    /// The page token of the cursor from which the list was resumed.
    pub(super) resumed_token: Option<String>,
}

impl<T: Send + 'static> PageSource<T> {
    /// Lets the time of the whole list begin, unless it has.
    pub(super) fn begin(&mut self) {
        if let Some(deadline) = &mut self.deadline {
            deadline.begin(self.client.transport().clock.monotonic());
        }
    }

    /// What is left of the time of the whole list, if that is limited.
    fn remaining(&self) -> Option<Duration> {
        let deadline = self.deadline.as_ref()?;
        Some(deadline.remaining(self.client.transport().clock.monotonic()))
    }

    /// The error of a list whose time is over. It takes the place of the failure of the last call,
    /// unless more time would not have helped that call.
    pub(super) fn expired(&self, at: &Position, failure: Option<&Error>) -> Option<Error> {
        let is_over = self
            .remaining()
            .is_some_and(|remaining| remaining.is_zero());
        let is_final = failure.is_some_and(|failure| !failure.is_retryable());
        let deadline = self.deadline.filter(|_| is_over && !is_final)?;
        Some(deadline.error(self.operation, at, failure.cloned()))
    }

    /// The client for one call, which has no more time than the list.
    fn client(&self) -> Client {
        let policy = self.client.policy();
        match self.remaining() {
            Some(remaining) if remaining < policy.deadline => {
                self.client.with_retry_policy(policy.deadline(remaining))
            }
            _ => self.client.clone(),
        }
    }

    /// Fetches the page of a position.
    pub(super) fn fetch(
        &self,
        position: Position,
    ) -> BoxFuture<'static, Result<Fetched<T>, Error>> {
        let is_resumed = position.token.is_some() && position.token == self.resumed_token;
        let client = self.client().with_page(position.page);
        let request = (self.request)(client, position);
        let skip_invalid = self.skip_invalid.clone();
        Box::pin(async move {
            let failed = match request.await {
                Ok(response) => return Ok((response, Vec::new())),
                Err(failed) => failed,
            };
            if is_resumed && is_token_refused(&failed.error) {
                let detail = "the service no longer accepts the page token of the cursor; start over without the cursor";
                return Err(failed.error.reclassified(ErrorKind::InvalidCursor, detail));
            }
            let is_undecodable = failed.error.kind() == ErrorKind::Decode;
            let separated = skip_invalid
                .filter(|_| is_undecodable)
                .and_then(|skip_invalid| skip_invalid.decode(&failed.body));
            match (separated, failed.parts) {
                (Some((page, invalid)), Some(parts)) if parts.status() == StatusCode::OK => {
                    Ok((Response::new(page, *parts), invalid))
                }
                _ => Err(failed.error),
            }
        })
    }
}

impl<T> Clone for PageSource<T> {
    fn clone(&self) -> Self {
        Self {
            operation: self.operation,
            client: self.client.clone(),
            request: Arc::clone(&self.request),
            deadline: self.deadline,
            skip_invalid: self.skip_invalid.clone(),
            resumed_token: self.resumed_token.clone(),
        }
    }
}

/// Whether the service refused a request that it would accept without a page token.
fn is_token_refused(error: &Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    matches!(status, Some(400 | 404 | 410 | 422))
}

impl<T> PageSource<T> {
    /// Reports a page, and the items of it that could not be decoded.
    pub(super) fn report(&self, page: &Page<T>) {
        let read = PageRead {
            operation: self.operation.id,
            number: page.number,
            items: page.items.len(),
            total: page.total,
            total_pages: page.total_pages,
            is_complete: page.is_complete,
        };
        let observers = &self.client.transport().observers;
        observers.each(|observer| observer.page_read(&read));
        if let Some(skip_invalid) = &self.skip_invalid {
            skip_invalid.report(&page.invalid);
        }
    }
}
