"""What each country's law leaves open to an answer, and to one that never came."""

from datetime import datetime, timedelta

import pytest

from lab.proof.verdict import prove
from tests.support.runs import Row, said_row
from tests.unit.proof.support import (
    ASKED,
    BALANCE,
    BOGOTA,
    GUAYAQUIL,
    HERS,
    IDENTITY,
    LIMA,
    MAILBOX,
    PROMISE,
    SANTIAGO,
    TOLD,
    WEST,
    answer,
    broken,
    on,
    wrote,
)


def answered_in(country: str, zone: str, asks: str, comes: str, purpose: str) -> set[str]:
    """What is wrong with an answer after a reminder at ten in the morning of the same day."""
    where: Row = {"jurisdictions": [country], "zones": [zone]}
    came = [
        on(datetime.fromisoformat(asks).replace(hour=10), 1, "reminder", **where),
        on(datetime.fromisoformat(comes), 2, purpose, **where),
    ]
    ledger, received = zip(*came, strict=True)
    return broken(prove(ledger, received, said=[said_row(HERS, asks)]))


@pytest.mark.parametrize(
    ("country", "zone", "offset", "found"),
    [
        ("CO", BOGOTA, "-05:00", set()),
        ("US", WEST, "-08:00", set()),
        ("US-DC", "America/New_York", "-05:00", {"hours"}),
        ("MX", "America/Mexico_City", "-06:00", {"hours"}),
        ("PE", LIMA, "-05:00", {"hours"}),
        ("EC", GUAYAQUIL, "-05:00", {"hours", "ec_day"}),
        ("CL", SANTIAGO, "-03:00", {"hours", "cl_week"}),
        ("BR", "America/Sao_Paulo", "-03:00", {"hours"}),
        ("AR", "America/Argentina/Buenos_Aires", "-03:00", {"hours"}),
        ("ES", "Europe/Madrid", "+01:00", {"hours"}),
        ("GB", "Europe/London", "+00:00", {"hours"}),
    ],
)
@pytest.mark.parametrize("purpose", [BALANCE, IDENTITY])
def test_at_night_and_beyond_the_count(
    country: str, zone: str, offset: str, found: set[str], purpose: str
) -> None:
    """Asked at half past ten in the evening, and answered at once."""
    night = f"2026-03-04T22:30:00{offset}"
    later = (datetime.fromisoformat(night) + timedelta(seconds=5)).isoformat()
    assert answered_in(country, zone, night, later, purpose) == found


def test_in_colombia_a_promise_read_back_is_no_information() -> None:
    asks, comes = "2026-03-04T20:30:00-05:00", "2026-03-04T20:31:00-05:00"
    assert answered_in("CO", BOGOTA, asks, comes, PROMISE) == {"hours", "co_day"}


@pytest.mark.parametrize(("purpose", "found"), [(BALANCE, set()), (PROMISE, {"hours"})])
def test_in_colombia_who_asks_on_a_sunday_is_told_on_it(purpose: str, found: set[str]) -> None:
    where: Row = {"jurisdictions": ["CO"], "zones": [BOGOTA]}
    sunday = datetime.fromisoformat("2026-03-08T11:00:00-05:00")
    row, got = on(sunday, 1, purpose, **where)
    assert broken(prove([row], [got], said=[said_row(HERS, sunday.isoformat())])) == found


@pytest.mark.parametrize(
    ("asks", "comes", "found"),
    [
        ("04T21:30", "04T23:00", set()),
        ("04T23:00", "05T07:59", set()),
        ("04T20:59", "04T21:01", {"hours"}),
        ("04T14:00", "04T22:00", {"hours"}),
        ("04T07:30", "04T21:05", {"hours"}),
        ("04T20:59", "05T08:00", set()),
    ],
    ids=["that night", "by morning", "by day", "long by day", "the night before", "in the hours"],
)
def test_in_the_united_states_in_the_night_in_which_it_was_asked(
    asks: str, comes: str, found: set[str]
) -> None:
    there = [f"2026-03-{moment}:00-08:00" for moment in (asks, comes)]
    assert answered_in("US", WEST, there[0], there[1], PROMISE) == found


def test_in_the_united_states_the_night_of_every_zone_counts() -> None:
    """Nine in the evening in New York, six in Los Angeles."""
    where: Row = {"jurisdictions": ["US"], "zones": ["America/New_York", WEST]}
    moment = datetime.fromisoformat("2026-03-04T21:10:00-05:00")
    row, got = on(moment, 1, BALANCE, **where)
    for minutes, found in ((5, set()), (15, {"hours"})):
        said = said_row(HERS, (moment - timedelta(minutes=minutes)).isoformat())
        assert broken(prove([row], [got], said=[said])) == found


@pytest.mark.parametrize(("messages", "found"), [(1, {"hours"}), (2, set())])
def test_in_the_united_states_one_message_has_one_response(messages: int, found: set[str]) -> None:
    """By night; of whatever kinds."""
    where: Row = {"jurisdictions": ["US"], "zones": [WEST]}
    night = datetime.fromisoformat("2026-03-04T22:00:00-08:00")
    came = [
        on(night + timedelta(minutes=n), n, purpose, **where)
        for n, purpose in enumerate((BALANCE, IDENTITY), start=3)
    ]
    ledger, received = zip(*came, strict=True)
    said = [said_row(HERS, (night + timedelta(minutes=n)).isoformat()) for n in range(messages)]
    assert broken(prove(ledger, received, said=said)) == found


@pytest.mark.parametrize(
    ("country", "zone", "offset"), [("CO", BOGOTA, "-05:00"), ("US", WEST, "-08:00")]
)
def test_one_that_is_none_is_free_of_nothing(country: str, zone: str, offset: str) -> None:
    where: Row = {"jurisdictions": [country], "zones": [zone]}
    row, got = on(datetime.fromisoformat(f"2026-03-04T22:30:00{offset}"), 1, BALANCE, **where)
    assert broken(prove([row], [got], said=[])) == {"hours", "answered"}


def test_what_follows_it_counts_from_it_on() -> None:
    """In Colombia, by another channel: five days after the answer."""
    where: Row = {"jurisdictions": ["CO"], "zones": [BOGOTA]}
    late = on(ASKED + timedelta(days=5), 2, "reminder", channel="email", **where)
    ledger, received = zip(answer(number=1, **where), late, strict=True)
    assert broken(prove(ledger, received, said=[wrote()])) == {"co_week"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([wrote()], set()),
        ([wrote(account=None)], set()),
        ([wrote(address="+573000000001")], set()),
        ([], {"co_day"}),
        ([wrote(address=MAILBOX, channel="email")], {"co_day"}),
        ([wrote(-21 * 60)], {"co_day"}),
        ([wrote(address="+573000000001", account="meridian/900")], {"co_day"}),
    ],
    ids=[
        "asked",
        "from her handset",
        "about her account",
        "nobody",
        "another medium",
        "long ago",
        "somebody else",
    ],
)
def test_one_that_never_came_is_no_contact_if_its_customer_had_asked(
    said: list[Row], found: set[str]
) -> None:
    where: Row = {"jurisdictions": ["CO"], "zones": [BOGOTA]}
    first, got = on(TOLD, 1, "reminder", **where)
    lost, _ = answer(state="undelivered", **where)
    assert broken(prove([first, lost], [got], said=said)) == found


@pytest.mark.parametrize(
    ("lost_at", "purpose", "found"),
    [(5, BALANCE, set()), (60, BALANCE, {"co_day"}), (5, PROMISE, {"co_day"})],
    ids=["then answered", "answered before", "no information"],
)
def test_one_that_never_came_is_held_against_those_that_did(
    lost_at: float, purpose: str, found: set[str]
) -> None:
    where: Row = {"jurisdictions": ["CO"], "zones": [BOGOTA]}
    first, got = on(TOLD, 1, "reminder", **where)
    lost, _ = answer(lost_at, 2, purpose, state="undelivered", **where)
    came, read = answer(30, 3, **where)
    assert broken(prove([first, lost, came], [got, read], said=[wrote()])) == found


@pytest.mark.parametrize(("hours", "found"), [(0.5, set()), (3, {"hours"})])
def test_one_that_never_came_may_leave_in_the_night_in_which_it_was_asked(
    hours: float, found: set[str]
) -> None:
    """In the United States, at half past ten in the evening."""
    where: Row = {"jurisdictions": ["US"], "zones": [WEST]}
    night = datetime.fromisoformat("2026-03-04T22:30:00-08:00")
    lost, _ = on(night, 1, BALANCE, state="undelivered", **where)
    said = said_row(HERS, (night - timedelta(hours=hours)).isoformat())
    assert broken(prove([lost], [], said=[said])) == found
    row, got = on(night, 1, BALANCE, **where)
    assert broken(prove([row], [got], said=[said | {"clock": "estimate"}])) == set()
