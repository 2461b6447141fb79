"""Those who stand for an account: who of them is contacted, in which turn, and what is said."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from config.rule_packs import load_packs
from domain.account import ContactPoint, PointKind
from domain.channels import Channel, Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium, Party
from domain.ledger.attempt import AttemptState, PastContact
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Status, Step, StepKind
from domain.situation import Reply, Situation, Standing
from lab.builders.situations import NOW, rules, situation

DAY = timedelta(days=1)
ZONES = {
    "CO": "America/Bogota",
    "MX": "America/Mexico_City",
    "EC": "America/Guayaquil",
    "PE": "America/Lima",
    "CL": "America/Santiago",
    "BR": "America/Sao_Paulo",
    "AR": "America/Argentina/Buenos_Aires",
    "ES": "Europe/Madrid",
    "GB": "Europe/London",
    "US": "America/New_York",
}
GUARANTORS = (
    ContactPoint(
        contact_point_id="g-email",
        channel=Channel.EMAIL,
        kind=PointKind.EMAIL,
        consented=True,
        address_id="g",
    ),
)
DEBTORS = (
    ContactPoint(
        contact_point_id="p-email",
        channel=Channel.EMAIL,
        kind=PointKind.EMAIL,
        consented=True,
        address_id="p",
    ),
)


def obeyed(
    *parties: Party, country: str = "CO", of: str | None = None, readings: Any = None
) -> Rules:
    """The default strategy, each phase of which names these; ``of``: the party's country."""
    debtors = rules(country)
    phases = tuple(one.model_copy(update={"parties": parties}) for one in debtors.strategy.phases)
    strategy = debtors.strategy.model_copy(update={"phases": phases})
    theirs = replace(rules(of or country), strategy=strategy, readings=readings or {})
    return replace(debtors, strategy=strategy, of_parties=(theirs,))


def seen(
    role: Party = Party.GUARANTOR,
    *,
    country: str = "CO",
    debtor: dict[str, Any] | None = None,
    points: tuple[ContactPoint, ...] = GUARANTORS,
    since: date = date(2020, 1, 1),
    until: date | None = None,
    **party: Any,
) -> Situation:
    """An account of ``debtor``, and who stands for it."""
    zones = (ZONES[country],)
    other = situation(country=country, zones=zones, points=points, **party)
    customer = other.customer.model_copy(update={"customer_id": "G1"})
    account = other.account.model_copy(update={"customer_id": "G1"})
    seen_from = other.model_copy(update={"party": role, "customer": customer, "account": account})
    standing = Standing(customer_id="G1", role=role, since=since, until=until)
    own = situation(**{"country": country, "zones": zones, "points": DEBTORS, **(debtor or {})})
    return own.model_copy(update={"standings": (standing,), "parties": (seen_from,)})


def told(at: Any, point: str, purpose: Purpose, touch: int) -> PastContact:
    return PastContact(
        attempt_id=f"a{touch}",
        account="bank/A1",
        covers=("bank/A1",),
        step=touch,
        touch=touch,
        phase="early",
        purpose=purpose,
        channel=Channel.EMAIL,
        contact_point_id=point,
        provider="sendgrid",
        state=AttemptState.DELIVERED,
        at=at,
    )


def after(found: Situation, *contacts: PastContact) -> Situation:
    """The same once these were made: each side knows of all that was said of the account."""
    more = {"contacts": contacts, "next_step": len(contacts) + 1}
    return found.model_copy(
        update={**more, "parties": tuple(one.model_copy(update=more) for one in found.parties)}
    )


UNREACHABLE = {"points": ()}
"""The debtor cannot be reached: whatever is planned is for the party."""


def to_party(step: Step) -> bool:
    return step.kind is StepKind.CONTACT and step.contact_point_id == "g-email"


def test_nobody_but_the_debtor_is_contacted_where_no_phase_says_so() -> None:
    found = plan(seen(debtor=UNREACHABLE), NOW, obeyed())
    assert (found.kind, found.view.status) == (StepKind.WAIT, Status.SILENCED)
    assert plan(seen(), NOW, obeyed()).contact_point_id == "p-email"


@pytest.mark.parametrize(
    ("role", "named", "said"),
    [
        (Party.GUARANTOR, (Party.GUARANTOR,), Purpose.GUARANTOR_NOTICE),
        (Party.CODEBTOR, (Party.CODEBTOR,), Purpose.CODEBTOR_NOTICE),
        (Party.CODEBTOR, (Party.GUARANTOR,), None),
        (Party.GUARANTOR, (Party.CODEBTOR,), None),
        (Party.GUARANTOR, (Party.CODEBTOR, Party.GUARANTOR), Purpose.GUARANTOR_NOTICE),
    ],
)
def test_whom_the_phase_names_is_told_that_they_are_named_and_nothing_else(
    role: Party, named: tuple[Party, ...], said: Purpose | None
) -> None:
    step = plan(seen(role, debtor=UNREACHABLE), NOW, obeyed(*named))
    assert step.purpose is said
    assert to_party(step) is (said is not None)
    if said is not None:
        assert step.covers == ("bank/A1",)


@pytest.mark.parametrize("reading", ["named", "any"])
@pytest.mark.parametrize("country", ZONES)
def test_a_guarantor_is_contacted_where_the_law_of_their_place_names_them(
    country: str, reading: str
) -> None:
    of = obeyed(Party.GUARANTOR, country=country, readings={"guard.surety": reading})
    opted_in = LawEvent(kind=EventKind.OPT_IN, at=NOW - DAY)
    found = seen(country=country, debtor=UNREACHABLE, law_events=(opted_in,))
    step = plan(found, NOW, of)
    assert to_party(step) is (reading == "any" or country in ("CO", "MX", "EC"))


def test_the_touches_take_turns_at_the_distance_of_the_phase() -> None:
    of, found, now = obeyed(Party.GUARANTOR), seen(), NOW
    points, contacts, times = [], list[PastContact](), []
    for touch in range(1, 5):
        step = plan(after(found, *contacts), now, of)
        if step.kind is not StepKind.CONTACT or step.phase != "early":
            break
        assert step.contact_point_id
        assert step.purpose
        points.append(step.contact_point_id)
        times.append(step.not_before)
        contacts.append(told(step.not_before, step.contact_point_id, step.purpose, touch))
        now = step.not_before
    assert points[:3] == ["p-email", "g-email", "p-email"][: len(points)]
    assert len(points) > 1
    days = of.strategy.phases[1].cadence.min_days
    assert all(b - a >= timedelta(days=days - 1) for a, b in itertools.pairwise(times))


ON_FILE = [
    (EventKind.ATTORNEY, {}),
    (EventKind.BANKRUPTCY, {"account_id": "bank/A2"}),
    (EventKind.DEATH, {"account_id": "bank/A2"}),
    (EventKind.DISPUTE, {"account_id": "bank/A1"}),
    (EventKind.CEASE, {}),
    (EventKind.BREATHING_SPACE, {}),
]


@pytest.mark.parametrize(("kind", "fields"), ON_FILE)
def test_what_silences_the_debtor_silences_the_account_for_all(
    kind: EventKind, fields: dict[str, Any]
) -> None:
    event = LawEvent(kind=kind, at=NOW - DAY, recorded_at=NOW - DAY, **fields)
    of = obeyed(Party.GUARANTOR)
    assert to_party(plan(seen(debtor=UNREACHABLE), NOW, of)), "else it shows nothing"
    found = plan(seen(debtor={"points": (), "law_events": (event,)}), NOW, of)
    assert found.kind is StepKind.WAIT


def test_a_dispute_of_another_account_or_one_that_was_verified_silences_nobody() -> None:
    of = obeyed(Party.GUARANTOR)
    other = LawEvent(kind=EventKind.DISPUTE, at=NOW - 2 * DAY, account_id="bank/A2")
    mine = LawEvent(kind=EventKind.DISPUTE, at=NOW - 2 * DAY, account_id="bank/A1")
    lifted = [
        LawEvent(kind=kind, at=NOW - DAY, account_id="bank/A1")
        for kind in (EventKind.DISPUTE_VERIFIED, EventKind.DISPUTE_WITHDRAWN)
    ]
    for events in ((other,), *((mine, one) for one in lifted)):
        assert to_party(plan(seen(debtor={"points": (), "law_events": events}), NOW, of))


@pytest.mark.parametrize(
    "debtor",
    [
        {"account": {"hold_until": NOW + 5 * DAY}},
        {"replies": (Reply(at=NOW, channel=Channel.SMS),)},
        {"work": (Work(work_id=1, reason=WorkReason.DISPUTE, opened_at=NOW),)},
        {"halted": "restored"},
        {"balance": "0"},
    ],
    ids=["hold", "reply", "work", "halted", "cured"],
)
def test_whatever_rests_the_account_rests_it_for_all(debtor: dict[str, Any]) -> None:
    found = plan(seen(debtor={"points": (), **debtor}), NOW, obeyed(Party.GUARANTOR))
    assert found.kind is not StepKind.CONTACT


@pytest.mark.parametrize(
    "party",
    [
        {"law_events": (LawEvent(kind=EventKind.OPT_OUT, at=NOW, channel=Medium.EMAIL),)},
        {"law_events": (LawEvent(kind=EventKind.DEATH, at=NOW),)},
        {"law_events": (LawEvent(kind=EventKind.ATTORNEY, at=NOW),)},
        {"law_events": (LawEvent(kind=EventKind.DISPUTE, at=NOW),)},
        {"replies": (Reply(at=NOW, channel=Channel.EMAIL),)},
        {"work": (Work(work_id=1, reason=WorkReason.DISPUTE, opened_at=NOW),)},
    ],
    ids=["stop", "death", "attorney", "on file", "reply", "dispute"],
)
def test_what_a_party_says_holds_for_them_and_the_debtor_is_contacted(
    party: dict[str, Any],
) -> None:
    of = obeyed(Party.GUARANTOR)
    first = told(NOW - 10 * DAY, "p-email", Purpose.REMINDER, 1)
    turn = after(seen(), first)
    assert to_party(plan(turn, NOW, of)), "it would be their turn"
    found = plan(after(seen(**party), first), NOW, of)
    assert found.contact_point_id == "p-email"


def test_an_address_that_the_debtor_has_too_is_not_used_for_a_party() -> None:
    shared = tuple(one.model_copy(update={"address_id": "p"}) for one in GUARANTORS)
    silent = DEBTORS[0].model_copy(update={"consented": False})
    of, debtor = obeyed(Party.GUARANTOR), {"points": (silent,)}
    assert to_party(plan(seen(debtor=debtor), NOW, of))
    assert plan(seen(debtor=debtor, points=shared), NOW, of).kind is StepKind.WAIT


@pytest.mark.parametrize(
    ("since", "until", "contacted"),
    [
        (date(2026, 11, 23), None, True),
        (date(2026, 11, 24), None, False),
        (date(2020, 1, 1), date(2026, 11, 23), True),
        (date(2020, 1, 1), date(2026, 11, 22), False),
    ],
)
def test_a_party_stands_for_the_account_from_its_first_day_to_its_last(
    since: date, until: date | None, *, contacted: bool
) -> None:
    found = seen(debtor=UNREACHABLE, since=since, until=until)
    assert to_party(plan(found, NOW, obeyed(Party.GUARANTOR))) is contacted


def test_a_notice_that_did_not_arrive_is_not_told_to_the_debtor_instead() -> None:
    of = obeyed(Party.GUARANTOR)
    failed = told(NOW, "g-email", Purpose.GUARANTOR_NOTICE, 1).model_copy(
        update={"state": AttemptState.UNDELIVERED}
    )
    step = plan(after(seen(), failed), NOW + timedelta(hours=9), of)
    assert step.why != "failover"
    assert step.purpose is not Purpose.GUARANTOR_NOTICE


def test_the_packs_of_all_countries_are_asked() -> None:
    assert {code for code in load_packs().packs if len(code) == 2} == set(ZONES)
