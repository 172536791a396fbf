//! Credentials and bodies go to the configured origin, and nowhere else.

use cloudally::types::RestoreRequest;
use cloudally::{Client, ErrorKind};

use cloudally_contract::server::{Server, json, reply};
use cloudally_contract::setup::{
    READ, REFRESH, RESTORE, SECOND, SIGN_IN, builder, profile, read, signed_in, tokens,
};
use cloudally_contract::time::in_time;

#[tokio::test]
async fn a_redirect_is_an_error_and_the_other_origin_gets_nothing() {
    let other = Server::start(|_| profile());
    for status in [301, 302, 303, 307, 308] {
        for path in [SIGN_IN, READ, RESTORE] {
            let location = format!("{}{path}", other.url());
            let server = Server::start(move |request| match request.path.as_str() {
                asked if asked == path => reply(status, &[("location", &location)], ""),
                SIGN_IN => tokens("t", None, None),
                _ => json(500, "{}"),
            });
            let client = builder(server.url()).build().unwrap();
            let error = match path {
                RESTORE => {
                    let request = RestoreRequest::new("T-1");
                    client.restores().create(request.clone()).await.unwrap_err()
                }
                _ => in_time("an error", read(&client)).await.unwrap_err(),
            };
            assert_eq!(
                (error.kind(), error.status().map(u16::from)),
                (ErrorKind::UnexpectedRedirect, Some(status))
            );
            assert_eq!(server.count_of(path), 1, "{status} {path}");
        }
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn neither_does_a_redirected_refresh_follow_nor_one_to_the_same_origin() {
    let other = Server::start(|_| tokens("stolen", None, None));
    let location = format!("{}{REFRESH}", other.url());
    let server = Server::start(move |request| match request.path.as_str() {
        REFRESH => reply(307, &[("location", &location)], ""),
        SIGN_IN => tokens("t", Some("r"), Some(100)),
        READ => reply(308, &[("location", "/v1/elsewhere")], ""),
        _ => profile(),
    });
    let (client, clock) = signed_in(&server).await;
    clock.advance(101 * SECOND);
    client.sign_in().await.unwrap();
    assert_eq!((server.count_of(REFRESH), server.count_of(SIGN_IN)), (1, 2));
    assert_eq!(
        read(&client).await.unwrap_err().kind(),
        ErrorKind::UnexpectedRedirect
    );
    assert_eq!(
        (server.count_of("/v1/elsewhere"), other.connections()),
        (0, 0)
    );
}

#[test]
fn plain_http_and_userinfo_are_refused_but_for_this_machine() {
    for (url, good) in [
        ("https://api.example.com", true),
        ("http://127.0.0.1:1", true),
        ("http://127.9.9.9:1", true),
        ("http://[::1]:1", true),
        ("http://localhost:1", true),
        ("http://api.example.com", false),
        ("http://10.0.0.1", false),
        ("http://[::2]", false),
        ("http://0.0.0.0", false),
        ("http://localhost.example.com", false),
        ("http://127.0.0.1.example.com", false),
        ("http://localhost@example.com", false),
        ("https://user:canary@api.example.com", false),
        ("https://user@api.example.com", false),
        ("https://:canary@api.example.com", false),
        ("http://user:canary@127.0.0.1", false),
        ("ftp://127.0.0.1", false),
        ("file:///etc/passwd", false),
        ("canary", false),
    ] {
        match Client::builder()
            .base_url(url)
            .credentials(cloudally_contract::setup::partner())
            .build()
        {
            Ok(_) => assert!(good, "{url}"),
            Err(error) => {
                assert_eq!(
                    (error.kind(), good),
                    (ErrorKind::Configuration, false),
                    "{url}"
                );
                assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
            }
        }
    }
}
