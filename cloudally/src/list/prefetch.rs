//! A page that is fetched while others are consumed.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::cursor::Position;
use super::source::{Fetched, PageSource};
use crate::error::{Error, ErrorKind};

/// A fetch in flight. Within a runtime it is a task, which runs without being polled and ends when
/// this is dropped.
pub(super) struct Prefetch<T> {
    pub(super) position: Position,
    fetch: Fetch<T>,
}

enum Fetch<T> {
    Task(JoinHandle<Result<Fetched<T>, Error>>),
    Inline(BoxFuture<'static, Result<Fetched<T>, Error>>),
}

impl<T: Send + 'static> Prefetch<T> {
    pub(super) fn start(source: &PageSource<T>, position: Position) -> Self {
        let page = source.fetch(position.clone());
        let fetch = match Handle::try_current() {
            Ok(runtime) => Fetch::Task(runtime.spawn(page.in_current_span())),
            Err(_) => Fetch::Inline(page),
        };
        Self { position, fetch }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Fetched<T>, Error>> {
        match &mut self.fetch {
            Fetch::Inline(page) => page.as_mut().poll(context),
            Fetch::Task(task) => Pin::new(task).poll(context).map(|joined| {
                joined.unwrap_or_else(|error| {
                    // A panic comes from a callback of the program, and goes back to it.
                    if error.is_panic() {
                        std::panic::resume_unwind(error.into_panic());
                    }
                    let detail = "the page was abandoned because its runtime shut down; poll again";
                    Err(Error::new(ErrorKind::Cancelled, detail))
                })
            }),
        }
    }
}

impl<T> Drop for Prefetch<T> {
    fn drop(&mut self) {
        if let Fetch::Task(task) = &self.fetch {
            task.abort();
        }
    }
}
