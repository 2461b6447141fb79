"""A stop is honoured in every jurisdiction, also where no law asks for it."""

from datetime import timedelta

import pytest

from domain.channels import Channel
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.planning.planner import plan
from domain.planning.reasons.consent import withdrawn
from domain.planning.step import Status, StepKind
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation


def event(
    kind: EventKind,
    minutes: int,
    channel: Medium | None,
    account: str | None = None,
    recorded: int | None = None,
) -> LawEvent:
    """What was said so many minutes from now, and recorded so many."""
    at = NOW + timedelta(minutes=minutes)
    on_file = None if recorded is None else NOW + timedelta(minutes=recorded)
    return LawEvent(kind=kind, at=at, channel=channel, account_id=account, recorded_at=on_file)


STOP, START, CEASE = EventKind.OPT_OUT, EventKind.OPT_IN, EventKind.CEASE


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), False),
        ((event(STOP, -5, Medium.SMS),), True),
        ((event(STOP, -5, None),), True),
        ((event(STOP, -5, Medium.EMAIL),), False),
        ((event(STOP, 1, Medium.SMS),), True),
        ((event(STOP, -5, Medium.SMS), event(START, -4, Medium.SMS)), False),
        ((event(START, -5, Medium.SMS), event(STOP, -4, Medium.SMS)), True),
        ((event(START, -5, Medium.SMS), event(STOP, -5, Medium.SMS)), True),
        ((event(STOP, -5, None), event(START, -4, Medium.EMAIL)), True),
        ((event(CEASE, -5, None),), True),
        ((event(CEASE, 1, None),), True),
        ((event(CEASE, -5, None, "bank/A1"),), True),
        ((event(CEASE, -5, None, "bank/A2"),), False),
        ((event(START, -5, Medium.SMS), event(CEASE, -5, None)), True),
        ((event(CEASE, -5, None), event(START, -4, Medium.SMS)), False),
        # A stop holds from the earlier of its two instants, a start from the later.
        ((event(STOP, 120, Medium.SMS, recorded=-1),), True),
        ((event(STOP, -120, Medium.SMS, recorded=-1),), True),
        ((event(STOP, -5, None), event(START, 120, None, recorded=-1)), True),
        ((event(STOP, -5, None), event(START, -120, None, recorded=-1)), True),
        ((event(STOP, 120, None, recorded=-5), event(START, -4, None, recorded=-4)), False),
    ],
)
def test_the_last_word_on_a_channel_counts(events: tuple[LawEvent, ...], expected: bool) -> None:
    assert withdrawn(situation(law_events=events), SMS, NOW) is expected


@pytest.mark.parametrize(
    ("said_of", "expected"),
    [(None, False), ("p-sms", False), ("p-spelt", False), ("p-other", True), ("unknown", True)],
)
def test_an_opt_in_counts_for_the_address_it_names(said_of: str | None, expected: bool) -> None:
    one = SMS.model_copy(update={"address_id": "one"})
    points = (
        one,
        one.model_copy(update={"contact_point_id": "p-spelt"}),
        one.model_copy(update={"contact_point_id": "p-other", "address_id": "other"}),
    )
    start = event(START, -4, Medium.SMS).model_copy(update={"contact_point_id": said_of})
    told = situation(points=points, law_events=(event(STOP, -5, None), start))
    assert withdrawn(told, one, NOW) is expected


def test_a_stop_from_one_address_ends_the_channel() -> None:
    stop = event(STOP, -5, Medium.SMS).model_copy(update={"contact_point_id": "p-other"})
    assert withdrawn(situation(law_events=(stop,)), SMS, NOW)


@pytest.mark.parametrize(
    ("country", "zone"),
    [("MX", "America/Mexico_City"), ("CO", "America/Bogota"), ("US", "America/New_York")],
)
def test_after_a_stop_the_channel_is_not_planned(country: str, zone: str) -> None:
    told = (event(STOP, -5, Medium.SMS),)
    step = plan(
        situation(country=country, zones=(zone,), preferred=Channel.SMS, law_events=told),
        NOW,
        rules(country),
    )
    assert (step.kind, step.channel) == (StepKind.CONTACT, Channel.EMAIL)


def test_with_every_channel_stopped_the_account_is_silenced_and_says_why() -> None:
    step = plan(
        situation(country="MX", points=(SMS, EMAIL), law_events=(event(STOP, -5, None),)),
        NOW,
        rules("MX"),
    )
    assert step.kind is StepKind.WAIT
    assert step.view.status is Status.SILENCED
    assert "said stop" in step.summary


@pytest.mark.parametrize("country", ["CO", "MX", "US"])
def test_the_dead_are_not_written_to_law_or_no_law(country: str) -> None:
    death = event(EventKind.DEATH, -5, None)
    consent = event(START, -60, Medium.SMS)
    step = plan(situation(country=country, law_events=(consent, death)), NOW, rules(country))
    assert (step.kind, step.view.status) == (StepKind.WAIT, Status.SILENCED)
    assert "the customer has died" in step.summary
