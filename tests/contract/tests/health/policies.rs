//! The policies that the docs show are read.

use std::fs;
use std::path::Path;

use cloudally::health::Policy;

/// The blocks of a page that are in a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in page.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(own)) if own == language => block = Some(String::new()),
            (None, _) => {}
            (Some(_), Some(_)) => blocks.extend(block.take()),
            (Some(text), None) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    blocks
}

#[test]
fn every_policy_of_the_docs_is_one() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for (page, expected) in [("health.md", 1), ("coverage.md", 2), ("reconcile.md", 3)] {
        let text = fs::read_to_string(docs.join(page)).unwrap();
        let policies = blocks(&text, "toml");
        assert!(policies.len() >= expected, "{page}: {}", policies.len());
        for policy in policies {
            let read = Policy::from_toml(&policy);
            assert!(read.is_ok(), "{page}: {policy}: {read:?}");
        }
    }
}
