#!/usr/bin/env bash
# Runs the examples, against their own sandbox and against a service, and looks at what they print.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cargo build --quiet --locked -p cloudally-sandbox
cargo build --quiet --locked -p cloudally --examples --features csv,metrics,restore-record,toml
loopback_only

step() { printf '\n-- %s\n' "$*"; }

step "quickstart against its own sandbox"
log=$tools/examples
rm -rf "$log" && mkdir -p "$log"
expect() {
    grep -qF -- "$1" "$2" || {
        echo "the quickstart did not print: $1"
        cat "$2"
        exit 1
    }
}
cargo run --quiet --locked -p cloudally --example quickstart >"$log/own"
for line in "The backups are critical:" "40 tenants, 1200 active tasks" "storm" "partial" "COMPLETED    100 %" "The restore is done."; do
    expect "$line" "$log/own"
done
if [ "$(awk '{ if (length > longest) longest = length } END { print longest }' "$log/own")" -gt 110 ]; then
    echo "the quickstart is wider than a terminal"
    exit 1
fi
status=0
cargo run --quiet --locked -p cloudally --example quickstart -- --check >/dev/null || status=$?
[ "$status" = 2 ]
cargo run --quiet --locked -p cloudally --example quickstart | head -n 1
tail -n 14 "$log/own"

step "quickstart against a service, reads only"
"$target/debug/cloudally-sandbox" --seed 7 --ragged >"$log/sandbox" &
started+=($!)
wait_for "$!" "$log/sandbox" grep -q CLOUDALLY_PASSWORD "$log/sandbox"
# shellcheck disable=SC1091
. "$log/sandbox"
cargo run --quiet --locked -p cloudally --example quickstart >"$log/service"
expect "nothing is changed there" "$log/service"
expect "40 tenants, " "$log/service"
if grep -q "Restoring" "$log/service"; then
    echo "a restore was created on a service"
    exit 1
fi
tail -n 1 "$log/service"

step "the examples against the same service"
example() { "$target/debug/examples/$1" "${@:2}"; }
example failed_backups >"$log/failed"
expect "entries" "$log/failed"
example bills_csv >"$log/bills.csv"
expect "name,period,service,service_type,source,quantity,price,total,seat,storage,bill_total,bill_discount" "$log/bills.csv"
for portion in 1 2; do example resumed_list "$log/tasks.cursor" 700; done >"$log/tasks"
expect "from the start" "$log/tasks"
if [ "$(wc -l <"$log/tasks")" != 1201 ] || [ -e "$log/tasks.cursor" ]; then
    echo "the list was not resumed to its end: $(wc -l <"$log/tasks") lines"
    exit 1
fi
task=$(sed -n 2p "$log/tasks" | cut -d " " -f 1)
example restore_resume start "$log/restore.json" "$task" ann@acme.example.com >"$log/started"
expect "accepted as" "$log/started"
grep -qF '"entityName": "ann@acme.example.com"' "$log/restore.json"
example restore_resume wait "$log/restore.json" >"$log/waited"
expect "done" "$log/waited"
tail -n 2 "$log/failed"
address=$(awk 'match($0, /[a-z.]+@[a-z0-9.-]+/) { print substr($0, RSTART, RLENGTH); exit }' "$log/failed")
printf 'Email Address [Required];Status [READ ONLY]\n%s;Active\nnew.hire@%s;Active\n' "$address" "${address#*@}" >"$log/users.csv"
example coverage "$log/users.csv" >"$log/coverage"
expect "new.hire@" "$log/coverage"
expect "2 accounts:" "$log/coverage"
cat >"$log/books.toml" <<'TOML'
[reconcile]
trust_names = true
bill_service = "source"
[reconcile.columns]
name = "name"
period = "period"
service = "source"
total = "total"
TOML
period=$(awk -F, 'NR == 2 { print $2 }' "$log/bills.csv")
example reconcile "$log/bills.csv" "$period" USD "$log/books.toml" >"$log/reconcile"
expect "lines were compared" "$log/reconcile"
tail -n 4 "$log/reconcile"
example restore_drill "$log/drill" "a drill" "$task" >"$log/drilled"
expect ": done: " "$log/drilled"
expect "**Outcome: done.**" "$log/drill/restore-1.md"
# The hash is one that others can make.
python3 - "$log/drill/restore-1.json" <<'PYTHON'
import hashlib, json, sys
stored = json.load(open(sys.argv[1]))
text = json.dumps(stored["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
assert hashlib.sha256(text.encode()).hexdigest() == stored["sha256"], stored
PYTHON
RUST_LOG=cloudally=debug example json_log 2>"$log/json" >/dev/null
expect '"otel.name":"GET /v1/partners/tasks"' "$log/json"
example open_telemetry >"$log/telemetry"
expect "Client GET /v1/partners/tasks" "$log/telemetry"
expect 'http.client.request.duration in "s"' "$log/telemetry"
example prometheus >"$log/prometheus"
expect 'http_client_request_duration_bucket{http_request_method="GET"' "$log/prometheus"
