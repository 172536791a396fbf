//! Serves the OpenAPI document, and a page for people.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};

use super::{OPERATIONS, Shared, control};
use crate::document::DOCUMENT;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top}\
code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:#f5f5f5;padding:.75rem;overflow:auto}";

pub(super) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

pub(super) async fn page(State(state): State<Shared>) -> Html<String> {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>CloudAlly sandbox</title><style>{STYLE}</style>\
         <h1>CloudAlly sandbox</h1>\
         <p>A stand-in for the CloudAlly REST service, with made-up data. Its description: \
         <a href=\"/v3/api-docs/v1\"><code>/v3/api-docs/v1</code></a>.</p>"
    );
    page += "<h2>Accounts</h2><p>All values are made up.</p>";
    let standard = &state.authority.standard;
    table(
        &mut page,
        &[
            "Account",
            "Client id",
            "Client secret",
            "Mail address",
            "Password",
        ],
        [
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
        }),
    );
    page += "<p>Sign in as the partner, and read tasks:</p><pre>";
    let _ = write!(
        page,
        "curl -s $URL/auth/partner -H 'content-type: application/json' \\\n  -d '{{\"clientId\":\"{}\",\"clientSecret\":\"{}\"}}'\ncurl -s \"$URL/v1/partners/tasks?pageSize=25\" -H \"Authorization: Bearer $TOKEN\"</pre>",
        standard.partner.client_id(),
        standard.partner.client_secret(),
    );
    page += "<h2>Operations</h2>";
    table(
        &mut page,
        &["Id", "Method", "Path", "For"],
        OPERATIONS.iter().map(|operation| {
            [
                code(operation.id),
                operation.method.to_owned(),
                code(operation.path),
                operation.access.name().to_owned(),
            ]
        }),
    );
    page += "<h2>Control</h2><p>For tests; not part of the service.</p>";
    table(
        &mut page,
        &["Method", "Path", ""],
        control::ENDPOINTS
            .iter()
            .map(|(method, path, what)| [(*method).to_owned(), code(path), escaped(what)]),
    );
    page += "<p>The second page of the tasks never ends:</p><pre>curl -s $URL/_sandbox/faults \\\n  -d '{\"operation\":\"listPartnerTasks\",\"nth\":2,\"fault\":{\"kind\":\"stallBody\",\"after\":100}}'</pre></html>";
    Html(page)
}

fn table<const N: usize>(
    page: &mut String,
    head: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let row = |cells: &[String; N], tag: &str| -> String {
        let cells = cells.iter().map(|cell| format!("<{tag}>{cell}</{tag}>"));
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    *page += "<table>";
    *page += &row(&head.map(str::to_owned), "th");
    for cells in rows {
        *page += &row(&cells, "td");
    }
    *page += "</table>";
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
