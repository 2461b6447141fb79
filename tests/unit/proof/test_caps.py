"""How often each law lets somebody be contacted."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab.proof.verdict import prove
from tests.support.runs import Row, attempt_row, received_row
from tests.unit.proof.support import GUAYAQUIL, SANTIAGO, at, broken, series


def calls(*when: str, **changes: Any) -> list[Row]:
    """Calls to one customer in New York about one account."""
    told = {"jurisdictions": ["US"], "zones": ["America/New_York"], "channel": "voice"}
    return [
        at(
            attempt_row(n, attempt_id=f"c{n}", step=n, purpose=f"p{n}", **told),
            moment,
            outcome="no_answer",
            **changes,
        )
        for n, moment in enumerate(when, start=1)
    ]


DAYS = [f"2026-03-{day:02}T15:00:00+00:00" for day in range(2, 20)]


def test_an_eighth_call_in_seven_days() -> None:
    one_a_day = calls(*DAYS)
    assert broken(prove(one_a_day, [received_row(row) for row in one_a_day])) == set()
    eight = calls(DAYS[0], *(day.replace("15:", "16:") for day in DAYS[:7]))
    proof = prove(eight, [received_row(row) for row in eight])
    assert broken(proof) == {"us_calls"}
    assert "called 8 times within seven days" in proof.double[0]
    # Those that did not connect do not count.
    eight[3]["outcome"] = "busy"
    eight[3]["state"] = "undelivered"
    rang = [received_row(row) for row in eight if row["outcome"] != "busy"]
    assert broken(prove(eight, rang)) == set()


@pytest.mark.parametrize(("later", "allowed"), [(DAYS[6], False), (DAYS[7], True)])
def test_a_call_in_the_week_of_a_conversation(later: str, *, allowed: bool) -> None:
    """The date of the conversation is the first day: 2 March, then not before 9 March."""
    two = calls(DAYS[0], later)
    two[0]["outcome"] = "conversation"
    assert (broken(prove(two, [received_row(row) for row in two])) == set()) is allowed


def test_a_call_in_the_week_in_which_the_customer_called() -> None:
    (late,) = calls(DAYS[3])
    account = f"{late['creditor']}/{late['account_id']}"
    called = {"at": DAYS[0], "account": account, "kind": "reply", "detail": {"channel": "voice"}}
    assert broken(prove([late], [received_row(late)], events=[called])) == {"us_calls"}


@pytest.mark.parametrize("state", ["delivered", "undelivered", "unknown"])
def test_colombia_twice_a_day_over_two_accounts(state: str) -> None:
    first = attempt_row(1, state=state)
    other = attempt_row(
        1, attempt_id="b", account_id="200", covers=["meridian/200"], purpose="second_notice"
    )
    received = [received_row(other)] + ([received_row(first)] if state == "delivered" else [])
    proof = prove([first, other], received)
    assert broken(proof) == {"co_day"}
    assert "c100 was contacted twice on 2026-03-04" in proof.double[0]


@pytest.mark.parametrize(("days", "found"), [(1, True), (6, True), (7, False)])
def test_colombia_rests_seven_local_days(days: int, found: bool) -> None:
    moment = datetime.fromisoformat("2026-03-04T15:00:00+00:00") + timedelta(days=days)
    first, second = attempt_row(1), at(attempt_row(2, purpose="final_notice"), moment.isoformat())
    received = [received_row(first), received_row(second)]
    assert broken(prove([first, second], received)) == ({"co_week"} if found else set())


def test_colombia_counts_days_of_the_calendar_not_of_24_hours() -> None:
    first = at(attempt_row(1), "2026-03-04T23:50:00+00:00")
    second = at(attempt_row(2), "2026-03-11T12:00:00+00:00")
    assert prove([first, second], [received_row(first), received_row(second)]).holds


@pytest.mark.parametrize(
    ("contacts", "found", "why"),
    [
        ([("sms", "11-10T10:00"), ("email", "11-13T10:00")], set(), "two messages, D and D+3"),
        ([("sms", "11-10T10:00"), ("email", "11-12T19:00")], {"cl_week"}, "D+2"),
        ([("voice", "11-10T10:00"), ("voice", "11-16T10:00")], {"cl_week"}, "two calls"),
        ([("voice", "11-10T10:00"), ("voice", "11-17T08:00")], set(), "a week apart"),
        ([("voice", "11-10T10:00"), ("sms", "11-10T11:00")], set(), "a call and a message"),
        (
            [("voice", "11-10T10:00"), ("sms", "11-11T10:00"), ("sms", "11-16T10:00")],
            {"cl_week"},
            "three contacts in seven days",
        ),
        (
            [("voice", "11-10T10:00"), ("sms", "11-11T10:00"), ("sms", "11-17T10:00")],
            set(),
            "the first has left the week",
        ),
    ],
)
def test_chile(contacts: list[tuple[str, str]], found: set[str], why: str) -> None:
    dated = [(channel, f"2026-{when}") for channel, when in contacts]
    assert broken(series("CL", SANTIAGO, *dated)) == found, why


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("completed", True),
        ("no-answer", True),
        ("busy", False),
        ("failed", False),
        (None, False),
    ],
)
def test_chile_counts_calls_for_which_a_telephone_rang(status: str | None, counts: bool) -> None:
    """A number that is none is nobody's contact. None: nothing was received."""
    dated = (("voice", "11-10T10:00"), ("sms", "11-11T10:00"), ("sms", "11-14T10:00"))
    rows = [
        at(
            attempt_row(number, state="undelivered" if channel == "voice" else "delivered"),
            datetime.fromisoformat(f"2026-{when}").replace(tzinfo=ZoneInfo(SANTIAGO)).isoformat(),
            jurisdictions=["CL"],
            zones=[SANTIAGO],
            channel=channel,
            purpose=f"notice {number}",
        )
        for number, (channel, when) in enumerate(dated, start=1)
    ]
    rows[0]["outcome"] = "not_in_service" if status is None else None
    received = [
        received_row(row, channel=row["channel"], status=status)
        for row in rows[: 0 if status is None else 1]
    ]
    received += [received_row(row) for row in rows[1:]]
    assert broken(prove(rows, received)) == ({"cl_week"} if counts else set())


@pytest.mark.parametrize(
    ("later", "found"),
    [("2026-11-18T19:59", {"ec_day"}), ("2026-11-19T07:00", set())],
)
def test_ecuador_once_a_day_over_all_channels(later: str, found: set[str]) -> None:
    first = ("sms", "2026-11-18T07:00")
    assert broken(series("EC", GUAYAQUIL, first, ("email", later))) == found
