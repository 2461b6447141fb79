"""What the sender of an event is told of it where nothing comes of it, and why."""

from datetime import timedelta

import pytest

from domain.account import ContactPoint, PointKind
from domain.channels import Channel
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.planning.reasons.effect import effect
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation

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


CALL = ContactPoint(contact_point_id="p-voice", channel=Channel.VOICE, kind=PointKind.MOBILE)
ONLY_OPT_IN = "only a later opt-in of the person opens it, whatever a file lists"


@pytest.mark.parametrize("country", ["CO", "MX"])
@pytest.mark.parametrize("points", [(CALL, EMAIL, SMS), (EMAIL, SMS)])
def test_a_stop_of_what_was_not_used_before_is_said_to_hold(
    country: str, points: tuple[ContactPoint, ...]
) -> None:
    before = situation(country=country, law_events=(OPT_IN,), points=points)
    stop = LawEvent(kind=EventKind.OPT_OUT, at=LATER, channel=Medium.VOICE)
    after = before.model_copy(update={"law_events": (OPT_IN, stop)})
    told = effect(before, after, rules(country), LATER)
    assert told == f"changes nothing now: Call was not used before it either; {ONLY_OPT_IN}"


def test_a_stop_that_is_said_again_is_said_to_hold() -> None:
    stop = LawEvent(kind=EventKind.OPT_OUT, at=NOW, channel=Medium.SMS)
    before = situation(law_events=(OPT_IN, stop))
    again = stop.model_copy(update={"at": LATER})
    after = before.model_copy(update={"law_events": (OPT_IN, stop, again)})
    told = effect(before, after, rules(), LATER)
    assert told == f"changes nothing now: SMS was not used before it either; {ONLY_OPT_IN}"


@pytest.mark.parametrize("kind", [EventKind.OPT_OUT, EventKind.DISPUTE])
def test_what_is_said_of_another_account_is_said_to_be_about_that(kind: EventKind) -> None:
    before = situation(country="MX", law_events=(OPT_IN,))
    other = said(kind).model_copy(update={"account_id": "bank/other"})
    after = before.model_copy(update={"law_events": (OPT_IN, other)})
    told = effect(before, after, rules("MX"), LATER)
    assert told == "changes nothing here: it is about another account"


def test_what_a_rule_weighs_is_not_said_to_be_beyond_the_law() -> None:
    before = situation(law_events=(OPT_IN,))
    unused = LawEvent(kind=EventKind.WRONG_NUMBER, at=LATER, contact_point_id="p-gone")
    after = before.model_copy(update={"law_events": (OPT_IN, unused)})
    told = effect(before, after, rules(), LATER)
    assert told == "changes nothing now: it is weighed, but no address that is open depends on it"
