#!/usr/bin/env bash
# Installs the tools, as pinned, into target/tools; does nothing where they are there already.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$tools"

for program in node npm python3; do
    command -v "$program" >/dev/null || {
        echo "$program is needed to install the tools" >&2
        exit 1
    }
done

# What was installed is written down last, so that half an installation is done again.
current() { [ -f "$tools/$1.installed" ] && cat "${@:2}" | cmp -s - "$tools/$1.installed"; }
installed() { cat "${@:2}" >"$tools/$1.installed"; }

node_files=("$here/package.json" "$here/package-lock.json")
if ! current node "${node_files[@]}"; then
    rm -rf "$tools/node"
    mkdir -p "$tools/node"
    cp "${node_files[@]}" "$here/.npmrc" "$tools/node/"
    npm ci --prefix "$tools/node" --ignore-scripts --no-progress
    installed node "${node_files[@]}"
fi

if ! current python "$here/requirements.txt"; then
    rm -rf "$tools/python"
    python3 -m venv "$tools/python"
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
        --requirement "$here/requirements.txt"
    installed python "$here/requirements.txt"
fi
