"""An account is put, paid and read, with Python's standard library alone."""

import json
import os
import urllib.request
from datetime import UTC, datetime, timedelta

URL, TOKEN = os.environ["CONTRAPUNTO_URL"], os.environ["CONTRAPUNTO_TOKEN"]


def ask(method, path, body=None, **headers):
    """One request: its answer and its ETag. What is refused raises HTTPError."""
    request = urllib.request.Request(
        URL + path,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer), answer.headers["ETag"]


account = {
    "customer_id": "SC-2",
    "currency": "COP",
    "balance": "450000.00",
    "oldest_due_date": (datetime.now(UTC) - timedelta(days=20)).date().isoformat(),
    "name": "Luis Otero",
    "country": "CO",
    "mobile": "+573990000102",
    "consents": ["sms"],
}
there = "/v1/accounts/banco-andino/S-2"
put, etag = ask("PUT", there, account, **{"Idempotency-Key": "core-S-2-1"})
print(put["outcome"], etag)
# Only if nobody has changed it since.
put, etag = ask("PUT", there, {**account, "balance": "440000.00"}, **{"If-Match": etag})
print(put["outcome"])
print(ask("POST", f"{there}/payments", {"id": "pay-S-2", "amount": "50000.00"})[0])
print(ask("GET", there)[0]["status"])
