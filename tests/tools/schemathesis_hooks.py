"""What Schemathesis is told of this service: the findings that are accepted, each by exact match and with a reason.

`CLOUDALLY_ACCEPTED` names the list, and `CLOUDALLY_MET` the file that says which of its entries were met.
"""

import json
import os

import schemathesis

with open(os.environ["CLOUDALLY_ACCEPTED"], encoding="utf-8") as file:
    ACCEPTED = json.load(file)
NOT_ACCEPTED = []
KEYS = ("operation", "finding", "status", "message")


def described(failure, response):
    try:
        message = response.json()["message"]
    except (ValueError, KeyError, TypeError):
        message = None
    return {
        "operation": failure.operation,
        "finding": type(failure).__name__,
        "status": response.status_code,
        "message": message,
    }


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether the finding counts."""
    found = described(failure, response)
    for number, entry in enumerate(ACCEPTED):
        if all(entry[key] == found[key] for key in KEYS):
            with open(os.environ["CLOUDALLY_MET"], "a", encoding="utf-8") as met:
                met.write(f"{number}\n")
            return False
    if found not in NOT_ACCEPTED:
        NOT_ACCEPTED.append(found)
        print(f"not accepted: {json.dumps(found)}")
    return True
