//! Where credentials may be sent.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::Error;

/// The base URL as requests are made from it. The error does not show it, for it may hold a password.
pub(crate) fn checked(base_url: &str) -> Result<String, Error> {
    let refuse = |what: &str| Err(Error::configuration(format!("the base URL {what}")));
    let Ok(url) = Url::parse(base_url) else {
        return refuse("is none: write it like https://api.cloudally.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user or password: set credentials instead");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or fragment: end it after the path");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return refuse("is plain http, where anyone can read the credentials: write https");
        }
        _ => return refuse("is neither https nor http: write it like https://api.cloudally.com"),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
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
        ] {
            assert!(!checked(good).unwrap().ends_with('/'), "{good}");
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
        ] {
            let error = checked(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
}
