//! Bodies of several parts, for requests to any path.

use std::fmt;

use bytes::Bytes;
use reqwest::multipart::{Form, Part as RawPart};
use serde::Serialize;

/// A body of several parts (`multipart/form-data`), such as an upload.
///
/// [`Request::multipart`](crate::Request::multipart) sends it. The parts are kept in memory, so that
/// a request can be sent again where that is harmless.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client, csv: Vec<u8>) -> Result<(), cloudally::Error> {
/// use cloudally::Multipart;
/// use cloudally::reqwest::Method;
/// use cloudally::serde_json::{Value, json};
/// let body = Multipart::new()
///     .text("source", "billing")
///     .json("options", &json!({"replace": false}))
///     .file("file", "entries.csv", "text/csv", csv);
/// let response: Value =
///     client.request(Method::POST, "/v1/audit/upload").multipart(body).json().await?;
/// println!("{response}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "a body is not sent until it is passed to `Request::multipart`"]
pub struct Multipart {
    parts: Vec<Part>,
    /// The first invalid part, reported when the request would be sent.
    problem: Option<String>,
}

#[derive(Clone)]
struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    content: Bytes,
}

impl Multipart {
    /// Creates a body without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field of a form.
    pub fn text(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.part(name.into(), None, None, value.into().into())
    }

    /// Adds a part that is sent as JSON.
    pub fn json(mut self, name: impl Into<String>, value: &(impl Serialize + ?Sized)) -> Self {
        let name = name.into();
        match serde_json::to_vec(value) {
            Ok(json) => self.part(name, None, Some("application/json".into()), json.into()),
            Err(error) => {
                self.refuse(format!(
                    "the part `{name}` cannot be serialised as JSON: {error}"
                ));
                self
            }
        }
    }

    /// Adds a file, with its name and media type.
    pub fn file(
        self,
        name: impl Into<String>,
        file_name: impl Into<String>,
        content_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        self.part(
            name.into(),
            Some(file_name.into()),
            Some(content_type.into()),
            content.into(),
        )
    }

    fn part(
        mut self,
        name: String,
        file_name: Option<String>,
        content_type: Option<String>,
        content: Bytes,
    ) -> Self {
        let part = Part {
            name,
            file_name,
            content_type,
            content,
        };
        if let Some(problem) = part.problem() {
            self.refuse(problem);
        }
        self.parts.push(part);
        self
    }

    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    /// What is wrong with it.
    pub(crate) fn problem(&self) -> Option<String> {
        let is_empty = self.parts.is_empty();
        let none = is_empty.then(|| "a body of several parts has none".to_owned());
        self.problem.clone().or(none)
    }

    /// The body of one attempt.
    pub(crate) fn form(&self) -> reqwest::Result<Form> {
        // Percent-encoded names are not what RFC 7578 says, and few services decode them.
        let mut form = Form::new().percent_encode_noop();
        for part in &self.parts {
            form = form.part(part.name.clone(), part.raw()?);
        }
        Ok(form)
    }
}

impl Part {
    /// What is wrong with it: a name is quoted in a header.
    fn problem(&self) -> Option<String> {
        let name = &self.name;
        let is_invalid =
            |text: &String| text.contains(['"', '\\']) || text.contains(char::is_control);
        if is_invalid(name) || self.file_name.as_ref().is_some_and(is_invalid) {
            return Some(format!(
                "the name of the part `{name}`, or of its file, has a quote, a backslash or a control character"
            ));
        }
        let is_sound = self.raw().is_ok();
        (!is_sound).then(|| format!("the media type of the part `{name}` is not valid"))
    }

    fn raw(&self) -> reqwest::Result<RawPart> {
        let length = self.content.len() as u64;
        let mut raw = RawPart::stream_with_length(self.content.clone(), length);
        if let Some(file_name) = &self.file_name {
            raw = raw.file_name(file_name.clone());
        }
        match &self.content_type {
            Some(content_type) => raw.mime_str(content_type),
            None => Ok(raw),
        }
    }
}

impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart")
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}
