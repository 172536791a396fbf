//! The hosts under which a sandbox can be addressed.
//!
//! A web page whose domain resolves to a loopback address (DNS rebinding) reaches the sandbox from
//! a browser on the same machine, and its browser takes the sandbox for the page's own site. Such a
//! request carries the page's domain as its host, so all hosts but the sandbox's own are refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};

/// The hosts that requests may name beside `localhost` and the loopback addresses.
#[derive(Debug)]
pub(crate) struct Hosts {
    bound: IpAddr,
    names: Vec<String>,
}

impl Hosts {
    pub(crate) fn new(bound: IpAddr, names: Vec<String>) -> Self {
        Self { bound, names }
    }

    /// Checks the host that a request names, in its target or its `Host` header.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
        let mut headers = headers.get_all(HOST).iter();
        let header = headers.next();
        if headers.next().is_some() {
            return Err("The request has more than one Host header".to_owned());
        }
        if uri.authority().is_none() && header.is_none() {
            return Err("The request has no Host header".to_owned());
        }
        if let Some(authority) = uri.authority() {
            self.allow(authority.as_str())?;
        }
        match header.map(|header| header.to_str()) {
            None => Ok(()),
            Some(Ok(host)) => self.allow(host),
            Some(Err(_)) => Err("The Host header is not ASCII text".to_owned()),
        }
    }

    fn allow(&self, host: &str) -> Result<(), String> {
        if name_of(host).is_some_and(|name| self.is_own(&name)) {
            return Ok(());
        }
        Err(format!(
            "This sandbox responds to localhost and loopback addresses, so that no web page can \
             reach it under a domain of its own, and not to the host {host:?}. A further host can \
             be allowed with --allow-host or SandboxBuilder::allow_host"
        ))
    }

    fn is_own(&self, name: &Name) -> bool {
        match name {
            // A domain is needed to rebind, so any address is safe where all were bound.
            Name::Address(address) => {
                address.is_loopback() || self.bound.is_unspecified() || *address == self.bound
            }
            Name::Domain(domain) => {
                domain == "localhost" || self.names.iter().any(|name| name == domain)
            }
        }
    }
}

enum Name {
    Address(IpAddr),
    /// In lower case, without the dot that may end it.
    Domain(String),
}

/// Returns the host of `host[:port]`, or `None` if it has another form.
fn name_of(host: &str) -> Option<Name> {
    let authority: Authority = host.parse().ok()?;
    let digits = host.strip_prefix(authority.host())?;
    let port = digits.strip_prefix(':').unwrap_or(digits);
    if !port.is_empty() && (digits == port || port.parse::<u16>().is_err()) {
        return None;
    }
    let host = authority.host();
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(Name::Address(address.to_canonical()));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some(Name::Address(address.into()));
    }
    let domain = host.strip_suffix('.').unwrap_or(host);
    (!domain.is_empty()).then(|| Name::Domain(domain.to_ascii_lowercase()))
}

/// Returns a domain in the form in which hosts are compared, or `None` if the text is not a domain
/// alone.
pub(crate) fn domain(text: &str) -> Option<String> {
    match name_of(text)? {
        Name::Domain(domain) if !text.contains(':') => Some(domain),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(bound: &str, host: &str) -> bool {
        let hosts = Hosts::new(bound.parse().unwrap(), vec!["sandbox.test".to_owned()]);
        hosts.allow(host).is_ok()
    }

    #[test]
    fn own_hosts_are_allowed_in_every_form() {
        for host in [
            "localhost",
            "LocalHost:8080",
            "localhost.",
            "localhost.:80",
            "localhost:",
            "127.0.0.1",
            "127.0.0.1:65535",
            "127.8.9.10",
            "[::1]:8080",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "sandbox.test:9",
            "Sandbox.Test.",
        ] {
            assert!(allowed("127.0.0.1", host), "{host}");
        }
    }

    #[test]
    fn other_hosts_are_refused() {
        for host in [
            "",
            ".",
            ":8080",
            "evil.example",
            "localhost.evil.example",
            "localhost..",
            "a.localhost",
            "127.0.0.1.evil.example",
            "127.0.0.1.",
            "127.1",
            "2130706433",
            "0x7f000001",
            "127.0.0.1@evil.example",
            "evil@127.0.0.1",
            "localhost:80:80",
            "localhost:65536",
            "localhost:port",
            "localhost/",
            "localhost, evil.example",
            "::1",
            "[::1",
            "[::1%lo]",
            "[::2]",
            "0.0.0.0",
            "192.168.0.7",
        ] {
            assert!(!allowed("127.0.0.1", host), "{host}");
        }
    }

    #[test]
    fn the_bound_address_is_allowed_and_all_where_all_are_bound() {
        assert!(allowed("192.168.0.7", "192.168.0.7:80"));
        assert!(!allowed("192.168.0.7", "192.168.0.8:80"));
        assert!(allowed("192.168.0.7", "localhost"));
        for bound in ["0.0.0.0", "::"] {
            assert!(allowed(bound, "0.0.0.0:80") && allowed(bound, "192.168.0.7"));
            assert!(allowed(bound, "[fe80::1]:80"));
            assert!(!allowed(bound, "evil.example"));
        }
    }

    #[test]
    fn a_domain_to_allow_has_no_port() {
        assert_eq!(domain("Sandbox.").as_deref(), Some("sandbox"));
        for text in [
            "",
            "sandbox:80",
            "sandbox:",
            "http://sandbox",
            "192.168.0.7",
            "[::1]",
        ] {
            assert_eq!(domain(text), None, "{text}");
        }
    }
}
