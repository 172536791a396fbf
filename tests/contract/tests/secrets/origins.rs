//! Credentials and bodies go to the configured origin, and nowhere else.

use cloudally::{Client, ErrorKind};

use cloudally_contract::server::{Server, reply};
use cloudally_contract::setup::{READ, REFRESH, SECOND, SIGN_IN, profile, read, signed_in, tokens};

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
