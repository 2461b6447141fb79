"""Whoever sees a garage's accounts learns nothing of a bank's, by any route of the API.

The routes are those of the OpenAPI document: a new one without a case here fails.
"""

import json
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from domain.bulk.kinds import BulkKind
from domain.bulk.order import BulkScope, NewOrder
from domain.conversation.work_words import WorkReason
from domain.names import contact_point_id
from store.bulk.orders import BulkOrders
from store.database import Pool
from store.outgoing.stream import Stream
from tests.integration.api.test_openapi import ASKED
from tests.integration.api.upstream.conftest import Core, row
from tests.integration.outgoing.conftest import promise
from tests.support.rows import add_account, add_customer
from workers.api.openapi import described

DOCUMENT = described()
ROUTES = {
    (method.upper(), path): told
    for path, one in DOCUMENT["paths"].items()
    for method, told in one.items()
}
CANARY = "Zanahoria"
"""In whatever of the bank's can be read."""
SECRETS = (CANARY, "77777.77", "attempt-bank", "pay-bank", "9988", "A2-secret")


class Case(NamedTuple):
    """One request about what is the bank's alone."""

    desk: str
    """The garage's token that has the right."""
    bank: str
    """The bank's."""
    ids: dict[str, str]
    body: Any = None
    refused: bool = True
    """Whether the garage's is to be refused; else it is served, without what is the bank's."""
    query: str = ""
    served: bool = True
    """Whether the bank's is served, too."""


ACCOUNT = {"creditor": "bank", "account_id": "A1"}
C1 = {"customer_id": "C1"}
SHORT = {
    k: v
    for k, v in row(customer_id="C1").items()
    if k in ("customer_id", "currency", "balance", "oldest_due_date")
}
PERSON = {k: v for k, v in row().items() if k in ("name", "country", "mobile", "email", "consents")}
WORK = {"work_id": "?"}
ORDER = {"order_id": "order?"}
HOLD = {"kind": "hold", "creditor": "bank"}


def up(ids: dict[str, str], body: Any = None, **more: Any) -> Case:
    return Case("workshop", "core", ids, body, **more)


def orders(ids: dict[str, str], body: Any = None, **more: Any) -> Case:
    return Case("owner", "boss", ids, body, **more)


CASES: dict[tuple[str, str], Case] = {
    ("GET", "/v1/work-items"): Case("gil", "bea", {}, refused=False),
    ("POST", "/v1/work-items/next"): Case("gil", "bea", {}, refused=False),
    ("GET", "/v1/work-items/{work_id}"): Case("gil", "bea", WORK, query="?words=true"),
    ("POST", "/v1/work-items/{work_id}/claim"): Case("gil", "bea", WORK, {}),
    ("POST", "/v1/work-items/{work_id}/release"): Case("gil", "bea", WORK, {}, served=False),
    ("POST", "/v1/work-items/{work_id}/done"): Case("gil", "bea", WORK, {"outcome": "handled"}),
    ("GET", "/v1/customers/{customer_id}"): Case("gil", "bea", C1, query="?words=true"),
    ("GET", "/v1/customers/{customer_id}/messages"): Case("gil", "bea", C1, query="?words=true"),
    ("POST", "/v1/customers/{customer_id}/messages"): Case(
        *("gil", "bea", C1),
        {"id": "m1", "account": "bank/A1", "channel": "sms", "text": "Hola. Ana"},
    ),
    ("POST", "/v1/customers/{customer_id}/preferences"): Case(
        *("gil", "bea", C1), {"channel": "sms"}
    ),
    ("POST", "/v1/customers/{customer_id}/vulnerability"): Case(
        *("gil", "bea", C1), {"vulnerable": True}
    ),
    ("GET", "/v1/findings"): Case("gil", "bea", {}, served=False),
    ("POST", "/v1/findings/{finding_id}/done"): Case(
        *("gil", "bea", {"finding_id": "1"}, {}), served=False
    ),
    ("POST", "/v1/messages/{provider}/{inbound_id}/corrections"): Case(
        *("gil", "bea", {"provider": "twilio", "inbound_id": "S1"}, {"intents": ["dispute"]})
    ),
    **{
        ("POST", f"/v1/customers/{{customer_id}}/{path}"): Case(
            "rita" if path.endswith(("approve", "decline")) else "gil",
            "sofia" if path.endswith(("approve", "decline")) else "bea",
            C1,
            {"id": path.replace("/", "-"), "account": "bank/A1", **body},
        )
        for path, body in ASKED.items()
    },
    ("PUT", "/v1/accounts/{creditor}/{account_id}"): up(ACCOUNT, SHORT),
    ("POST", "/v1/batches/accounts"): up({}, {"rows": [{**ACCOUNT, **SHORT}]}, refused=False),
    ("PUT", "/v1/customers/{customer_id}"): up(C1, PERSON, served=False),
    ("PUT", "/v1/customers/{customer_id}/contact-points"): up(
        C1, {"kind": "landline", "address": "+576012345678"}
    ),
    ("GET", "/v1/customers/{customer_id}/contact-points"): up(C1),
    ("POST", "/v1/accounts/{creditor}/{account_id}/payments"): up(
        ACCOUNT, {"id": "p", "amount": "5.00"}
    ),
    ("POST", "/v1/customers/{customer_id}/facts"): up(
        C1, {"id": "f", "kind": "attorney", "at": "2026-11-20T10:00:00Z"}
    ),
    ("POST", "/v1/customers/{customer_id}/consents"): up(
        C1,
        {
            "id": "c",
            "channel": "sms",
            "at": "2026-11-20T10:00:00Z",
            "source": "web",
            "proof": "archive:1",
        },
    ),
    ("GET", "/v1/customers/{customer_id}/consents"): up(C1),
    ("PUT", "/v1/customers/{customer_id}/preferences"): up(C1, {"channel": "sms"}),
    ("POST", "/v1/bulk-orders/plan"): orders({}, HOLD),
    ("POST", "/v1/bulk-orders"): orders({}, {**HOLD, "reason": "flood"}),
    ("GET", "/v1/bulk-orders"): orders({}, refused=False),
    ("GET", "/v1/bulk-orders/{order_id}"): orders(ORDER),
    ("POST", "/v1/bulk-orders/{order_id}/lift"): orders(ORDER, {"reason": "dry"}),
    ("GET", "/v1/events"): up({}, refused=False, query="?after=0"),
    ("GET", "/v1/accounts"): up({}, refused=False, query="?customer=C1"),
    ("GET", "/v1/accounts/{creditor}/{account_id}"): up(ACCOUNT),
    ("GET", "/v1/accounts/{creditor}/{account_id}/next-step"): up(ACCOUNT),
    ("GET", "/v1/accounts/{creditor}/{account_id}/timeline"): up(ACCOUNT),
    ("GET", "/v1/accounts/{creditor}/{account_id}/ledger"): up(ACCOUNT),
}


@pytest.fixture
async def world(core: Core) -> Core:
    """The bank's customer C1, and C2 of both, of whom the bank knows what the garage must not."""
    due = core.now.date() - timedelta(days=10)
    await add_customer(core.pool)
    await add_account(core.pool, due=due)
    other = (("sms", "mobile", "+573007654321"),)
    await add_customer(core.pool, "C2", points=other)
    await add_account(core.pool, "A2-secret", "C2", due=due)
    await add_account(core.pool, "G2", "C2", creditor="garage", due=due)
    await core.pool.execute(
        "UPDATE accounts SET balance = 77777.77, next_summary = $1, state = $1, "
        "hold_reason = $1 WHERE creditor = 'bank'",
        CANARY,
    )
    await core.pool.execute("UPDATE customers SET name = 'Marta Rojas' WHERE customer_id = 'C1'")
    await core.pool.execute(
        "INSERT INTO consent_proofs (event_id, customer_id, source, proof, given_at, told_by) "
        "VALUES ('e1', 'C1', $1, $1, now(), 'core')",
        CANARY,
    )
    for customer, account in (("C1", "A1"), ("C2", "A2-secret")):
        point = "+573001234567" if customer == "C1" else "+573007654321"
        await core.pool.execute(
            "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, "
            "touch, phase, purpose, channel, provider, contact_point_id, state, jurisdictions, "
            "zones, not_before, not_after, reserved_at, facts_seen, reconcile_at, cite) VALUES "
            "($1, 'bank', $2, $3, $6, 1, 1, 'early', 'reminder', 'sms', 'twilio', $4, 'reserved', "
            "'{CO}', '{America/Bogota}', $5, $5, $5, 0, $5, $7)",
            *(f"attempt-bank-{account}", account, customer),
            *(contact_point_id(customer, "sms", point), core.now - timedelta(hours=2)),
            *([f"bank/{account}"], CANARY),
        )
        await core.pool.execute(
            "INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at) "
            "VALUES ('bank', $1, 'pay-bank', 9988, $2)",
            *(account, core.now),
        )
        await core.pool.execute(
            "INSERT INTO law_events (event_id, customer_id, kind, at, account, recorded_at, "
            "recorded_by, detail) VALUES ($1, $2, 'dispute', $3, $4, $3, 'test', $5)",
            *(f"d-{account}", customer, core.now, f"bank/{account}", {"text": CANARY}),
        )
    stream = Stream(core.pool)
    await stream.note_for(["*"])
    for account in ("A1", "A2-secret"):
        await promise(core.pool, f"{CANARY}-{account}", account, "bank")
    await stream.number([])
    await core.says("no debo nada", sid="S1")
    await core.work(WorkReason.DISPUTE, customer="C1", message="twilio/S1")
    for scope in (BulkScope(creditor="bank", countries=("MX",)), BulkScope(countries=("MX",))):
        new = NewOrder(kind=BulkKind.CEASE, scope=scope, reason=CANARY)
        await BulkOrders(core.pool).give(new, CANARY, 0)
    return core


async def everything(pool: Pool) -> dict[str, str]:
    """All rows that are the bank's alone, by table."""
    tables = await pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
    )
    found = {}
    for one in tables:
        text = f"SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM {one[0]} t"
        found[one[0]] = str(await pool.fetchval(text))
    return found


def test_every_route_has_a_case() -> None:
    assert set(CASES) == set(ROUTES)


@pytest.mark.parametrize("route", sorted(ROUTES), ids=" ".join)
async def test_nothing_of_the_bank_is_told_or_changed(world: Core, route: tuple[str, str]) -> None:
    assert route in CASES, "a route of the API has no case: write one beside the others"
    case, (method, path) = CASES[route], route
    work = await world.pool.fetchval("SELECT min(work_id) FROM work_items")
    order = await world.pool.fetchval("SELECT min(order_id) FROM bulk_orders")
    made = {"?": str(work), "order?": str(order)}
    ids = {k: made.get(v, v) for k, v in case.ids.items()}
    there = path.format(**ids) + case.query
    more = {} if case.body is None else {"json": case.body}
    before = await everything(world.pool)
    for key in ({}, {"Idempotency-Key": "theirs"}):
        answer = await world.ask(method, there, case.desk, headers=key, **more)
        assert answer.status_code < 500
        if case.refused:
            assert answer.status_code in (403, 404), answer.text
        for secret in SECRETS:
            assert secret not in answer.text
            assert secret not in json.dumps(dict(answer.headers))
    after = await everything(world.pool)
    changed = {name for name in after if after[name] != before.get(name)}
    # That it was asked, and refused, is in the audit, which no route reads.
    assert changed <= {"request_keys", "audit", "audit_lanes", "audit_words", "audit_persons"}
    assert world.accounts.told == []
    assert world.accounts.asked == {}
    if case.served:
        theirs = await world.ask(method, there, case.bank, **more)
        assert theirs.status_code < 300, theirs.text
        if path == "/v1/events" or (method, path) == ("GET", "/v1/bulk-orders"):
            assert CANARY in theirs.text  # so that there was something to be kept back


SHARED = [one for one in sorted(ROUTES) if one[0] == "GET" and "{customer_id}" in one[1]]


@pytest.mark.parametrize("route", SHARED, ids=" ".join)
async def test_of_a_customer_of_both_the_garage_sees_its_own(
    world: Core, route: tuple[str, str]
) -> None:
    case = CASES[route]
    there = route[1].format(customer_id="C2") + case.query
    answer = await world.ask(route[0], there, case.desk)
    assert answer.status_code == 200
    assert not [one for one in SECRETS if one in answer.text]


@pytest.mark.parametrize("part", ["", "/next-step", "/timeline", "/ledger"])
async def test_of_its_account_of_such_a_customer_it_sees_no_more(world: Core, part: str) -> None:
    answer = await world.get(f"/v1/accounts/garage/G2{part}", "workshop")
    assert answer.status_code == 200
    assert not [one for one in SECRETS if one in answer.text]
    bank = await world.get(f"/v1/accounts/bank/A2-secret{part}", "core")
    assert bank.status_code == 200
    assert [one for one in SECRETS if one in bank.text]


async def test_a_refusal_names_no_creditor_and_no_id_of_others(world: Core) -> None:
    await world.account("bank/SECRET-9", customer_id="Zan-9")
    stranger = {"name": "Luis Otero", "mobile": "+573990000044", "email": None, "consents": ["sms"]}
    taken = await world.account("garage/G-9", "workshop", customer_id="Zan-9", **stranger)
    assert taken.status_code == 422
    assert "bank" not in taken.text
    spelt = await world.account("garage/G-9", "workshop", customer_id="zan-9", **stranger)
    assert spelt.status_code == 422
    assert "Zan-9" not in spelt.text
    assert "is on record as …" in spelt.json()["errors"][0]["rule"]
    mine = await world.account("bank/G-9", customer_id="zan-9", **stranger)
    assert "is on record as Zan-9" in mine.text


async def test_a_fact_of_one_account_holds_for_none_of_another_creditor(world: Core) -> None:
    fact = {"id": "f9", "kind": "dispute", "at": "2026-11-20T10:00:00Z"}
    path = "/v1/customers/C2/facts"
    theirs = await world.post(path, "workshop", json={**fact, "account_id": "bank/A2-secret"})
    assert (theirs.status_code, theirs.json()["errors"][0]["field"]) == (422, "account_id")
    bare = await world.post(path, "workshop", json={**fact, "account_id": "A2-secret"})
    assert not await world.pool.fetchval(
        "SELECT count(*) FROM law_events WHERE account = 'bank/A2-secret' AND recorded_by <> 'test'"
    )
    assert bare.status_code in (201, 422)


async def test_a_token_that_may_only_follow_brings_nothing(world: Core) -> None:
    for who in ("watch", "narrow"):
        assert (await world.get("/v1/accounts/bank/A1", who)).status_code == 200
        for (method, path), told in ROUTES.items():
            if told["tags"] == ["upstream"] and method != "GET":
                ids = {**ACCOUNT, **C1}
                answer = await world.ask(method, path.format(**ids), who, json={})
                assert answer.status_code == 403, path
    assert (await world.get("/v1/accounts", "core")).status_code == 200
    assert (await world.get("/v1/customers/C1", "core")).status_code == 403
    assert (await world.get("/v1/accounts", "otto")).status_code == 403
