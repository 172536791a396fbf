//! The page at `/`, for people: the accounts, the operations, and the control endpoint.

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, HOST, HeaderName};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, IntoResponse};
use serde_json::json;

use super::{OPERATIONS, Shared};
use crate::state::State as Sandbox;

/// Long values break anywhere, so that no table is wider than the window.
const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;box-sizing:border-box;max-width:72rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top}\
code,pre,textarea{font:13px/1.5 ui-monospace,monospace}code{overflow-wrap:anywhere}\
pre{background:#f5f5f5;padding:.75rem;white-space:pre-wrap;overflow-wrap:anywhere}\
form{margin:0}textarea{box-sizing:border-box;width:100%}";

/// The page runs no scripts, and no other page can frame it to have its forms clicked.
const POLICY: [(HeaderName, &str); 1] = [(
    CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
)];

/// A rule that the form shows at first.
const RULE: &str =
    r#"{"operation": "listPartnerTasks", "first": 2, "fault": {"kind": "status", "status": 503}}"#;

pub(super) async fn page(
    State(state): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> impl IntoResponse {
    // The host that the request names, which is not always the bound address. It was checked.
    let host = uri.authority().map(|authority| authority.as_str());
    let host = host.or_else(|| headers.get(HOST)?.to_str().ok());
    let url = format!("{}://{}", state.scheme, host.unwrap_or_default());
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>CloudAlly sandbox</title><style>{STYLE}</style>\
         <h1>CloudAlly sandbox</h1>\
         <p>A stand-in for the CloudAlly REST service, with made-up data. Its description: \
         <a href=\"/v3/api-docs/v1\"><code>/v3/api-docs/v1</code></a>.</p>\
         <h2>Accounts</h2><p>All values are made up.</p>{accounts}\
         <p>Sign in as the partner, and read tasks:</p><pre>{sign_in}</pre>\
         <h2>Operations</h2>{operations}\
         <h2>Control</h2><p>For tests; not part of the service.</p>{control}\
         <p>The second page of the tasks never ends:</p><pre>{fault}</pre></html>",
        accounts = accounts(&state),
        sign_in = escaped(&sign_in(&state, &url)),
        operations = operations(),
        control = control(&state),
        fault = escaped(&fault(&state, &url)),
    );
    (POLICY, Html(page))
}

fn accounts(state: &Sandbox) -> String {
    let standard = &state.authority.standard;
    let rows = [
        ("partner", &standard.partner),
        ("distributor", &standard.distributor),
        ("reseller", &standard.reseller),
        ("portal user", &standard.portal_user),
    ]
    .map(|(kind, credentials)| {
        [
            kind.to_owned(),
            code(credentials.client_id()),
            code(credentials.client_secret()),
            code(credentials.email()),
            code(credentials.password()),
        ]
    });
    let head = [
        "Account",
        "Client id",
        "Client secret",
        "Mail address",
        "Password",
    ];
    table(&head, rows)
}

/// Returns the start of a `curl` command. A page over TLS cannot name the file with the certificate
/// that would have to be trusted.
fn curl(state: &Sandbox) -> &'static str {
    match state.scheme {
        "https" => "curl -sk",
        _ => "curl -s",
    }
}

fn sign_in(state: &Sandbox, url: &str) -> String {
    let partner = &state.authority.standard.partner;
    let body = json!({"clientId": partner.client_id(), "clientSecret": partner.client_secret()});
    let (curl, body) = (curl(state), quoted(&body.to_string()));
    format!(
        "TOKEN=$({curl} {url}/auth/partner -H 'Content-Type: application/json' \\\n  -d {body} \\\n  \
         | sed 's/.*\"accessToken\":\"\\([^\"]*\\)\".*/\\1/')\n\
         {curl} '{url}/v1/partners/tasks?pageSize=25' -H \"Authorization: Bearer $TOKEN\""
    )
}

fn fault(state: &Sandbox, url: &str) -> String {
    let rule = json!({
        "operation": "listPartnerTasks", "nth": 2, "fault": {"kind": "stallBody", "after": 100},
    });
    let (curl, rule) = (curl(state), quoted(&rule.to_string()));
    format!("{curl} {url}/_sandbox/faults \\\n  -d {rule}")
}

fn operations() -> String {
    let rows = OPERATIONS.iter().map(|operation| {
        [
            code(operation.id),
            operation.method.to_owned(),
            code(operation.path),
            operation.access.name().to_owned(),
        ]
    });
    table(&["Id", "Method", "Path", "For"], rows)
}

/// The control endpoint: what can be read is a link, and what changes something is a form.
fn control(state: &Sandbox) -> String {
    let link = |path: &str| format!("<a href=\"{path}\">{}</a>", code(path));
    let rules = state.faults.list();
    let count = rules.len();
    let remove_one: String = rules
        .iter()
        .map(|rule| {
            let id = rule.id.0;
            let text = serde_json::to_string(rule).unwrap_or_default();
            let path = format!("/_sandbox/faults/{id}");
            format!("{}{}", code(&text), delete(&path, "Remove this rule"))
        })
        .collect();
    let add = format!(
        "Adds a rule, or an array of them.{}",
        form(
            "/_sandbox/faults",
            &format!(
                "<textarea name=\"rule\" rows=\"3\" aria-label=\"Rule\">{}</textarea><button>Add</button>",
                escaped(RULE)
            )
        )
    );
    let advance = form(
        "/_sandbox/clock",
        "<input type=\"number\" name=\"advanceSeconds\" min=\"0\" value=\"3600\" aria-label=\"Seconds\"> seconds \
         <button>Advance</button>",
    );
    let rows = [
        (
            "GET",
            link("/_sandbox/faults"),
            format!("The rules ({count}), with how many requests each has seen and selected."),
        ),
        ("POST", code("/_sandbox/faults"), add),
        (
            "DELETE",
            code("/_sandbox/faults"),
            delete("/_sandbox/faults", "Remove all rules"),
        ),
        ("DELETE", code("/_sandbox/faults/{id}"), remove_one),
        (
            "GET",
            link("/_sandbox/requests"),
            "The recorded requests; <code>?operation=</code>, <code>?status=</code> and \
             <code>?account=</code> select some."
                .to_owned(),
        ),
        (
            "DELETE",
            code("/_sandbox/requests"),
            delete("/_sandbox/requests", "Clear the requests"),
        ),
        (
            "GET",
            link("/_sandbox/clock"),
            format!("The sandbox's time: {}.", state.clock.now()),
        ),
        ("POST", code("/_sandbox/clock"), advance),
        (
            "GET",
            link("/_sandbox/situations"),
            "The tasks that situations affect.".to_owned(),
        ),
        (
            "GET",
            link("/_sandbox/data"),
            "All data as it is now, as a data file.".to_owned(),
        ),
        (
            "GET",
            link("/_sandbox/credentials"),
            "The credentials of the accounts.".to_owned(),
        ),
        (
            "GET",
            link("/_sandbox/operations"),
            "Id, method and path of each operation.".to_owned(),
        ),
    ];
    let rows = rows.map(|(method, path, what)| [method.to_owned(), path, what]);
    table(&["Method", "Path", "Effect"], rows)
}

fn form(path: &str, fields: &str) -> String {
    format!("<form method=\"post\" action=\"{path}\">{fields}</form>")
}

fn delete(path: &str, label: &str) -> String {
    let button = format!("<button name=\"_method\" value=\"DELETE\">{label}</button>");
    form(path, &button)
}

fn table<const N: usize>(head: &[&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let row = |cells: &[String; N], tag: &str| -> String {
        let cells = cells.iter().map(|cell| format!("<{tag}>{cell}</{tag}>"));
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let head = row(&head.map(str::to_owned), "th");
    let rows: String = rows.into_iter().map(|cells| row(&cells, "td")).collect();
    format!("<table>{head}{rows}</table>")
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Returns a text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
