//! Scans a cassette for private data, however the cassette was made. Everything in it must be a
//! word of the OpenAPI document, have a strict format, or be a replacement; anything else is
//! refused. Performs no I/O.

use serde_json::Value;

use crate::cassette::{Cassette, Interaction, Request, Response};
use crate::error::Error;
use crate::words;

/// Returns an error if the cassette may contain private data.
pub(crate) fn scan(cassette: &Cassette) -> Result<(), Error> {
    for (at, Interaction { request, response }) in cassette.interactions.iter().enumerate() {
        let place = format!("/interactions/{at}");
        self::request(request, &format!("{place}/request"))?;
        self::response(response, &format!("{place}/response"))?;
    }
    Ok(())
}

fn refuse<T>(what: &'static str, place: &str) -> Result<T, Error> {
    let place = place.to_owned();
    Err(Error::Leak { what, place })
}

fn request(request: &Request, place: &str) -> Result<(), Error> {
    if words::method(&request.method) != request.method {
        return refuse("an unusual method", &format!("{place}/method"));
    }
    path(&request.path, &format!("{place}/path"))?;
    for (at, (name, value)) in request.query.iter().enumerate() {
        let is_number = words::NUMBERS.contains(&name.as_str()) && words::is_small_number(value);
        let is_known = name == words::TOKEN || words::NUMBERS.contains(&name.as_str());
        let is_clean = (is_known || words::is_made_up(name))
            && (is_number || value.is_empty() || words::is_made_up(value));
        if !is_clean {
            return refuse(
                "a query that was not replaced",
                &format!("{place}/query/{at}"),
            );
        }
    }
    for (name, value) in &request.headers {
        let is_clean = match name.as_str() {
            "accept" | "content-type" => words::media_type(value) == value,
            secret => words::SECRET_HEADERS.contains(&secret) && value == words::REDACTED,
        };
        if !is_clean {
            return refuse(
                "a header that was not replaced",
                &format!("{place}/headers"),
            );
        }
    }
    body(Field::default(), &request.body, &format!("{place}/body"))
}

fn response(response: &Response, place: &str) -> Result<(), Error> {
    for (name, value) in &response.headers {
        match name.as_str() {
            "content-type" if words::media_type(value) == value => {}
            "retry-after" if words::is_small_number(value) => {}
            "location" => path(value, &format!("{place}/headers/location"))?,
            _ => {
                return refuse(
                    "a header that was not replaced",
                    &format!("{place}/headers"),
                );
            }
        }
    }
    body(Field::default(), &response.body, &format!("{place}/body"))
}

fn path(path: &str, place: &str) -> Result<(), Error> {
    let is_clean = path
        .split('/')
        .all(|segment| words::is_segment(segment) || words::is_made_up(segment));
    if is_clean {
        Ok(())
    } else {
        refuse("a path that was not replaced", place)
    }
}

/// The name of a field and of its parent, each empty if there is none.
#[derive(Clone, Copy, Default)]
struct Field<'a> {
    parent: &'a str,
    name: &'a str,
}

fn body(field: Field<'_>, value: &Value, place: &str) -> Result<(), Error> {
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(number) => {
            let number = number.to_string();
            let may_count = !words::is_private(field.name)
                && words::may_count(field.parent, field.name, &number);
            if may_count || words::is_made_up(&number) {
                Ok(())
            } else {
                refuse("a number that was not replaced", place)
            }
        }
        Value::String(text) => {
            let is_clean = words::is_made_up(text) || words::may_stay(field.name, text);
            if is_clean {
                Ok(())
            } else {
                refuse("a text that was not replaced", place)
            }
        }
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(at, item)| body(field, item, &format!("{place}/{at}")))
        }
        Value::Object(fields) => {
            for (at, (name, value)) in fields.iter().enumerate() {
                // The name itself may be private, so that the error gives its position.
                let is_clean =
                    words::is_field(name) || words::is_value(name) || words::is_made_up(name);
                if !is_clean {
                    return refuse(
                        "the name of a field that was not replaced",
                        &format!("{place}, field {at}"),
                    );
                }
                let field = Field {
                    parent: field.name,
                    name,
                };
                body(field, value, &format!("{place}/{name}"))?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(body: Value) -> Cassette {
        serde_json::from_value(json!({"version": 1, "interactions": [{
            "request": {"method": "GET", "path": "/v1/partners"},
            "response": {"status": 200, "body": body},
        }]}))
        .unwrap()
    }

    #[test]
    fn whatever_is_not_known_is_refused_and_not_shown() {
        for private in [
            json!({"name": ["ann@bakery.test"]}),
            json!({"status": "Locked by Ann Baker"}),
            json!({"region": "hunter2"}),
            json!({"lastBackupDate": "0301234567"}),
            json!({"ann@bakery.test": 1}),
            json!({"annbaker": true}),
            json!({"id": 4_915_112_345_678_i64}),
            json!("eyJhbGciOiJIUzI1NiJ9"),
            json!({"password": 12_345_678}),
            json!({"phone": 491_511_234}),
            json!({"id": 47_110_815}),
            json!({"account": 4711}),
            json!({"userId": "47110815"}),
            json!({"text-1": {"US_EST": 4_915_112_345_678_i64}}),
            json!({"text-1": {"size": 4_915_112_345_678_i64}}),
            json!({"US_EST": 491_511_234}),
            json!(491_511_234),
        ] {
            let error = scan(&with(private.clone())).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("/interactions/0/response/body"), "{text}");
            assert!(!text.contains("ann") && !text.contains("hunter2"), "{text}");
        }
        let clean = json!({"email": "person-1@example.com", "id": "id-1", "status": "ACTIVE", "total": "75.10", "size": 410_098_425_828_i64,
            "lastBackupDates": {"GMAIL": 20_230_330_202_812_i64}, "partnerID": 9_007_199_000_000_001_i64, "userId": "9007199000000001"});
        assert!(scan(&with(clean)).is_ok());
    }

    #[test]
    fn a_path_holds_no_id_of_somebody() {
        let mut cassette = with(Value::Null);
        cassette.interactions[0].request.path = "/v1/backup-tasks/47110815".to_owned();
        let error = scan(&cassette).unwrap_err().to_string();
        assert!(error.contains("a path"), "{error}");
    }
}
