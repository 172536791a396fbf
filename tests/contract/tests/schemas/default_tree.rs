//! What a program builds that depends on `cloudally` with its default features: the crates are few,
//! and none is there for something that it has not asked for.

use std::collections::BTreeSet;
use std::process::Command;

/// As many as there are now, and a few for what those may come to need.
const MOST: usize = 120;

/// Crates of features that are off by default, and others that take long to build.
const HEAVY: [&str; 19] = [
    "bindgen",
    "chrono",
    "clap",
    "csv",
    "h2",
    "hickory-resolver",
    "httpmock",
    "native-tls",
    "openssl",
    "progenitor",
    "quinn",
    "regex",
    "ring",
    "schemars",
    "sha2",
    "tokio-macros",
    "toml",
    "tracing-subscriber",
    "typify",
];

fn tree(more: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "-p", "cloudally"])
        .args(["-e", "normal", "--prefix", "none", "-f", "{p}"])
        .args(more)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_default_features_bring_no_heavy_crate() {
    let crates = tree(&[]);
    let found: Vec<_> = HEAVY
        .iter()
        .filter(|name| crates.contains(**name))
        .collect();
    assert!(found.is_empty(), "{found:?} are built for everybody");
    let count = crates.len();
    assert!(
        count <= MOST,
        "{count} crates, and there should be {MOST} at most"
    );
    assert!(crates.contains("rustls") && crates.contains("reqwest"));
}

#[test]
fn a_feature_that_is_asked_for_brings_what_it_needs() {
    for (feature, name) in [
        // Both are there anyway for these tests, so that nothing needs to be fetched.
        ("unstable-testing", "httpmock"),
        ("schema", "schemars"),
    ] {
        let crates = tree(&["--features", feature]);
        assert!(crates.contains(name), "{feature} lacks {name}");
        assert!(HEAVY.contains(&name));
    }
}
