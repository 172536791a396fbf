//! A page that is fetched while others are consumed.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::{Cursor, Fetched, List};
use crate::error::{Error, ErrorKind};

type Outcome<T> = Result<Fetched<T>, Error>;

/// A fetch under way. Within a runtime it is a task, which goes on while nobody looks and ends when this is dropped.
pub(super) struct Ahead<T> {
    pub(super) cursor: Cursor,
    fetching: Fetching<T>,
}

enum Fetching<T> {
    Task(JoinHandle<Outcome<T>>),
    Here(BoxFuture<'static, Outcome<T>>),
}

impl<T: Send + 'static> Ahead<T> {
    pub(super) fn start(list: &List<T>, cursor: Cursor) -> Self {
        let page = list.fetch(cursor.clone());
        let fetching = match Handle::try_current() {
            Ok(runtime) => Fetching::Task(runtime.spawn(page.in_current_span())),
            Err(_) => Fetching::Here(page),
        };
        Self { cursor, fetching }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Outcome<T>> {
        match &mut self.fetching {
            Fetching::Here(page) => page.as_mut().poll(context),
            Fetching::Task(task) => Pin::new(task).poll(context).map(|joined| {
                joined.unwrap_or_else(|error| {
                    // A panic is the caller's own, in what the client calls back.
                    if error.is_panic() {
                        std::panic::resume_unwind(error.into_panic());
                    }
                    let what = "the page was given up, because its runtime shut down; poll again";
                    Err(Error::new(ErrorKind::Cancelled, what))
                })
            }),
        }
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        if let Fetching::Task(task) = &self.fetching {
            task.abort();
        }
    }
}
