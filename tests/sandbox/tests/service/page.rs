//! The page at `/`, as a person uses it with a browser and a shell.

use std::process::{Command, Stdio};

use cloudally_sandbox::Sandbox;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::api::{Answer, Api, small, standing_still, started};

const README: &str = include_str!("../../README.md");

/// What is between two texts, each time.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(start).skip(1);
    parts.map(|part| part.split(end).next().unwrap()).collect()
}

fn unescaped(html: &str) -> String {
    html.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Runs lines in a shell that has no variables but these, and gives what they print.
async fn shell(lines: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new("sh");
    command.args(["-e", "-c", lines]).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{lines}\n{errors}");
    String::from_utf8(output.stdout).unwrap()
}

async fn lines_of_the_page_run(sandbox: &Sandbox, page: &str) {
    let blocks: Vec<_> = between(page, "<pre>", "</pre>");
    let [sign_in, fault] = blocks[..] else {
        panic!("{page}");
    };
    let read = shell(&unescaped(sign_in), &[]).await;
    let read: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(read["data"].as_array().unwrap()[..], sandbox.tasks()[..]);
    let added = shell(&unescaped(fault), &[]).await;
    assert_eq!(added, r#"{"ids":[1]}"#);
    assert_eq!(sandbox.faults().list().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_for_a_shell_run_as_they_are() {
    let sandbox = small().await;
    let page = Api::anonymous(&sandbox).get("/").await;
    lines_of_the_page_run(&sandbox, &page.text).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_for_a_shell_run_over_tls_and_under_another_name() {
    let sandbox = started(standing_still().tasks(3).tls()).await;
    let trusted = reqwest::Certificate::from_pem(sandbox.ca_certificate().unwrap().as_bytes());
    let client = reqwest::Client::builder().tls_certs_only([trusted.unwrap()]);
    let url = sandbox.url().replace("127.0.0.1", "localhost");
    let page = client.build().unwrap().get(&url).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("{url}/auth/partner")), "{page}");
    lines_of_the_page_run(&sandbox, &page).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_the_readme_run_with_what_the_program_prints() {
    let sandbox = small().await;
    let blocks = between(README, "```sh\n", "```");
    let lines = blocks.into_iter().find(|block| block.starts_with("URL="));
    let printed = shell(lines.unwrap(), &[("CLOUDALLY_BASE_URL", sandbox.url())]).await;
    for expected in [
        r#"{"ids":[1]}"#,
        r#"{"ids":[2]}"#,
        r#""count":0"#,
        r#"{"now":"2026-03-02T09:00:00Z"}"#,
    ] {
        assert!(printed.contains(expected), "{printed}");
    }
    assert!(sandbox.faults().list().is_empty());
}

/// Sends a form as a browser does.
async fn send(api: &Api, own: &str, form: &str) -> Answer {
    let action = between(form, "action=\"", "\"")[0];
    let mut fields = Vec::new();
    for (start, end, value_start, value_end) in [
        ("<textarea ", "</textarea>", ">", "\0"),
        ("<input ", ">", "value=\"", "\""),
        ("<button ", ">", "value=\"", "\""),
    ] {
        for field in between(form, start, end) {
            let name = between(field, "name=\"", "\"")[0];
            let value = between(field, value_start, value_end)[0];
            let value = unescaped(value);
            let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
            fields.push(format!("{name}={value}"));
        }
    }
    let request = api
        .request("POST", action)
        .header("origin", own)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::to(request.body(fields.join("&"))).await
}

#[tokio::test]
async fn every_part_of_the_control_endpoint_is_a_link_or_a_form_that_works() {
    let sandbox = small().await;
    let api = Api::without_redirects(&sandbox);
    api.get("/v1/partners").await;
    assert_eq!(sandbox.requests().count(), 1);
    let page = async || api.get("/").await.text;
    let forms = |page: &str| -> Vec<String> {
        let forms = between(page, "<form method=\"post\" ", "</form>");
        forms.into_iter().map(str::to_owned).collect()
    };
    let press = async |label: &str| {
        let all = forms(&page().await);
        let form = all.iter().find(|form| form.contains(label)).unwrap();
        let answer = send(&api, sandbox.url(), form).await;
        assert_eq!(answer.status, 303, "{label}: {}", answer.text);
        assert_eq!(answer.headers["location"], "/");
    };
    for link in between(&page().await, "<a href=\"", "\"") {
        assert_eq!(api.get(link).await.status, 200, "{link}");
    }
    press("Add").await;
    press("Add").await;
    assert_eq!(sandbox.faults().list().len(), 2);
    press("Remove this rule").await;
    assert_eq!(sandbox.faults().list().len(), 1);
    assert!(page().await.contains("The rules (1)"));
    press("Remove all rules").await;
    assert!(sandbox.faults().list().is_empty());
    press("Clear the requests").await;
    assert_eq!(sandbox.requests().count(), 0);
    press("Advance").await;
    assert!(page().await.contains("2026-03-02T09:00:00Z"));
}

#[tokio::test]
async fn a_form_that_is_not_of_the_page_changes_nothing() {
    let sandbox = small().await;
    let api = Api::without_redirects(&sandbox);
    for (path, body, status) in [
        ("/_sandbox/faults", "rule=7", 400),
        ("/_sandbox/faults", "_method=PUT", 400),
        ("/_sandbox/faults", "_method=DELETE&rule=7", 400),
        ("/_sandbox/clock", "advanceSeconds=-1", 400),
        ("/_sandbox/clock", "seconds=1", 400),
        ("/_sandbox/requests", "advanceSeconds=1", 400),
        ("/_sandbox/faults/1", "_method=DELETE", 404),
    ] {
        let request = api.request("POST", path);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = Answer::to(request.body(body)).await;
        assert_eq!(answer.status, status, "{path}: {body}: {}", answer.text);
    }
    let answer = api.post("/_sandbox/requests", &json!({})).await;
    answer.is_error(405, "Method Not Allowed", "/_sandbox/requests");
}

/// A window of 1,200 pixels holds more than 100 letters a line, and code breaks anywhere.
#[tokio::test]
async fn the_tables_fit_a_window() {
    let sandbox = small().await;
    let page = Api::anonymous(&sandbox).get("/").await.text;
    assert!(page.contains("code{overflow-wrap:anywhere}"));
    assert!(page.contains("max-width:72rem"));
    let rows = between(&page, "<tr>", "</tr>");
    assert!(rows.len() > 35);
    for row in rows {
        let mut unbreakable = 0;
        for cell in row.split("<td>").skip(1) {
            let text: String = cell.split("<code>").map(after_code).collect();
            let words = text.split_whitespace().map(str::len);
            unbreakable += words.max().unwrap_or_default();
        }
        assert!(unbreakable < 100, "{row}");
    }
}

/// A part of a cell without its code and its tags.
fn after_code(part: &str) -> String {
    let text = part.split_once("</code>").map_or(part, |(_, text)| text);
    let pieces = text.split('<');
    let plain = pieces.map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    plain.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn no_other_page_can_frame_it() {
    let sandbox = small().await;
    let page = Api::anonymous(&sandbox).get("/").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

impl Api {
    fn without_redirects(sandbox: &Sandbox) -> Self {
        let builder = reqwest::Client::builder().redirect(Policy::none());
        Self::anonymous(sandbox).over(builder.build().unwrap())
    }
}
