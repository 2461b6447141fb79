"""A stop that an account's workflow is told holds for somebody, whatever is wrong in it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.names import contact_point_id
from domain.planning.step import StepKind
from lab.builders.intake_files import FakeStarter, row
from store.database import Pool
from tests.integration.intake.desk import Desk
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MOBILE = "+573001234567"
POINT = contact_point_id("C1", "sms", MOBILE)


def told(event: dict[str, Any], at: datetime, name: str = "s1") -> dict[str, Any]:
    return {"kind": "law_event", "id": name, "event": {"at": at.isoformat(), **event}}


async def recorded(pool: Pool) -> list[tuple[str, str | None, str | None]]:
    """Of each event: its kind, its account, and the contact point that it names."""
    rows = await pool.fetch(
        "SELECT kind, account, detail ->> 'contact_point_id' AS point FROM law_events "
        "WHERE recorded_by IS NOT NULL ORDER BY kind, account NULLS LAST, point NULLS LAST"
    )
    return [(one["kind"], one["account"], one["point"]) for one in rows]


# --- the account ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "accounts", "note"),
    [
        ("A1", ["bank/A1"], None),
        ("bank/A1", ["bank/A1"], None),
        (" A1", ["bank/A1"], "account_id: is spelt otherwise: it is bank/A1"),
        ("a1", ["bank/A1"], "account_id: is spelt otherwise: it is bank/A1"),
        ("Bank/A1 ", ["bank/A1"], "account_id: is spelt otherwise: it is bank/A1"),
        ("0A1", ["bank/A1"], "account_id: is spelt otherwise: it is bank/A1"),
        ("former", ["bank/former"], None),
        ("shop/B1", ["shop/B1"], None),
        ("other/A1", ["other/A1", None], "holds for all of theirs"),
        ("A9", ["bank/A9", None], "holds for all of theirs"),
        ("BANK-A1", ["bank/BANK-A1", None], "holds for all of theirs"),
        ("A1\0", [None], "account_id: cannot be read, so it is left away"),
        ("x" * 900, [f"bank/{'x' * 900}", None], "holds for all of theirs"),
        ("", [None], "holds for all of theirs"),
        (" ", [None], "holds for all of theirs"),
        ("/", [None], "holds for all of theirs"),
    ],
)
@pytest.mark.parametrize("kind", ["opt_out", "cease", "dispute"])
async def test_its_account_is_one_of_the_customers_or_all(
    pool: Pool,
    actor: Actor,
    now: datetime,
    kind: str,
    said: str,
    accounts: list[str | None],
    note: str | None,
) -> None:
    await pool.execute("UPDATE accounts SET formerly = '{former}'")
    await add_account(pool, "B1", creditor="shop", due=now.date() - 10 * DAY)
    answer = (await actor.record(now, told({"kind": kind, "account_id": said}, now))).answers[0]
    assert answer.refused is None
    assert (note or "") in (answer.note or "")
    assert ("account_id:" in (answer.note or "")) is bool(note)
    assert await recorded(pool) == [(kind, account, None) for account in accounts]
    if said != "shop/B1":
        assert (await actor.planned(now + DAY)).kind is StepKind.WAIT


async def test_of_two_accounts_that_are_spelt_alike_all_are_meant(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    await add_account(pool, "a1", due=now.date() - 10 * DAY)
    await actor.record(now, told({"kind": "cease", "account_id": "0A1"}, now))
    assert await recorded(pool) == [("cease", "bank/0A1", None), ("cease", None, None)]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"account_id": "a1"}, "event.account_id: is no account of this customer"),
        ({"account_id": "x/y/z"}, "event.account_id: is no account of this customer"),
        ({"contact_point_id": "nobody"}, "event.contact_point_id: is none of this customer's"),
    ],
)
async def test_leave_for_an_account_or_an_address_that_is_none_of_theirs_is_refused(
    pool: Pool, actor: Actor, now: datetime, event: dict[str, str], why: str
) -> None:
    answer = (await actor.record(now, told({"kind": "opt_in", **event}, now))).answers[0]
    assert answer.refused == why
    assert await recorded(pool) == []


@pytest.mark.parametrize("event", [{"account_id": "A1"}, {"contact_point_id": POINT}, {}])
async def test_leave_for_what_is_theirs_is_taken(
    pool: Pool, actor: Actor, now: datetime, event: dict[str, str]
) -> None:
    answer = (await actor.record(now, told({"kind": "opt_in", **event}, now))).answers[0]
    assert answer.refused is None
    assert len(await recorded(pool)) == 1


# --- before the account is known ------------------------------------------------------------------

OWED = {"creditor": "bank", "country": "CO", "consents": "sms"}


def owed(now: datetime) -> dict[str, str]:
    return OWED | {"oldest_due_date": (now.date() - 18 * DAY).isoformat()}


STOPS: list[dict[str, Any]] = [
    {"kind": "opt_out"},
    {"kind": "opt_out", "channel": "sms"},
    {"kind": "opt_out", "contact_point_id": "+57 300 1234567"},
    {"kind": "opt_out", "contact_point_id": "one of yours"},
    {"kind": "opt_out", "account_id": "A9"},
    {"kind": "wrong_number", "contact_point_id": MOBILE},
    {"kind": "death"},
    {"kind": "cease"},
    {"kind": "attorney"},
]


@pytest.fixture
def desk(pool: Pool, tmp_path: Path) -> Desk:
    return Desk(pool, tmp_path, FakeStarter())


@pytest.mark.parametrize("stop", STOPS, ids=str)
@pytest.mark.parametrize("by_start", [False, True])
async def test_told_before_intake_brings_the_account_it_holds_for_all_of_the_customers(
    pool: Pool,
    dependencies: Dependencies,
    desk: Desk,
    now: datetime,
    stop: dict[str, Any],
    by_start: bool,
) -> None:
    actor, other = Actor(dependencies, "A1"), Actor(dependencies, "A2")
    for again in (False, True):
        answer = (await actor.record(now, told(stop, now))).answers[0]
        assert (answer.refused, answer.repeated) == (None, again)
        assert again or "the account is not known yet: it holds when it comes" in str(answer.note)
    contents = [
        row(**owed(now), account_id=account, mobile=MOBILE, email="") for account in ("A1", "A2")
    ]
    if by_start:
        facts = {"creditor": "bank", "account_id": "A1", "customer_id": "C1", "currency": "COP"}
        facts |= {"balance": "150000.00", "oldest_due_date": owed(now)["oldest_due_date"]}
        await actor.record(now, {"kind": "account_opened", "id": "start:1", "facts": facts})
    await desk.take(contents, as_of=now + MINUTE)
    for one in (actor, other):
        assert (await one.planned(now + DAY)).kind is StepKind.WAIT
    kept = "SELECT count(*) FROM law_events WHERE customer_id IS NULL AND address_key IS NULL"
    assert await pool.fetchval(kept) == 0


@pytest.mark.parametrize("kind", ["cease", "dispute"])
async def test_told_before_of_one_account_it_holds_for_that_one(
    pool: Pool, dependencies: Dependencies, desk: Desk, now: datetime, kind: str
) -> None:
    actor, other = Actor(dependencies, "A1"), Actor(dependencies, "A2")
    await actor.record(now, told({"kind": kind, "account_id": "a1"}, now))
    contents = [
        row(**owed(now), account_id=account, mobile=MOBILE, email="") for account in ("A1", "A2")
    ]
    await desk.take(contents, as_of=now + MINUTE)
    assert (await actor.planned(now + DAY)).kind is StepKind.WAIT
    assert (await other.planned(now + DAY)).kind is StepKind.CONTACT


async def test_leave_told_before_the_account_is_known_is_refused(
    dependencies: Dependencies, now: datetime
) -> None:
    answer = (await Actor(dependencies).record(now, told({"kind": "opt_in"}, now))).answers[0]
    assert "the account is not known" in str(answer.refused)


# --- the address ----------------------------------------------------------------------------------


@pytest.mark.parametrize("point", [MOBILE, "573001234567", f"sms:{MOBILE}", "300 123 4567"])
@pytest.mark.parametrize("kind", ["wrong_number", "opt_out"])
async def test_its_contact_point_may_be_the_number_itself(
    pool: Pool, actor: Actor, now: datetime, kind: str, point: str
) -> None:
    await actor.record(now, told({"kind": kind, "contact_point_id": point}, now))
    assert await recorded(pool) == [(kind, None, POINT)]
    assert (await actor.planned(now + DAY)).channel is not Channel.SMS


async def test_a_wrong_number_of_nobody_is_kept_at_the_number(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    wrong = {"kind": "wrong_number", "contact_point_id": "+57 300 7777777"}
    answer = (await actor.record(now, told(wrong, now))).answers[0]
    assert "it holds for whoever has it, now or later" in str(answer.note)
    key = await pool.fetchval("SELECT address_key FROM law_events WHERE kind = 'wrong_number'")
    assert key == "+573007777777"


async def test_a_wrong_number_that_is_no_number_is_refused_in_words(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    wrong = told({"kind": "wrong_number", "contact_point_id": "nonsense"}, now)
    answer = (await actor.record(now, wrong)).answers[0]
    assert answer.refused == (
        "event.contact_point_id: is neither a telephone number with its country's code nor a "
        "mailbox"
    )
    assert await recorded(pool) == []


@pytest.mark.parametrize("point", ["nonsense", "+573007777777"])
async def test_an_opt_out_for_an_address_that_is_none_of_theirs_is_the_customers(
    pool: Pool, actor: Actor, now: datetime, point: str
) -> None:
    stop = told({"kind": "opt_out", "contact_point_id": point}, now)
    answer = (await actor.record(now, stop)).answers[0]
    assert "is none of this customer's: it holds for all addresses" in str(answer.note)
    assert (await actor.planned(now + DAY)).kind is StepKind.WAIT


async def test_anothers_contact_point_is_theirs_and_the_customers(
    pool: Pool, dependencies: Dependencies, actor: Actor, now: datetime
) -> None:
    theirs = "+573007777777"
    await add_customer(pool, "C2", points=(("sms", "mobile", theirs),))
    await add_account(pool, "A2", "C2", due=now.date() - 10 * DAY)
    at = now + MINUTE
    point = contact_point_id("C2", "sms", theirs)
    await actor.record(at, told({"kind": "opt_out", "contact_point_id": point}, at))
    for one in (actor, Actor(dependencies, "A2")):
        assert (await one.planned(now + DAY)).kind is StepKind.WAIT


# --- the id ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        {"kind": "payment_received", "amount": "10.00"},
        {"kind": "account_updated", "balance": "140000.00"},
        {"kind": "law_event", "event": {"kind": "notice_mailed", "at": "2026-11-01T00:00:00Z"}},
        {
            "kind": "law_event",
            "event": {"kind": "opt_out", "channel": "visit", "at": "2026-11-01T00:00:00Z"},
        },
        {"kind": "law_event", "event": {"kind": "cease", "at": "2026-11-01T00:00:00Z"}},
    ],
    ids=str,
)
async def test_under_an_id_that_is_taken_it_is_kept_under_its_own(
    pool: Pool, actor: Actor, now: datetime, first: dict[str, Any]
) -> None:
    stop = told({"kind": "cease"}, now, "7")
    taken = await actor.record(now, {"id": "7", **first}, stop)
    assert (taken.answers[1].refused, taken.answers[1].repeated) == (None, False)
    assert "is kept under an id of its own" in str(taken.answers[1].note)
    assert (await actor.planned(now + DAY)).kind is StepKind.WAIT
    for again in (stop, told({"kind": "cease"}, now + timedelta(hours=20), "7")):
        at = len(await recorded(pool))
        await actor.record(now, again)
        assert len(await recorded(pool)) <= at + (again is not stop)
    assert (await actor.record(now, stop)).answers[0].repeated


@pytest.mark.parametrize(
    ("hours", "new"), [(0, False), (14, False), (-26, False), (27, True), (-27, True), (240, True)]
)
async def test_the_same_id_with_another_date_is_another_stop(
    pool: Pool, actor: Actor, now: datetime, hours: int, new: bool
) -> None:
    await actor.record(now, told({"kind": "cease"}, now - 20 * DAY))
    later = told({"kind": "cease"}, now - 20 * DAY + timedelta(hours=hours))
    answer = (await actor.record(now, later)).answers[0]
    assert answer.repeated is not new
    assert len(await recorded(pool)) == 1 + new


async def test_a_stop_without_a_date_is_the_same_whenever_it_is_repeated(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    stop = told({"kind": "cease", "at": "1970-01-01T00:00:00Z"}, now)
    for days in range(3):
        await actor.record(now + days * DAY, stop)
    assert len(await recorded(pool)) == 1


async def test_an_activity_that_runs_again_writes_a_stop_of_its_own_id_once(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    messages = ({"kind": "payment_received", "id": "7", "amount": "1.00"},)
    stop = told({"kind": "cease"}, now, "7")
    await actor.record(now, *messages, stop)
    actor.again = True
    answers = (await actor.record(now, *messages, stop)).answers
    assert [one.repeated for one in answers] == [False, False]
    assert len(await recorded(pool)) == 1


@pytest.mark.parametrize("told_to", ["A1", "X9"])
@pytest.mark.parametrize("said", ["bank/B2", "shop/B2", "B2"])
async def test_one_that_names_another_persons_account_holds_for_it(
    pool: Pool, dependencies: Dependencies, actor: Actor, now: datetime, told_to: str, said: str
) -> None:
    await add_customer(pool, "C2", points=(("sms", "mobile", "+573009999999"),), preferred="sms")
    creditor = "shop" if said == "B2" else said.partition("/")[0]
    await add_account(pool, "B2", "C2", creditor=creditor, due=now.date() - 10 * DAY)
    other = Actor(dependencies, "B2", creditor)
    assert (await other.planned(now + DAY)).kind is StepKind.CONTACT
    stop = told({"kind": "cease", "account_id": said}, now + MINUTE)
    answer = (await Actor(dependencies, told_to).record(now + MINUTE, stop)).answers[0]
    assert answer.refused is None
    assert (await other.planned(now + DAY)).kind is StepKind.WAIT
