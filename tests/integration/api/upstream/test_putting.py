"""Accounts and people that are put: by the rules of intake, and once."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from lab.builders.intake_files import FakeStarter, rows
from store.intake.outbox import Pending
from store.intake.run import LOCK
from tests.integration.api.upstream.conftest import Core, row
from tests.integration.intake.desk import Desk as FileDesk
from workers.api.app import door_of_puts
from workers.clock import SystemClock
from workers.intake.online import Put

KEY = {"Idempotency-Key": "k-1"}


async def test_an_account_is_put_and_its_workflow_is_started(core: Core) -> None:
    answer = await core.account("bank/A-1")
    told = answer.json()
    assert (answer.status_code, told["outcome"], told["id"]) == (201, "created", "bank/A-1")
    assert answer.headers["etag"] == f'"{told["etag"]}"'
    await eventually(lambda: core.temporal.started == [("bank", "A-1", None)])
    await asyncio.sleep(0.05)
    assert await core.outbox() == []
    assert await core.pool.fetchval("SELECT count(*) FROM intake_runs") == 0
    shown = await core.get("/v1/accounts/bank/A-1", "core")
    assert shown.headers["etag"] == answer.headers["etag"]
    assert (shown.json()["customer_id"], shown.json()["status"]) == ("P-1", "open")


async def eventually(done: Any) -> None:
    for _ in range(200):
        if done():
            return
        await asyncio.sleep(0.02)
    assert done()


async def test_what_changes_is_told_and_what_does_not_is_not(core: Core) -> None:
    first = await core.account("bank/A-1")
    same = await core.account("bank/A-1")
    assert (same.status_code, same.json()["outcome"]) == (200, "unchanged")
    assert same.headers["etag"] == first.headers["etag"]
    less = await core.account("bank/A-1", balance="300000.00")
    assert (less.status_code, less.json()["outcome"]) == (200, "updated")
    assert less.headers["etag"] != first.headers["etag"]
    await eventually(lambda: len(core.temporal.started) == 2)
    assert core.temporal.started[1][2] is not None


async def test_an_older_moment_changes_nothing_newer(core: Core) -> None:
    await core.account("bank/A-1")
    old = await core.account("bank/A-1", balance="1.00", as_of="2026-01-01T00:00:00Z")
    # Of that day the due date lies ahead: so it is refused before it is compared.
    assert old.status_code == 422
    later = {"oldest_due_date": "2025-12-01", "as_of": "2026-01-01T00:00:00Z"}
    old = await core.account("bank/A-1", balance="1.00", **later)
    assert (old.status_code, old.json()["outcome"]) == (200, "older")
    assert (await core.get("/v1/accounts/bank/A-1", "core")).json()["balance"] == "450000.00"


BAD: list[dict[str, Any]] = [
    {"balance": "450.000,00"},
    {"balance": "-1"},
    {"mobile": "300123"},
    {"consents": ["whatsapp"]},
    {"country": "Colombia"},
    {"region": "US-MA"},
    {"email": None, "mobile": None, "consents": None},
    {"currency": "XXX"},
    {"oldest_due_date": "31/10/2026"},
    {"name": "N/A"},
    {"timezone": "UTC"},
    {"ballance": "1"},
    {"strategy": "no-such"},
    {"due": "yesterday"},
    {"customer_id": "1.02E15"},
    {"score": "high"},
    {"locale": "klingon"},
]


@pytest.mark.parametrize("other", BAD, ids=lambda one: next(iter(one)))
async def test_a_put_is_refused_in_the_words_of_a_file(
    core: Core, tmp_path: Any, other: dict[str, Any]
) -> None:
    answer = await core.account("bank/A-1", **other)
    assert answer.status_code == 422, answer.text
    found = [(one["field"], one["rule"]) for one in answer.json()["errors"]]
    file = tmp_path / "a.jsonl"
    cells = {"creditor": "bank", "account_id": "A-1", **row(**other)}
    file.write_text(json.dumps(cells) + "\n", encoding="utf-8")
    report = await FileDesk(core.pool, tmp_path, FakeStarter()).take(file, as_of=core.now)
    assert report.refused == 1
    assert report.rejects is not None
    told = json.loads(report.rejects.read_text("utf-8").splitlines()[0])
    fields = "; ".join(dict.fromkeys(one[0] or "row" for one in found))
    assert (told["field"], told["rule"]) == (fields, "; ".join(one[1] for one in found))
    assert await core.pool.fetchval("SELECT count(*) FROM accounts") == 0


async def test_a_condition_is_met_or_nothing_is_done(core: Core) -> None:
    new = {"If-None-Match": "*"}
    assert (await core.account("bank/A-1", headers={"If-Match": "*"})).status_code == 412
    first = await core.account("bank/A-1", headers=new)
    assert first.status_code == 201
    again = await core.account("bank/A-1", headers=new, balance="1.00")
    assert again.status_code == 412
    assert again.json()["type"] == "urn:contrapunto:problem:condition"
    held = {"If-Match": first.headers["etag"]}
    second = await core.account("bank/A-1", headers=held, balance="2.00")
    assert second.status_code == 200
    lost = await core.account("bank/A-1", headers=held, balance="3.00")
    assert lost.status_code == 412
    assert (await core.get("/v1/accounts/bank/A-1", "core")).json()["balance"] == "2.00"
    for wrong in ({"If-Match": "abc"}, {"If-None-Match": '"x"'}):
        assert (await core.account("bank/A-1", headers=wrong)).status_code == 422


async def test_of_many_who_hold_one_version_one_writes(core: Core) -> None:
    held = {"If-Match": (await core.account("bank/A-1")).headers["etag"]}
    sums = [f"{number}.00" for number in range(1, 13)]
    answers = await asyncio.gather(
        *(core.account("bank/A-1", headers=held, balance=one) for one in sums)
    )
    won = [one.status_code for one in answers]
    assert (won.count(200), won.count(412)) == (1, 11)
    kept = (await core.get("/v1/accounts/bank/A-1", "core")).json()["balance"]
    assert kept == sums[won.index(200)]


async def test_a_key_is_carried_out_once(core: Core) -> None:
    first = await core.account("bank/A-1", headers=KEY)
    await core.account("bank/A-1", balance="5.00")
    again = await core.account("bank/A-1", headers=KEY)
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert (await core.get("/v1/accounts/bank/A-1", "core")).json()["balance"] == "5.00"
    other = await core.account("bank/A-1", headers=KEY, balance="6.00")
    assert other.status_code == 422
    assert other.json()["type"] == "urn:contrapunto:problem:key-reused"
    elsewhere = await core.account("bank/A-2", headers=KEY)
    assert elsewhere.status_code == 422
    theirs = await core.account(
        "garage/A-1",
        "workshop",
        headers=KEY,
        customer_id="P-2",
        mobile="+573990000009",
        email=None,
        consents=["sms"],
    )
    assert theirs.status_code == 201
    assert (await core.account("bank/A-1", headers={"Idempotency-Key": "a b"})).status_code == 422


async def test_a_key_under_way_is_not_begun_again(core: Core) -> None:
    answers = await asyncio.gather(*(core.account("bank/A-1", headers=KEY) for _ in range(8)))
    codes = sorted(one.status_code for one in answers)
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert await core.pool.fetchval("SELECT count(*) FROM request_keys") == 1


async def test_a_refusal_is_kept_under_its_key_and_an_outage_is_not(core: Core) -> None:
    bad = await core.account("bank/A-1", headers=KEY, balance="x")
    again = await core.account("bank/A-1", headers=KEY, balance="x")
    assert (bad.status_code, again.status_code, again.text) == (422, 422, bad.text)
    await core.account("bank/A-1")
    core.temporal.down = True
    pay = {"id": "p-1", "amount": "10.00"}
    path, key = "/v1/accounts/bank/A-1/payments", {"Idempotency-Key": "k-2"}
    assert (await core.post(path, "core", json=pay, headers=key)).status_code == 503
    core.temporal.down = False
    assert (await core.post(path, "core", json=pay, headers=key)).status_code == 202


async def test_many_puts_at_once_are_each_judged_alone(core: Core) -> None:
    async def one(number: int) -> int:
        bad = number % 5 == 0
        answer = await core.account(
            f"bank/A-{number}",
            customer_id=f"P-{number}",
            mobile=f"+57399{number:07d}",
            email=f"p{number}@example.com",
            balance="none" if bad else "10.00",
        )
        return answer.status_code

    codes = await asyncio.gather(*(one(number) for number in range(60)))
    assert codes == [422 if number % 5 == 0 else 201 for number in range(60)]
    await eventually(lambda: len(core.temporal.started) == 48)


async def test_an_address_of_too_many_is_refused_to_the_last_of_them_alone(core: Core) -> None:
    async def one(number: int) -> int:
        answer = await core.account(
            f"bank/A-{number}",
            customer_id=f"P-{number}",
            name=f"Ana {'ABCDEF'[number] * 4}",
            email=f"p{number}@example.com",
        )
        return answer.status_code

    codes = await asyncio.gather(*(one(number) for number in range(6)))
    assert codes == [201, 201, 201, 201, 422, 422]


async def test_a_batch_has_an_answer_for_each_row(core: Core) -> None:
    def told(number: int, **other: Any) -> dict[str, Any]:
        made = row(
            customer_id=f"P-{number}", mobile=f"+57399{number:07d}", email=f"p{number}@example.com"
        )
        return {"creditor": "bank", "account_id": f"A-{number}", **made, **other}

    rows = [told(number) for number in range(1000)]
    rows[3]["balance"] = "x"
    rows[4]["creditor"] = "garage"
    rows[5]["account_id"] = 5
    rows[6]["account_id"] = "A-2"
    del rows[7]["customer_id"]
    answer = await core.post("/v1/batches/accounts", "core", json={"rows": rows})
    told_back = answer.json()
    assert answer.status_code == 200
    assert told_back["refused"] == 5
    assert [one["row"] for one in told_back["rows"]] == list(range(1000))
    wrong = {one["row"]: one["errors"][0]["field"] for one in told_back["rows"] if one["errors"]}
    assert wrong == {
        3: "rows.3.balance",
        4: "rows.4.creditor",
        5: "rows.5.account_id",
        6: "rows.6.account_id",
        7: "rows.7.customer_id",
    }
    assert await core.pool.fetchval("SELECT count(*) FROM accounts") == 995
    await eventually(lambda: len(core.temporal.started) == 995)
    too_many = await core.post("/v1/batches/accounts", "core", json={"rows": [rows[0]] * 1001})
    assert too_many.status_code == 422


async def test_what_temporal_does_not_hear_is_told_later(core: Core) -> None:
    core.temporal.down = True
    assert (await core.account("bank/A-1")).status_code == 201
    await asyncio.sleep(0.1)
    assert await core.outbox() == [("bank", "A-1")]
    core.temporal.down = False
    door = door_of_puts(Settings(), core.pool, core.temporal, SystemClock())
    await core.pool.execute("UPDATE intake_runs SET begun_at = begun_at - interval '1 minute'")
    assert await door.tell_left() == 1
    assert core.temporal.started == [("bank", "A-1", None)]
    assert await core.outbox() == []


async def test_while_a_file_is_taken_in_nothing_is_put(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.upstream.putting.PATIENCE", 0.1)
    async with core.pool.acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        answer = await core.account("bank/A-1")
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (await core.account("bank/A-1")).status_code == 201


class PutsMeanwhile(FakeStarter):
    """Somebody puts an account each time that a workflow of a file is told."""

    def __init__(self, core: Core) -> None:
        super().__init__()
        self.core, self.statuses = core, list[int]()

    async def start(self, line: Pending) -> None:
        await super().start(line)
        answer = await self.core.account(f"bank/B-{line.account_id}")
        self.statuses.append(answer.status_code)


async def test_an_account_is_put_while_a_file_tells_its_workflows(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.upstream.putting.PATIENCE", 0.1)
    starter = PutsMeanwhile(core)
    report = await FileDesk(core.pool, tmp_path, starter).take(rows(3), as_of=core.now)
    assert (report.added, starter.statuses) == (3, [201, 201, 201])


async def test_a_file_has_its_turn_among_puts_that_never_end(core: Core, tmp_path: Path) -> None:
    done = asyncio.Event()

    async def put_on(sender: int) -> int:
        count = 0
        while not done.is_set():
            answer = await core.account(f"bank/S-{sender}", balance=f"{count + 1}.00")
            assert answer.status_code in (200, 201), answer.text
            count += 1
        return count

    senders = [asyncio.create_task(put_on(one)) for one in range(4)]
    report = await FileDesk(core.pool, tmp_path, FakeStarter()).take(rows(20), as_of=core.now)
    done.set()
    assert report.added == 20
    assert all(await asyncio.gather(*senders))


async def test_an_account_of_a_known_person_needs_no_more_than_the_debt(core: Core) -> None:
    await core.account("bank/A-1")
    short = row(name=None, country=None, mobile=None, email=None, consents=None)
    answer = await core.put("/v1/accounts/bank/A-2", json=short)
    assert answer.status_code == 201
    points = await core.pool.fetch("SELECT channel, consented FROM contact_points WHERE current")
    assert {(one["channel"], one["consented"]) for one in points} == {
        ("sms", True),
        ("voice", False),
        ("email", True),
    }
    unknown = await core.put("/v1/accounts/garage/A-2", "workshop", json=short)
    assert unknown.status_code == 422
    assert {one["field"] for one in unknown.json()["errors"]} >= {"name", "country"}


async def test_addresses_are_added_one_by_one_and_each_keeps_its_consents(core: Core) -> None:
    await core.account("bank/A-1")
    path = "/v1/customers/P-1/contact-points"
    more = {"kind": "landline", "address": "+576012345678", "consents": ["voice"]}
    answer = await core.put(path, json=more)
    assert answer.status_code == 200, answer.text
    found = await core.pool.fetch(
        "SELECT channel, kind, consented FROM contact_points WHERE current ORDER BY 1, 2"
    )
    assert [tuple(one) for one in found] == [
        ("email", "email", True),
        ("sms", "mobile", True),
        ("voice", "landline", True),
        ("voice", "mobile", False),
    ]
    off = {"kind": "mobile", "address": "+573990000001"}
    assert (await core.put(path, json=off)).status_code == 200
    assert not await core.pool.fetchval(
        "SELECT consented FROM contact_points WHERE channel = 'sms'"
    )
    listed = await core.get(path, "core")
    assert "+573990000001" not in listed.text
    assert len(listed.json()["items"]) == 4
    assert (await core.put("/v1/customers/P-9/contact-points", json=off)).status_code == 404
    assert (await core.put(path, "workshop", json=off)).status_code == 404
    bad = await core.put(path, json={"kind": "email", "address": "no"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "email")


async def test_a_person_is_put_whole(core: Core) -> None:
    person = row(customer_id=None, currency=None, balance=None, oldest_due_date=None)
    made = await core.put("/v1/customers/P-1", "hub", json=person)
    assert (made.status_code, made.json()["outcome"]) == (201, "created")
    less = await core.put("/v1/customers/P-1", "hub", json=person | {"email": "", "consents": []})
    assert less.json()["outcome"] == "updated"
    assert await core.pool.fetchval("SELECT count(*) FROM contact_points WHERE current") == 2
    other = await core.put("/v1/customers/p-1", "hub", json=person)
    assert other.status_code == 422
    assert "is on record as P-1" in other.json()["errors"][0]["rule"]
    stranger = person | {
        "name": "Luis Otero",
        "mobile": "+573990000044",
        "email": None,
        "consents": [],
    }
    refused = await core.put("/v1/customers/P-1", "hub", json=stranger)
    assert refused.status_code == 422
    assert "another person" in refused.json()["errors"][0]["rule"]


async def test_who_has_nothing_in_common_goes_through_together(core: Core) -> None:
    def told(number: int, **other: Any) -> Put:
        made = row(
            customer_id=f"P-{number}",
            mobile=f"+57399{number:07d}",
            email=f"p{number}@example.com",
        )
        return Put({"creditor": "bank", "account_id": f"A-{number}", **made, **other})

    alone = [told(number).touches() for number in range(50)]
    assert len(set().union(*alone)) == sum(map(len, alone))
    same = told(1, email="p2@example.com").touches() & told(2).touches()
    assert same == {("address", "p2examplecom")}
