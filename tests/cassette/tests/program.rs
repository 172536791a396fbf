//! The program: what is recorded through it is what it plays, and a signal ends it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use cloudally_cassette::Cassette;
use cloudally_sandbox::{Fault, Rule, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running program.
struct Program {
    child: Child,
    url: String,
}

/// How a program ended.
#[derive(Debug)]
struct End {
    code: Option<i32>,
    errors: String,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudally-cassette"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Program {
    /// Starts it, and waits until it says where it listens.
    fn start(arguments: &[&str]) -> Self {
        Self::spawn(command(arguments))
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.strip_prefix("export CLOUDALLY_BASE_URL='");
        let url = url.and_then(|rest| rest.trim_end().strip_suffix('\''));
        let url = url.unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, url }
    }

    fn record(upstream: &str, out: &Path) -> Self {
        Self::start(&[
            "record",
            "--upstream",
            upstream,
            "--out",
            out.to_str().unwrap(),
        ])
    }

    fn play(file: &Path) -> Self {
        Self::start(&["play", file.to_str().unwrap()])
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    }

    fn end(mut self) -> End {
        let code = self.child.wait().unwrap().code();
        let mut errors = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).unwrap();
        End { code, errors }
    }
}

/// Runs it to its own end.
fn refused(arguments: &[&str]) -> End {
    let output = command(arguments).output().unwrap();
    assert!(output.stdout.is_empty());
    End {
        code: output.status.code(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("cassette.json")
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    entries
        .map(|entry| name(entry).into_string().unwrap())
        .collect()
}

async fn sandbox() -> Sandbox {
    Sandbox::builder()
        .ragged()
        .users(3)
        .tasks(4)
        .statuses(5)
        .start()
        .await
        .unwrap()
}

/// Signs in, and reads the users and a task that nobody has; gives what was answered.
async fn visit(url: &str, sign_in: &Value) -> Vec<(u16, Value)> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{url}/auth/partner")).json(sign_in);
    let mut answers = vec![answer(request).await];
    let token = answers[0].1["accessToken"].as_str().unwrap().to_owned();
    for path in ["/v1/partners/users?pageSize=2", "/v1/backup-tasks/none"] {
        let request = client.get(format!("{url}{path}")).bearer_auth(&token);
        answers.push(answer(request).await);
    }
    answers
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

fn statuses(answers: &[(u16, Value)]) -> Vec<u16> {
    answers.iter().map(|(status, _)| *status).collect()
}

fn partner(sandbox: &Sandbox) -> Value {
    let partner = sandbox.partner();
    json!({"clientId": partner.client_id(), "clientSecret": partner.client_secret()})
}

#[tokio::test]
async fn what_is_recorded_is_played() {
    for signal in ["-INT", "-TERM"] {
        let (sandbox, folder) = (sandbox().await, folder());
        let recorder = Program::record(sandbox.url(), &file(&folder));
        let heard = visit(&recorder.url, &partner(&sandbox)).await;
        assert_eq!(statuses(&heard), [200, 200, 404]);
        recorder.signal(signal);
        let end = recorder.end();
        assert_eq!(end.code, Some(0), "{end:?}");
        assert!(end.errors.contains("wrote 3 interactions to "), "{end:?}");
        assert_eq!(names(&folder), ["cassette.json"]);
        let text = std::fs::read_to_string(file(&folder)).unwrap();
        for private in [
            sandbox.partner().client_secret(),
            sandbox.users()[0]["email"].as_str().unwrap(),
        ] {
            assert!(!text.contains(private), "{private}");
        }

        let player = Program::play(&file(&folder));
        let cassette = Cassette::read(&file(&folder)).unwrap();
        for (said, heard) in cassette.interactions.iter().zip(&heard) {
            // Ids have other names on it than they had in the request.
            let line = said.request.to_string();
            let (_, place) = line.split_once(' ').unwrap();
            let method = said.request.method.parse().unwrap();
            let request = reqwest::Client::new().request(method, format!("{}{place}", player.url));
            let (status, body) = answer(request).await;
            assert_eq!((status, &body), (heard.0, &said.response.body), "{place}");
            assert_eq!(body["total"], heard.1["total"], "{place}");
        }
        player.signal(signal);
        let end = player.end();
        assert_eq!((end.code, end.errors.as_str()), (Some(0), ""));
    }
}

#[tokio::test]
async fn what_the_cassette_lacks_is_told_at_the_end() {
    let (sandbox, folder) = (sandbox().await, folder());
    let recorder = Program::record(sandbox.url(), &file(&folder));
    reqwest::get(format!("{}/v1/partners", recorder.url))
        .await
        .unwrap();
    recorder.signal("-INT");
    assert_eq!(recorder.end().code, Some(0));
    for (path, code, told) in [
        ("/v1/partners", 0, ""),
        (
            "/v1/backup-tasks?page=3",
            1,
            "GET /v1/backup-tasks?page=3 came, which the cassette never had. Left are: GET /v1/partners",
        ),
    ] {
        let player = Program::play(&file(&folder));
        reqwest::get(format!("{}{path}", player.url)).await.unwrap();
        player.signal("-TERM");
        let end = player.end();
        assert_eq!((end.code, end.errors.trim_end()), (Some(code), told));
    }
}

/// The cassette has one response to the one request and two to the other.
async fn recorded(folder: &TempDir) {
    let sandbox = sandbox().await;
    let recorder = Program::record(sandbox.url(), &file(folder));
    for path in ["/v1/partners", "/v1/backup-tasks", "/v1/partners"] {
        reqwest::get(format!("{}{path}", recorder.url))
            .await
            .unwrap();
    }
    recorder.signal("-INT");
    assert_eq!(recorder.end().code, Some(0));
    let text = std::fs::read_to_string(file(folder)).unwrap();
    let mut cassette: Value = serde_json::from_str(&text).unwrap();
    for at in 0..3 {
        cassette["interactions"][at]["response"]["status"] = json!(200 + at);
    }
    std::fs::write(file(folder), cassette.to_string()).unwrap();
}

#[tokio::test]
async fn a_cassette_that_is_played_out_says_so() {
    let folder = folder();
    recorded(&folder).await;
    let player = Program::play(&file(&folder));
    let get = async |path: &str| {
        let response = reqwest::get(format!("{}{path}", player.url)).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    for expected in [200, 202] {
        assert_eq!(get("/v1/partners").await.0, expected);
    }
    let once_more = "the cassette is played out for GET /v1/partners: it came once more than was \
                     recorded. Left are: GET /v1/backup-tasks. --repeat starts over";
    assert_eq!(get("/v1/partners").await, (501, once_more.to_owned()));
    assert_eq!(get("/v1/backup-tasks").await.0, 201);
    let out = "the cassette is played out: GET /v1/backup-tasks came, and every response is used. \
               Start the player again, or with --repeat";
    assert_eq!(get("/v1/backup-tasks").await, (501, out.to_owned()));
    let never = "the cassette is played out: GET /v1?a=b came, which it never had";
    assert_eq!(get("/v1?a=b").await, (501, never.to_owned()));
    player.signal("-INT");
    let end = player.end();
    assert_eq!(end.code, Some(1));
    assert_eq!(end.errors, format!("{once_more}\n{out}\n{never}\n"));
}

#[tokio::test]
async fn a_cassette_that_repeats_starts_over_for_each_request() {
    let folder = folder();
    recorded(&folder).await;
    let player = Program::start(&["play", "--repeat", file(&folder).to_str().unwrap()]);
    let get = async |path: &str| {
        let response = reqwest::get(format!("{}{path}", player.url)).await;
        response.unwrap().status().as_u16()
    };
    for expected in [200, 202, 200, 202, 200] {
        assert_eq!(get("/v1/partners").await, expected);
    }
    for _ in 0..3 {
        assert_eq!(get("/v1/backup-tasks").await, 201);
    }
    assert_eq!(get("/v1/nothing").await, 501);
    player.signal("-INT");
    let end = player.end();
    assert_eq!(end.code, Some(1));
    let told = "GET /v1/nothing came, which the cassette never had. Left are: GET /v1/partners\n";
    assert_eq!(end.errors, told);
}

#[tokio::test]
async fn a_recording_of_nothing_is_refused_and_leaves_what_was_there() {
    let (sandbox, folder) = (sandbox().await, folder());
    std::fs::write(file(&folder), "of yesterday").unwrap();
    let recorder = Program::record(sandbox.url(), &file(&folder));
    recorder.signal("-INT");
    let end = recorder.end();
    assert_eq!(end.code, Some(2));
    assert!(end.errors.contains("nothing was recorded"), "{end:?}");
    assert_eq!(
        std::fs::read_to_string(file(&folder)).unwrap(),
        "of yesterday"
    );
    assert_eq!(names(&folder), ["cassette.json"]);
}

#[tokio::test]
async fn a_second_signal_leaves_out_what_is_not_answered() {
    let (sandbox, folder) = (sandbox().await, folder());
    let rule = Rule::on("getPartner").then(Fault::Stall);
    sandbox.faults().add(rule).unwrap();
    let recorder = Program::record(sandbox.url(), &file(&folder));
    let stalled = tokio::spawn(reqwest::get(format!("{}/v1/partners", recorder.url)));
    visit(&recorder.url, &partner(&sandbox)).await;
    while sandbox.request_count("getPartner") == 0 {
        tokio::task::yield_now().await;
    }
    recorder.signal("-INT");
    // The first one is heard when no new connection is taken any more.
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    while client.get(&recorder.url).send().await.is_ok() {}
    recorder.signal("-INT");
    let end = recorder.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    let cassette = Cassette::read(&file(&folder)).unwrap();
    let paths = cassette
        .interactions
        .iter()
        .map(|one| one.request.path.as_str());
    assert!(!paths.clone().any(|path| path == "/v1/partners"));
    assert!(paths.count() >= 3);
    assert!(stalled.await.unwrap().is_err());
}

#[tokio::test]
async fn what_is_kept_from_a_hangup_survives_it() {
    let (sandbox, folder) = (sandbox().await, folder());
    let (program, out) = (env!("CARGO_BIN_EXE_cloudally-cassette"), file(&folder));
    let mut nohup = Command::new("nohup");
    nohup.args([program, "record", "--upstream", sandbox.url(), "--out"]);
    nohup.arg(&out).stdin(Stdio::null());
    nohup.stdout(Stdio::piped()).stderr(Stdio::piped());
    let recorder = Program::spawn(nohup);
    recorder.signal("-HUP");
    for _ in 0..3 {
        visit(&recorder.url, &partner(&sandbox)).await;
    }
    recorder.signal("-INT");
    let end = recorder.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert!(end.errors.contains("wrote 9 interactions to "), "{end:?}");
}

#[tokio::test]
async fn a_parameter_that_was_replaced_is_told_when_the_file_is_written() {
    let (sandbox, folder) = (sandbox().await, folder());
    let recorder = Program::record(sandbox.url(), &file(&folder));
    for query in ["pageSize=2&nextPage=2", "colour=blue"] {
        let url = format!("{}/v1/partners/users?{query}", recorder.url);
        reqwest::get(url).await.unwrap();
    }
    recorder.signal("-INT");
    let end = recorder.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    let warnings = end.errors.lines().filter(|line| line.contains("warning"));
    assert_eq!(warnings.count(), 1, "{end:?}");
    assert!(
        end.errors.contains("GET /v1/partners/users?text-"),
        "{end:?}"
    );
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_is_recorded() {
    let folder = folder();
    let nowhere = folder.path().join("no/such/folder/cassette.json");
    for (place, told) in [
        (nowhere.as_path(), "cassette.json"),
        (folder.path(), "directory"),
    ] {
        let end = refused(&[
            "record",
            "--upstream",
            "http://127.0.0.1:1",
            "--out",
            place.to_str().unwrap(),
        ]);
        assert_eq!(end.code, Some(2));
        assert!(end.errors.contains(told), "{end:?}");
        assert_eq!(end.errors.lines().count(), 1, "{end:?}");
    }
    assert!(names(&folder).is_empty());
}

#[test]
fn what_is_no_cassette_is_not_played() {
    let folder = folder();
    std::fs::write(file(&folder), r#"{"version": 1}"#).unwrap();
    let end = refused(&["play", file(&folder).to_str().unwrap()]);
    assert_eq!(end.code, Some(2));
    assert!(
        end.errors
            .contains("cassette.json is no cassette: missing field `interactions`"),
        "{end:?}"
    );
    let end = refused(&["play", folder.path().join("other.json").to_str().unwrap()]);
    assert!(end.errors.contains("other.json: "), "{end:?}");
}
