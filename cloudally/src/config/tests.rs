use super::*;

fn builder() -> ClientBuilder {
    Client::builder().credentials(Credentials::partner("id", "secret"))
}

#[test]
fn a_client_without_credentials_says_what_to_do() {
    let error = Client::builder().build().unwrap_err();
    assert!(error.to_string().contains("from_env"), "{error}");
}

#[test]
fn nothing_secret_is_shown() {
    let credentials = Credentials::partner("id", "canary-1").with_user("me", "canary-2");
    let builder = Client::builder().credentials(credentials.clone());
    let mut shown = format!("{credentials:?} {builder:?}");
    shown += &format!("{:?}", builder.build().unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_setting_that_cannot_be_used_is_named() {
    let zero = Duration::ZERO;
    let never = RetryPolicy::default();
    for (builder, name) in [
        (builder().page_size(0), "page_size"),
        (builder().max_response_bytes(0), "max_response_bytes"),
        (builder().connect_timeout(zero), "connect_timeout"),
        (builder().read_timeout(zero), "read_timeout"),
        (builder().user_agent("a\nb"), "user agent"),
        (
            builder().proxy("http://p.example.com").no_proxy(),
            "contradict",
        ),
        (
            builder().retry_policy(never.max_attempts(0)),
            "max_attempts",
        ),
        (
            builder().retry_policy(never.backoff(Duration::from_secs(2), Duration::from_secs(1))),
            "backoff",
        ),
        (builder().rate_limit(RateLimit::per_second(0)), "per_second"),
        (
            builder().rate_limit(RateLimit::per_second(1).burst(0)),
            "burst",
        ),
        (
            builder().credentials(Credentials::access_token("t").with_user("me", "pw")),
            "with_user",
        ),
        (
            builder().credentials(Credentials::access_token("t").with_client("id", "secret")),
            "with_client",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Configuration, "{name}");
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
}

#[test]
fn no_setting_of_connections_is_dropped_beside_an_http_client() {
    let second = Duration::from_secs(1);
    for (builder, name) in [
        (builder().connect_timeout(second), "connect_timeout"),
        (builder().read_timeout(second), "read_timeout"),
        (builder().user_agent("mine"), "user_agent"),
        (
            builder().root_certificate_file("ca.pem"),
            "root_certificate_file",
        ),
        (builder().proxy("http://proxy.example.com"), "proxy"),
        (builder().no_proxy(), "no_proxy"),
        (builder().pool_idle_timeout(second), "pool_idle_timeout"),
        (builder().pool_max_idle(1), "pool_max_idle"),
    ] {
        let client = builder.http_client(reqwest::Client::new());
        let error = client.build().unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
    assert!(
        builder()
            .http_client(reqwest::Client::new())
            .build()
            .is_ok()
    );
}
