"""May a person contact the customer: the law, and what people heed beside it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.account import ContactPoint, PointKind
from domain.channels import Channel, Purpose
from domain.contacts.manual import UNDER_WAY, ContactState, ManualContact, with_people
from domain.conversation.wishes.preference import Preference, StatedPreference
from domain.conversation.work import SILENCING, Work
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import ContactOutcome, Direction, EventKind
from domain.ledger.attempt import AttemptState, PastContact
from domain.planning.by_person import HOUSE, judged_at, may_contact
from domain.planning.planner import plan
from domain.situation import Reply, Situation
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation

CALL = ContactPoint(contact_point_id="p-call", channel=Channel.VOICE, kind=PointKind.MOBILE)
LISTED = CALL.model_copy(update={"consented": True})
MORNING = NOW + timedelta(hours=9)
"""10:00 on a Monday in Bogota."""
MINUTE = timedelta(minutes=1)


def customer(country: str = "CO", **rest: Any) -> Situation:
    points = rest.pop("points", (EMAIL, SMS, LISTED))
    return situation(country=country, points=points, now=MORNING, **rest)


def called(at: Any, **rest: Any) -> ManualContact:
    said = {
        "contact_id": "c1",
        "account": "bank/A1",
        "covers": ("bank/A1",),
        "channel": Channel.VOICE,
        "direction": Direction.OUTBOUND,
        "contact_point_id": "p-call",
        "state": ContactState.ENDED,
        "outcome": ContactOutcome.NO_ANSWER,
        "at": at,
        **rest,
    }
    return ManualContact.model_validate(said)


def work(reason: WorkReason, **rest: Any) -> tuple[Work, ...]:
    return (Work(work_id=17, reason=reason, opened_at=MORNING - MINUTE, **rest),)


def test_a_person_may_call_and_is_told_until_when() -> None:
    answer = may_contact(customer(), rules(), MORNING, LISTED)
    assert (answer.allowed, answer.rule) == (True, None)
    assert answer.until is not None
    assert timedelta(hours=8) < answer.until - MORNING < timedelta(hours=10)


HOLDS: list[tuple[str, dict[str, Any], str]] = [
    ("a hold", {"account": {"hold_until": MORNING + MINUTE}}, "on hold until"),
    ("an end", {"account": {"status": "closed"}}, "the account is over"),
    ("nothing owed", {"balance": "0.00"}, "the account is over"),
    ("a restored database", {"halted": "restored"}, "nobody is contacted: the database was"),
    (
        "a death",
        {"law_events": (LawEvent(kind=EventKind.DEATH, at=MORNING - MINUTE),)},
        "the customer has died",
    ),
    (
        "a stop",
        {"law_events": (LawEvent(kind=EventKind.OPT_OUT, at=MORNING - MINUTE, channel="voice"),)},
        "the customer said stop",
    ),
    (
        "an address that may be another's",
        {"work": work(WorkReason.WRONG_PERSON, contact_point_id="p-call")},
        "it may be somebody else's until a person decides",
    ),
    *(
        (str(one), {"work": work(one)}, "decide that first (work 17)")
        for one in sorted(SILENCING - {WorkReason.CRISIS})
    ),
]


@pytest.mark.parametrize(("what", "rest", "why"), HOLDS)
def test_what_is_somebodys_right_or_decision_keeps_people_away_too(
    what: str, rest: dict[str, Any], why: str
) -> None:
    answer = may_contact(customer(**rest), rules(), MORNING, LISTED)
    assert (answer.allowed, answer.rule) == (False, HOUSE), what
    assert why in answer.why


@pytest.mark.parametrize(
    "reason", sorted(set(WorkReason) - SILENCING - {WorkReason.WRONG_PERSON} | {WorkReason.CRISIS})
)
def test_a_persons_turn_is_theirs(reason: WorkReason) -> None:
    found = customer(work=work(reason))
    assert may_contact(found, rules(), MORNING, LISTED).allowed


def test_a_call_needs_a_consent_where_the_law_asks_for_one_and_a_message_always() -> None:
    assert not may_contact(customer("CO", points=(CALL,)), rules("CO"), MORNING, CALL).allowed
    american: dict[str, Any] = {"zones": ("America/New_York",), "country": "US"}
    us = customer(points=(CALL,), **american)
    assert may_contact(us, rules("US"), MORNING, CALL).allowed
    write = SMS.model_copy(update={"consented": False})
    answer = may_contact(customer(points=(write,), **american), rules("US"), MORNING, write)
    assert (answer.allowed, answer.rule, answer.why) == (False, HOUSE, "no consent")


def test_while_one_person_dials_no_other_does_and_the_machine_waits() -> None:
    begun = called(MORNING, state=ContactState.BEGUN, outcome=None)
    found = with_people(customer(), [begun])
    answer = may_contact(found, rules(), MORNING + MINUTE, LISTED)
    assert "a person has been contacting this customer since" in answer.why
    step = plan(found, MORNING + MINUTE, rules())
    assert (step.why, step.not_before) == ("person", MORNING + UNDER_WAY)
    later = may_contact(found, rules(), MORNING + UNDER_WAY, LISTED)
    assert (later.allowed, later.rule) == (False, "co.ley2300.week_cap")
    assert plan(found, MORNING + UNDER_WAY, rules()).why != "person"
    elsewhere = begun.model_copy(update={"elsewhere": True})
    assert plan(with_people(customer(), [elsewhere]), MORNING, rules()).why != "person"


def texted(state: AttemptState, at: datetime) -> PastContact:
    """A reminder of the machine's."""
    return PastContact(
        attempt_id="t1",
        account="bank/A1",
        step=1,
        touch=1,
        phase="early",
        purpose=Purpose.REMINDER,
        channel=Channel.SMS,
        contact_point_id="p-sms",
        state=state,
        at=at,
    )


def test_what_is_leaving_at_this_moment_leaves_first() -> None:
    sent = texted(AttemptState.DISPATCHING, MORNING)
    american: dict[str, Any] = {"zones": ("America/New_York",), "country": "US"}
    found = customer(contacts=(sent,), **american)
    assert "leaving at this moment" in may_contact(found, rules("US"), MORNING, LISTED).why
    assert may_contact(found, rules("US"), MORNING + 2 * MINUTE, LISTED).allowed


def test_the_hours_that_they_wish_for_are_kept_unless_they_asked_for_this_call() -> None:
    windows = [{"days": ["mon"], "from": "15:00", "to": "17:00"}]
    wish = StatedPreference(
        preference_id="w",
        said_at=MORNING - MINUTE,
        preference=Preference.model_validate({"windows": windows}),
    )
    answer = may_contact(customer(preferences=(wish,)), rules(), MORNING, LISTED)
    assert (answer.allowed, answer.rule) == (False, HOUSE)
    assert answer.next_allowed_at == MORNING + timedelta(hours=5)
    inside = may_contact(customer(preferences=(wish,)), rules(), MORNING + 6 * 60 * MINUTE, LISTED)
    assert (inside.allowed, inside.until) == (True, MORNING + timedelta(hours=7))
    asked = customer(preferences=(wish,), work=work(WorkReason.CALLBACK, due_at=MORNING))
    assert may_contact(asked, rules(), MORNING, LISTED).allowed


def test_what_was_said_after_a_call_was_not_known_to_who_made_it() -> None:
    stop = LawEvent(kind=EventKind.CEASE, at=MORNING + 30 * MINUTE)
    later = called(MORNING + 10 * MINUTE)
    found = with_people(customer(law_events=(stop,), account={"status": "closed"}), [later])
    assert judged_at(found, rules(), MORNING, LISTED).allowed
    assert not judged_at(found, rules(), MORNING + 31 * MINUTE, LISTED).allowed
    before = called(MORNING - 10 * MINUTE)
    assert not judged_at(with_people(customer(), [before]), rules(), MORNING, LISTED).allowed


def test_where_there_is_no_law_nobody_calls() -> None:
    lawless = replace(rules(), packs=())
    for answer in (
        may_contact(customer(), lawless, MORNING, LISTED),
        judged_at(customer(), lawless, MORNING, LISTED),
    ):
        assert not answer.allowed
        assert "no law to ask" in answer.why


def test_the_view_says_that_it_was_a_person() -> None:
    found = with_people(customer(), [called(MORNING - MINUTE)])
    last = plan(found, MORNING, rules()).view.last_contact
    assert last is not None
    assert last.startswith("Call by a person, no answer, ")


def test_the_customer_who_comes_or_calls_has_written() -> None:
    inbound = {"direction": Direction.INBOUND, "outcome": ContactOutcome.CONVERSATION}
    for channel in (Channel.VOICE, Channel.HUMAN):
        found = with_people(customer(), [called(MORNING - MINUTE, channel=channel, **inbound)])
        assert [one.channel for one in found.replies] == [channel]
        assert found.contacts == ()
        assert plan(found, MORNING, rules()).why == "reply"
    third = called(MORNING, direction=Direction.INBOUND, outcome=ContactOutcome.DROPPED)
    other = called(MORNING, **inbound, heard=False)
    assert with_people(customer(), [third, other]).replies == ()


def test_not_even_an_answer_goes_out_while_a_person_dials() -> None:
    strategy = rules("US").strategy.model_copy(update={"answers": (Purpose.BALANCE_ANSWER,)})
    obeyed = replace(rules("US"), strategy=strategy)
    sent = texted(AttemptState.DELIVERED, MORNING - timedelta(days=2))
    asked = customer(
        country="US",
        zones=("America/New_York",),
        contacts=(sent,),
        replies=(Reply(at=MORNING - MINUTE, channel=Channel.SMS, contact_point_id="p-sms"),),
        work=work(WorkReason.BALANCE, contact_point_id="p-sms"),
    )
    assert plan(asked, MORNING, obeyed).purpose is Purpose.BALANCE_ANSWER
    begun = called(MORNING - MINUTE, state=ContactState.BEGUN, outcome=None)
    assert plan(with_people(asked, [begun]), MORNING, obeyed).why == "person"
