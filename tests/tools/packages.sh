#!/usr/bin/env bash
# Packages what is published, and builds each package from its packaged files.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The packages know no profile of the workspace. Their builds share one folder, so that nothing is built twice.
export CARGO_TARGET_DIR=$target/packages CARGO_PROFILE_DEV_DEBUG=0
packages=(cloudally-gen cloudally cloudally-sandbox cloudally-cassette)
rm -rf "$CARGO_TARGET_DIR/package"
# Like other commands, it is run on what is in the folder, committed or not.
cargo package --locked --allow-dirty "${packages[@]/#/--package=}"
