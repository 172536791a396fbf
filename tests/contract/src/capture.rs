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

pub type Fields = BTreeMap<String, String>;

/// A span or an event, with what it tells.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub target: String,
    /// For a span, its name.
    pub name: String,
    pub level: String,
    pub fields: Fields,
    /// The span that it is in, by its place among all that was told.
    pub within: Option<usize>,
    /// The spans that it follows from, likewise.
    pub follows: Vec<usize>,
    /// For a span, its own id.
    pub id: Option<u64>,
}

/// The place of the span with this id. Ids are used again, so it is the last.
fn place(all: &[Told], id: &Id) -> Option<usize> {
    all.iter().rposition(|told| told.id == Some(id.into_u64()))
}

thread_local! {
    static HERE: RefCell<Option<Capture>> = const { RefCell::new(None) };
}

/// What was told so far.
#[derive(Clone, Default)]
pub struct Capture(Arc<Mutex<Vec<Told>>>);

/// Ends a capture.
pub struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        HERE.take();
    }
}

impl Capture {
    /// Captures everything on this thread until the guard is dropped: the client must run on it
    /// alone.
    pub fn start() -> (Self, Guard) {
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

    pub fn all(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }

    /// The spans of the client with this name.
    pub fn spans(&self, name: &str) -> Vec<Told> {
        let mut all = self.all();
        all.retain(|told| told.id.is_some() && told.name == name);
        all
    }

    /// The spans and events of the client as a tree: a line for each, with what is fixed in it.
    pub fn tree(&self) -> String {
        let all = self.all();
        let mut lines = String::new();
        draw(&all, None, 0, &mut lines);
        lines
    }
}

fn draw(all: &[Told], within: Option<usize>, depth: usize, lines: &mut String) {
    for (place, told) in all.iter().enumerate() {
        if told.within != within || !told.target.starts_with("cloudally") {
            continue;
        }
        let field = |name: &str| {
            let value = told.fields.get(name)?.trim_matches('"');
            Some(format!(" {name}={value}"))
        };
        let name = match &told.id {
            Some(_) => told.name.clone(),
            None => format!("{} {}", told.level, told.fields["message"]),
        };
        let shown = [
            "otel.name",
            "cloudally.page",
            "http.request.resend_count",
            "http.response.status_code",
            "error.type",
        ];
        let fields: String = shown.iter().filter_map(|name| field(name)).collect();
        let follows: String = told
            .follows
            .iter()
            .map(|place| format!(" <- {}", all[*place].name))
            .collect();
        *lines += &format!("{}{name}{fields}{follows}\n", "  ".repeat(depth));
        if told.id.is_some() {
            draw(all, Some(place), depth + 1, lines);
        }
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
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.tell(|all| {
            let mut fields = Fields::new();
            attributes.record(&mut Write(&mut fields));
            let parent = context.span(id).and_then(|span| Some(span.parent()?.id()));
            all.push(Told {
                target: attributes.metadata().target().to_owned(),
                name: attributes.metadata().name().to_owned(),
                level: attributes.metadata().level().to_string(),
                fields,
                within: parent.and_then(|parent| place(all, &parent)),
                follows: Vec::new(),
                id: Some(id.into_u64()),
            });
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.tell(|all| {
            if let Some(place) = place(all, id) {
                values.record(&mut Write(&mut all[place].fields));
            }
        });
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, _: Context<'_, S>) {
        self.tell(|all| {
            if let (Some(span), Some(follows)) = (place(all, id), place(all, follows)) {
                all[span].follows.push(follows);
            }
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        self.tell(|all| {
            let mut fields = Fields::new();
            event.record(&mut Write(&mut fields));
            let span = context.event_span(event).map(|span| span.id());
            all.push(Told {
                target: event.metadata().target().to_owned(),
                name: String::new(),
                level: event.metadata().level().to_string(),
                fields,
                within: span.and_then(|span| place(all, &span)),
                follows: Vec::new(),
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
