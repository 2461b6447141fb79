"""What the sender of an event is told of it where nothing comes of it, and why."""

from datetime import timedelta

import pytest

from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.planning.reasons.effect import effect
from lab.builders.situations import NOW, rules, situation

OPT_IN = LawEvent(kind=EventKind.OPT_IN, at=NOW, channel=Medium.SMS)
LATER = NOW + timedelta(hours=1)


def said(kind: EventKind) -> LawEvent:
    return LawEvent(kind=kind, at=LATER)


@pytest.mark.parametrize("country", ["MX", "CO"])
@pytest.mark.parametrize("kind", [EventKind.CEASE, EventKind.DEATH, EventKind.ATTORNEY])
def test_who_is_silenced_already_is_not_said_to_be_beyond_the_law(
    country: str, kind: EventKind
) -> None:
    stopped = (OPT_IN, LawEvent(kind=EventKind.CEASE, at=NOW))
    before = situation(country=country, law_events=stopped)
    after = before.model_copy(update={"law_events": (*stopped, said(kind))})
    told = effect(before, after, rules(country), LATER)
    assert told == "changes nothing now: no channel was open to this person before it either"


def test_what_no_rule_weighs_is_said_to_be_so_where_something_is_open() -> None:
    before = situation(law_events=(OPT_IN,))
    after = before.model_copy(update={"law_events": (OPT_IN, said(EventKind.NOTICE_MAILED))})
    told = effect(before, after, rules(), LATER)
    assert told.startswith("changes nothing: neither the law of CO nor a rule of ours")
    assert told.endswith("put the account on hold")
