//! Everything that is told by `tracing` and `log` on this thread, down to the last detail.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

pub(crate) type Fields = BTreeMap<String, String>;

/// A span or an event, with what it tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) target: String,
    pub(crate) fields: Fields,
    /// For an event, the span that it is in.
    pub(crate) span: Option<u64>,
    /// For a span, its own id.
    pub(crate) id: Option<u64>,
}

thread_local! {
    static HERE: RefCell<Option<Capture>> = const { RefCell::new(None) };
}

/// What was told so far.
#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Mutex<Vec<Told>>>);

/// Ends a capture.
pub(crate) struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        HERE.take();
    }
}

impl Capture {
    /// Captures everything on this thread until the guard is dropped: the client must run on it
    /// alone.
    pub(crate) fn start() -> (Self, Guard) {
        static ONCE: Once = Once::new();
        // One subscriber for all threads: with one for each, a span that another thread comes upon
        // first may be taken for one that nobody wants.
        ONCE.call_once(|| {
            tracing_log::LogTracer::init().unwrap();
            let subscriber = tracing_subscriber::registry().with(Here);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let capture = Self::default();
        HERE.set(Some(capture.clone()));
        (capture, Guard)
    }

    pub(crate) fn all(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }

    /// What the client itself told: its spans, and the events of each.
    pub(crate) fn calls(&self) -> Vec<(Told, Vec<Told>)> {
        let all = self.all();
        let own = all
            .iter()
            .filter(|told| told.target.starts_with("cloudally"));
        let (spans, events): (Vec<_>, Vec<_>) = own.cloned().partition(|told| told.id.is_some());
        let of = |span: &Told| {
            let events = events.iter().filter(|event| event.span == span.id);
            events.cloned().collect()
        };
        spans
            .into_iter()
            .map(|span| (span.clone(), of(&span)))
            .collect()
    }
}

/// Hands everything to the capture of the thread that it happens on.
struct Here;

impl Here {
    fn tell(&self, tell: impl FnOnce(&mut Vec<Told>)) {
        let capture = HERE.try_with(|here| here.borrow().clone()).ok().flatten();
        if let Some(capture) = capture {
            tell(&mut capture.0.lock().unwrap());
        }
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Here {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        self.tell(|all| {
            let mut fields = Fields::new();
            attributes.record(&mut Write(&mut fields));
            all.push(Told {
                target: attributes.metadata().target().to_owned(),
                fields,
                span: None,
                id: Some(id.into_u64()),
            });
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.tell(|all| {
            // Ids are used again, so it is the last.
            let of = |told: &&mut Told| told.id == Some(id.into_u64());
            if let Some(told) = all.iter_mut().rev().find(of) {
                values.record(&mut Write(&mut told.fields));
            }
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        self.tell(|all| {
            let mut fields = Fields::new();
            event.record(&mut Write(&mut fields));
            all.push(Told {
                target: event.metadata().target().to_owned(),
                fields,
                span: context.event_span(event).map(|span| span.id().into_u64()),
                id: None,
            });
        });
    }
}

struct Write<'f>(&'f mut Fields);

impl Visit for Write<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let before = self.0.insert(field.name().to_owned(), format!("{value:?}"));
        // What was told first must not be lost to the search for secrets.
        if let Some(before) = before {
            self.0
                .entry(format!("{} before", field.name()))
                .or_default()
                .push_str(&before);
        }
    }
}
