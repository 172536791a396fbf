//! What the server answers, made from the shapes of the sandbox.

use cloudally_sandbox::{Clock, Sandbox, Timestamp};
use serde_json::{Value, json};

/// How wide an id is, so that a page can be made of another by writing new ids over the old ones.
const ID_WIDTH: usize = 9;

/// The pieces that answers are made of.
#[derive(Debug)]
pub struct Answers {
    /// The partner: a small answer.
    pub partner: String,
    /// Tasks, without fields that the SDK does not know.
    tasks: Vec<Value>,
    /// Status entries.
    statuses: Vec<Value>,
    /// A page of tasks, to be given new ids.
    ready: Vec<(Kind, usize, Template)>,
}

/// Which fields the items of a list have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Those that the SDK knows.
    Known,
    /// Three more.
    Unknown,
    /// Those of status entries, which have no id of their own.
    Status,
}

/// The items of a page as JSON, and where their ids stand.
#[derive(Debug)]
struct Template {
    text: Vec<u8>,
    ids: Vec<usize>,
}

impl Answers {
    /// The shapes of the sandbox, from a fixed seed.
    ///
    /// # Errors
    /// If the sandbox does not start.
    pub async fn new() -> Result<Self, cloudally_sandbox::SandboxError> {
        // At a time of its own, so that every run has the same.
        let clock = Clock::manual(Timestamp::constant(1_795_000_000, 0));
        let sandbox = Sandbox::builder()
            .ragged()
            .seed(7)
            .tasks(500)
            .statuses(500)
            .clock(clock)
            .start()
            .await?;
        Ok(Self {
            partner: sandbox.partner_profile().to_string(),
            tasks: sandbox.tasks().to_vec(),
            statuses: sandbox.statuses().to_vec(),
            ready: Vec::new(),
        })
    }

    /// Makes ready for pages of this many items.
    pub fn make_ready(&mut self, kind: Kind, size: usize) {
        if self
            .ready
            .iter()
            .any(|(is, of, _)| (*is, *of) == (kind, size))
        {
            return;
        }
        let (items, id) = match kind {
            Kind::Status => (&self.statuses, "taskId"),
            Kind::Known | Kind::Unknown => (&self.tasks, "id"),
        };
        let tasks = items.iter().cycle().take(size).map(|task| {
            let mut task = task.clone();
            task[id] = json!("T00000000");
            if kind == Kind::Unknown {
                task["retentionPolicy"] = json!("KEEP_FOREVER");
                task["lastModified"] = json!(1_774_000_000_000_i64);
                task["labels"] = json!(["a", "b"]);
            }
            task.to_string()
        });
        let text = tasks.collect::<Vec<_>>().join(",").into_bytes();
        let mark = format!("\"{id}\":\"T00000000\"").into_bytes();
        let found = text.windows(mark.len()).enumerate();
        let ids = found
            .filter(|(_, window)| *window == mark)
            .map(|(at, _)| at + mark.len() - 1 - ID_WIDTH)
            .collect();
        self.ready.push((kind, size, Template { text, ids }));
    }

    /// A page of a list of so many pages, as the service gives it; its ids are its own. Empty if it
    /// was not made ready.
    #[must_use]
    pub fn page(&self, kind: Kind, size: usize, page: usize, pages: usize) -> Vec<u8> {
        let is_asked = |(is, of, _): &&(Kind, usize, Template)| (*is, *of) == (kind, size);
        let Some((_, _, template)) = self.ready.iter().find(is_asked) else {
            return Vec::new();
        };
        let total = size * pages;
        let head = format!(
            r#"{{"page":{page},"totalPages":{pages},"total":{total},"nextPageToken":null,"data":["#
        );
        let mut body = Vec::with_capacity(head.len() + template.text.len() + 2);
        body.extend_from_slice(head.as_bytes());
        let start = body.len();
        body.extend_from_slice(&template.text);
        for (item, at) in template.ids.iter().enumerate() {
            let id = format!("T{:08}", page * size + item);
            body[start + at..][..ID_WIDTH].copy_from_slice(id.as_bytes());
        }
        body.extend_from_slice(b"]}");
        body
    }
}
