//! Sends a restore, waits for it, and records each step.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::io;
use std::pin::Pin;
use std::time::Duration;

use super::steps::RestoreRecord;
use crate::api::{PreparedRestore, check_interval};
use crate::error::{Error, ErrorKind};
use crate::types::RestoreJob;

/// Stores a record.
type Store = Box<dyn FnMut(&RestoreRecord) -> io::Result<()> + Send>;

/// Sends a prepared restore, waits for it for at most `max_wait`, and records it. Nothing is sent
/// before the result is awaited.
///
/// # Errors
/// When it is awaited: [`ErrorKind::Configuration`] if the record could not be stored before the
/// request was sent, [`ErrorKind::InvalidInput`] if the interval is less than 100 ms; then nothing was
/// sent. What fails later is in the record, whose
/// [`outcome`](RestoreRecord::outcome) says what that means.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use std::time::Duration;
/// use cloudally::restore_record::{RecordedOutcome, record};
/// let request = cloudally::types::RestoreRequest::new("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10");
/// let prepared = client.restores().prepare(request)?;
/// let record = record(prepared, Duration::from_secs(3600)).purpose("ticket 4711").await?;
/// if record.outcome != RecordedOutcome::Done {
///     eprintln!("{}", record.outcome.meaning());
/// }
/// # Ok(())
/// # }
/// ```
pub fn record(prepared: PreparedRestore, max_wait: Duration) -> Recording {
    Recording {
        record: RestoreRecord::new(&prepared),
        prepared,
        max_wait,
        interval: None,
        store: None,
    }
}

/// A restore that is recorded once it is awaited; see [`record`].
#[must_use = "nothing is restored until it is awaited"]
pub struct Recording {
    record: RestoreRecord,
    prepared: PreparedRestore,
    max_wait: Duration,
    interval: Option<Duration>,
    store: Option<Store>,
}

impl Recording {
    /// Says why the restore was asked and by whom.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.record.purpose = Some(purpose.into());
        self
    }

    /// Sets the interval between two polls; see
    /// [`RestoreWaiter::interval`](crate::api::RestoreWaiter::interval).
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Stores the record each time it changes, and first before the request is sent, so that there
    /// is a record whatever happens to the program. It is called between two awaits, so it may
    /// block for as long as a small file takes.
    ///
    /// If storing fails before the request is sent, nothing is sent. Of a later failure the record
    /// that is returned has a note: what is stored is then older, and says less.
    pub fn store(
        mut self,
        store: impl FnMut(&RestoreRecord) -> io::Result<()> + Send + 'static,
    ) -> Self {
        self.store = Some(Box::new(store));
        self
    }

    async fn run(self) -> Result<RestoreRecord, Error> {
        let Self {
            mut record,
            prepared,
            max_wait,
            interval,
            mut store,
        } = self;
        if let Some(interval) = interval {
            check_interval(interval)?;
        }
        let transport = prepared.transport();
        let clock = std::sync::Arc::clone(&transport.clock);
        let mut store = move |record: &RestoreRecord| match &mut store {
            Some(store) => store(record),
            None => Ok(()),
        };
        record.sending(clock.now());
        store(&record).map_err(|error| {
            let detail = format!(
                "the record could not be stored ({error}), so the restore was not sent; see that it can be"
            );
            Error::new(ErrorKind::Configuration, detail)
        })?;
        let mut keep = |record: &mut RestoreRecord| {
            if let Err(error) = store(record) {
                let now = clock.now();
                let note = format!("the record could not be stored at {now}: {error}");
                record.notes.push(note);
            }
        };
        let response = match prepared.send().with_response().await {
            Ok(response) => response,
            Err(error) => {
                record.send_failed(&error, clock.now());
                keep(&mut record);
                return Ok(record);
            }
        };
        record.accepted(&response, clock.now());
        keep(&mut record);
        let waiter = response.value.wait(max_wait);
        let waiter = match interval {
            Some(interval) => waiter.interval(interval),
            None => waiter,
        };
        let mut states = waiter.states();
        let mut last = RestoreJob::default();
        let result = loop {
            match states.try_next().await {
                Ok(Some(job)) => {
                    record.polled(&job, clock.now());
                    keep(&mut record);
                    last = job;
                }
                Ok(None) => break Ok(last),
                Err(error) => break Err(error),
            }
        };
        record.finished(&result, clock.now());
        keep(&mut record);
        Ok(record)
    }
}

impl IntoFuture for Recording {
    type Output = Result<RestoreRecord, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("record", &self.record)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}
