"""Writes the dictionaries of schemathesis.toml into a folder, and prints an access token.

They hold what is good and cannot be guessed: the credentials of the account that the environment names, refresh tokens
of as many sign-ins, for each works once, ids, and tokens of pages.
"""

import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

folder = Path(sys.argv[1])
base_url, client_id, client_secret, email, password = (
    os.environ[f"CLOUDALLY_{name}"] for name in ("BASE_URL", "CLIENT_ID", "CLIENT_SECRET", "USER", "PASSWORD")
)


def answer(path, headers, body=None):
    request = Request(base_url + path, None if body is None else json.dumps(body).encode(), headers)
    with urlopen(request) as response:
        return json.load(response)


def sign_in():
    headers = {"content-type": "application/json", "client-id": client_id, "client-secret": client_secret}
    return answer("/auth", headers, {"email": email, "password": password})


def read(path):
    """What the account reads there, or nothing if it may not."""
    try:
        return answer(path, {"authorization": f"Bearer {access_token}"})
    except HTTPError as error:
        if error.code != 403:
            raise
        return {"data": [], "nextPageToken": None}


def ids(path, field):
    return [item[field] for item in read(f"{path}?pageSize=20")["data"]]


def page_tokens(path):
    """The tokens that lead from page to page."""
    tokens = [read(f"{path}?pageSize=90")["nextPageToken"]]
    while tokens[-1]:
        tokens.append(read(f"{path}?nextPageToken={tokens[-1]}")["nextPageToken"])
    return tokens[:-1]


def restore(number):
    headers = {"content-type": "application/json", "authorization": f"Bearer {access_token}"}
    return answer("/v1/restore", headers, {"entityName": f"mailbox {number}"})["jobId"]


def write(name, values):
    """One entry that is no good where there is none that is, for a dictionary cannot be empty."""
    values = values or ["none"]
    (folder / f"{name}.dict").write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")


access_token = sign_in()["accessToken"]
write("client-id", [client_id])
write("client-secret", [client_secret])
write("email", [email])
write("password", [password])
write("refresh-token", [sign_in()["refreshToken"] for _ in range(50)])
write("task", ids("/v1/backup-tasks", "id"))
write("reseller", ids("/v1/partners/resellers", "partnerId"))
accounts = read("/v2/resellers/accounts?limit=1")["data"]
tasks = [read(f"/v2/resellers/accounts/{account['id']}/backup-tasks")["data"] for account in accounts]
write("account", [account["id"] for account in accounts])
write("account-task", [task["id"] for all_of_one in tasks for task in all_of_one])
write("job", [restore(number) for number in range(5)])
write("tasks-token", page_tokens("/v1/partners/tasks"))
write("status-token", page_tokens("/v1/partners/status"))
print(access_token)
