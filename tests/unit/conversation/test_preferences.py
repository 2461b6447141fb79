"""How a customer wants to be reached: taken from a message only where it leaves no doubt, and then
put before whatever worked or costs less; the law before it."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from config.reader import load_reader
from domain.channels import Channel, Purpose
from domain.conversation.reader import Heard
from domain.conversation.wishes.preference import (
    NONE,
    Preference,
    StatedPreference,
    every_day,
    in_force,
    stated_in,
)
from domain.law.terms import WEEKDAYS, week_of
from domain.ledger.attempt import AttemptState
from domain.planning.planner import UNMET, plan
from domain.planning.reasons.wished import WishedHours
from domain.planning.step import StepKind
from domain.situation import Reply, Situation
from lab.builders.situations import rules, situation
from tests.unit.conversation.test_answers import answering
from tests.unit.planner.support import after, contact, local

BOGOTA: Final = "America/Bogota"
MEXICO: Final = "America/Mexico_City"
NOON: Final = local(BOGOTA, "2026-11-23 12:00")
"""A Monday."""
SET: Final = Path(__file__).with_name("preferences.jsonl")
"""Written by somebody who had not seen the rules."""


READER: Final = load_reader()


def read(text: str, locale: str) -> Preference | None:
    return stated_in(READER.read(Heard(text, locale, NOON, "COP", Decimal(100_000))))


def test_nothing_is_taken_for_a_wish_that_is_none_and_most_wishes_are_kept() -> None:
    told = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    kept = 0
    for one in told:
        found = read(one["text"], one["locale"])
        if found is None:
            continue
        wished = (found.channel, sorted([w.opens, w.closes] for w in found.windows))
        assert one["standing"], one["text"]
        assert wished == (one["channel"], sorted(one["hours"])), one["text"]
        kept += 1
    assert kept >= 0.6 * sum(one["standing"] for one in told)


def stated(at: datetime = NOON - timedelta(days=3), **named: Any) -> StatedPreference:
    preference = Preference.model_validate(named)
    return StatedPreference(preference_id=f"x:{at}", said_at=at, preference=preference)


def hours(opens: str, closes: str, *days: str) -> dict[str, Any]:
    return {"windows": every_day([(opens, closes)], days or WEEKDAYS)}


def wishing(*preferences: StatedPreference, **fields: Any) -> Situation:
    values: dict[str, Any] = {"now": NOON, "preferences": preferences}
    return situation(**values | fields)


def test_of_each_thing_the_last_word_is_in_force() -> None:
    first, second, third = (NOON - timedelta(days=n) for n in (9, 5, 1))
    told = [
        stated(second, **hours("18:00", "20:00")),
        stated(first, channel="sms", locale="pt"),
        stated(third, channel="whatsapp"),
    ]
    found = in_force(told, NOON)
    assert (found.channel, found.locale) == (Channel.WHATSAPP, "pt")
    assert [(one.opens, one.closes) for one in found.windows] == [("18:00", "20:00")]
    assert in_force(told, second).channel is Channel.SMS, "what is said later is not known yet"
    back = in_force([*told, stated(NOON, channel=None, windows=[])], NOON)
    assert (back.channel, back.windows, back.locale) == (None, (), "pt"), "taken back"
    assert in_force([], NOON) == NONE


def test_what_they_say_outranks_what_a_file_says_what_worked_and_what_is_cheap() -> None:
    worked = (contact(NOON - timedelta(days=8), state=AttemptState.DELIVERED),)
    replies = (Reply(at=NOON - timedelta(days=7), channel=Channel.SMS),)
    shared = {"contacts": worked, "replies": replies, "preferred": Channel.SMS}
    assert plan(wishing(**shared), NOON, rules()).channel is Channel.SMS
    found = wishing(stated(channel="email"), **shared)
    assert plan(found, NOON, rules()).channel is Channel.EMAIL


@pytest.mark.parametrize(
    ("wish", "first", "last"),
    [
        (hours("09:00", "11:00"), "09:00", "11:00"),
        (hours("16:00", "24:00"), "16:00", "19:00"),  # the law of Colombia closes at seven
        (hours("15:00", "16:00", "wed"), "15:00", "16:00"),
    ],
)
def test_nobody_is_contacted_outside_of_the_hours_they_wish_for(
    wish: dict[str, Any], first: str, last: str
) -> None:
    now = NOON
    found = wishing(stated(**wish))
    for _ in range(4):
        step = plan(found, now, rules())
        assert step.kind in (StepKind.CONTACT, StepKind.WAIT)
        if step.kind is StepKind.CONTACT:
            at = step.not_before.astimezone(ZoneInfo(BOGOTA))
            assert first <= f"{at:%H:%M}" < last
            assert step.not_after is not None
            closes = step.not_after.astimezone(ZoneInfo(BOGOTA))
            assert f"{closes:%H:%M}" <= last
            assert not wish["windows"][0].days[1:] or f"{at:%a}".lower() in wish["windows"][0].days
            found, now = after(found, step, step.not_before), step.not_before
        now = max(now, step.not_before) + timedelta(seconds=1)


def test_where_nothing_lawful_is_wished_for_a_person_decides() -> None:
    step = plan(wishing(stated(**hours("02:00", "05:00"))), NOON, rules())
    assert (step.kind, step.why) == (StepKind.WAIT, UNMET)
    assert "a person decides" in step.summary


def test_a_wish_opens_nothing_that_the_law_closes() -> None:
    for opens, closes in (("00:00", "24:00"), ("19:00", "24:00"), ("05:00", "08:00")):
        step = plan(wishing(stated(**hours(opens, closes))), NOON, rules())
        without = plan(wishing(), NOON, rules())
        if step.kind is StepKind.CONTACT:
            at = step.not_before.astimezone(ZoneInfo(BOGOTA))
            assert "07:00" <= f"{at:%H:%M}" < "19:00"
        assert without.kind is StepKind.CONTACT


def test_who_asks_is_answered_whatever_hours_they_wish_for() -> None:
    # Of Mexico, whose law lets more than one message a day out; a wish read back is a contact.
    now = local(MEXICO, "2026-11-23 12:00")
    at = now - timedelta(seconds=1)
    name = "said:twilio/SM1"
    wish = StatedPreference(
        preference_id=name, said_at=at, preference=Preference(**hours("16:00", "18:00"))
    )
    found = wishing(
        wish,
        contacts=(contact(at - timedelta(hours=1)),),
        replies=(
            Reply(at=at, channel=Channel.EMAIL, contact_point_id="p-email", message="resend/E1"),
            Reply(at=at, channel=Channel.SMS, contact_point_id="p-sms", message="twilio/SM1"),
        ),
        country="MX",
        zones=(MEXICO,),
        now=now,
    )
    assert plan(found, now, rules("MX")).why == "reply"
    step = plan(found, now, answering("MX"))
    assert (step.purpose, step.contact_point_id) == (Purpose.PREFERENCE_CONFIRMATION, "p-sms")
    told = after(found, step, step.not_before)
    again = plan(told, step.not_before + timedelta(seconds=1), answering("MX"))
    assert again.purpose is not Purpose.PREFERENCE_CONFIRMATION, "once"


@pytest.mark.parametrize(
    ("zones", "wish", "at", "opens", "closes"),
    [
        # The hour that spring skips in New York is nobody's: a week later.
        (
            ("America/New_York",),
            ("02:00", "03:00", ("sun",)),
            "2027-03-10T00:00Z",
            *("2027-03-21T06:00Z", "2027-03-21T07:00Z"),
        ),
        # The one that autumn repeats is there twice.
        (
            ("America/New_York",),
            ("01:00", "02:00", ("sun",)),
            "2026-10-31T12:00Z",
            *("2026-11-01T05:00Z", "2026-11-01T07:00Z"),
        ),
        # Of two zones only what both show: at 12:00 in Los Angeles it is 15:00 in New York.
        (
            ("America/New_York", "America/Los_Angeles"),
            ("12:00", "18:00", WEEKDAYS),
            "2026-11-23T00:00Z",
            *("2026-11-23T20:00Z", "2026-11-23T23:00Z"),
        ),
        (
            ("America/New_York", "America/Los_Angeles"),
            ("12:00", "14:00", WEEKDAYS),
            "2026-11-23T00:00Z",
            *(None, None),
        ),
    ],
)
def test_wished_hours_are_those_of_the_customers_clocks(
    zones: tuple[str, ...],
    wish: tuple[str, str, Any],
    at: str,
    opens: str | None,
    closes: str | None,
) -> None:
    made = WishedHours(week_of(tuple(every_day([wish[:2]], wish[2]))), zones)
    begin = datetime.fromisoformat(at)
    found = made.stretch(begin)
    if opens is None or closes is None:
        assert found is None
        return
    assert found == (datetime.fromisoformat(opens), datetime.fromisoformat(closes))
    assert made.hold(found[0])
    assert not made.hold(found[1])
    assert not made.hold(begin)
    assert found[0].tzinfo == UTC
