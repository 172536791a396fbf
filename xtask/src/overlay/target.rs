//! Reads and writes the targets of actions that name their places one by one.

use serde_json::Value;

use crate::pointer::Pointer;

/// The places that a target names; nothing, if it has a wildcard, a filter or a slice, which find
/// their places in the document.
pub(super) fn places(target: &str) -> Option<Vec<Pointer>> {
    let mut places = vec![Pointer::root()];
    let mut rest = target.strip_prefix('$')?;
    while !rest.is_empty() {
        let keys;
        (keys, rest) = match rest.strip_prefix('[') {
            Some(inside) => bracket(inside)?,
            None => {
                let name = rest.strip_prefix('.')?;
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (name, rest) = name.split_at(end);
                if name.is_empty() || name == "*" {
                    return None;
                }
                (vec![name.to_owned()], rest)
            }
        };
        let below = |place: &Pointer| keys.iter().map(|key| place.child(key)).collect::<Vec<_>>();
        places = places.iter().flat_map(below).collect();
    }
    Some(places)
}

/// The keys between brackets, and what comes after.
fn bracket(mut rest: &str) -> Option<(Vec<String>, &str)> {
    let mut keys = Vec::new();
    loop {
        rest = rest.trim_start();
        let mut letters = rest.chars();
        let first = letters.next()?;
        if first == '\'' || first == '"' {
            let mut key = String::new();
            loop {
                match letters.next()? {
                    '\\' => key.push(letters.next().filter(|next| "'\"\\/".contains(*next))?),
                    letter if letter == first => break,
                    letter => key.push(letter),
                }
            }
            keys.push(key);
            rest = letters.as_str();
        } else {
            let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let (digits, after) = rest.split_at(end);
            keys.push(digits.parse::<usize>().ok()?.to_string());
            rest = after;
        }
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Some((keys, rest.strip_prefix(']')?)),
        }
    }
}

/// Targets that name these places of a document: as few as there can be.
pub(super) fn targets(places: &[Pointer], document: &Value) -> Vec<(String, usize)> {
    let mut open: Vec<Vec<String>> = Vec::new();
    for place in places {
        let keys: Vec<String> = place.keys().collect();
        if !open.contains(&keys) {
            open.push(keys);
        }
    }
    let mut targets = Vec::new();
    while let Some(first) = open.first().cloned() {
        // Names of one level can stand side by side; of those, the level with the most is taken.
        let beside = |level: usize| -> Vec<usize> {
            let is_beside = |other: &[String]| {
                other.len() == first.len()
                    && other
                        .iter()
                        .zip(&first)
                        .enumerate()
                        .all(|(at, (a, b))| at == level || a == b)
            };
            let all = open.iter().enumerate();
            all.filter(|(_, other)| is_beside(other))
                .map(|(index, _)| index)
                .collect()
        };
        let best = (0..first.len()).max_by_key(|level| (beside(*level).len(), *level));
        let level = best.unwrap_or(0);
        let group = beside(level);
        let names: Vec<String> = group
            .iter()
            .filter_map(|index| open.get(*index)?.get(level).cloned())
            .collect();
        targets.push((written(&first, level, &names, document), group.len().max(1)));
        let mut index = 0;
        open.retain(|_| {
            index += 1;
            index > 1 && !group.contains(&(index - 1))
        });
    }
    targets
}

fn written(keys: &[String], level: usize, names: &[String], document: &Value) -> String {
    let mut path = String::from("$");
    let mut place = Pointer::root();
    for (at, key) in keys.iter().enumerate() {
        let is_list = place.find(document).is_some_and(Value::is_array);
        let quoted = |name: &String| match is_list {
            true => name.clone(),
            false => format!("'{}'", name.replace('\\', "\\\\").replace('\'', "\\'")),
        };
        let is_plain = key.starts_with(|first: char| first.is_ascii_alphabetic())
            && key.chars().all(|letter| letter.is_ascii_alphanumeric());
        if at == level && names.len() > 1 {
            let names: Vec<String> = names.iter().map(quoted).collect();
            path.push_str(&format!("[{}]", names.join(", ")));
        } else if is_plain {
            path.push_str(&format!(".{key}"));
        } else {
            path.push_str(&format!("[{}]", quoted(key)));
        }
        place = place.child(key);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_target_that_names_its_places_is_read_and_written() {
        let document = json!({"paths": {"/a": {"get": {"parameters": [{}]}}}});
        for target in [
            "$.paths['/a', '/b/{c}'].get.responses['200']",
            "$.paths['/a'].get.parameters[0]",
            "$.components.schemas['it\\'s']",
        ] {
            let places = places(target).unwrap();
            let written = targets(&places, &document);
            assert_eq!(written, [(target.to_owned(), places.len())]);
        }
        for target in ["$.paths[*].get", "$..get", "$.a[?@.b]", "$.*", "$.a[0:1]"] {
            assert_eq!(places(target), None, "{target}");
        }
    }

    #[test]
    fn places_that_have_nothing_in_common_are_parted() {
        let places = ["/a/x", "/b", "/a/y"].map(Pointer::parse);
        let written = targets(&places, &json!({}));
        assert_eq!(
            written,
            [("$.a['x', 'y']".to_owned(), 2), ("$.b".to_owned(), 1)]
        );
    }
}
