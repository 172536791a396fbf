//! Compares what went out with what the document names.

use std::collections::BTreeSet;

use cloudally_contract::request::Request;
use cloudally_contract::spec;
use serde_json::Value;

/// An operation of the document.
pub(crate) struct Documented {
    pub(crate) id: String,
    method: String,
    path: String,
    /// What can be sent: `query pageSize`, `header client-id`, `body email`.
    parameters: BTreeSet<String>,
    /// The statuses of failures.
    pub(crate) failures: Vec<u16>,
}

/// All operations.
pub(crate) fn documented() -> Vec<Documented> {
    let mut all = Vec::new();
    for (path, item) in spec::paths() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else {
                continue;
            };
            let listed = [&item["parameters"], &operation["parameters"]];
            let listed = listed.into_iter().filter_map(Value::as_array).flatten();
            let mut parameters: BTreeSet<String> = listed
                .map(spec::resolved)
                .map(|one| {
                    format!(
                        "{} {}",
                        one["in"].as_str().unwrap(),
                        one["name"].as_str().unwrap()
                    )
                })
                .collect();
            let body =
                spec::resolved(&operation["requestBody"]["content"]["application/json"]["schema"]);
            let fields = body["properties"].as_object().into_iter().flatten();
            parameters.extend(fields.map(|(name, _)| format!("body {name}")));
            let statuses = operation["responses"].as_object().unwrap().keys();
            let statuses = statuses.filter_map(|status| status.parse().ok());
            all.push(Documented {
                id: id.to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                parameters,
                failures: statuses.filter(|status| *status >= 400).collect(),
            });
        }
    }
    all
}

impl Documented {
    /// Which of its parameters these requests lack; all, if none is for it.
    pub(crate) fn lacks(&self, seen: &[Request]) -> Vec<&str> {
        let sent: BTreeSet<String> = seen
            .iter()
            .filter(|request| self.is_for(request))
            .flat_map(|request| {
                let query = request
                    .query
                    .iter()
                    .map(|(name, _)| format!("query {name}"));
                let headers = request.headers.keys().map(|name| format!("header {name}"));
                let body = request.body.as_object().into_iter().flatten();
                let body = body.map(|(name, _)| format!("body {name}"));
                query.chain(headers).chain(body).collect::<Vec<_>>()
            })
            .collect();
        let is_missing = |name: &&str| !name.starts_with("path ") && !sent.contains(*name);
        self.parameters
            .iter()
            .map(String::as_str)
            .filter(is_missing)
            .collect()
    }

    /// Whether a request is for this operation.
    pub(crate) fn is_for(&self, request: &Request) -> bool {
        let (pattern, path): (Vec<_>, Vec<_>) = (
            self.path.split('/').collect(),
            request.path.split('/').collect(),
        );
        let fits = |(pattern, segment): (&&str, &&str)| {
            pattern == segment || (pattern.starts_with('{') && !segment.is_empty())
        };
        request.method == self.method
            && pattern.len() == path.len()
            && pattern.iter().zip(&path).all(fits)
            && !spec::paths()
                .iter()
                .any(|(other, _)| other != &self.path && *other == request.path)
    }

    pub(crate) fn parameters(&self) -> usize {
        self.parameters.len()
    }
}
