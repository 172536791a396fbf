//! Reads a file of YAML or JSON into a JSON value.

mod json;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::pointer::Pointer;

/// How deep a document may be nested: as far as the reader itself goes, whose own limit is 255.
const DEPTH: usize = 250;

/// How many nodes a small document may have, whatever its size.
const LEAST: usize = 250_000;

/// Reads the file. Doubled keys, anchors without a target and several documents in one file are
/// errors.
pub(crate) fn read(path: &Path) -> Result<Value, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
    let value = parse(path, &text)?;
    shallow(path, &value)?;
    Ok(value)
}

/// Every stage goes down the document, so its depth is bounded before any of them does.
fn shallow(path: &Path, value: &Value) -> Result<(), Error> {
    let mut pending = vec![(Pointer::root(), value, 0)];
    while let Some((pointer, value, depth)) = pending.pop() {
        if depth > DEPTH {
            return Err(too_deep(path, pointer));
        }
        // A pointer is only made where it might be needed.
        let at = |key: &str| {
            if depth + 8 > DEPTH {
                pointer.child(key)
            } else {
                pointer.clone()
            }
        };
        match value {
            Value::Object(map) => {
                pending.extend(map.iter().map(|(key, value)| (at(key), value, depth + 1)));
            }
            Value::Array(items) => pending.extend(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, value)| (at(&index.to_string()), value, depth + 1)),
            ),
            _ => {}
        }
    }
    Ok(())
}

fn too_deep(path: &Path, pointer: Pointer) -> Error {
    Error::In {
        path: path.to_owned(),
        pointer,
        message: format!(
            "the document is nested more than {DEPTH} deep; move what is deep inside into components"
        ),
    }
}

/// The vendor's document in a folder: `openapi.yaml` or `openapi.json`. Where both lie there, nobody
/// could say which of them is meant.
pub(crate) fn document_in(folder: &Path) -> Result<PathBuf, Error> {
    let [yaml, json] = DOCUMENTS.map(|name| folder.join(name));
    match (yaml.is_file(), json.is_file()) {
        (true, true) => Err(Error::usage(format!(
            "{} and {} are both there: remove the one that the vendor no longer gives",
            yaml.display(),
            json.display()
        ))),
        (false, false) => Err(Error::usage(format!(
            "there is neither {} nor {}: put the vendor's document there",
            yaml.display(),
            json.display()
        ))),
        (true, false) => Ok(yaml),
        (false, true) => Ok(json),
    }
}

/// The names that the vendor's document may have.
pub(crate) const DOCUMENTS: [&str; 2] = ["openapi.yaml", "openapi.json"];

pub(crate) fn parse(path: &Path, text: &str) -> Result<Value, Error> {
    if path.extension().is_some_and(|end| end == "json") {
        match json::parse(text.trim_start_matches('\u{feff}')) {
            Ok(value) => return Ok(value),
            // This reader goes less deep than the other.
            Err(error) if error.to_string().contains("recursion limit") => {}
            Err(error) => {
                let message = error.to_string();
                let place = format!(" at line {} column {}", error.line(), error.column());
                return Err(Error::Syntax {
                    path: path.to_owned(),
                    language: "JSON",
                    line: u64::try_from(error.line()).unwrap_or_default(),
                    column: u64::try_from(error.column()).unwrap_or_default(),
                    message: message.replace(&place, ""),
                });
            }
        }
    }
    // YAML 1.2: `no` is a word and not a truth value. A text has fewer nodes than letters, so only
    // what an alias repeats is bounded by more than the size of the file.
    let most = text.len().max(LEAST);
    let options = serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_depth: DEPTH * 4,
            flow_nesting_limit: DEPTH * 4,
            max_nodes: most,
            max_events: most.saturating_mul(2),
        },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let (line, column) = error
            .location()
            .map_or((0, 0), |at| (at.line(), at.column()));
        let error = error.without_snippet();
        let plain = error.to_string();
        // Beyond its own limit the reader only says that there is one.
        if plain.contains("recursion limit") || plain.contains("max_depth") {
            return too_deep(path, Pointer::root());
        }
        Error::Syntax {
            path: path.to_owned(),
            language: "YAML",
            line,
            column,
            message: message(error),
        }
    })
}

const TOO_MANY: &str =
    "the anchors and aliases make more of it than can be read: use components and `$ref` instead";

/// What is wrong, in words for those who write documents: the reader's own speak of its options.
fn message(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{key}` stands twice in one object: remove one of them")
        }
        Error::DuplicateMappingKey { .. } => {
            "a key stands twice in one object: remove one of them".to_owned()
        }
        Error::NullIntoString { .. } => {
            "a key is empty or null, and must be a text: put it in quotes".to_owned()
        }
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => TOO_MANY.to_owned(),
        other => {
            let plain = other.render_with_formatter(&serde_saphyr::UserMessageFormatter);
            // Within an alias the reader only has the words of its own error.
            if plain.contains("budget breached") {
                return TOO_MANY.to_owned();
            }
            plain.lines().next().unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_keep_the_type_that_yaml_1_2_gives_them() {
        let value = parse(
            Path::new("a"),
            "{v: 1, s: '1', d: 2026-03-01, n: no, e: null, i: 20230330202812}",
        )
        .unwrap();
        assert_eq!(
            value,
            json!({"v": 1, "s": "1", "d": "2026-03-01", "n": "no", "e": null, "i": 20230330202812_u64})
        );
    }

    #[test]
    fn an_error_names_line_and_column() {
        let error = parse(Path::new("spec.yaml"), "a: 1\nb: [1, 2\nc: 3\n")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("spec.yaml:3:"), "{error}");
    }

    #[test]
    fn json_is_read_as_json() {
        let path = Path::new("spec.json");
        let text = "\u{feff}{\"a\":\t[1, \"\\/\\ud83e\\udd80\"],\n\t\"n\": 1e3}";
        let expected = json!({"a": [1, "/🦀"], "n": 1000.0});
        assert_eq!(parse(path, text).unwrap(), expected);
        for (text, words) in [
            ("{a: 1}", "spec.json:1:2: not valid JSON"),
            ("{\"a\": 1,\n\"a\": 2}", "the key `a` stands twice"),
        ] {
            let error = parse(path, text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_document_is_too_deep_by_our_own_limit() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let read = move |depth: usize| {
            // As `main` has it: the thread of a test has too small a stack.
            let thread = std::thread::Builder::new().stack_size(crate::STACK);
            let run = move || {
                let path = Path::new("spec.yaml");
                let value = parse(path, &nested(depth))?;
                shallow(path, &value)
            };
            thread.spawn(run).unwrap().join().unwrap()
        };
        assert!(read(DEPTH - 10).is_ok());
        for depth in [DEPTH + 10, DEPTH * 10] {
            let error = read(depth).unwrap_err().to_string();
            assert!(error.contains("nested more than 250 deep"), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_words_for_those_who_write_documents() {
        // Each list holds the one before ten times.
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let list = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        for (text, place, words) in [
            ("a: 1\na: 2\n", "spec.yaml:2:", "the key `a` stands twice"),
            ("a:\n  null: 2\n", "spec.yaml:2:", "put it in quotes"),
            (&bomb, "spec.yaml:", "anchors and aliases"),
            ("a: [1, 2\n", "spec.yaml:", "not valid YAML"),
        ] {
            let error = parse(Path::new("spec.yaml"), text).unwrap_err().to_string();
            assert!(
                error.starts_with(place) && error.contains(words),
                "{text}: {error}"
            );
            for leak in ["Options", "Option<", "breach", "budget", "max_"] {
                assert!(!error.contains(leak), "{error}");
            }
        }
    }
}
