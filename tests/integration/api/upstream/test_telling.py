"""Payments, facts, consents and wishes that upstream systems tell, and what they read back."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from store.database import Pool
from tests.integration.api.conftest import serving, signed
from tests.integration.api.upstream.conftest import Core, StartedAccounts, row

AT = "2026-11-20T10:00:00Z"
PAY = "/v1/accounts/bank/A-1/payments"


@pytest.fixture
async def known(core: Core) -> Core:
    await core.account("bank/A-1")
    return core


async def test_a_payment_is_told_to_the_workflow(known: Core) -> None:
    paid = {"id": "p-1", "amount": "50000.00", "currency": "COP", "paid_at": AT}
    answer = await known.post(PAY, "core", json=paid)
    assert (answer.status_code, answer.json()) == (202, {"id": "p-1", "account": "bank/A-1"})
    assert known.temporal.told == [("account/bank/A-1", "p-1")]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"id": "a b"}, "id"),
        ({"paid_at": "yesterday"}, "paid_at"),
        ({"much": 1}, "much"),
    ],
)
async def test_a_payment_that_cannot_be_is_refused(
    known: Core, other: dict[str, Any], field: str
) -> None:
    answer = await known.post(PAY, "core", json={"id": "p-1", "amount": "5.00", **other})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert known.temporal.told == []


async def test_a_payment_needs_an_account_that_is_collected(known: Core) -> None:
    paid = {"id": "p-1", "amount": "5.00"}
    assert (await known.post(PAY.replace("A-1", "A-9"), "core", json=paid)).status_code == 404
    known.temporal.ended.add("account/bank/A-1")
    # Open, and its workflow not there yet: it is started, and told.
    assert (await known.post(PAY, "core", json=paid)).status_code == 202
    assert ("bank", "A-1", None) in known.temporal.started
    await known.pool.execute(
        "UPDATE accounts SET status = 'closed', close_reason = 'cured', closed_at = now()"
    )
    closed = await known.post(PAY, "core", json=paid)
    assert closed.status_code == 409


async def test_a_fact_is_on_record_once_and_every_account_hears_of_it(known: Core) -> None:
    fact = {"id": "case-1", "kind": "attorney", "at": AT, "contact_known": True}
    path = "/v1/customers/P-1/facts"
    first, again = [await known.post(path, "core", json=fact) for _ in range(2)]
    assert (first.status_code, first.json()["new"], again.json()["new"]) == (201, True, False)
    assert known.temporal.told[0] == ("account/bank/A-1", "event:case-1")
    kept = await known.pool.fetchrow(
        "SELECT kind, recorded_by FROM law_events WHERE kind='attorney'"
    )
    assert kept is not None
    assert tuple(kept) == ("attorney", "contrapunto api")
    other = await known.post(path, "core", json={"id": "case-1", "kind": "opt_in", "at": AT})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "id")
    odd = await known.post(path, "core", json={"id": "x", "kind": "lottery", "at": AT})
    assert odd.status_code == 422
    assert (await known.post("/v1/customers/P-9/facts", "core", json=fact)).status_code == 404


async def test_a_consent_is_kept_with_its_proof(known: Core) -> None:
    path = "/v1/customers/P-1/consents"
    given = (known.now - timedelta(days=3)).isoformat()
    consent = {
        "id": "web-1",
        "channel": "voice",
        "at": given,
        "source": "web form",
        "proof": "archive:2026/77",
    }
    assert (await known.post(path, "core", json=consent)).status_code == 201
    assert (await known.post(path, "core", json=consent)).json()["new"] is False
    listed = (await known.get(path, "core")).json()["items"]
    assert [(one["id"], one["source"], one["proof"]) for one in listed] == [
        ("web-1", "web form", "archive:2026/77")
    ]
    kinds = await known.pool.fetch(
        "SELECT kind, channel FROM law_events WHERE event_id = 'file:web-1'"
    )
    assert [tuple(one) for one in kinds] == [("opt_in", "voice")]
    back = {**consent, "id": "web-2", "granted": False}
    assert (await known.post(path, "core", json=back)).status_code == 201
    assert await known.pool.fetchval("SELECT count(*) FROM law_events WHERE kind = 'opt_out'") == 1
    bare = {k: v for k, v in consent.items() if k != "proof"} | {"id": "web-3"}
    assert (await known.post(path, "core", json=bare)).status_code == 422


async def test_a_wish_is_kept(known: Core) -> None:
    answer = await known.put("/v1/customers/P-1/preferences", json={"channel": "email"})
    assert answer.status_code == 200
    assert (await known.pool.fetchval("SELECT recorded_by FROM preferences")) == "core"


async def test_what_is_read_comes_in_pages(known: Core) -> None:
    for number in range(2, 6):
        await known.account(f"bank/A-{number}")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = (await known.get("/v1/accounts", "core", params={"limit": 2, **more})).json()
        seen += [one["account"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"bank/A-{number}" for number in range(1, 6)]
    for number, wrong in enumerate(("x", "W10", "WyJhIl0", "Ww" * 150)):
        for path in (
            "/v1/accounts",
            "/v1/accounts/bank/A-1/ledger",
            "/v1/accounts/bank/A-1/timeline",
        ):
            answer = await known.get(path, "core", params={"cursor": wrong})
            assert answer.status_code == 422, (number, path)


async def test_a_timeline_is_read_to_its_end_in_pages(known: Core) -> None:
    path = "/v1/customers/P-1/facts"
    for number in range(5):
        fact = {"id": f"f-{number}", "kind": "attorney", "at": AT}
        assert (await known.post(path, "core", json=fact)).status_code == 201
    there, seen, cursor = "/v1/accounts/bank/A-1/timeline", list[str](), None
    whole = (await known.get(there, "core")).json()
    assert whole["next"] is None
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await known.get(there, "core", params=params)).json()
        seen += [one["kind"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen.count("attorney") >= 1
    assert set(seen) == {one["kind"] for one in whole["items"]}


async def test_two_tokens_of_one_sender_serve_while_one_takes_the_others_place(
    core: Core,
) -> None:
    told = yaml.safe_load(core.tokens.read_text("utf-8"))
    new = "n" * 40
    mine = next(one for one in told["tokens"] if one["name"] == "core")
    told["tokens"].append({**mine, "sha256": hashlib.sha256(new.encode()).hexdigest()})
    core.tokens.write_text(yaml.safe_dump(told), encoding="utf-8")
    for given in (new, None):
        answer = await core.ask("GET", "/v1/accounts", "core", bearer=given)
        assert answer.status_code == 200
    told["tokens"].remove(mine)
    core.tokens.write_text(yaml.safe_dump(told), encoding="utf-8")
    assert (await core.ask("GET", "/v1/accounts", "core", bearer=new)).status_code == 200
    assert (await core.get("/v1/accounts", "core")).status_code == 401


async def test_a_system_with_the_token_of_its_client_credentials_is_let_in(
    pool: Pool, tmp_path: Path, now: datetime
) -> None:
    chosen = {
        "api_oidc_roles": {"collections-upstream": "upstream"},
        "api_oidc_name_claim": "azp",
        "api_oidc_creditors_claim": "creditors",
    }
    claims: dict[str, Any] = {
        "azp": "core-banking",
        "roles": ["collections-upstream"],
        "creditors": ["bank"],
    }
    async with serving(pool, tmp_path, now, StartedAccounts(), **chosen) as desk:
        mine = signed(**claims)
        put = await desk.ask("PUT", "/v1/accounts/bank/A-1", bearer=mine, json=row())
        assert put.status_code == 201
        other = await desk.ask("PUT", "/v1/accounts/garage/A-1", bearer=mine, json=row())
        assert other.status_code == 404
        nobody = signed(**{**claims, "roles": ["something-else"]})
        assert (await desk.ask("GET", "/v1/accounts", bearer=nobody)).status_code == 403
