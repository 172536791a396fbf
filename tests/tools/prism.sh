#!/usr/bin/env bash
# Prism, a mock server that others make from a document, with validation on: every call of the SDK is taken, and every
# answer is read, be it an example or made up.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$here/install.sh"

cargo build --quiet --locked -p cloudally-contract --example against_prism
loopback_only
mkdir -p "$tools/prism"

free_port() {
    "$tools/python/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# against MODE PRISM_OPTION...
against() {
    local mode=$1 port log prism
    shift
    port=$(free_port)
    log=$tools/prism/$mode-$port.log
    node "$tools/node/node_modules/@stoplight/prism-cli/dist/index.js" mock --errors --host 127.0.0.1 --port "$port" "$@" \
        "$root/spec/bundled.json" >"$log" 2>&1 &
    prism=$!
    started+=("$prism")
    wait_for "$prism" "$log" grep -q 'Prism is listening' "$log"
    "$target/debug/examples/against_prism" "127.0.0.1:$port" "$mode" || {
        echo "with Prism's $mode answers ($*); its log is $log" >&2
        return 1
    }
    kill "$prism"
}

against static
for seed in 1 2 3 4; do
    against dynamic --dynamic --seed "$seed"
done
