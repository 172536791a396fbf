//! What the documented fields say in Rust. That each type keeps every field is tested for all types
//! at once, in `schemas`.

use cloudally::types::{
    BackupStatus, BackupTask, Bill, Currency, Partner, ProgressState, Region, Reseller,
    ResellerDetails, RestoreJob, RestoreState, Source, Task, User,
};
use cloudally_contract::fixtures;
use serde::de::DeserializeOwned;

/// A value with every field, and one with nulls, gaps and values that nobody documents.
fn both<T: DeserializeOwned>(fixture: &str) -> [T; 2] {
    fixtures::both(fixture).map(|value| serde_json::from_value(value).unwrap())
}

#[test]
fn partners_users_and_resellers() {
    let [partner, odd] = both::<Partner>("partner");
    assert_eq!(partner.partner_id, Some("P-1001".into()));
    assert_eq!(partner.email.as_deref(), Some("partner@example.com"));
    assert_eq!(partner.contact_name.as_deref(), Some("Pat Partner"));
    assert_eq!(partner.discount.unwrap().to_string(), "12.5");
    assert_eq!(partner.phone.as_deref(), Some("+1 555 0100"));
    assert_eq!(partner.currency, Some(Currency::Eur));
    assert_eq!(partner.region, Some(Region::EuFrankfurt));
    assert_eq!(partner.extra["supportTier"], "gold");
    assert!(odd.contact_name.is_none() && odd.discount.is_none());
    assert_eq!(odd.currency, Some(Currency::Unknown("XTS".to_owned())));

    let [user, odd] = both::<User>("user");
    assert_eq!(
        (user.id, user.name.as_deref()),
        (Some("U-1".into()), Some("Acme 12345"))
    );
    assert_eq!(user.date.unwrap().date().unwrap().to_string(), "2021-03-11");
    assert_eq!(user.report_emails.unwrap().len(), 2);
    assert_eq!(
        (user.ms365_enterprise_plan, user.gsuite_enterprise_plan),
        (Some(true), Some(false))
    );
    assert_eq!(odd.name.as_deref(), Some("Bücher \"&\" Söhne 🚀"));
    assert!(odd.extra["seats"].is_null());

    let [reseller, _] = both::<Reseller>("reseller");
    assert_eq!(reseller.partner_id, Some("P-2001".into()));
    assert_eq!(
        (reseller.waive_shared_mailboxes, reseller.white_label),
        (Some(false), Some(true))
    );
    let settings = reseller.notification_settings.unwrap();
    assert_eq!(
        (settings.send_summary_report, settings.failure_only_report),
        (Some(true), Some(false))
    );

    let details: ResellerDetails = serde_json::from_value(fixtures::reseller_details()).unwrap();
    assert_eq!(details.reseller_name.as_deref(), Some("North Resale"));
    assert_eq!(
        (details.page, details.total_pages, details.total),
        (Some(1), Some(1), Some(2))
    );
    assert_eq!(details.data.unwrap()[0].id, Some("U-1".into()));
}

#[test]
fn tasks_and_their_status() {
    let [task, odd] = both::<Task>("task");
    assert_eq!(task.user_id, Some("U-1".into()));
    assert_eq!(
        (task.account.as_deref(), task.alias.as_deref()),
        (Some("ann@acme.example.com"), Some("Mail of Ann"))
    );
    assert_eq!(
        (task.index, task.multi_entities_task),
        (Some(true), Some(false))
    );
    assert_eq!(
        task.size,
        Some(9_007_199_254_740_993),
        "beyond what a float can hold"
    );
    assert_eq!(
        (task.num_of_billed_entities, task.num_of_entities),
        (Some(25), Some(27))
    );
    let dates = task.last_backup_dates.unwrap();
    let text = |source: &str| dates[source].as_ref().map(ToString::to_string);
    assert_eq!(text("GMAIL").as_deref(), Some("2023-03-30T20:28:12Z"));
    assert_eq!(text("CALENDAR").as_deref(), Some("2023-03-30T00:00:00Z"));
    assert_eq!(text("DRIVE"), None);
    let unknown = dates["CONTACTS"].as_ref().unwrap();
    assert!(unknown.instant().is_none());
    assert_eq!(unknown.raw(), 202_303_302_028_i64);
    let state = odd.progress.unwrap().state.unwrap();
    assert_eq!(
        (&state, &*state.to_string()),
        (&ProgressState::Unknown("DREAMING".to_owned()), "DREAMING")
    );
    let date = odd.create_date.unwrap();
    assert_eq!((date.instant(), &*date.to_string()), (None, "a while ago"));

    let [status, odd] = both::<BackupStatus>("status_entry");
    assert_eq!(
        (status.source.as_ref(), status.size),
        (Some(&Source::SharepointMulti), Some(4096))
    );
    let instant = |text: &str| Some(text.parse().unwrap());
    assert_eq!(status.last_backup(), instant("2026-03-01T04:10:00Z"));
    assert_eq!(status.last_seen(), instant("2026-03-02T04:10:00Z"));
    let failed: Vec<_> = status.failed_sub_sources().collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].sub_source.as_deref(), Some("Mail"));
    assert_eq!(failed[0].error.as_deref(), Some("Token expired"));
    assert_eq!(
        failed[0].err_faq_link.as_deref(),
        Some("https://faq.example.com/token")
    );
    assert!(!odd.has_failures() && odd.last_backup().is_none());

    let [task, odd] = both::<BackupTask>("backup_task");
    assert_eq!(
        task.last_backup.unwrap().to_string(),
        "2026-03-01T04:10:00Z"
    );
    assert_eq!(task.created_at.unwrap().to_string(), "2021-01-07T09:44:57Z");
    assert_eq!(
        odd.schedule.unwrap().frequency.unwrap().as_str(),
        "every_full_moon"
    );
    assert_eq!(odd.created_at.unwrap().raw(), "yesterday");
}

#[test]
fn bills_keep_every_digit_and_restores_their_state() {
    let [bill, odd] = both::<Bill>("bill");
    let text = |amount: Option<cloudally::types::Amount>| {
        amount.unwrap().raw().as_str().map(str::to_owned)
    };
    assert_eq!(text(bill.total).as_deref(), Some("12345678901234567890.01"));
    assert_eq!(text(bill.discount).as_deref(), Some("0.10"));
    let line = bill.lines.unwrap().remove(0);
    assert_eq!(
        (text(line.quantity), text(line.price)),
        (Some("25".to_owned()), Some("3.00".to_owned()))
    );
    assert_eq!(
        (line.service.as_deref(), line.source.as_deref()),
        (Some("MS365"), Some("EXCHANGE"))
    );
    assert!(odd.lines.unwrap()[0].extra["note"].is_null());

    let [job, odd] = both::<RestoreJob>("restore_job");
    assert_eq!((job.job_id, job.progress), (Some("J-1".into()), Some(40)));
    assert_eq!(job.status, Some(RestoreState::InProgress));
    assert_eq!(
        odd.status,
        Some(RestoreState::Unknown("HALF_DONE".to_owned()))
    );
}
