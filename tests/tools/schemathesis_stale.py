"""Fails if a finding is accepted that was not met; see schemathesis_hooks.py."""

import json
import os
import sys

with open(os.environ["CLOUDALLY_ACCEPTED"], encoding="utf-8") as file:
    accepted = json.load(file)
with open(os.environ["CLOUDALLY_MET"], encoding="utf-8") as file:
    met = {int(line) for line in file}
stale = [entry for number, entry in enumerate(accepted) if number not in met]
for entry in stale:
    print(f"accepted, and not found any more: {json.dumps(entry)}")
print(f"{len(met)} accepted findings, {len(stale)} of them gone")
sys.exit(bool(stale))
