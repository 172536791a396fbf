#!/usr/bin/env bash
# Packages what is published, builds each package from its packaged files, and runs a program that depends on them.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The packages know no profile of the workspace. Their builds share one folder, so that nothing is built twice.
export CARGO_TARGET_DIR=$target/packages CARGO_PROFILE_DEV_DEBUG=0
packages=(cloudally-gen cloudally cloudally-sandbox cloudally-cassette)
rm -rf "$CARGO_TARGET_DIR/package"
# Like other commands, it is run on what is in the folder, committed or not.
cargo package --locked --allow-dirty "${packages[@]/#/--package=}"

# The program is outside of the workspace, and has what a reader of the README would write and run.
stranger=$(mktemp -d)
trap 'rm -rf "$stranger"; cleanup' EXIT
mkdir "$stranger/src"
cp Cargo.lock "$stranger"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
{
    printf '[package]\nname = "stranger"\nedition = "2024"\n\n[dependencies]\n'
    printf 'cloudally = { version = "%s", features = ["blocking", "unstable-testing"] }\n' "$version"
    printf 'cloudally-sandbox = "%s"\n' "$version"
    sed -nE '/^\[dev-dependencies]/,/^$/ { /^(comfy-table|tokio) = /p }' cloudally/Cargo.toml
    printf '\n[patch.crates-io]\n'
    for name in "${packages[@]}"; do
        printf '%s = { path = "%s" }\n' "$name" "$CARGO_TARGET_DIR/package/$name-$version"
    done
} >"$stranger/Cargo.toml"
cp cloudally/examples/quickstart.rs "$stranger/src/main.rs"
{
    echo '#![allow(unused)]'
    # Each block of Rust is a function, because blocks repeat names.
    awk '/^```rust/ { print "fn block" ++n "() {"; block = 1; next } /^```$/ && block { print "}"; block = 0 } block' README.md
} >"$stranger/src/lib.rs"
cargo run --quiet --manifest-path "$stranger/Cargo.toml" | tail -n 3
