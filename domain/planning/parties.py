"""Those who stand for an account beside its debtor: who may be contacted, and in which turn.

One account is one workflow with one cadence: where a phase names parties, its touches take turns.
Whatever silences the account for its debtor silences it for them, too; what silences one of them,
holds for that one alone.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.calendar import local_date
from domain.channels import TO_PARTIES, Channel, Purpose
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Party
from domain.ledger.attempt import PastContact
from domain.planning.frame import Frame
from domain.planning.reasons.consent import holds_from, known_from
from domain.planning.step import Step, StepKind
from domain.situation import Situation, Standing

NOTICE: Final = {
    Party.GUARANTOR: Purpose.GUARANTOR_NOTICE,
    Party.CODEBTOR: Purpose.CODEBTOR_NOTICE,
}
"""What is said to them."""

_CHANNELS: Final = frozenset({Channel.SMS, Channel.EMAIL})
"""By which they are reached. Not by a call of the machine: its menu speaks of what is owed, and
takes promises, which are the debtor's. Nor by WhatsApp, where Meta has approved no such words."""

_LIFTED_BY: Final = {
    EventKind.DISPUTE: EventKind.DISPUTE_VERIFIED,
    EventKind.CEASE: EventKind.OPT_IN,
    EventKind.ATTORNEY: None,
    EventKind.BANKRUPTCY: None,
    EventKind.BREATHING_SPACE: None,
    EventKind.DEATH: None,
}
"""What the debtor has said, or is told of them, that leaves nobody to be asked about the account;
and what takes that back."""
_OF_THE_DEBTOR: Final = frozenset({EventKind.BANKRUPTCY, EventKind.DEATH})
"""Those that hold for every account of theirs, whichever they name."""

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def silenced(events: Iterable[LawEvent], account: str, now: datetime) -> bool:
    """Whether the debtor's side leaves nobody to be contacted about the account."""
    known = [event for event in events if holds_from(event, now) <= now]
    return any(_stands(stop, known, account, now) for stop in known)


def _stands(stop: LawEvent, known: Sequence[LawEvent], account: str, now: datetime) -> bool:
    if stop.kind not in _LIFTED_BY or (stop.ends_at is not None and stop.ends_at <= now):
        return False
    if stop.kind not in _OF_THE_DEBTOR and stop.account_id not in (None, account):
        return False
    return not any(
        later.kind is _LIFTED_BY[stop.kind]
        and known_from(later) > known_from(stop)
        and later.account_id in (None, account)
        for later in known
    )


def sides(frame: Frame) -> list[Frame]:
    """The account seen from each party that may be contacted in the debtor's phase."""
    situation, phase = frame.situation, frame.phase
    if phase is None or not phase.parties or not frame.rules.of_parties:
        return []
    if silenced(situation.law_events, situation.key, frame.now):
        return []
    told = zip(situation.standings, situation.parties, frame.rules.of_parties, strict=True)
    found = []
    for standing, party, rules in told:
        side = Frame(_reachable(party, situation), frame.now, rules, frame)
        # By their own calendar the account may be in another phase for some hours.
        if standing.role in phase.parties and side.phase == phase and _stands_now(standing, side):
            found.append(side)
    return found


def _stands_now(standing: Standing, side: Frame) -> bool:
    today = local_date(side.now, side.zones)
    return standing.since <= today and (standing.until is None or today <= standing.until)


def _reachable(party: Situation, debtor: Situation) -> Situation:
    """Without the addresses that are the debtor's, too: what is said there is said to the debtor.

    Nor those on channels that they are not reached by.
    """
    shared = {point.address_id for point in debtor.customer.points if point.address_id}
    points = tuple(
        point
        for point in party.customer.points
        if point.channel in _CHANNELS and point.address_id not in shared
    )
    customer = party.customer.model_copy(update={"points": points})
    return party.model_copy(update={"customer": customer})


def choose(frame: Frame, own: Step, others: Sequence[tuple[Frame, Step]]) -> Step:
    """Whose step it is: of those that come within a day of the first, whoever was last contacted
    the longest ago; the debtor first."""
    steps = [(frame, own), *others]
    contacts = [(side, step) for side, step in steps if step.kind is StepKind.CONTACT]
    if not contacts:
        return _wait(own, [step for _, step in others])
    going_on = [step for _, step in contacts if step.why == "failover"]
    if going_on:
        return going_on[0]
    soonest = min(step.not_before for _, step in contacts) + timedelta(days=1)
    near = [(side, step) for side, step in contacts if step.not_before <= soonest]
    return min(near, key=lambda one: _last(frame, one[0]))[1]


def _wait(own: Step, others: Sequence[Step]) -> Step:
    """As the debtor's side waits, but no longer than one of the parties rests."""
    first = min((step.not_before for step in others), default=own.not_before)
    return own.model_copy(update={"not_before": min(own.not_before, first)})


def _last(frame: Frame, side: Frame) -> datetime:
    """When a side was last contacted about the account in this phase."""
    assert frame.phase is not None, "touches are of a phase"  # noqa: S101
    mine = (c.at for c in frame.in_phase(frame.phase) if _is_to(side, c))
    return max(mine, default=_LONG_AGO)


def _is_to(side: Frame, contact: PastContact) -> bool:
    if side.situation.party is Party.DEBTOR:
        return contact.purpose not in TO_PARTIES
    points = side.situation.customer.points
    return any(contact.contact_point_id == point.contact_point_id for point in points)
