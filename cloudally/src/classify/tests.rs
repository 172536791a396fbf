use super::*;
use crate::secrets::Secrets;
use cloudally_gen::operations::{CREATE_RESTORE_REQUEST, GET_PARTNER, LOGIN};
use http::{HeaderMap, HeaderValue};
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
        AttemptError::Status(PartialResponse {
            status,
            headers,
            body,
        }),
        &Destination::default(),
        now(),
    )
}

#[test]
fn each_status_has_its_kind_and_the_outcome_of_a_failed_mutation_is_unknown() {
    use ErrorKind::*;
    for (code, read, mutation) in [
        (101, Decode, OutcomeUnknown),
        (204, Decode, OutcomeUnknown),
        (299, Decode, OutcomeUnknown),
        (302, UnexpectedRedirect, UnexpectedRedirect),
        (400, BadRequest, BadRequest),
        (401, TokenRefused, TokenRefused),
        (403, Forbidden, Forbidden),
        (404, NotFound, NotFound),
        (408, Timeout, OutcomeUnknown),
        (409, BadRequest, BadRequest),
        (410, NotFound, NotFound),
        (422, BadRequest, BadRequest),
        (429, RateLimited, RateLimited),
        (500, Server, OutcomeUnknown),
        (501, Server, Server),
        (502, Server, OutcomeUnknown),
        (503, Server, OutcomeUnknown),
        (599, Server, OutcomeUnknown),
        (600, Decode, OutcomeUnknown),
        (999, Decode, OutcomeUnknown),
    ] {
        assert_eq!(status(&GET_PARTNER, code, "").kind(), read, "{code}");
        let error = status(&CREATE_RESTORE_REQUEST, code, "");
        assert_eq!(error.kind(), mutation, "{code}");
        assert_eq!(
            (error.status(), error.request_id()),
            (StatusCode::from_u16(code).ok(), Some("r-1"))
        );
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
}

#[test]
fn the_message_of_the_service_is_kept() {
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
        (r#"{"error": ["Nested"], "title": 7}"#, Some("7")),
        (
            r#"{"message": {}, "detail": "a \u00fc \" b"}"#,
            Some("a ü \" b"),
        ),
        (
            r#"{"errors": [{"defaultMessage": "Too long"}]}"#,
            Some("Too long"),
        ),
        ("\u{feff}{\"message\": \"Marked\"}", Some("Marked")),
        ("{\"message\": \"Huge\", \"code\": 1e999}", Some("Huge")),
        ("Try later.\n", Some("Try later.")),
        ("\"Try later.\"", Some("Try later.")),
        (r#"["One", 2, {}]"#, Some("One; 2")),
        (r#"[{"message": "First"}, "x"]"#, Some("First")),
        ("[]", None),
        ("", None),
        ("<html>", None),
        ("{\"message\": \"cut", None),
        ("{\"message\": \"Twice\"} {}", None),
        ("null", None),
        ("42", Some("42")),
        ("\u{1}\u{2}", None),
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
fn a_code_is_found_beside_the_message_or_below() {
    for (body, message, code) in [
        (r#"{"message": "Own", "code": 40401}"#, "Own", Some("40401")),
        (
            r#"{"error": {"message": "Nested", "errorCode": "E-1"}, "code": ""}"#,
            "Nested",
            Some("E-1"),
        ),
        (
            r#"{"error": "Own", "errors": [{"code": "E-2"}, 7]}"#,
            "Own",
            Some("E-2"),
        ),
        (
            r#"[{"title": "First", "error_code": "E-3"}]"#,
            "First",
            Some("E-3"),
        ),
        (r#"{"message": "Own", "errors": {"code": 1}}"#, "Own", None),
    ] {
        let error = status(&GET_PARTNER, 404, body);
        let words = (error.server_message(), error.server_code());
        assert_eq!(words, (Some(message), code), "{body}");
    }
}

#[test]
fn a_failure_without_its_body_is_classified_by_its_status() {
    let status = StatusCode::CONFLICT;
    for operation in [&GET_PARTNER, &CREATE_RESTORE_REQUEST] {
        let response = Some(PartialResponse {
            status,
            ..PartialResponse::default()
        });
        let error = classify(
            operation,
            AttemptError::Deadline { response },
            &Destination::default(),
            now(),
        );
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::BadRequest, Some(StatusCode::CONFLICT))
        );
    }
    let response = Some(PartialResponse {
        status: StatusCode::CREATED,
        ..PartialResponse::default()
    });
    let error = classify(
        &CREATE_RESTORE_REQUEST,
        AttemptError::Deadline { response },
        &Destination::default(),
        now(),
    );
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::OutcomeUnknown, Some(StatusCode::CREATED))
    );
}

fn secrets<'a>(of_call: &'a [&'a str]) -> Secrets<'a> {
    Secrets {
        of_call,
        ..Secrets::default()
    }
}

#[test]
fn no_secret_of_a_sign_in_response_is_repeated() {
    let answer = r#"{"message": "rejected value [canary]", "code": "canary"}"#;
    let error = status(&LOGIN, 400, answer);
    assert_eq!(error.body(), Some(&b""[..]));
    let kept = error.clone().redacted(&secrets(&["other"]));
    assert_eq!(
        (kept.server_message(), kept.server_code()),
        (Some("rejected value [canary]"), Some("canary"))
    );
    let hidden = error.redacted(&secrets(&["other", "canary"]));
    let words = (hidden.server_message(), hidden.server_code());
    assert_eq!(
        words,
        (Some("rejected value [[redacted]]"), Some("[redacted]"))
    );

    let read = status(&GET_PARTNER, 400, r#"{"message": "no canary here"}"#);
    assert_eq!(
        read.clone().redacted(&secrets(&["other"])).body(),
        read.body()
    );
    let hidden = read.redacted(&secrets(&["canary"]));
    assert_eq!(
        (hidden.server_message(), hidden.body()),
        (Some("no [redacted] here"), None)
    );
}

#[test]
fn an_undecodable_field_is_named_except_for_a_sign_in() {
    let decode = |operation: &Operation, text: &str| {
        let error = serde_json::from_str::<u8>(text).unwrap_err();
        let error = AttemptError::Undecodable {
            response: PartialResponse {
                body: Bytes::from(text.to_owned()),
                ..PartialResponse::default()
            },
            error,
            location: Some(DecodeLocation {
                path: "data[3].size".to_owned(),
                item_id: Some("T-1".to_owned()),
            }),
        };
        classify(operation, error, &Destination::default(), now())
    };
    let error = decode(&GET_PARTNER, "\"canary\"");
    assert_eq!(
        (error.kind(), error.json_path()),
        (ErrorKind::Decode, Some("data[3].size"))
    );
    assert_eq!(error.item_id(), Some("T-1"));
    assert_eq!(decode(&LOGIN, "\"canary\"").item_id(), None);
    assert!(error.to_string().contains("`data[3].size` of the item T-1"));
    assert!(error.to_string().contains("data[3].size") && error.to_string().contains("canary"));
    assert!(!decode(&LOGIN, "\"canary\"").to_string().contains("canary"));
    assert_eq!(decode(&GET_PARTNER, "").kind(), ErrorKind::ConnectionLost);
    assert_eq!(
        decode(&CREATE_RESTORE_REQUEST, "").kind(),
        ErrorKind::Decode
    );
}

#[test]
fn a_secret_is_recognised_in_its_escaped_form() {
    let secret = "ca\"na\\ry";
    let echoed = serde_json::from_str::<u8>(&serde_json::to_string(secret).unwrap()).unwrap_err();
    let error = Error::new(ErrorKind::Decode, format!("cannot decode: {echoed}"));
    assert!(error.to_string().contains("na"), "{error}");
    let hidden = error.redacted(&secrets(&[secret])).to_string();
    assert!(
        hidden.contains("[redacted]") && !hidden.contains("na\\"),
        "{hidden}"
    );
}
