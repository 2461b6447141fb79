"""A file of events holds for whoever it is of, now or later, and is answered in words."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from config.rules import RulesFactory
from domain.failures import Unavailable
from domain.planning.step import StepKind
from lab.builders.intake_files import row
from tests.integration.intake.desk import Desk
from workers.accounts import Accounts
from workers.intake.events import record_events

AS_OF = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
"""A Tuesday, mid-morning to mid-afternoon in all of the Americas."""
AT = "2026-11-20T10:00:00-05:00"
MOBILE = "+525512380104"


class Woken(Accounts):
    """Who was told to plan anew."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def plan_anew(self, account: str, why: str, done: str) -> bool:
        self.told.append(account)
        return True


class At:
    """A clock that stands."""

    by_workflow = False

    async def now(self, workflow_id: str | None) -> datetime:
        return NOW


async def take(
    desk: Desk, *lines: dict[str, Any], raw: str = "", rules: RulesFactory | None = None
) -> tuple[int, str, list[str]]:
    """Exit status, what was said, and who was woken."""
    file, console, woken = (
        desk.folder / "events.jsonl",
        Console(file=StringIO(), width=300),
        Woken(),
    )
    made = [json.dumps({"id": f"e{n}", "at": AT, **line}) for n, line in enumerate(lines)]
    file.write_text("\n".join([*made, raw]), "utf-8")
    status = await record_events(file, desk.pool, woken, console, clock=At(), rules=rules)
    return status, console.file.getvalue(), woken.told  # type: ignore[attr-defined]


async def load(desk: Desk, **cells: str) -> None:
    """A file of one row that consents to SMS."""
    mexican = {"country": "MX", "currency": "MXN", "mobile": MOBILE, "balance": "450000"}
    bare = {"email": "", "locale": "", "region": "", "postal_code": "", "consents": "sms"}
    due = {"oldest_due_date": "2026-11-10", "preferred_channel": "sms"}
    await desk.take([row(**(bare | due | mexican | cells))], as_of=AS_OF)


async def kinds(desk: Desk) -> list[str]:
    found = await desk.pool.fetch("SELECT kind FROM law_events WHERE event_id NOT LIKE 'intake:%'")
    return [one["kind"] for one in found]


async def silent(desk: Desk, account: str = "A1") -> bool:
    return (await desk.plan(NOW, account)).kind is StepKind.WAIT


# --- who is not known yet -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "cease"},
        {"kind": "death"},
        {"kind": "opt_out", "channel": "sms"},
        {"kind": "opt_out", "channel": "sms", "address": "+5215512380104"},
        {"kind": "opt_out", "address": "+52 1 55 1238 0104"},
        {"kind": "wrong_number", "address": MOBILE},
        {"kind": "cease", "address": MOBILE},
        {"kind": "cease", "account_id": "A1"},
        {"kind": "opt_out", "account_id": "banco-andino/A1"},
        {"kind": "cease", "at": "2026-11-20"},
        {"kind": "cease", "at": "9999-12-31T23:59:59Z"},
        {"kind": "OPT-OUT", "channel": " SMS"},
        {"kind": "cease", "comment": "by telephone", "windows": "x"},
    ],
    ids=str,
)
async def test_what_is_said_of_people_not_known_yet_holds_when_they_come(
    desk: Desk, event: dict[str, Any]
) -> None:
    status, said, woken = await take(desk, {"customer_id": "C1", **event})
    assert (status, woken) == (0, [])
    assert "e0: C1 is known to nobody yet: it holds when they come" in said
    assert "1 events recorded, 0 known already, 0 refused" in said
    await load(desk)
    assert await silent(desk)
    # The same file again, now that they are known.
    status, said, woken = await take(desk, {"customer_id": "C1", **event})
    assert (status, woken) == (0, ["banco-andino/A1"])
    assert "known to nobody" not in said
    assert await silent(desk)


async def test_without_an_event_they_are_written_to(desk: Desk) -> None:
    await load(desk)
    assert not await silent(desk)


async def test_a_stop_narrowed_to_an_address_leaves_the_others_of_who_comes(desk: Desk) -> None:
    event = {"customer_id": "C1", "kind": "wrong_number", "address": "+525512389999"}
    await take(desk, event)
    await load(desk)
    assert not await silent(desk)


async def test_an_id_that_nobody_can_have_is_refused(desk: Desk) -> None:
    status, _, _ = await take(desk, {"customer_id": "1.02345E+11", "kind": "cease"})
    assert status == 3
    assert await kinds(desk) == []


async def test_leave_for_an_address_or_account_that_nobody_has_is_refused(desk: Desk) -> None:
    lines: list[dict[str, Any]] = [
        {"customer_id": "C1", "kind": "opt_in", "channel": "sms", "address": MOBILE},
        {"customer_id": "C1", "kind": "dispute_verified", "account_id": "A1"},
    ]
    status, said, _ = await take(desk, *lines)
    assert status == 3
    assert "0 events recorded, 0 known already, 2 refused" in said


@pytest.mark.parametrize(
    "event",
    [{"account_id": "banco-andino/A9"}, {"account_id": "x/y/z"}, {"contact_point_id": "nobody"}],
)
async def test_leave_for_what_is_nobodys_is_refused_of_who_is_known_too(
    desk: Desk, event: dict[str, Any]
) -> None:
    await load(desk)
    status, _, _ = await take(desk, {"customer_id": "C1", "kind": "opt_in", **event})
    assert status == 3
    assert await kinds(desk) == []


# --- one address, however it is spelt -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["opt_out", "wrong_number"])
@pytest.mark.parametrize(
    "address",
    ["+5215512380104", "+52 1 55 1238 0104", "whatsapp:+5215512380104", "55 1238 0104", MOBILE],
)
async def test_an_address_is_known_in_every_spelling(desk: Desk, kind: str, address: str) -> None:
    await load(desk)
    event = {"customer_id": "C1", "kind": kind, "channel": "sms", "address": address}
    status, said, _ = await take(desk, event)
    assert (status, "none of" in said) == (0, False)
    assert await silent(desk)
    points = await desk.pool.fetch(
        "SELECT detail ->> 'contact_point_id' AS point FROM law_events WHERE kind = $1", kind
    )
    known = await desk.pool.fetch("SELECT contact_point_id FROM contact_points")
    assert {p["point"] for p in points} == {k["contact_point_id"] for k in known}


async def test_a_mailbox_is_known_in_every_case(desk: Desk) -> None:
    await load(desk, email="ana@example.com", consents="email", preferred_channel="email")
    event = {"customer_id": "C1", "kind": "opt_out", "address": " Ana@Example.COM"}
    assert (await take(desk, event))[0] == 0
    assert await silent(desk)


async def test_a_stop_for_an_address_of_somebody_else_is_theirs_and_the_customers(
    desk: Desk,
) -> None:
    await load(desk)
    other = {"customer_id": "C2", "account_id": "A2", "mobile": "+525512380999"}
    await load(desk, **other)
    event = {"customer_id": "C1", "kind": "opt_out", "address": "+5215512380999"}
    status, said, woken = await take(desk, event)
    assert status == 0
    assert "e0: address: is none of this customer's: it holds for whoever has it" in said
    assert "e0: address: is none of this customer's: it holds for all addresses" in said
    assert sorted(woken) == ["banco-andino/A1", "banco-andino/A2"]
    assert await silent(desk)
    assert await silent(desk, "A2")


@pytest.mark.parametrize("kind", ["cease", "opt_out", "death"])
async def test_a_stop_whose_address_is_none_is_the_customers(desk: Desk, kind: str) -> None:
    await load(desk)
    status, said, _ = await take(desk, {"customer_id": "C1", "kind": kind, "address": "unknown"})
    assert status == 0
    assert "e0: address: is none of this customer's: it holds for" in said
    assert await silent(desk)


# --- dates and words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("9999-12-31T23:59:59Z", "at: lies beyond our years, so it is kept as 2199-12-31"),
        ("0001-01-01T00:00:00Z", "without a date of our years, so it counts as of now"),
        ("2026-11-20", "at: has no offset, so it is taken as 2026-11-20T06:00:00+00:00"),
        ("2030-01-01T00:00:00Z", "dated ahead (2030-01-01T00:00:00+00:00), and holds from now"),
        (None, "without a date of our years, so it counts as of now"),
        ("\0", "without a date of our years, so it counts as of now"),
    ],
)
async def test_a_stop_is_taken_whatever_its_date_and_the_report_says_how(
    desk: Desk, at: str | None, told: str
) -> None:
    await load(desk)
    event = {"customer_id": "C1", "kind": "cease", "at": at, "ends_at": "0001-01-01T00:00:00Z"}
    for new in (1, 0):  # the same file again
        status, said, _ = await take(desk, event)
        assert status == 0
        assert f"e0: {told}" in said
        assert "e0: ends_at: is no date of our years, so it is left away" in said
        assert f"{new} events recorded, {1 - new} known already, 0 refused" in said
    assert await silent(desk)


async def test_a_stop_without_a_date_is_later_than_what_was_said_before(desk: Desk) -> None:
    await load(desk)
    await desk.says("opt_in", NOW - timedelta(days=30), channel="sms")
    await take(desk, {"customer_id": "C1", "kind": "opt_out", "at": "0001-01-01T00:00:00Z"})
    assert await silent(desk)


@pytest.mark.parametrize("kind", ["opt_in", "dispute_verified", "consent_call"])
@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-20"])
async def test_leave_with_such_a_date_is_refused(desk: Desk, kind: str, at: str) -> None:
    await load(desk)
    status, _, _ = await take(desk, {"customer_id": "C1", "kind": kind, "at": at})
    assert status == 3
    assert await kinds(desk) == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no\u200d\u00a0más\u2028", "no\u200d\u00a0más\u2028"),
        ("a\0b\ud800", "a\\u0000b\\ud800"),
        ("x" * 20_000, "x" * 10_000 + "… (20000 characters)"),
    ],
)
async def test_no_event_is_lost_for_its_words(desk: Desk, text: str, kept: str) -> None:
    await load(desk)
    status, _, _ = await take(desk, {"customer_id": "C1", "kind": "cease", "text": text})
    assert status == 0
    found = await desk.pool.fetchval(
        "SELECT detail ->> 'text' FROM law_events WHERE kind = 'cease'"
    )
    assert found == kept


# --- in one run with the accounts -----------------------------------------------------------------


async def test_facts_and_stops_of_an_intake_go_before_its_first_start(desk: Desk) -> None:
    events = desk.folder / "events.jsonl"
    lines = [{"id": "e1", "customer_id": "C1", "kind": "cease", "at": AT}, {"id": "e2"}]
    events.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    seen: list[int] = []

    async def facts() -> int:
        seen.append(await desk.count("accounts"))
        assert desk.starter.calls == []
        return await record_events(events, desk.pool, Woken(), Console(file=StringIO()), clock=At())

    file = desk.file([row(oldest_due_date="2026-11-10")])
    status, said = await desk.command(file, as_of=AS_OF, now=None, facts=facts)
    assert "1 new" in said
    assert (status, seen) == (3, [0])  # a line of the events was refused
    assert await silent(desk)


async def test_the_answer_as_one_object(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    await load(desk)
    lines = [{"id": "e1", "customer_id": "C1", "kind": "cease", "at": AT}, {"id": "e2"}]
    file = desk.folder / "events.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    told = (file, desk.pool, Woken(), Console(file=StringIO()))
    assert await record_events(*told, clock=At(), as_json=True) == 3
    answer = json.loads(capsys.readouterr().out)
    counts = {name: answer[name] for name in ("recorded", "known", "refused", "plan_anew")}
    assert counts == {"recorded": 1, "known": 0, "refused": 1, "plan_anew": 1}
    assert answer["rejects"] == f"{file}.rejects.jsonl"
    assert [(one["id"], one["new"]) for one in answer["events"]] == [("e1", True)]


async def test_what_is_on_record_is_said_also_where_temporal_fails_on_the_way(desk: Desk) -> None:
    class Away(Woken):
        async def plan_anew(self, account: str, why: str, done: str) -> bool:
            raise Unavailable("Temporal does not answer")

    await load(desk)
    file, console = desk.folder / "events.jsonl", Console(file=StringIO(), width=300)
    line = {"id": "e1", "customer_id": "C1", "kind": "cease", "at": AT}
    file.write_text(json.dumps(line), "utf-8")
    with pytest.raises(Unavailable):
        await record_events(file, desk.pool, Away(), console, clock=At())
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "1 events recorded, 0 known already, 0 refused" in said


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("banco-andino/a1", "account_id: is spelt otherwise: it is banco-andino/A1"),
        ("Banco-Andino/A1", "account_id: is spelt otherwise: it is banco-andino/A1"),
        ("0a1", "account_id: is spelt otherwise: it is banco-andino/A1"),
        ("banco-andino/A9", "is no account of this customer: it holds for all of theirs"),
        ("A9", "is no account of this customer: it holds for all of theirs"),
        ("", "is no account of this customer: it holds for all of theirs"),
    ],
)
async def test_a_stop_for_an_account_spelt_otherwise_holds_and_the_report_says_for_which(
    desk: Desk, account: str, told: str
) -> None:
    await load(desk)
    stop = {"customer_id": "C1", "kind": "cease"}
    for new in (1, 0):  # the same file again
        status, said, _ = await take(desk, stop | {"account_id": account})
        assert status == 0
        assert told in said
        assert f"{new} events recorded, {1 - new} known already" in said
    assert await silent(desk)
    _, said, _ = await take(desk, stop | {"id": "own", "account_id": "banco-andino/A1"})
    assert "account_id" not in said


# --- ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "again", "new"),
    [
        ("opt_out", {"at": "2026-11-18"}, 0),
        ("opt_out", {"at": "2026-11-18T20:00:00Z"}, 0),
        ("opt_out", {"at": "2026-11-22"}, 1),
        ("opt_out", {"kind": "cease"}, 1),
        ("opt_out", {"channel": None}, 1),
        ("opt_out", {"customer_id": "C2"}, 1),
        ("opt_out", {"at": None}, 0),
        ("cease", {"account_id": "A1"}, 1),
    ],
)
async def test_an_id_that_comes_again_with_another_stop_loses_none(
    desk: Desk, kind: str, again: dict[str, Any], new: int
) -> None:
    await load(desk)
    line = {"customer_id": "C1", "kind": kind, "channel": "sms", "id": "1", "at": "2026-11-18"}
    await take(desk, line)
    for first in (1, 0):
        status, said, _ = await take(desk, line | again)
        assert status == 0
        assert f"{new * first} events recorded" in said
        assert ("1: id: belongs to another event on record" in said) is bool(new)
    assert len(await kinds(desk)) == 1 + new


async def test_a_consent_between_two_stops_of_one_id_is_the_earlier_one(desk: Desk) -> None:
    await load(desk)
    line = {"customer_id": "C1", "kind": "opt_out", "channel": "sms", "id": "1"}
    agreed = {"customer_id": "C1", "kind": "opt_in", "channel": "sms", "address": MOBILE}
    await take(desk, line | {"at": "2026-11-18"})
    await take(desk, agreed | {"id": "in", "at": "2026-11-20T10:00:00-05:00"})
    assert not await silent(desk)
    await take(desk, line | {"at": "2026-11-22"})
    assert await silent(desk)


async def test_leave_whose_id_is_taken_is_refused(desk: Desk) -> None:
    await load(desk)
    await take(desk, {"customer_id": "C1", "kind": "cease", "id": "1"})
    agreed = {"customer_id": "C1", "kind": "opt_in", "channel": "sms", "id": "1"}
    assert (await take(desk, agreed))[0] == 3
    assert await kinds(desk) == ["cease"]


# --- addresses as systems write them --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["opt_out", "wrong_number"])
@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("(+52) 55 1238 0104", True),
        ("+52 55 1238 0104 / +52 55 1238 0199", True),
        ("+52 55 1238 0104 ext 3", True),
        ("cel. 55 1238 0104", True),
        ("=+525512380104", True),
        ("5512380104.0", True),
        ("phone:+525512380104", True),
        ("5215512380104@s.whatsapp.net", True),
        ("5215512380104@c.us", True),
        ("5.2551238E+11", False),
        ("12380104", False),
    ],
)
async def test_a_telephone_is_known_as_systems_write_it_or_the_stop_is_the_customers(
    desk: Desk, kind: str, address: str, found: bool
) -> None:
    await load(desk)
    status, said, _ = await take(desk, {"customer_id": "C1", "kind": kind, "address": address})
    if not found and kind == "wrong_number":
        assert status == 3
        return
    assert status == 0
    assert ("it holds for all addresses" in said) is not found
    assert await silent(desk)


@pytest.mark.parametrize("kind", ["opt_out", "wrong_number"])
async def test_a_number_as_it_is_written_at_home_of_somebody_not_known_yet(
    desk: Desk, kind: str
) -> None:
    home = {"customer_id": "C1", "kind": kind, "address": "55 1238 0104"}
    status, _, _ = await take(desk, home)
    await load(desk)
    assert status == 3 if kind == "wrong_number" else await silent(desk)


@pytest.mark.parametrize("kind", ["cease", "opt_out"])
@pytest.mark.parametrize(
    "at",
    [
        "1970-01-01T00:00:00Z",
        "1970-01-01",
        "1969-12-31T18:00:00-06:00",
        "1900-01-01T00:00:00-05:00",
        "1904-01-01",
        "1980-01-01",
        "2000-01-01",
        "2001-01-01",
        "2001-01-01T00:00:00Z",
        "2010-05-05",
    ],
)
async def test_a_stop_dated_as_systems_write_no_date_is_outweighed_by_no_older_consent(
    desk: Desk, kind: str, at: str
) -> None:
    await load(desk)
    opted_in = {"kind": "opt_in", "channel": "sms", "address": MOBILE, "id": "in"}
    await take(desk, {"customer_id": "C1", **opted_in, "at": "2026-10-20T10:00:00-05:00"})
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT
    for new in (1, 0):  # the same file again
        stop = {"customer_id": "C1", "kind": kind, "id": "s", "at": at}
        status, said, _ = await take(desk, stop)
        assert (status, f"{new} events recorded" in said) == (0, True)
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
