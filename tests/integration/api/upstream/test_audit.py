"""Whatever is asked over the API that changes something or reads words is in the audit, by whom.

The routes are those of the OpenAPI document, with the requests of ``test_leaks.py``: a new one that
leaves no entry fails here.
"""

from typing import Any

import pytest

from store.audit.chains import verify
from store.database import Pool
from tests.integration.api.conftest import claims, signed
from tests.integration.api.upstream.conftest import Core, row
from tests.integration.api.upstream.test_leaks import CASES, PERSON, ROUTES, SECRETS, world
from workers.api.openapi import described_operations
from workers.api.operations import Audited, Operation, Writes

__all__ = ["world"]

OPERATIONS: dict[tuple[str, str], Operation] = {
    (one.method, one.path.replace(":path}", "}")): one for one in described_operations()
}
PERSONAL = (*SECRETS, "C1", "C2", "A1", "Marta", "no debo nada", "300123456")


async def entries(pool: Pool) -> list[dict[str, Any]]:
    found = await pool.fetch("SELECT * FROM audit ORDER BY at")
    return [dict(one) for one in found]


def test_the_operations_are_those_of_the_document() -> None:
    assert set(OPERATIONS) == set(ROUTES)


def test_each_that_is_not_audited_says_why_and_only_reads() -> None:
    for one in OPERATIONS.values():
        if not isinstance(one.audit, Audited):
            assert one.method == "GET"
            assert one.audit.why


@pytest.mark.parametrize("route", sorted(ROUTES), ids=" ".join)
async def test_a_route_leaves_an_entry_of_who_asked_or_says_why_not(
    world: Core,
    route: tuple[str, str],
) -> None:
    case, (method, path), operation = CASES[route], route, OPERATIONS[route]
    work = await world.pool.fetchval("SELECT min(work_id) FROM work_items")
    order = await world.pool.fetchval("SELECT min(order_id) FROM bulk_orders")
    made = {"?": str(work), "order?": str(order)}
    ids = {k: made.get(v, v) for k, v in case.ids.items()}
    there, who = path.format(**ids) + case.query, case.bank
    more: dict[str, Any] = {} if case.body is None else {"json": case.body}
    if operation.name == "put_customer":
        there, who, more = "/v1/customers/P-9", "hub", {"json": PERSON}
    if operation.name in ("put_account", "put_accounts"):
        new = {"creditor": "bank", "account_id": "A9", **row()}
        more = {"json": {"rows": [new]} if operation.name == "put_accounts" else row()}
        there = there.replace("/A1", "/A9")
    answer = await world.ask(method, there, who, **more)
    assert answer.status_code < (300 if case.served or "put" in operation.name else 500)
    found = await entries(world.pool)
    if not isinstance(operation.audit, Audited):
        assert found == []
        return
    assert found, "it has left no entry"
    assert {(one["actor"].split("#")[0], one["what"]) for one in found} == {
        (f"token:{who}", operation.name)
    }
    assert len({one["act"] for one in found}) == 1
    first = {
        Writes.BEFORE: "began",
        Writes.WITH_THE_CHANGE: "changed",
        Writes.WHERE_IT_READS: "looked",
    }
    assert found[0]["stage"] == first[operation.audit.writes]
    whole = " ".join(str(one) for one in found)
    assert [one for one in PERSONAL if one in whole] == []
    assert (await verify(world.pool)).wrong == []


async def test_what_changes_in_postgresql_is_told_with_it_before_and_after(core: Core) -> None:
    await core.account("bank/A1")
    await core.put("/v1/customers/P-1/preferences", json={"channel": "sms"})
    [put, began, changed] = await entries(core.pool)
    assert (put["what"], put["stage"], put["told"]["put"]) == ("put_account", "changed", "created")
    assert put["told"]["before"] is None and len(put["told"]["after"]) == 32
    assert (began["what"], began["stage"]) == ("put_preferences", "began")
    told = changed["told"]
    assert (changed["act"], told["table"], told["did"]) == (began["act"], "preferences", "insert")
    assert told["after"]["recorded_by"] == "core"
    assert told["after"]["preference"].startswith("#")
    assert put["person"] == began["person"] == changed["person"] is not None


async def test_puts_that_go_through_together_are_each_of_who_put_them(core: Core) -> None:
    import asyncio

    async def put(who: str, creditor: str, number: int) -> None:
        person = {"customer_id": f"P-{number}", "mobile": f"+5739900000{number:02}", "email": None}
        made = await core.account(f"{creditor}/N{number}", who, **person, consents=["sms"])
        assert made.status_code == 201

    await asyncio.gather(
        *(put(*(("core", "bank"), ("hub", "shop"))[number % 2], number) for number in range(20))
    )
    found = await entries(core.pool)
    by = sorted(one["actor"].split("#")[0] for one in found if one["stage"] == "changed")
    assert by == ["token:core"] * 10 + ["token:hub"] * 10
    assert len({one["act"] for one in found}) == 20
    assert len({one["person"] for one in found}) == 20


async def test_a_put_that_changes_nothing_or_is_refused_leaves_nothing(core: Core) -> None:
    await core.account("bank/A1")
    await core.account("bank/A1")
    refused = await core.account("bank/A2", currency="nonsense")
    assert refused.status_code == 422
    assert len(await entries(core.pool)) == 1


async def test_a_call_that_is_refused_is_told_to_have_failed(world: Core) -> None:
    answer = await world.post("/v1/customers/C1/preferences", "gil", json={"channel": "sms"})
    assert answer.status_code == 404
    found = await entries(world.pool)
    assert [(one["stage"], one["told"]) for one in found] == [
        ("began", {"given": ["channel"]}),
        ("failed", {"status": 404}),
    ]
    assert await world.post("/v1/customers/C1/preferences", None, json={}) is not None
    assert len(await entries(world.pool)) == 2, "who is let in by no token writes nothing"


async def test_a_person_of_the_identity_provider_is_known_by_their_subject(
    world: Core,
) -> None:
    there = "/v1/customers/C1?words=true"
    subject = claims()["sub"]
    answer = await world.get(there, bearer=signed(preferred_username="ana"))
    assert answer.status_code == 200, answer.text
    [one] = await entries(world.pool)
    assert one["actor"].startswith(f"oidc:{subject}")
    assert (one["stage"], one["told"]) == ("looked", {"messages": 2})


async def test_what_cannot_be_written_is_not_shown_and_not_done(world: Core) -> None:
    await world.pool.execute("ALTER TABLE audit ADD CONSTRAINT closed CHECK (false) NOT VALID")
    try:
        read = await world.get("/v1/customers/C1?words=true", "bea")
        done = await world.post("/v1/customers/C1/preferences", "bea", json={"channel": "sms"})
        put = await world.account("bank/NEW")
    finally:
        await world.pool.execute("ALTER TABLE audit DROP CONSTRAINT closed")
    assert min(read.status_code, done.status_code, put.status_code) >= 400
    assert "no debo nada" not in read.text
    assert await world.pool.fetchval("SELECT count(*) FROM preferences") == 0
    assert not await world.pool.fetchval("SELECT count(*) FROM accounts WHERE account_id = 'NEW'")
