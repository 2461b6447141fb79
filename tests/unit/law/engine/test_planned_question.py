"""A plan asks the law of the same facts as anybody who puts the question together in full."""

from datetime import timedelta

import pytest

from domain.account import ContactPoint, PointKind
from domain.channels import Channel, Purpose
from domain.law.engine import Question, verdict
from domain.law.facts import Facts
from domain.law.local_time import second
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.ledger.attempt import AttemptState, PastContact
from domain.ledger.call_outcome import CallOutcome
from domain.planning.frame import Frame
from domain.planning.request import law_request
from domain.situation import Reply
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation

CALL = ContactPoint(
    contact_point_id="p-call", channel=Channel.VOICE, kind=PointKind.MOBILE, consented=True
)


def _contact(number: int, **told: object) -> PastContact:
    fields: dict[str, object] = {
        "attempt_id": f"t{number}",
        "account": "bank/A1",
        "step": number,
        "touch": 1,
        "phase": "early",
        "purpose": Purpose.REMINDER,
        "channel": Channel.SMS,
        "contact_point_id": SMS.contact_point_id,
        "state": AttemptState.DELIVERED,
        "at": NOW - timedelta(days=number, microseconds=number),
    }
    return PastContact.model_validate(fields | told)


CONTACTS = (
    _contact(9, state=AttemptState.RELEASED),
    _contact(8, state=AttemptState.REFUSED),
    _contact(7, state=AttemptState.UNDELIVERED),
    _contact(6, covers=("bank/A1", "bank/A2")),
    _contact(5, channel=Channel.VOICE, contact_point_id="p-call", outcome=CallOutcome.NO_ANSWER),
    _contact(4, channel=Channel.HUMAN, contact_point_id="", outcome=CallOutcome.CONVERSATION),
    _contact(3, state=AttemptState.RESERVED, contact_point_id="gone"),
    _contact(2, account="bank/A2", state=AttemptState.UNKNOWN),
)
REPLIES = (
    Reply(at=NOW - timedelta(days=2, microseconds=2), channel=Channel.SMS),
    Reply(at=NOW - timedelta(hours=3), channel=Channel.VOICE, contact_point_id="p-call"),
)


@pytest.mark.parametrize("country", ["CO", "MX", "US", "CL", "EC"])
@pytest.mark.parametrize("point", [SMS, EMAIL, CALL], ids=lambda point: point.channel.value)
def test_a_plan_counts_what_the_whole_question_counts(country: str, point: ContactPoint) -> None:
    found = situation(
        country=country,
        points=(SMS, EMAIL, CALL),
        contacts=CONTACTS,
        replies=REPLIES,
        law_events=(LawEvent(kind=EventKind.OPT_IN, at=NOW - timedelta(days=1)),),
    )
    obeyed = rules(country)
    whole = law_request(found, obeyed, point, NOW)
    planned = Frame(found, NOW, obeyed).asked_of(point)
    for at in (NOW - timedelta(days=4), NOW, NOW + timedelta(days=2)):
        one, other = Facts(whole, second(at)), Facts(planned, second(at))
        assert one.past == other.past
        assert one.inbound == other.inbound
        said = verdict(obeyed.packs, whole, at)
        assert Question(obeyed.packs, planned).verdict(at) == said
    assert len(planned.history.past) == len(whole.history)  # type: ignore[attr-defined]
    same = whole.model_dump(exclude={"history"})
    assert planned.model_dump(exclude={"history"}, warnings=False) == same
