//! Records of restores: done, refused, unknown, and of a program that dies.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudally::restore_record::{RecordedOutcome, RestoreRecord, record};
use cloudally::types::RestoreRequest;
use cloudally::{ErrorKind, blocking};
use cloudally_contract::accounts::{client, every};
use cloudally_contract::answer::Answer;
use cloudally_contract::service::Service;
use cloudally_sandbox::Sandbox;
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

/// What was stored, in order.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Kept {
    fn store(&self) -> impl FnMut(&RestoreRecord) -> io::Result<()> + Send + 'static {
        let kept = self.clone();
        move |record| {
            kept.0.lock().unwrap().push(record.to_json());
            Ok(())
        }
    }

    fn outcomes(&self) -> Vec<RecordedOutcome> {
        let kept = self.0.lock().unwrap();
        let read = kept
            .iter()
            .map(|text| RestoreRecord::from_json(text).unwrap().outcome);
        read.collect()
    }
}

async fn run(service: &Service, kept: &Kept) -> RestoreRecord {
    let request = RestoreRequest::new("T-1").with_entity_name("ann@acme.example.com");
    let prepared = service.client().restores().prepare(request).unwrap();
    let recording = record(prepared, HOUR).purpose("drill").store(kept.store());
    recording.await.unwrap()
}

#[tokio::test]
async fn a_restore_is_recorded_from_before_it_is_sent_until_it_is_done() {
    let job = |status: &str, progress: i64| {
        Answer::ok(&json!({"jobId": "J-1", "status": status, "progress": progress}))
    };
    let accepted = Answer::json(201, &json!({"jobId": "J-1"})).header("x-request-id", "R-1");
    let script = [
        accepted,
        job("RUNNING", 10),
        job("RUNNING", 10),
        job("COMPLETED", 100),
    ];
    let service = Service::signed_in(script);
    let kept = Kept::default();
    let record = run(&service, &kept).await;
    assert_eq!(record.outcome, RecordedOutcome::Done, "{record:#?}");
    assert_eq!((record.attempts, record.status), (1, Some(201)));
    assert_eq!(record.request_id.as_deref(), Some("R-1"));
    assert_eq!(record.job_id, Some("J-1".into()));
    assert_eq!(record.states.len(), 2, "{:?}", record.states);
    assert!(record.duration().is_some() && record.error.is_none());
    let outcomes = kept.outcomes();
    assert_eq!(
        outcomes[0],
        RecordedOutcome::OutcomeUnknown,
        "before it is sent"
    );
    assert_eq!(outcomes[1], RecordedOutcome::Accepted);
    assert_eq!(outcomes.last(), Some(&RecordedOutcome::Done));
    let last = kept.0.lock().unwrap().last().cloned().unwrap();
    assert_eq!(RestoreRecord::from_json(&last).unwrap(), record);
}

#[tokio::test]
async fn a_replay_is_counted_the_interval_is_kept_and_a_full_disk_is_noted() {
    let script = [
        Answer::empty(401),
        Answer::signed_in(),
        Answer::json(201, &json!({"jobId": "J-1"})),
        Answer::ok(&json!({"jobId": "J-1", "status": "RUNNING"})),
        Answer::ok(&json!({"jobId": "J-1", "status": "COMPLETED"})),
    ];
    let service = Service::signed_in(script);
    let prepared = service
        .client()
        .restores()
        .prepare(RestoreRequest::new("T-1"))
        .unwrap();
    let mut stored = Vec::new();
    let (sender, receiver) = std::sync::mpsc::channel();
    let recording = record(prepared, HOUR).interval(7 * Duration::from_secs(1));
    let recording = recording.store(move |record| {
        sender.send(record.clone()).unwrap();
        match record.outcome {
            RecordedOutcome::Done => Err(io::Error::other("no space left")),
            _ => Ok(()),
        }
    });
    let record = recording.await.unwrap();
    assert_eq!(
        (record.outcome, record.attempts),
        (RecordedOutcome::Done, 2),
        "{record:#?}"
    );
    assert!(
        record.notes[0].contains("no space left"),
        "{:?}",
        record.notes
    );
    assert!(record.to_markdown().contains("no space left"));
    stored.extend(receiver.try_iter());
    // As soon as it is accepted, and before the job is asked.
    assert_eq!(stored[1].outcome, RecordedOutcome::Accepted);
    assert_eq!(
        (&stored[1].job_id, stored[1].states.len()),
        (&Some("J-1".into()), 0)
    );
    let waits = service.sleep.waits();
    let pause = Duration::from_secs(7)..=Duration::from_millis(7_700);
    assert!(waits.iter().any(|wait| pause.contains(wait)), "{waits:?}");
}

#[tokio::test]
async fn each_end_has_its_own_words() {
    for (script, expected, words) in [
        (
            vec![Answer::spring(400, "no such task")],
            RecordedOutcome::NotCarriedOut,
            "no such task",
        ),
        (
            vec![Answer::html(200)],
            RecordedOutcome::OutcomeUnknown,
            "was not sent again",
        ),
        (
            vec![Answer::spring(500, "oops")],
            RecordedOutcome::OutcomeUnknown,
            "oops",
        ),
        (
            vec![Answer::empty(201)],
            RecordedOutcome::AcceptedWithoutJob,
            "named no job",
        ),
        (
            vec![
                Answer::json(201, &json!({"jobId": "J-1"})),
                Answer::ok(&json!({"jobId": "J-1", "status": "FAILED", "message": "no room"})),
            ],
            RecordedOutcome::Failed,
            "no room",
        ),
        (
            vec![
                Answer::json(201, &json!({"jobId": "J-1"})),
                Answer::spring(403, "not yours"),
            ],
            RecordedOutcome::Accepted,
            "Its end is not known",
        ),
    ] {
        let service = Service::signed_in(script);
        let record = run(&service, &Kept::default()).await;
        assert_eq!(record.outcome, expected, "{record:#?}");
        let text = record.to_markdown();
        assert!(
            text.contains(words) && text.contains("drill"),
            "{words}: {text}"
        );
        let posts = service
            .lines()
            .iter()
            .filter(|line| line.contains("POST /v1/restore"))
            .count();
        assert_eq!(posts, 1, "{:?}", service.lines());
    }
}

#[tokio::test]
async fn nothing_is_sent_that_cannot_be_recorded() {
    let service = Service::signed_in([]);
    let prepare = || {
        service
            .client()
            .restores()
            .prepare(RestoreRequest::new("T-1"))
            .unwrap()
    };
    let full = record(prepare(), HOUR).store(|_| Err(io::Error::other("no space left")));
    let error = full.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("no space left"), "{error}");
    let hasty = record(prepare(), HOUR)
        .interval(Duration::ZERO)
        .await
        .unwrap_err();
    assert_eq!(hasty.kind(), ErrorKind::InvalidInput);
    assert!(
        service
            .lines()
            .iter()
            .all(|line| !line.contains("/v1/restore")),
        "{:?}",
        service.lines()
    );
}

#[test]
fn a_restore_of_the_sandbox_is_recorded_by_blocking() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = Sandbox::builder().restore_duration(Duration::ZERO);
    let sandbox = runtime.block_on(sandbox.start()).unwrap();
    let blocking = blocking::Client::new(client(&sandbox, every(sandbox.partner()))).unwrap();
    let task = blocking
        .tasks()
        .list()
        .max_items(1)
        .collect()
        .unwrap()
        .remove(0);
    let request = RestoreRequest::new(task.id.unwrap()).with_snapshot_date(20_260_301_i64);
    let prepared = blocking.restores().prepare(request).unwrap();
    let record = prepared
        .record(HOUR, |recording| recording.purpose("drill"))
        .unwrap();
    assert_eq!(record.outcome, RecordedOutcome::Done, "{record:#?}");
    assert!(record.age().is_some());
    assert!(record.to_markdown().contains("**Outcome: done.**"));
}
