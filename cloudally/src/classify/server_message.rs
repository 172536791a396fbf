//! Reads what the service says in the body of a failure.

use cloudally_gen::json;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The message and the code of an error body, in the form of Spring Boot (inferred), in those that
/// gateways use, or as bare text.
///
/// Few failures are looked at, so nothing is decoded but the texts that are returned.
pub(crate) fn server_message(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(text) = std::str::from_utf8(json::without_mark(body)) else {
        return (None, None);
    };
    let text = text.trim();
    match text.as_bytes().first() {
        Some(b'{') => of_object(text),
        Some(b'[') => of_array(text),
        _ => match serde_json::from_str::<&RawValue>(text) {
            Ok(value) => (word(value), None),
            Err(_) => (bare_text(text), None),
        },
    }
}

fn of_object(text: &str) -> (Option<String>, Option<String>) {
    let Some(own) = Fields::read(text) else {
        return (None, None);
    };
    let (mut message, mut code) = (own.message(), own.code());
    // A nested `error` object and Spring's list of errors have the same fields one level down.
    let first_of_errors = own.errors.and_then(|errors| first(elements(errors.get())));
    for inner in [own.error, first_of_errors].into_iter().flatten() {
        if message.is_some() && code.is_some() {
            break;
        }
        if let Some(inner) = Fields::read(inner.get()) {
            message = message.or_else(|| inner.message());
            code = code.or_else(|| inner.code());
        }
    }
    (message, code)
}

/// An array of errors, or of texts.
fn of_array(text: &str) -> (Option<String>, Option<String>) {
    let elements = elements(text);
    let own = elements.first().and_then(|first| Fields::read(first.get()));
    let own = own.unwrap_or_default();
    let texts = || {
        let texts: Vec<String> = elements.iter().copied().filter_map(word).collect();
        Some(texts.join("; ")).filter(|text| !text.is_empty())
    };
    (own.message().or_else(texts), own.code())
}

/// The fields of an error, as they were sent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    error_description: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, rename = "defaultMessage")]
    default_message: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    title: Option<&'a RawValue>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow, rename = "errorCode")]
    camel_case_code: Option<&'a RawValue>,
    #[serde(borrow)]
    error_code: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

impl<'a> Fields<'a> {
    fn read(text: &'a str) -> Option<Self> {
        // A struct can be read from an array too.
        let is_object = text.starts_with('{');
        is_object.then(|| serde_json::from_str(text).ok()).flatten()
    }

    /// The first text in the order of how much it says.
    fn message(&self) -> Option<String> {
        let fields = [
            self.message,
            self.error_description,
            self.detail,
            self.default_message,
            self.error,
            self.title,
        ];
        fields.into_iter().flatten().find_map(word)
    }

    fn code(&self) -> Option<String> {
        let fields = [self.code, self.camel_case_code, self.error_code];
        fields.into_iter().flatten().find_map(word)
    }
}

/// The elements of an array. Whatever else the text is has none.
fn elements(text: &str) -> Vec<&RawValue> {
    serde_json::from_str(text).unwrap_or_default()
}

fn first(elements: Vec<&RawValue>) -> Option<&RawValue> {
    elements.into_iter().next()
}

/// A text, or a number as it was sent.
fn word(value: &RawValue) -> Option<String> {
    let json = value.get();
    let text = match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok()?,
        b'-' | b'0'..=b'9' => json.to_owned(),
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A body that is neither JSON, which may have been cut, nor a web page, nor binary.
fn bare_text(text: &str) -> Option<String> {
    let is_other = text.starts_with(['<', '"']);
    let is_text = |letter: char| !letter.is_control() || letter.is_whitespace();
    (!text.is_empty() && !is_other && text.chars().all(is_text)).then(|| text.to_owned())
}
