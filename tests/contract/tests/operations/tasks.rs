//! The tasks of a partner's users.

use cloudally::types::{ProgressState, Region, Source, TaskStatus, TaskType};
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;

use crate::{after_sign_in, page_of_two};

#[tokio::test]
async fn tasks_are_typed() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("task"))]);
    let tasks = service.client().tasks().list().collect().await.unwrap();
    let task = &tasks[0];
    assert_eq!(
        task.id.as_ref().map(|id| id.as_str()),
        Some("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10")
    );
    assert_eq!(task.account.as_deref(), Some("ann@acme.example.com"));
    assert_eq!(task.type_, Some(TaskType::Backup));
    assert_eq!(task.source, Some(Source::Gmail));
    assert_eq!(task.user_id.as_ref().map(|id| id.as_str()), Some("U-1"));
    assert_eq!(task.domain.as_deref(), Some("acme.example.com"));
    assert_eq!(task.status, Some(TaskStatus::Active));
    assert_eq!(task.region, Some(Region::UsEst));
    assert_eq!(task.alias.as_deref(), Some("Mail of Ann"));
    assert_eq!(
        task.backup_task_id.as_ref().map(|id| id.as_str()),
        Some("BT-1")
    );
    assert_eq!(
        (task.index, task.multi_entities_task),
        (Some(true), Some(false))
    );
    assert_eq!(task.snapshot_date, Some(20_230_330_202_812));
    assert_eq!(task.next_backup.as_deref(), Some("In 7 hours"));
    let progress = task.progress.as_ref().unwrap();
    assert_eq!(
        (progress.current, progress.cancelled),
        (Some(3), Some(false))
    );
    assert_eq!(progress.state, Some(ProgressState::Prepare));
    assert_eq!(progress.service.as_deref(), Some("GMAIL"));
    assert_eq!(progress.extra["phase"], 2);
    assert_eq!(
        task.size,
        Some(9_007_199_254_740_993),
        "beyond what a float can hold"
    );
    assert_eq!(
        task.create_date.as_ref().unwrap().to_string(),
        "2021-01-07T11:44:57Z"
    );
    assert_eq!(
        (task.num_of_billed_entities, task.num_of_entities),
        (Some(25), Some(27))
    );
    assert_eq!(task.user_email.as_deref(), Some("admin@acme.example.com"));
    assert_eq!(task.extra["labels"][1], "keep");
    service.assert_saw(after_sign_in([
        Request::get("/v1/partners/tasks").query([("pageSize", "500")])
    ]));
}

#[tokio::test]
async fn last_backups_are_read_in_every_form_and_kept_in_those_that_nobody_knows() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("task"))]);
    let tasks = service.client().tasks().list().collect().await.unwrap();
    let dates = tasks[0].last_backup_dates.as_ref().unwrap();
    let text = |source: &str| dates[source].as_ref().map(ToString::to_string);
    assert_eq!(text("GMAIL").as_deref(), Some("2023-03-30T20:28:12Z"));
    assert_eq!(text("CALENDAR").as_deref(), Some("2023-03-30T00:00:00Z"));
    assert_eq!(text("DRIVE"), None);
    let unknown = dates["CONTACTS"].as_ref().unwrap();
    assert!(unknown.instant().is_none());
    assert_eq!(unknown.raw(), 202_303_302_028_i64);
}

#[tokio::test]
async fn values_that_nobody_documents_are_kept_by_name() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("task"))]);
    let tasks = service.client().tasks().list().collect().await.unwrap();
    let task = &tasks[1];
    assert_eq!(task.type_, Some(TaskType::Unknown("SHREDDING".to_owned())));
    assert_eq!(
        task.status,
        Some(TaskStatus::Unknown("HIBERNATING".to_owned()))
    );
    let state = task.progress.as_ref().unwrap().state.as_ref().unwrap();
    assert_eq!(*state, ProgressState::Unknown("DREAMING".to_owned()));
    assert_eq!(state.to_string(), "DREAMING");
    let date = task.create_date.as_ref().unwrap();
    assert_eq!(
        (date.instant(), date.to_string().as_str()),
        (None, "a while ago")
    );
    assert!(task.snapshot_date.is_none() && task.last_backup_dates.is_none());
}

#[tokio::test]
async fn the_second_page_is_asked_for_by_number_and_token() {
    let [first, second] = fixtures::both("task");
    let service = Service::signed_in([
        page_of_two(1, Some("next"), &first),
        page_of_two(2, None, &second),
    ]);
    let tasks = service
        .client()
        .tasks()
        .list()
        .page_size(1)
        .collect()
        .await
        .unwrap();
    assert_eq!(tasks.len(), 2);
    service.assert_saw(after_sign_in([
        Request::get("/v1/partners/tasks").query([("pageSize", "1")]),
        Request::get("/v1/partners/tasks").query([
            ("pageSize", "1"),
            ("page", "2"),
            ("nextPageToken", "next"),
        ]),
    ]));
}
