//! Backup tasks of an account.

use cloudally::ErrorKind;
use cloudally::types::{BackupFrequency, BackupTaskStatus, BackupTaskType};
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;

use crate::{after_sign_in, page_of_two};

#[tokio::test]
async fn a_backup_task_is_typed() {
    let service = Service::signed_in([Answer::ok(&fixtures::full("backup_task"))]);
    let task = service.client().backups().get("BT-1").await.unwrap();
    assert_eq!(task.id.as_ref().map(|id| id.as_str()), Some("BT-1"));
    assert_eq!(task.name.as_deref(), Some("Mail"));
    assert_eq!(task.type_, Some(BackupTaskType::Ms365));
    assert_eq!(task.status, Some(BackupTaskStatus::InProgress));
    assert_eq!(
        task.last_backup.unwrap().to_string(),
        "2026-03-01T04:10:00Z"
    );
    assert_eq!(task.created_at.unwrap().to_string(), "2021-01-07T09:44:57Z");
    assert_eq!(task.size, Some(1024));
    let schedule = task.schedule.unwrap();
    assert_eq!(schedule.frequency, Some(BackupFrequency::Every3Hours));
    assert_eq!(schedule.timezone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(schedule.extra["window"], "night");
    assert_eq!(task.extra["labels"][0], "finance");
    service.assert_saw(after_sign_in([Request::get("/v1/backup-tasks/BT-1")]));
}

#[tokio::test]
async fn the_list_keeps_values_that_nobody_documents() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("backup_task"))]);
    let tasks = service.client().backups().list().collect().await.unwrap();
    let task = &tasks[1];
    assert_eq!(
        task.type_,
        Some(BackupTaskType::Unknown("MAINFRAME".to_owned()))
    );
    assert_eq!(
        task.status,
        Some(BackupTaskStatus::Unknown("dreaming".to_owned()))
    );
    let frequency = task.schedule.as_ref().unwrap().frequency.as_ref().unwrap();
    assert_eq!(frequency.as_str(), "every_full_moon");
    assert!(task.last_backup.is_none() && task.size.is_none() && task.name.is_none());
    assert_eq!(task.created_at.as_ref().unwrap().raw(), "yesterday");
}

#[tokio::test]
async fn the_second_page_is_asked_for_by_number_and_token() {
    let [first, second] = fixtures::both("backup_task");
    let service = Service::signed_in([
        page_of_two(1, Some("t2"), &first),
        page_of_two(2, None, &second),
    ]);
    let list = service.client().backups().list().page_size(1);
    assert_eq!(list.collect().await.unwrap().len(), 2);
    service.assert_saw(after_sign_in([
        Request::get("/v1/backup-tasks").query([("pageSize", "1")]),
        Request::get("/v1/backup-tasks").query([
            ("pageSize", "1"),
            ("page", "2"),
            ("nextPageToken", "t2"),
        ]),
    ]));
}

#[tokio::test]
async fn an_id_that_would_name_another_resource_is_not_sent() {
    let service = Service::answering([]);
    for id in ["", "..", " . "] {
        let error = service.client().backups().get(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}");
    }
    service.assert_saw([]);
}
