//! The base URL, and whether credentials may be sent to it.

use std::net::IpAddr;
use std::sync::Arc;

use cloudally_gen::base::Base;
use reqwest::Url;

use crate::error::Error;

/// The live service. Evidence: spec.
pub(crate) const BASE_URL: &str = "https://api.cloudally.com";
const HOST: &str = "api.cloudally.com";

/// A base URL that credentials may be sent to.
#[derive(Debug)]
pub(crate) struct BaseUrl {
    /// The prefix of every request URL, without a trailing slash.
    pub(crate) text: String,
    pub(crate) url: Url,
    pub(crate) base: Arc<Base>,
    /// Whether the service is on this machine, where no proxy is used.
    pub(crate) is_loopback: bool,
}

/// Parses and checks a base URL. The error does not show it, because it may hold a password.
pub(crate) fn parse_base_url(base_url: &str) -> Result<BaseUrl, Error> {
    let refuse = |what: &str| {
        Err(Error::configuration(format!(
            "the base URL (`base_url`, or CLOUDALLY_BASE_URL) {what}"
        )))
    };
    let Ok(url) = Url::parse(base_url) else {
        return refuse("is no URL: write it like https://api.cloudally.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user or password: set credentials instead");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or fragment: end it after the path");
    }
    let is_loopback = is_loopback(&url);
    match url.scheme() {
        "https" => {}
        "http" if is_loopback => {}
        "http" => {
            return refuse(
                "is plain http, where anyone can read the credentials: write https (http is for this machine only)",
            );
        }
        _ => return refuse("is neither https nor http: write it like https://api.cloudally.com"),
    }
    let text = url.as_str().trim_end_matches('/').to_owned();
    let last = text.rsplit('/').next().unwrap_or_default();
    if url.host_str() == Some(HOST) && is_version(last) {
        return refuse("ends in a version, which is part of every path: end it after the host");
    }
    let base = Arc::new(Base::new(url.clone()));
    Ok(BaseUrl {
        text,
        url,
        base,
        is_loopback,
    })
}

/// Whether a segment of a path is a version, such as `v1`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']);
    number.is_some_and(|number| number.parse::<u8>().is_ok())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn credentials_go_over_https_or_to_this_machine() {
        for good in [
            "https://api.cloudally.com",
            "https://api.cloudally.com/",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:1/prefix/",
            "http://[::1]:1/v1",
        ] {
            let base = parse_base_url(good).unwrap();
            assert!(!base.text.ends_with('/'), "{good}");
            assert_eq!(base.is_loopback, good.starts_with("http:"), "{good}");
        }
        for bad in [
            "",
            "api.cloudally.com",
            "http://api.cloudally.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "ftp://localhost",
            "https://user:canary@api.cloudally.com",
            "https://api.cloudally.com?canary",
            "https://api.cloudally.com/v1",
            "https://API.cloudally.com/V2/",
        ] {
            let error = parse_base_url(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
}
