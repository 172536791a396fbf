//! The URLs of requests.

use std::fmt::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Client;

/// Room for the path of a request, in bytes.
const USUAL_PATH: usize = 80;

/// The origin of all requests, parsed once.
#[derive(Debug)]
pub struct Base {
    url: reqwest::Url,
    origin: String,
    /// The URL that was made last. Most programs send one request many times, page by page or to
    /// follow a job, and a copy costs a tenth of what parsing does.
    last: Mutex<Option<reqwest::Url>>,
}

impl Base {
    /// Takes the origin of a base URL.
    #[must_use]
    pub fn new(mut url: reqwest::Url) -> Self {
        // A URL that cannot have a user has none to remove.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        let origin = url.as_str().trim_end_matches('/').to_owned();
        Self {
            url,
            origin,
            last: Mutex::default(),
        }
    }

    /// Parses the text of a URL, if it is a path on this origin and has neither query nor fragment.
    fn url(&self, text: &str) -> Option<reqwest::Url> {
        if let Some(last) = self.last().as_ref()
            && last.as_str() == text
        {
            return Some(last.clone());
        }
        let path = text.strip_prefix(&self.origin)?;
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return None;
        }
        let mut url = self.url.clone();
        url.set_path(path);
        *self.last() = Some(url.clone());
        Some(url)
    }

    fn last(&self) -> MutexGuard<'_, Option<reqwest::Url>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Parses the URL of a request, or returns a description of what is wrong with it.
    ///
    /// A parameter of `..` would lead to another resource, because parsing a URL resolves it.
    pub(crate) fn url(&self, text: fmt::Arguments<'_>) -> Result<reqwest::Url, String> {
        let mut written = String::with_capacity(self.baseurl.len() + USUAL_PATH);
        // Nothing that is part of a URL fails to be written.
        let _ = written.write_fmt(text);
        let text = written.as_str();
        let known = self.inner.base.as_ref().and_then(|base| base.url(text));
        let url = match known {
            Some(url) => url,
            None => {
                reqwest::Url::parse(text).map_err(|error| format!("the URL is invalid: {error}"))?
            }
        };
        // Where parsing changed nothing, there was nothing to resolve.
        if url.as_str() != text {
            let mut segments = text.split('/');
            if text.contains('\\') || segments.any(|segment| matches!(segment, "." | "..")) {
                return Err("a path parameter is a dot segment or has a backslash".to_owned());
            }
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reqwest::Url;

    use super::*;
    use crate::session::Session;

    #[test]
    fn a_path_parameter_does_not_lead_to_another_resource() {
        let base = Arc::new(Base::new(Url::parse("http://127.0.0.1:1").unwrap()));
        for session in [Session::new(), Session::new().base(base)] {
            let client = Client::new_with_client("", reqwest::Client::new(), session);
            for text in ["/v1/backup-tasks/..", "/v1/./a", "/v1/a\\..", "/v1/../a/b"] {
                let url = client.url(format_args!("http://127.0.0.1:1{text}"));
                assert!(url.is_err(), "{text}");
            }
            for text in ["/v1/backup-tasks/a..b", "/v1/%2E%2Ex", "/v1/ü"] {
                let url = client.url(format_args!("http://127.0.0.1:1{text}"));
                assert!(url.is_ok(), "{text}");
            }
        }
    }

    #[test]
    fn a_url_made_from_the_origin_equals_the_parsed_text() {
        for base in ["http://127.0.0.1:8080", "https://api.example.com/sub/"] {
            let base = Base::new(Url::parse(base).unwrap());
            let origin = base.origin.clone();
            for path in [
                "/",
                "/v1/partners",
                "/v1/a%2Fb",
                "/v1/%20",
                "/v1/a/../b",
                "/v1/ü",
                "/a\\b",
            ] {
                let text = format!("{origin}{path}");
                // The second one is a copy of the first.
                for _ in 0..2 {
                    assert_eq!(base.url(&text), Url::parse(&text).ok(), "{text}");
                }
            }
            for other in [
                "",
                "/v1?a=b",
                "/v1#a",
                ".evil.example/v1",
                "@evil.example/v1",
            ] {
                assert_eq!(base.url(&format!("{origin}{other}")), None, "{other}");
            }
        }
    }
}
