#!/usr/bin/env bash
# Redocly's linter on the bundled document and on the overlay: no errors and no warnings.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$here/install.sh"

loopback_only
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
lint() { node "$tools/node/node_modules/@redocly/cli/bin/cli.js" lint "$@"; }

lint --config "$here/redocly.yaml" spec/bundled.json
# The rules of the file are for OpenAPI.
lint --config "$here/redocly-overlay.yaml" spec/overlay.yaml
