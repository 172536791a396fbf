# What the scripts of this folder share. Each of them sources it, and runs from the root of the checkout.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

root=$PWD
target=${CARGO_TARGET_DIR:-target}
case $target in /*) ;; *) target=$root/$target ;; esac
# The tools and all that they write live here; `cargo clean` removes it.
tools=$target/tools
here=$root/tests/tools

# Credentials that a caller has are not for these runs.
for name in CLIENT_ID CLIENT_SECRET USER PASSWORD BASE_URL ROOT_CERTIFICATE; do unset "CLOUDALLY_$name" "CLOUDALLY_${name}_FILE"; done

# The background programs of this script, ended with it.
started=()
cleanup() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
    started=()
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Waits until a command succeeds, as long as the program runs: wait_for PID LOG COMMAND...
wait_for() {
    local pid=$1 log=$2
    shift 2
    for _ in $(seq 300); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo "not ready: $*" >&2
    cat "$log" >&2
    return 1
}

# From here on nothing reaches any host but this one.
loopback_only() {
    export HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9
    export http_proxy=$HTTP_PROXY https_proxy=$HTTPS_PROXY all_proxy=$ALL_PROXY
    export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
}
