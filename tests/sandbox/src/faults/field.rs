//! Edits fields of a response body by name or by JSON pointer. A name such as `status` or
//! `schedule.frequency` applies to each item of a list, or to the object where the response is not
//! a list; a pointer such as `/totalPages` starts at the root.

use serde_json::Value;

/// Removes a field from every place that the name matches.
pub(super) fn remove(body: &mut Value, field: &str) {
    each(body, field, &mut |parent, key| match parent {
        Value::Object(fields) => {
            fields.remove(key);
        }
        Value::Array(items) => {
            if let Some(at) = key.parse().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    });
}

/// Sets a field at every place that the name matches, whether it exists or not.
pub(super) fn set(body: &mut Value, field: &str, value: &Value) {
    each(body, field, &mut |parent, key| match parent {
        Value::Object(fields) => {
            fields.insert(key.to_owned(), value.clone());
        }
        Value::Array(items) => {
            let item = key.parse().ok().and_then(|at: usize| items.get_mut(at));
            if let Some(item) = item {
                *item = value.clone();
            }
        }
        _ => {}
    });
}

fn each(body: &mut Value, field: &str, act: &mut dyn FnMut(&mut Value, &str)) {
    if let Some(pointer) = field.strip_prefix('/') {
        let keys: Vec<String> = pointer
            .split('/')
            .map(|key| key.replace("~1", "/").replace("~0", "~"))
            .collect();
        walk(body, &keys, act);
        return;
    }
    let keys: Vec<String> = field.split('.').map(str::to_owned).collect();
    match body {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, &keys, act)),
        _ => match body.get_mut("data").and_then(Value::as_array_mut) {
            Some(items) => items.iter_mut().for_each(|item| walk(item, &keys, act)),
            None => walk(body, &keys, act),
        },
    }
}

/// A name that meets an array on the way applies to each of its elements.
fn walk(value: &mut Value, keys: &[String], act: &mut dyn FnMut(&mut Value, &str)) {
    match keys {
        [] => {}
        [last] if value.is_array() && last.parse::<usize>().is_err() => {
            let elements = value.as_array_mut().into_iter().flatten();
            elements.for_each(|element| act(element, last));
        }
        [last] => act(value, last),
        [next, rest @ ..] => match value {
            Value::Array(items) => match next.parse::<usize>() {
                Ok(at) => items
                    .get_mut(at)
                    .into_iter()
                    .for_each(|item| walk(item, rest, act)),
                Err(_) => items.iter_mut().for_each(|item| walk(item, keys, act)),
            },
            _ => value
                .get_mut(next)
                .into_iter()
                .for_each(|item| walk(item, rest, act)),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_pointers() {
        let page = json!({"total": 2, "data": [
            {"id": 1, "s": {"f": 1}, "b": [{"status": "A"}, {"status": "B"}]},
            {"id": 2, "s": null},
        ]});
        let after = |field: &str| {
            let mut page = page.clone();
            set(&mut page, field, &json!("X"));
            page
        };
        assert_eq!(after("/total")["total"], "X");
        assert_eq!(after("/data/1/id")["data"][1]["id"], "X");
        assert_eq!(after("/data/0")["data"][0], "X");
        assert_eq!(after("id")["data"][0]["id"], "X");
        assert_eq!(after("new")["data"][1]["new"], "X");
        assert_eq!(
            after("s.f")["data"],
            json!([
                {"id": 1, "s": {"f": "X"}, "b": [{"status": "A"}, {"status": "B"}]},
                {"id": 2, "s": null},
            ])
        );
        assert_eq!(
            after("b.status")["data"][0]["b"],
            json!([{"status": "X"}, {"status": "X"}])
        );
        let mut page = page.clone();
        remove(&mut page, "id");
        remove(&mut page, "b.status");
        remove(&mut page, "/total");
        remove(&mut page, "/nothing/here");
        assert_eq!(
            page,
            json!({"data": [{"s": {"f": 1}, "b": [{}, {}]}, {"s": null}]})
        );
    }

    #[test]
    fn single_objects_and_bare_arrays() {
        let mut object = json!({"id": 1});
        set(&mut object, "id", &json!(2));
        assert_eq!(object, json!({"id": 2}));
        let mut array = json!([{"id": 1}, 7]);
        remove(&mut array, "id");
        assert_eq!(array, json!([{}, 7]));
    }
}
