//! Records without a service.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{RecordedOutcome, RestoreRecord};
use crate::error::{Error, ErrorKind};
use crate::types::{RestoreJob, RestoreRequest};
use crate::{Client, Credentials};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_774_936_800 + second).unwrap()
}

fn record(request: RestoreRequest) -> RestoreRecord {
    let client = Client::builder()
        .credentials(Credentials::partner("id", "secret"))
        .build()
        .unwrap();
    let mut record = RestoreRecord::new(&client.restores().prepare(request).unwrap());
    record.prepared_at = at(0);
    record
}

fn job(job: Value) -> RestoreJob {
    RestoreJob::from_value(job).unwrap()
}

fn is_settled(outcome: RecordedOutcome) -> bool {
    matches!(
        outcome,
        RecordedOutcome::NotSent | RecordedOutcome::NotCarriedOut
    )
}

#[test]
fn what_is_not_known_to_have_stopped_a_restore_did_not() {
    for (kind, expected) in [
        (ErrorKind::Connect, RecordedOutcome::NotCarriedOut),
        (ErrorKind::BadRequest, RecordedOutcome::NotCarriedOut),
        (ErrorKind::Timeout, RecordedOutcome::NotCarriedOut),
        (ErrorKind::OutcomeUnknown, RecordedOutcome::OutcomeUnknown),
        (ErrorKind::Decode, RecordedOutcome::OutcomeUnknown),
        (ErrorKind::ConnectionLost, RecordedOutcome::OutcomeUnknown),
        (
            ErrorKind::UnexpectedRedirect,
            RecordedOutcome::OutcomeUnknown,
        ),
        (ErrorKind::BodyTooLarge, RecordedOutcome::OutcomeUnknown),
        (ErrorKind::Forbidden, RecordedOutcome::NotCarriedOut),
        (ErrorKind::RateLimited, RecordedOutcome::NotCarriedOut),
        (ErrorKind::TokenRefused, RecordedOutcome::NotCarriedOut),
        (ErrorKind::MissingJobId, RecordedOutcome::AcceptedWithoutJob),
    ] {
        let mut record = record(RestoreRequest::new("T-1"));
        assert_eq!(record.outcome, RecordedOutcome::NotSent);
        record.sending(at(1));
        assert_eq!(
            record.outcome,
            RecordedOutcome::OutcomeUnknown,
            "if the program dies now"
        );
        record.send_failed(&Error::new(kind, "what happened").with_attempts(2), at(2));
        assert_eq!(record.attempts, 2);
        assert_eq!(record.outcome, expected, "{kind:?}");
        let text = record.to_markdown();
        assert!(text.contains("what happened"), "{text}");
        let nothing = text.contains("Nothing was restored");
        assert_eq!(nothing, is_settled(expected), "{kind:?}: {text}");
        assert_eq!(
            !text.contains("To settle it"),
            is_settled(expected),
            "{kind:?}: {text}"
        );
    }
}

#[test]
fn the_end_of_waiting_is_recorded() {
    for (result, outcome, is_finished) in [
        (
            Ok(job(json!({"status": "COMPLETED", "progress": 100}))),
            RecordedOutcome::Done,
            true,
        ),
        (
            Err(Error::new(ErrorKind::JobFailed, "it failed")
                .with_job(Some(job(json!({"status": "FAILED"}))))),
            RecordedOutcome::Failed,
            true,
        ),
        (
            Err(Error::new(ErrorKind::WaitTimeout, "too slow")),
            RecordedOutcome::Accepted,
            false,
        ),
        (
            Err(Error::new(ErrorKind::Forbidden, "no right")),
            RecordedOutcome::Accepted,
            false,
        ),
    ] {
        let mut record = record(RestoreRequest::new("T-1"));
        record.sending(at(1));
        record.answered_at = Some(at(2));
        record.outcome = RecordedOutcome::Accepted;
        record.polled(&job(json!({"status": "RUNNING", "progress": 10})), at(3));
        record.polled(&job(json!({"status": "RUNNING", "progress": 10})), at(4));
        record.finished(&result, at(3602));
        assert_eq!(record.outcome, outcome);
        assert_eq!(record.error.is_some(), result.is_err());
        let duration = is_finished.then_some(Duration::from_secs(3600));
        assert_eq!(record.duration(), duration);
        let statuses: Vec<_> = record
            .states
            .iter()
            .filter_map(|it| it.status.as_deref())
            .collect();
        let last = match outcome {
            RecordedOutcome::Done => vec!["RUNNING", "COMPLETED"],
            RecordedOutcome::Failed => vec!["RUNNING", "FAILED"],
            _ => vec!["RUNNING"],
        };
        assert_eq!(statuses, last);
    }
}

#[test]
fn a_record_is_read_again_and_a_changed_one_is_refused() {
    let request = RestoreRequest::new("T-1")
        .with_snapshot_date(20_260_330_i64)
        .with_entity_name("ann@acme.example.com")
        .with_extra("target", json!({"z": [1.5, null], "a": "ü"}));
    let mut record = record(request);
    record.purpose = Some("drill".into());
    record.sending(at(1));
    let text = record.to_json();
    assert_eq!(RestoreRecord::from_json(&text).unwrap(), record);
    assert_eq!(
        record.age(),
        Some(Duration::from_secs(30 * 3600)),
        "since the day began"
    );
    let shown = record.to_markdown();
    for row in [
        "| restored point | 2026-03-30 |",
        "| age of the restored point | at most 1 d 6 h |",
        r#"| further fields of the request | \{"target":"#,
    ] {
        assert!(shown.contains(row), "{row}: {shown}");
    }
    // As another program may write it.
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        RestoreRecord::from_json(&value.to_string()).unwrap().hash(),
        record.hash()
    );
    for (changed, expected) in [
        (
            text.replace("ann@", "bob@"),
            "was changed after it was written",
        ),
        (text.replace("\"drill\"", "\"\""), "was changed"),
        (
            text.replace(&record.hash()[..8], "00000000"),
            "its hash is 00000000",
        ),
        (text[..text.len() / 2].to_owned(), "is cut off"),
        ("{}".to_owned(), "cannot be read"),
        (
            text.replacen('{', "{\"note\": \"approved\",", 1),
            "cannot be read",
        ),
        (
            text.replacen("\"outcome\"", "\"outcome\": \"failed\", \"outcome\"", 1),
            "duplicate",
        ),
    ] {
        let error = RestoreRecord::from_json(&changed).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(RestoreRecord::from_json(&format!("\u{feff}{text}")).is_ok());
    let mut more = value["record"].clone();
    more["signedBy"] = json!("nobody");
    let more = json!({"sha256": super::canonical::hash(&more), "record": more});
    let error = RestoreRecord::from_json(&more.to_string())
        .unwrap_err()
        .to_string();
    assert!(error.contains("fields that no record has"), "{error}");
    let mut later = value["record"].clone();
    later["version"] = json!(2);
    let later = json!({"sha256": super::canonical::hash(&later), "record": later});
    let error = RestoreRecord::from_json(&later.to_string())
        .unwrap_err()
        .to_string();
    assert!(error.contains("version 2"), "{error}");
}

#[test]
fn nothing_in_a_record_is_markdown() {
    let request = RestoreRequest::new("T|1")
        .with_entity_name("<script>\n| `x` |\n# [a](b)\u{202e}https://x.example")
        .with_extra("note", "*|*");
    let mut record = record(request);
    record.polled(&job(json!({"status": "ODD|", "message": "a\nb"})), at(1));
    let text = record.to_markdown();
    assert!(text.contains(r"| task | T\|1 |"), "{text}");
    assert!(
        text.contains(r"| entity | \<script\> \| \`x\` \| \# \[a\](b)�https:\//x.example |"),
        "{text}"
    );
    assert!(text.contains(r"ODD\|"), "{text}");
    assert!(
        text.lines()
            .all(|line| !line.starts_with("# [") && !line.contains("a\n"))
    );
    assert!(text.contains(&record.hash()));
}
