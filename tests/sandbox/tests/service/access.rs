//! Who may read what.

use cloudally_sandbox::Sandbox;

use crate::api::{
    Answer, Api, small, small_as_distributor, small_as_partner, standing_still, started,
};

const PARTNER: [&str; 6] = [
    "/v1/partners",
    "/v1/partners/billing",
    "/v1/partners/bills",
    "/v1/partners/status",
    "/v1/partners/tasks",
    "/v1/partners/users",
];
const DISTRIBUTOR: [&str; 9] = [
    "/v1/partners/resellers",
    "/v1/partners/resellers/unknown",
    "/v2/resellers/details",
    "/v2/resellers/accounts",
    "/v2/resellers/accounts/backup-tasks",
    "/v2/resellers/accounts/backup-statuses",
    "/v2/resellers/bills",
    "/v2/resellers/accounts/unknown/backup-tasks",
    "/v2/resellers/accounts/unknown/backup-tasks/unknown",
];
const EVERYBODY: [&str; 1] = ["/v1/backup-tasks"];

async fn status(api: &Api, path: &str) -> u16 {
    api.get(path).await.status
}

#[tokio::test]
async fn a_partner_has_no_resellers() {
    let (_sandbox, api) = small_as_partner().await;
    for path in PARTNER.into_iter().chain(EVERYBODY) {
        assert_eq!(status(&api, path).await, 200, "{path}");
    }
    for path in DISTRIBUTOR {
        api.get(path).await.is_error(403, "Forbidden", path);
    }
}

#[tokio::test]
async fn a_distributor_reads_everything() {
    let (_sandbox, api) = small_as_distributor().await;
    for path in PARTNER.into_iter().chain(EVERYBODY).chain(DISTRIBUTOR) {
        let expected = if path.contains("unknown") { 404 } else { 200 };
        assert_eq!(status(&api, path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn a_portal_user_reads_backup_tasks() {
    let sandbox = small().await;
    let api = Api::portal_user(&sandbox).await;
    for path in EVERYBODY {
        assert_eq!(status(&api, path).await, 200, "{path}");
    }
    for path in PARTNER.into_iter().chain(DISTRIBUTOR) {
        api.get(path).await.is_error(403, "Forbidden", path);
    }
}

#[tokio::test]
async fn without_a_token_nobody_reads_anything() {
    let sandbox = small().await;
    let good = token(&sandbox).await;
    let other = token(&started(Sandbox::builder().seed(99)).await).await;
    let anonymous = Api::anonymous(&sandbox);
    let cut = &good[..good.len() - 1];
    for authorization in [
        None,
        Some(String::new()),
        Some("Bearer ".to_owned()),
        Some("Bearer nonsense".to_owned()),
        Some(format!("Basic {good}")),
        Some(format!("Bearer {cut}")),
        Some(format!("Bearer {other}")),
    ] {
        for path in PARTNER.into_iter().chain(DISTRIBUTOR).chain(EVERYBODY) {
            let mut request = anonymous.request("GET", path);
            if let Some(value) = &authorization {
                request = request.header("authorization", value);
            }
            Answer::to(request)
                .await
                .is_error(401, "Unauthorized", path);
        }
    }
    let answer = anonymous.post("/v1/restore", &serde_json::json!({})).await;
    answer.is_error(401, "Unauthorized", "/v1/restore");
}

#[tokio::test]
async fn the_bare_token_does() {
    let sandbox = small().await;
    let token = token(&sandbox).await;
    for value in [
        token.clone(),
        format!("Bearer {token}"),
        format!("bearer {token}"),
    ] {
        let request = Api::anonymous(&sandbox)
            .request("GET", "/v1/partners")
            .header("authorization", value);
        assert_eq!(Answer::to(request).await.status, 200);
    }
}

#[tokio::test]
async fn everyone_has_a_profile() {
    let sandbox = small().await;
    let partner = Api::partner(&sandbox).await;
    let distributor = Api::distributor(&sandbox).await;
    assert_eq!(
        partner.get("/v1/partners").await.json(),
        *sandbox.partner_profile()
    );
    assert_eq!(
        distributor.get("/v1/partners").await.json(),
        *sandbox.distributor_profile()
    );
    assert_eq!(
        distributor.get("/v2/resellers/details").await.json(),
        *sandbox.reseller_details()
    );
}

#[tokio::test]
async fn a_reseller_reads_the_tasks_of_its_accounts_one_account_at_a_time() {
    let sandbox = started(standing_still().empty()).await;
    let reseller = sandbox.add_reseller("Ours");
    let (ours, other) = (reseller.add_user("A"), sandbox.add_user("B"));
    let [first, second] = ["GMAIL", "BOX"].map(|source| ours.add_task(source));
    let foreign = other.add_task("GMAIL");
    let distributor = Api::distributor(&sandbox).await;
    let own = Api::client(&sandbox, &reseller.credentials()).await;
    let list = format!("/v2/resellers/accounts/{}/backup-tasks", ours.id());
    for api in [&distributor, &own] {
        let all = api.get(&list).await.items();
        assert_eq!(all, [first.value(), second.value()]);
        let page = api.get(&format!("{list}?limit=1&page=2")).await;
        assert_eq!(page.items(), [second.value()]);
        let single = format!("{list}/{}", second.id());
        assert_eq!(api.get(&single).await.json(), second.value());
        let elsewhere = format!("{list}/{}", foreign.id());
        let answer = api.get(&elsewhere).await;
        answer.is_error(404, "Not Found", &elsewhere);
    }
    let other = format!("/v2/resellers/accounts/{}/backup-tasks", other.id());
    assert_eq!(distributor.get(&other).await.items(), [foreign.value()]);
    let answer = own.get(&other).await;
    answer.is_error(404, "Not Found", &other);
}

async fn token(sandbox: &Sandbox) -> String {
    let body = crate::api::client_body(sandbox.partner());
    Api::anonymous(sandbox)
        .post("/auth/partner", &body)
        .await
        .access_token()
}
