//! Answers of failure, for every operation: what kind of error it is, what it knows, and what went
//! out.

use std::time::Duration;

use cloudally::ErrorKind;
use cloudally_contract::answer::Answer;
use cloudally_contract::calls::{self, Call};
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::{NOBODY, Service};
use cloudally_contract::setup::status_of;
use serde_json::json;

/// Each status, with the kind and the number of attempts, for what may be repeated and for what may
/// not.
const STATUSES: [(u16, Expected, Expected); 10] = {
    use ErrorKind::{
        BadRequest, Forbidden, NotFound, OutcomeUnknown, RateLimited, Server, Timeout,
    };
    [
        (400, (BadRequest, 1), (BadRequest, 1)),
        (403, (Forbidden, 1), (Forbidden, 1)),
        (404, (NotFound, 1), (NotFound, 1)),
        (408, (Timeout, 3), (OutcomeUnknown, 1)),
        (409, (BadRequest, 1), (BadRequest, 1)),
        (422, (BadRequest, 1), (BadRequest, 1)),
        (429, (RateLimited, 3), (RateLimited, 1)),
        (500, (Server, 3), (OutcomeUnknown, 1)),
        (502, (Server, 3), (OutcomeUnknown, 1)),
        (503, (Server, 3), (OutcomeUnknown, 1)),
    ]
};

type Expected = (ErrorKind, u32);

fn expected(call: &Call, status: u16) -> Expected {
    let (_, repeatable, once) = STATUSES
        .into_iter()
        .find(|(code, ..)| *code == status)
        .unwrap();
    if call.may_repeat() { repeatable } else { once }
}

/// A service that has signed the client in, if the call needs that. One client serves all failures
/// of a call, for setting one up takes longer than all the rest.
async fn ready(call: &Call) -> (cloudally::Client, Service) {
    let service = Service::answering(call.before());
    let client = service.client();
    if !call.is_sign_in() {
        client.sign_in().await.unwrap();
    }
    (client, service)
}

/// Plays the answer three times, which is as often as a client may ask, and tells how often it did
/// ask.
async fn fail(
    call: &Call,
    client: &cloudally::Client,
    service: &Service,
    answer: &Answer,
) -> (cloudally::Error, u32) {
    let before = times_sent(call, service);
    service.answers_next(std::iter::repeat_n(answer.clone(), 3));
    let error = (call.run)(client.clone()).await.unwrap_err();
    (error, times_sent(call, service) - before)
}

/// How often the call itself went out.
fn times_sent(call: &Call, service: &Service) -> u32 {
    let line = call.request.line();
    let sent = service.lines().into_iter().filter(|sent| *sent == line);
    u32::try_from(sent.count()).unwrap()
}

#[tokio::test]
async fn every_failure_of_every_operation_tells_its_kind_and_all_that_the_answer_told() {
    for call in calls::all() {
        let (client, service) = ready(&call).await;
        let mut waits_before = 0;
        for (status, ..) in STATUSES {
            let answer = Answer::spring(status, "No such luck")
                .header("x-request-id", "r-17")
                .header("retry-after", "7");
            let (error, sent) = fail(&call, &client, &service, &answer).await;
            let case = format!("{} answered {status}: {error:?}", call.id);
            let (kind, attempts) = expected(&call, status);
            assert_eq!(error.kind(), kind, "{case}");
            assert_eq!(status_of(&error), Some(status), "{case}");
            assert_eq!(error.server_message(), Some("No such luck"), "{case}");
            assert_eq!(error.request_id(), Some("r-17"), "{case}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{case}");
            assert_eq!(error.operation(), Some(call.id), "{case}");
            assert_eq!(error.attempts(), attempts, "{case}");
            assert_eq!(sent, attempts, "{case}");
            let waits = service.sleep.waits().split_off(waits_before);
            waits_before += waits.len();
            assert_eq!(
                waits.len(),
                usize::try_from(attempts - 1).unwrap(),
                "{case}"
            );
            assert!(
                waits.iter().all(|wait| *wait >= Duration::from_secs(7)),
                "{case}"
            );
        }
    }
}

#[tokio::test]
async fn a_web_page_and_an_empty_body_leave_the_status_to_speak() {
    for id in ["listPartnerUsers", "createRestoreRequest", "partnerLogin"] {
        let call = calls::of(id);
        for (make, is_page) in [
            (Answer::html as fn(u16) -> Answer, true),
            (Answer::empty, false),
        ] {
            let (client, service) = ready(&call).await;
            for (status, ..) in STATUSES {
                let answer = make(status);
                let (error, sent) = fail(&call, &client, &service, &answer).await;
                let case = format!("{id} answered {answer:?}: {error}");
                assert_eq!(
                    (error.kind(), error.attempts()),
                    expected(&call, status),
                    "{case}"
                );
                assert_eq!(
                    (status_of(&error), error.server_message()),
                    (Some(status), None),
                    "{case}"
                );
                assert_eq!(
                    (error.request_id(), error.retry_after()),
                    (None, None),
                    "{case}"
                );
                assert_eq!(sent, error.attempts(), "{case}");
                assert!(!error.to_string().contains('\n'), "{case}");
                // The answer to a sign-in may repeat a secret.
                let is_kept = error.body().is_some_and(|body| body.starts_with(b"<html>"));
                assert_eq!(is_kept, is_page && !call.is_sign_in(), "{case}");
                assert_eq!(error.to_string().contains("web page"), is_page, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_replayed_once() {
    for call in calls::all().into_iter().filter(|call| !call.is_sign_in()) {
        let script = [
            Answer::signed_in(),
            Answer::empty(401),
            Answer::signed_in(),
            call.good(),
        ];
        let service = Service::answering(script);
        assert_eq!(
            (call.run)(service.client()).await.unwrap(),
            call.returns,
            "{}",
            call.id
        );
        let line = call.request.line();
        let expected = ["POST /auth/partner", &line, "POST /auth/refresh", &line];
        assert_eq!(service.lines(), expected, "{}", call.id);
    }
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_an_error_for_a_read_after_one_more_attempt() {
    for call in calls::all().into_iter().filter(|call| !call.is_sign_in()) {
        let refused = Answer::spring(401, "Not you").header("x-request-id", "r-17");
        let script = [
            Answer::signed_in(),
            refused.clone(),
            Answer::signed_in(),
            refused.clone(),
            refused,
        ];
        let attempts = if call.may_repeat() { 3 } else { 2 };
        let service = Service::answering(script);
        let error = (call.run)(service.client()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TokenRefused, "{}", call.id);
        assert_eq!(
            (status_of(&error), error.attempts()),
            (Some(401), attempts),
            "{}",
            call.id
        );
        assert_eq!(error.server_message(), Some("Not you"), "{}", call.id);
        assert_eq!(error.request_id(), Some("r-17"), "{}", call.id);
        assert_eq!(error.operation(), Some(call.id));
        assert_eq!(
            service.seen().len(),
            if call.may_repeat() { 5 } else { 4 },
            "{}: {:?}",
            call.id,
            service.lines()
        );
    }
}

#[tokio::test]
async fn without_a_refresh_token_and_after_a_refused_one_the_client_signs_in_anew() {
    let bare = Answer::ok(&json!({"accessToken": cloudally_contract::made_up::ACCESS_TOKEN}));
    let partner = || Answer::ok(&fixtures::full("partner"));
    let read = || Request::get("/v1/partners");

    let script = [bare.clone(), Answer::empty(401), bare, partner()];
    let service = Service::answering(script);
    service.client().partners().profile().await.unwrap();
    service.assert_saw([Request::sign_in(), read(), Request::sign_in(), read()]);

    for refusal in [Answer::empty(401), Answer::empty(400), Answer::empty(503)] {
        let script = [
            Answer::signed_in(),
            Answer::empty(401),
            refusal,
            Answer::signed_in(),
            partner(),
        ];
        let service = Service::answering(script);
        service.client().partners().profile().await.unwrap();
        let expected = [
            "POST /auth/partner",
            "GET /v1/partners",
            "POST /auth/refresh",
            "POST /auth/partner",
            "GET /v1/partners",
        ];
        assert_eq!(service.lines(), expected);
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_at_once_and_name_the_sign_in() {
    for id in ["login", "partnerLogin", "refreshToken"] {
        let call = calls::of(id);
        let (client, service) = ready(&call).await;
        let answer = Answer::spring(401, "Bad credentials");
        let (error, _) = fail(&call, &client, &service, &answer).await;
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Unauthenticated, 1),
            "{id}"
        );
        assert_eq!(error.operation(), Some(id));
        assert_eq!(service.seen().len(), 1, "{id}");
    }
    for call in calls::all().into_iter().filter(|call| !call.is_sign_in()) {
        let service = Service::answering([Answer::spring(401, "Bad credentials")]);
        let error = (call.run)(service.client()).await.unwrap_err();
        assert!(error.is_unauthenticated(), "{}: {error}", call.id);
        assert_eq!(error.operation(), Some("partnerLogin"), "{}", call.id);
        service.assert_saw([Request::sign_in()]);
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_and_nobody_is_told_the_credentials() {
    let elsewhere = Service::answering([]);
    for call in calls::all() {
        let (client, service) = ready(&call).await;
        for status in [301, 302, 303, 307, 308] {
            let target = format!("{}{}", elsewhere.url(), call.request.path);
            let answer = Answer::empty(status).header("location", &target);
            let (error, sent) = fail(&call, &client, &service, &answer).await;
            assert_eq!(
                error.kind(),
                ErrorKind::UnexpectedRedirect,
                "{} {status}",
                call.id
            );
            assert_eq!(
                (status_of(&error), error.attempts()),
                (Some(status), 1),
                "{}",
                call.id
            );
            assert_eq!(sent, 1, "{} {status}", call.id);
        }
    }
    elsewhere.assert_saw([]);
}

#[tokio::test]
async fn what_passes_is_waited_out() {
    for call in calls::all().into_iter().filter(|call| call.may_repeat()) {
        let mut script = call.before();
        script.extend([Answer::html(503), Answer::empty(429), call.good()]);
        let service = Service::answering(script);
        assert_eq!(
            (call.run)(service.client()).await.unwrap(),
            call.returns,
            "{}",
            call.id
        );
        assert_eq!(times_sent(&call, &service), 3, "{}", call.id);
        assert_eq!(service.sleep.waits().len(), 2, "{}", call.id);
    }
}

#[tokio::test]
async fn what_never_reached_a_service_is_tried_again_even_if_it_changes_something() {
    for id in ["partnerLogin", "refreshToken"] {
        let service = Service::answering([]);
        let client = service.builder().base_url(NOBODY).build().unwrap();
        let error = (calls::of(id).run)(client).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Connect, 3),
            "{id}"
        );
        assert_eq!((error.operation(), status_of(&error)), (Some(id), None));
        assert!(error.is_retryable(), "{id}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_told_apart_from_one_that_breaks_off() {
    for call in calls::all().into_iter().filter(|call| call.may_repeat()) {
        let (client, service) = ready(&call).await;
        let (error, sent) = fail(&call, &client, &service, &Answer::html(200)).await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{}", call.id);
        assert_eq!(
            (status_of(&error), error.attempts()),
            (Some(200), 1),
            "{}",
            call.id
        );
        assert_eq!(sent, 1, "{}", call.id);

        let (error, sent) = fail(&call, &client, &service, &Answer::empty(200)).await;
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{}", call.id);
        assert_eq!(sent, 3, "{}", call.id);
    }
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let call = calls::of("listPartnerTasks");
    let service = Service::signed_in([call.good()]);
    let client = service.builder().max_response_bytes(200).build().unwrap();
    let error = (call.run)(client).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::BodyTooLarge, 1)
    );
}
