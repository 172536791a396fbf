//! Starting, counting, stopping; and the binary.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use cloudally_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::api::{Api, add_rule, client_body, small, small_as_partner, started};
use crate::control::faults_of_the_readme;

#[tokio::test]
async fn requests_are_counted() {
    let (sandbox, api) = small_as_partner().await;
    for path in [
        "/v1/partners/tasks",
        "/v1/partners/tasks?page=0",
        "/v1/partners/resellers",
        "/nothing",
    ] {
        api.get(path).await;
    }
    assert_eq!(sandbox.request_count("partnerLogin"), 1);
    assert_eq!(sandbox.request_count("listPartnerTasks"), 2);
    assert_eq!(sandbox.request_count("listResellers"), 1);
    assert_eq!(sandbox.request_count("listPartnerUsers"), 0);
    assert_eq!(sandbox.request_count("nothing"), 0);
    assert_eq!(sandbox.request_total(), 5);
    assert_eq!(sandbox.requests().count(), 5);
    assert_eq!(Sandbox::operations().count(), 23);
}

#[tokio::test]
async fn many_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let api = std::sync::Arc::new(Api::partner(&sandbox).await);
    let mut readers = tokio::task::JoinSet::new();
    for number in 0..60 {
        let api = std::sync::Arc::clone(&api);
        readers.spawn(async move {
            let path = format!("/v1/partners/status?pageSize=50&page={}", number + 1);
            (number, api.get(&path).await.json())
        });
    }
    let pages = readers.join_all().await;
    assert_eq!(pages.len(), 60);
    for (number, page) in pages {
        assert_eq!(
            page["data"].as_array().unwrap(),
            &sandbox.statuses()[number * 50..][..50]
        );
    }
}

#[tokio::test]
async fn a_stopped_sandbox_answers_nobody() {
    let stopped = small().await;
    let dropped = small().await;
    let urls = [stopped.url().to_owned(), dropped.url().to_owned()];
    let client = reqwest::Client::new();
    for url in &urls {
        // Leaves an idle connection behind, which must not hold up the shutdown.
        assert_eq!(client.get(url).send().await.unwrap().status(), 200);
    }
    stopped.shutdown().await;
    assert!(client.get(&urls[0]).send().await.is_err());
    drop(dropped);
    // The server's tasks end as soon as they get their turn.
    while client.get(&urls[1]).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_used_port_is_an_error() {
    let first = small().await;
    let address = first
        .url()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    let error = Sandbox::builder().bind(address).start().await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen on {address}: "))
    );
}

/// The program, which is killed when it is dropped.
struct Program {
    child: Child,
    lines: Vec<String>,
}

impl Program {
    /// Starts it, and reads the lines that it prints: five, and a sixth with TLS.
    fn start(arguments: &[&str]) -> Self {
        let mut child = binary(arguments);
        let count = if arguments.contains(&"--tls") { 6 } else { 5 };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines = lines.take(count).map(Result::unwrap).collect();
        Self { child, lines }
    }

    fn value(&self, name: &str) -> &str {
        let prefix = format!("export {name}='");
        let mut values = self
            .lines
            .iter()
            .filter_map(|line| line.strip_prefix(&prefix));
        values.next().unwrap().strip_suffix('\'').unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.value("CLOUDALLY_BASE_URL"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn json_of(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    answer.json().await.unwrap()
}

fn binary(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_cloudally-sandbox"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn the_binary_serves_until_it_is_told_to_stop() {
    for signal in ["-INT", "-TERM"] {
        let sizes = "--users 3 --tasks 4 --statuses 5 --token-lifetime 60";
        let mut program = Program::start(&sizes.split(' ').collect::<Vec<_>>());
        let body = json!({
            "clientId": program.value("CLOUDALLY_CLIENT_ID"),
            "clientSecret": program.value("CLOUDALLY_CLIENT_SECRET"),
            "email": program.value("CLOUDALLY_USER"),
            "password": program.value("CLOUDALLY_PASSWORD"),
        });
        let client = reqwest::Client::new();
        let token = json_of(client.post(program.url("/auth/partner")).json(&body)).await;
        assert_eq!(token["expiresIn"], 60);
        let token = token["accessToken"].as_str().unwrap();
        let page = client
            .get(program.url("/v1/partners/tasks"))
            .bearer_auth(token);
        assert_eq!(json_of(page).await["total"], 4);

        let id = program.child.id().to_string();
        let kill = Command::new("kill").arg(signal).arg(id).status();
        assert!(kill.unwrap().success());
        assert!(program.child.wait().unwrap().success());
    }
}

#[tokio::test]
async fn the_binary_takes_numbers_that_no_time_reaches() {
    let most = u64::MAX.to_string();
    let program = Program::start(&["--token-lifetime", &most, "--restore-duration", &most]);
    let client = reqwest::Client::new();
    let post = async |path: &str, token: &str, body: Value| {
        json_of(
            client
                .post(program.url(path))
                .bearer_auth(token)
                .json(&body),
        )
        .await
    };
    let body = json!({
        "clientId": program.value("CLOUDALLY_CLIENT_ID"),
        "clientSecret": program.value("CLOUDALLY_CLIENT_SECRET"),
    });
    let token = post("/auth/partner", "", body).await;
    // What every client can read, and add to the time.
    assert_eq!(token["expiresIn"], 31_536_000_000_i64);
    let token = token["accessToken"].as_str().unwrap();
    let ages = json!({"advanceSeconds": 31_535_000_000_i64});
    post("/_sandbox/clock", "", ages).await;
    let profile = client.get(program.url("/v1/partners")).bearer_auth(token);
    json_of(profile).await;
    let restore = post("/v1/restore", token, json!({"entityName": "x"})).await;
    assert_eq!(restore["status"], "PENDING");
}

#[test]
fn the_binary_reports_a_used_port_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = binary(&["--port", &port]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(message.lines().count(), 1);
    assert!(message.contains(&format!("cannot listen on 127.0.0.1:{port}")));
}

#[tokio::test]
async fn the_binary_takes_data_faults_and_tls() {
    let folder = std::env::temp_dir().join(format!("cloudally-sandbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (data, ca) = (folder.join("data.json"), folder.join("ca.pem"));
    std::fs::write(
        &data,
        r#"{"users": [{"id": "u-1", "name": "From a file"}]}"#,
    )
    .unwrap();
    let program = Program::start(&[
        "--data",
        data.to_str().unwrap(),
        "--tls",
        ca.to_str().unwrap(),
        "--fault",
        r#"{"operation": "login", "fault": {"kind": "status", "status": 503}}"#,
        "--fault",
        r#"{"operation": "partnerLogin", "nth": 2, "fault": {"kind": "reset"}}"#,
    ]);
    assert!(program.url("").starts_with("https://127.0.0.1:"));
    let file = program.value("CLOUDALLY_ROOT_CERTIFICATE_FILE");
    assert_eq!(file, ca.to_str().unwrap());
    let trusted = reqwest::Certificate::from_pem(&std::fs::read(&ca).unwrap()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([trusted])
        .build()
        .unwrap();
    let data = json_of(client.get(program.url("/_sandbox/data"))).await;
    assert_eq!(data["users"][0]["name"], "From a file");
    let faults = json_of(client.get(program.url("/_sandbox/faults"))).await;
    assert_eq!(faults["rules"].as_array().unwrap().len(), 2);
    let answer = client.post(program.url("/auth")).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Each for the nth request, a share of them, and until it is cleared; for one operation, and for
/// all.
#[tokio::test]
async fn every_fault_can_be_given_by_a_flag() {
    let mut rules = Vec::new();
    for fault in faults_of_the_readme() {
        for which in [
            json!({"operation": "listPartnerTasks", "nth": 3}),
            json!({"operation": "listPartnerTasks", "share": 0.5, "seed": 3}),
            json!({"nth": 3}),
            json!({}),
        ] {
            let mut rule = which;
            rule["fault"] = fault.clone();
            rules.push(rule.to_string());
        }
    }
    let flags = rules.iter().flat_map(|rule| ["--fault", rule.as_str()]);
    let program = Program::start(&flags.collect::<Vec<_>>());
    let faults = reqwest::Client::new().get(program.url("/_sandbox/faults"));
    let faults = json_of(faults).await;
    assert_eq!(faults["rules"].as_array().unwrap().len(), rules.len());
    assert!(rules.len() >= 4 * 17);
}

#[test]
fn the_readme_names_every_flag_and_account() {
    let readme = include_str!("../../README.md");
    let output = binary(&["--help"]).wait_with_output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let words = help.split_whitespace();
    let flags: Vec<_> = words
        .filter(|word| word.starts_with("--") && !["--help", "--version"].contains(word))
        .collect();
    assert!(flags.len() > 10, "{help}");
    for flag in flags {
        let flag = flag.trim_end_matches(|end: char| !end.is_ascii_alphanumeric());
        assert!(readme.contains(&format!("`{flag}")), "{flag}");
    }
    for account in ["partner", "distributor", "reseller", "portal-user"] {
        assert!(readme.contains(&format!("`{account}`")) && help.contains(account));
    }
}

#[tokio::test]
async fn the_credentials_of_every_account_that_is_printed_sign_in() {
    for account in ["partner", "distributor", "reseller", "portal-user"] {
        let program = Program::start(&["--account", account, "--users", "1", "--tasks", "1"]);
        let value = |name: &str| program.value(&format!("CLOUDALLY_{name}"));
        let person = json!({"email": value("USER"), "password": value("PASSWORD")});
        for path in ["/auth", "/auth/partner", "/v2/auth/partner"] {
            let request = reqwest::Client::new()
                .post(program.url(path))
                .header("client-id", value("CLIENT_ID"))
                .header("client-secret", value("CLIENT_SECRET"));
            let answer = request.json(&person).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{account} at {path}");
        }
    }
}

#[test]
fn the_binary_says_what_is_wrong_with_its_arguments() {
    for (arguments, expected) in [
        (
            ["--data", "/nowhere/data.json"],
            "cloudally-sandbox: /nowhere/data.json: ",
        ),
        (["--fault", "{\"nth\": 1}"], "missing field `fault`"),
        (
            [
                "--fault",
                "{\"operation\": \"x\", \"fault\": {\"kind\": \"stall\"}}",
            ],
            "no operation has the id \"x\": there are login, ",
        ),
        (
            [
                "--fault",
                "{\"nth\": 1, \"first\": 2, \"fault\": {\"kind\": \"stall\"}}",
            ],
            "`nth` picks one request",
        ),
        (
            ["--tls", "/nowhere/ca.pem"],
            "cloudally-sandbox: /nowhere/ca.pem: ",
        ),
    ] {
        let output = binary(&arguments).wait_with_output().unwrap();
        assert!(!output.status.success());
        // Before it says that it serves.
        assert!(arguments[0] == "--tls" || output.stdout.is_empty());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn seeds_differ() {
    let first = small().await;
    let second = started(Sandbox::builder().seed(1)).await;
    assert_ne!(first.partner(), second.partner());
    assert_ne!(first.users()[0], second.users()[0]);
    let answer = Api::anonymous(&first)
        .post("/auth/partner", &client_body(second.partner()))
        .await;
    answer.is_error(401, "Unauthorized", "/auth/partner");
}

#[tokio::test]
async fn it_speaks_tls() {
    let sandbox = started(Sandbox::builder().users(1).tasks(1).statuses(1).tls()).await;
    assert!(sandbox.url().starts_with("https://127.0.0.1:"));
    let client = |ca: Option<&str>| {
        let roots = ca.map(|ca| reqwest::Certificate::from_pem(ca.as_bytes()).unwrap());
        let builder = reqwest::Client::builder().tls_certs_only(roots);
        builder.build().unwrap()
    };
    let stranger = client(started(Sandbox::builder().tls()).await.ca_certificate());
    let body = client_body(sandbox.partner());
    let sign_in = |client: &reqwest::Client, host: &str| {
        let url = sandbox.url().replace("127.0.0.1", host);
        client
            .post(format!("{url}/auth/partner"))
            .json(&body)
            .send()
    };
    assert!(sign_in(&stranger, "127.0.0.1").await.is_err());
    let friend = client(sandbox.ca_certificate());
    for host in ["127.0.0.1", "localhost"] {
        assert_eq!(sign_in(&friend, host).await.unwrap().status(), 200);
    }
    let rule = cloudally_sandbox::Rule::on_any().then(cloudally_sandbox::Fault::Reset);
    add_rule(&sandbox, rule);
    assert!(sign_in(&friend, "127.0.0.1").await.is_err());
    // Who doesn't speak TLS is turned away, and holds up nobody.
    let plain = sandbox.url().replace("https", "http");
    assert!(reqwest::get(plain).await.is_err());
    sandbox.shutdown().await;
}
