use super::*;
use cloudally_gen::operations::{CREATE_RESTORE_REQUEST, GET_PARTNER, LOGIN};
use http::HeaderValue;
use std::time::Duration;

fn now() -> Timestamp {
    "2026-03-02T06:00:00Z".parse().unwrap()
}

fn status(operation: &Operation, status: u16, body: &'static str) -> Error {
    let headers = HeaderMap::from_iter([
        (http::header::RETRY_AFTER, HeaderValue::from_static("7")),
        (
            http::HeaderName::from_static("x-request-id"),
            HeaderValue::from_static("r-1"),
        ),
    ]);
    let status = StatusCode::from_u16(status).unwrap();
    let body = Bytes::from_static(body.as_bytes());
    classify(
        operation,
        Outcome::Status(Answered {
            status,
            headers,
            body,
        }),
        now(),
    )
}

#[test]
fn each_status_has_its_kind_and_a_mutation_s_failure_is_ambiguous() {
    use ErrorKind::*;
    for (code, read, mutation) in [
        (204, Decode, Decode),
        (302, Redirected, Redirected),
        (400, InvalidRequest, InvalidRequest),
        (401, Unauthenticated, Unauthenticated),
        (403, Forbidden, Forbidden),
        (404, NotFound, NotFound),
        (408, Timeout, Ambiguous),
        (409, InvalidRequest, InvalidRequest),
        (410, NotFound, NotFound),
        (422, InvalidRequest, InvalidRequest),
        (429, RateLimited, RateLimited),
        (500, Server, Ambiguous),
        (501, Server, Server),
        (502, Server, Ambiguous),
        (503, Server, Ambiguous),
        (599, Server, Ambiguous),
    ] {
        assert_eq!(status(&GET_PARTNER, code, "").kind(), read, "{code}");
        let error = status(&CREATE_RESTORE_REQUEST, code, "");
        assert_eq!(error.kind(), mutation, "{code}");
        assert_eq!(
            (error.status(), error.request_id()),
            (Some(code), Some("r-1"))
        );
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
}

#[test]
fn the_service_s_own_words_are_kept() {
    for (body, expected) in [
        (
            r#"{"message": "No such task", "error": "Not Found"}"#,
            Some("No such task"),
        ),
        (
            r#"{"message": "", "error": "Not Found"}"#,
            Some("Not Found"),
        ),
        (r#"{"message": null}"#, None),
        (r#"{"error": {"message": "Nested"}}"#, Some("Nested")),
        (
            r#"{"errors": [{"defaultMessage": "Too long"}]}"#,
            Some("Too long"),
        ),
        ("[]", None),
        ("", None),
        ("<html>", None),
    ] {
        assert_eq!(
            status(&GET_PARTNER, 404, body).server_message(),
            expected,
            "{body}"
        );
    }
    assert!(
        status(&GET_PARTNER, 502, "\n<html><h1>Bad gateway</h1>")
            .to_string()
            .contains("web page")
    );
}

#[test]
fn a_failure_whose_body_never_came_is_still_told_by_its_status() {
    let status = StatusCode::CONFLICT;
    for operation in [&GET_PARTNER, &CREATE_RESTORE_REQUEST] {
        let answered = Some(Answered {
            status,
            ..Answered::default()
        });
        let error = classify(operation, Outcome::Deadline { answered }, now());
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::InvalidRequest, Some(409))
        );
    }
    let answered = Some(Answered {
        status: StatusCode::CREATED,
        ..Answered::default()
    });
    let error = classify(
        &CREATE_RESTORE_REQUEST,
        Outcome::Deadline { answered },
        now(),
    );
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Ambiguous, Some(201))
    );
}

#[test]
fn of_what_a_sign_in_is_answered_no_secret_is_repeated() {
    let answer = r#"{"message": "rejected value [canary]", "code": "canary"}"#;
    let error = status(&LOGIN, 400, answer);
    assert_eq!(error.body(), Some(&b""[..]));
    let kept = error.clone().without(&["other"]);
    assert_eq!(
        (kept.server_message(), kept.server_code()),
        (Some("rejected value [canary]"), Some("canary"))
    );
    let hidden = error.without(&["other", "canary"]);
    let words = (hidden.server_message(), hidden.server_code());
    assert_eq!(
        words,
        (Some("rejected value [[redacted]]"), Some("[redacted]"))
    );

    let read = status(&GET_PARTNER, 400, r#"{"message": "no canary here"}"#);
    assert_eq!(read.clone().without(&["other"]).body(), read.body());
    let hidden = read.without(&["canary"]);
    assert_eq!(
        (hidden.server_message(), hidden.body()),
        (Some("no [redacted] here"), None)
    );
}

#[test]
fn what_cannot_be_read_is_named_but_for_a_sign_in() {
    let decode = |operation: &Operation, text: &str| {
        let error = serde_json::from_str::<u8>(text).unwrap_err();
        let outcome = Outcome::Undecodable {
            answered: Answered {
                body: Bytes::from(text.to_owned()),
                ..Answered::default()
            },
            error,
            place: Some(Place {
                path: "data[3].size".to_owned(),
                item_id: Some("T-1".to_owned()),
            }),
        };
        classify(operation, outcome, now())
    };
    let error = decode(&GET_PARTNER, "\"canary\"");
    assert_eq!(
        (error.kind(), error.json_path()),
        (ErrorKind::Decode, Some("data[3].size"))
    );
    assert_eq!(error.item_id(), Some("T-1"));
    assert_eq!(decode(&LOGIN, "\"canary\"").item_id(), None);
    assert!(
        error
            .to_string()
            .contains("`data[3].size`, in the item T-1")
    );
    assert!(error.to_string().contains("data[3].size") && error.to_string().contains("canary"));
    assert!(!decode(&LOGIN, "\"canary\"").to_string().contains("canary"));
    assert_eq!(decode(&GET_PARTNER, "").kind(), ErrorKind::Interrupted);
    assert_eq!(
        decode(&CREATE_RESTORE_REQUEST, "").kind(),
        ErrorKind::Decode
    );
}
