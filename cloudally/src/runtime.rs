//! The asynchronous runtime on which a call is made.

use std::cell::Cell;
use std::panic::catch_unwind;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use tokio::runtime::{Handle, Id};

use crate::error::Error;
use crate::time::AsyncSleep;

thread_local! {
    /// The runtime of the last call on this thread, which had a timer.
    static CHECKED: Cell<Option<Id>> = const { Cell::new(None) };
}

/// Returns the current runtime, and fails without one or without its timer, because timers would
/// panic there.
pub(crate) fn require_runtime() -> Result<Handle, Error> {
    let runtime = Handle::try_current().map_err(|_| {
        Error::configuration(
            "the client needs a tokio runtime with its timer enabled: call it within one, or use the feature `blocking`",
        )
    })?;
    let id = Some(runtime.id());
    if CHECKED.get() != id {
        if !has_timer() {
            return Err(Error::configuration(
                "the tokio runtime has no timer: enable it with `enable_time` or `enable_all` where the runtime is built",
            ));
        }
        CHECKED.set(id);
    }
    Ok(runtime)
}

/// Whether the current runtime has a timer. It says so in no other way than by a panic.
#[expect(clippy::disallowed_methods, reason = "it is not awaited")]
fn has_timer() -> bool {
    catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
}

/// Whether a runtime has shut down, and so cancels what is spawned on it.
pub(crate) fn has_shut_down(runtime: &Handle) -> bool {
    let spawned = runtime.spawn(std::future::ready(()));
    matches!(spawned.now_or_never(), Some(Err(error)) if error.is_cancelled())
}

/// How long a runtime may leave a task waiting before it counts as standing still.
const PATIENCE: Duration = Duration::from_secs(1);

/// Completes when a runtime stands still: nobody drives it, or something blocks it.
pub(crate) async fn stands_still(runtime: &Handle, sleep: &dyn AsyncSleep) {
    loop {
        let task = runtime.spawn(std::future::ready(()));
        if let Either::Right(_) = select(task, sleep.deadline(PATIENCE)).await {
            return;
        }
        sleep.deadline(PATIENCE).await;
    }
}
