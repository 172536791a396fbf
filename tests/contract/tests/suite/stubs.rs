//! Stubs: they can be made to answer anything, and note what was asked.

use std::collections::BTreeSet;

use cloudally::Client;
use cloudally::types::{RestoreRequest, Secret};
use cloudally_contract::answer::Answer;
use cloudally_contract::calls;
use cloudally_contract::made_up::{CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD};
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use cloudally_contract::spec::{self, Operation};
use cloudally_contract::suite::{self, Target, documented};
use cloudally_gen::operation::Pagination;
use serde_json::{Value, json};

use crate::assert_passed;

/// What a client calls itself that wants this status.
const AGENT: &str = "wants-";

struct Stubs(Service);

impl Stubs {
    fn start() -> Self {
        Self(Service::playing(answer))
    }
}

impl Target for Stubs {
    fn client(&self, _: &str, status: u16) -> Option<Client> {
        let builder = self.0.builder();
        let builder = if status < 400 {
            builder
        } else {
            let token = cloudally::Credentials::access_token("canary-token");
            builder
                .user_agent(format!("{AGENT}{status}"))
                .credentials(token)
        };
        Some(builder.build().unwrap())
    }

    fn partner(&self) -> Option<(String, Secret)> {
        Some((CLIENT_ID.to_owned(), CLIENT_SECRET.into()))
    }

    fn user(&self) -> Option<(String, Secret)> {
        Some((EMAIL.to_owned(), PASSWORD.into()))
    }

    fn restore(&self) -> Option<RestoreRequest> {
        Some(calls::restore_request())
    }
}

fn operation_of(request: &Request) -> Option<Operation> {
    let mut all = spec::operations().into_iter();
    all.find(|operation| operation.is_asked_by(&request.method, &request.path))
}

fn answer(request: &Request) -> Answer {
    let agent = request.headers.get("user-agent");
    let wanted = agent.and_then(|agent| agent.strip_prefix(AGENT)?.parse().ok());
    if let Some(status) = wanted {
        return Answer::spring(status, "what was wanted");
    }
    let Some(operation) = operation_of(request) else {
        return Answer::spring(418, &format!("nobody documents {}", request.line()));
    };
    let call = calls::of(operation.id);
    let (status, body) = call.answer.clone();
    match call.operation().pagination {
        Some(pagination) => Answer::ok(&one_of_two(request, &pagination, body)),
        None => Answer::json(status, &body),
    }
}

/// The page that was asked for, with one item of the two.
fn one_of_two(request: &Request, pagination: &Pagination, mut page: Value) -> Value {
    let number = request.query.iter().find(|(name, _)| name == "page");
    let number: usize = number.map_or(1, |(_, number)| number.parse().unwrap());
    page["page"] = json!(number);
    page["totalPages"] = json!(2);
    page["data"] = json!([page["data"][number - 1]]);
    if number == 1 && *pagination == Pagination::PageSize {
        page["nextPageToken"] = json!("t2");
    }
    page
}

#[tokio::test]
async fn every_operation_is_tried_with_every_status_that_the_document_has() {
    let outcome = suite::run(&Stubs::start()).await;
    assert_passed(&outcome, &documented());
    assert!(outcome.not_tried().is_empty());
    // The fixtures have every documented field, and others.
    assert_eq!(outcome.drift.never_came(), BTreeSet::new());
    assert!(
        outcome.drift.unknown_fields.contains("Bill.invoiceNumber"),
        "{}",
        outcome.report()
    );
}

/// Where a parameter or a field of a body is in a request of this operation.
fn has(request: &Request, place: &str, name: &str) -> bool {
    match place {
        "query" => request.query.iter().any(|(sent, _)| sent == name),
        "header" => request.headers.contains_key(name),
        "path" => true,
        "body" => request.body.get(name).is_some(),
        other => panic!("the suite does not know how to look into the {other}"),
    }
}

#[tokio::test]
async fn every_parameter_and_field_of_a_body_is_sent() {
    let stubs = Stubs::start();
    suite::run(&stubs).await;
    let seen = stubs.0.seen();
    let (mut looked_at, mut never_sent) = (0, Vec::new());
    for operation in spec::operations() {
        let asked: Vec<_> = seen
            .iter()
            .filter(|request| operation.is_asked_by(&request.method, &request.path))
            .collect();
        assert!(!asked.is_empty(), "{} was not asked", operation.id);
        let parameters = operation.parameters().map(|parameter| {
            let text = |key: &str| parameter[key].as_str().unwrap();
            (text("in"), text("name"))
        });
        let fields = operation.body_fields().map(|field| ("body", field));
        for (place, name) in parameters.chain(fields) {
            looked_at += 1;
            if !asked.iter().any(|request| has(request, place, name)) {
                never_sent.push(format!("{}: {name} in the {place}", operation.id));
            }
        }
    }
    assert!(never_sent.is_empty(), "{never_sent:#?}");
    assert!(looked_at > 40, "{looked_at} were looked at");
    // And nothing is sent that the document lacks.
    for request in &seen {
        let operation = operation_of(request).unwrap();
        for (name, _) in &request.query {
            let mut parameters = operation.parameters();
            assert!(
                parameters.any(|parameter| parameter["name"] == **name),
                "{}: {name}",
                operation.id
            );
        }
    }
}
