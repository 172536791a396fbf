#!/usr/bin/env bash
# Schemathesis against the sandbox: requests made from the bundled document, good and bad, alone and in sequences, and all
# checks of the answers. Once for each kind of account. 0 findings, but for those of schemathesis_accepted.json.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$here/install.sh"

cargo build --quiet --locked -p cloudally-sandbox
loopback_only
work=$tools/schemathesis
rm -rf "$work"
mkdir -p "$work"
export CLOUDALLY_ACCEPTED=$here/schemathesis_accepted.json CLOUDALLY_MET=$work/met
: >"$CLOUDALLY_MET"

failed=
for account in distributor partner reseller portal-user; do
    folder=$work/$account
    mkdir -p "$folder"
    "$target/debug/cloudally-sandbox" --account "$account" --seed 7 --ragged --users 60 --tasks 600 --statuses 600 \
        --token-lifetime 86400 >"$folder/sandbox.env" 2>"$folder/sandbox.log" &
    sandbox=$!
    started+=("$sandbox")
    wait_for "$sandbox" "$folder/sandbox.log" grep -q CLOUDALLY_PASSWORD "$folder/sandbox.env"
    # shellcheck disable=SC1091
    source "$folder/sandbox.env"
    # Credentials come and go by the environment and by files, never as arguments.
    CLOUDALLY_TOKEN=$("$tools/python/bin/python" "$here/schemathesis_dictionaries.py" "$folder")
    export CLOUDALLY_TOKEN
    cp "$here/schemathesis.toml" "$folder/schemathesis.toml"
    cp "$here/schemathesis_hooks.py" "$folder/hooks.py"

    # A warning says that something was hardly tested. What an account is refused is such a thing; the distributor is not.
    warnings=(--warnings off)
    if [ "$account" = distributor ]; then warnings=(); fi

    echo "as $account:"
    if (cd "$folder" && "$tools/python/bin/schemathesis" run "$root/spec/bundled.json" --url "$CLOUDALLY_BASE_URL" \
        "${warnings[@]}") \
        >"$folder/log" 2>&1; then
        sed -n '/Test cases:/,$p' "$folder/log"
    else
        cat "$folder/log"
        failed=1
    fi
    kill "$sandbox"
done
[ -z "$failed" ]

# An entry that nothing meets any more hides what comes next.
"$tools/python/bin/python" "$here/schemathesis_stale.py"
