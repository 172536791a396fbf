//! The URLs of requests.

use crate::Client;

/// The origin of all requests, parsed once.
#[derive(Clone, Debug)]
pub struct Base {
    url: reqwest::Url,
    origin: String,
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
        Self { url, origin }
    }

    /// Parses the text of a URL, if it is a path on this origin and has neither query nor fragment.
    fn url(&self, text: &str) -> Option<reqwest::Url> {
        let path = text.strip_prefix(&self.origin)?;
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return None;
        }
        let mut url = self.url.clone();
        url.set_path(path);
        Some(url)
    }
}

impl Client {
    /// Parses the URL of a request, or returns a description of what is wrong with it.
    ///
    /// A parameter of `..` would lead to another resource, because parsing a URL resolves it.
    pub(crate) fn url(&self, text: &str) -> Result<reqwest::Url, String> {
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
                let url = client.url(&format!("http://127.0.0.1:1{text}"));
                assert!(url.is_err(), "{text}");
            }
            for text in ["/v1/backup-tasks/a..b", "/v1/%2E%2Ex", "/v1/ü"] {
                let url = client.url(&format!("http://127.0.0.1:1{text}"));
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
                assert_eq!(base.url(&text), Url::parse(&text).ok(), "{text}");
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
