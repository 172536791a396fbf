//! The future of a call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

use crate::error::Error;
use crate::response::Response;

/// A call that is sent when it is awaited.
///
/// It borrows nothing, so several calls can be awaited at once, and each can run in a task of its
/// own. Dropping it ends the call; what was sent already may still be carried out.
///
/// Everything that this crate awaits is like that. A single request is a `Call`, whose response
/// [`with_response`](Self::with_response) adds; work of several requests, such as
/// [`ListRequest::collect`](crate::ListRequest::collect), is another future that borrows nothing.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// let (partner, task) =
///     tokio::try_join!(client.partners().profile(), client.backups().get("BT-1"))?;
/// let spawned = tokio::spawn(client.resellers().profile());
/// # Ok(())
/// # }
/// ```
#[must_use = "a call is not sent until it is awaited"]
pub struct Call<T>(BoxFuture<'static, Result<Response<T>, Error>>);

impl<T> Call<T> {
    #[inline]
    pub(crate) fn new(
        call: impl Future<Output = Result<Response<T>, Error>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(call))
    }
}

impl<T: Send + 'static> Call<T> {
    /// Returns the same call with the status and headers of its response beside the value.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// let response = client.partners().profile().with_response().await?;
    /// println!("{:?}, request {:?}", response.value.email, response.parts.request_id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_response(self) -> Call<Response<T>> {
        Call::new(async move {
            let response = self.0.await?;
            let parts = response.parts.clone();
            Ok(Response::new(response, parts))
        })
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.0.as_mut().poll(context);
        polled.map(|result| result.map(|response| response.value))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}
