"""Those who stand for an account beside its debtor: who may be contacted, and in which turn.

One account is one workflow with one cadence: where a phase names parties, its touches take turns.
Whatever silences the account for its debtor silences it for them, too; what silences one of them,
holds for that one alone.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.account import ContactPoint
from domain.calendar import local_date
from domain.channels import TO_PARTIES, Purpose
from domain.conversation.work import SILENCING
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

_LIFTED_BY: Final = {
    EventKind.DISPUTE: (EventKind.DISPUTE_VERIFIED, EventKind.DISPUTE_WITHDRAWN),
    EventKind.CEASE: (EventKind.OPT_IN,),
    EventKind.ATTORNEY: (),
    EventKind.BANKRUPTCY: (),
    EventKind.BREATHING_SPACE: (),
    EventKind.DEATH: (),
}
"""What the debtor has said, or is told of them, that leaves nobody to be asked about the account;
and what takes that back. Of a party the same: no dispute of theirs is opened as a state of the
account, so that it is what is on file that keeps them from being asked."""
_OF_THE_DEBTOR: Final = frozenset({EventKind.BANKRUPTCY, EventKind.DEATH})
"""Those that hold for every account of theirs, whichever they name."""

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def silenced(events: Iterable[LawEvent], account: str, now: datetime) -> bool:
    """Whether one's side leaves nobody to be contacted about the account: of the debtor's, nobody
    at all; of a party's, not them."""
    known = [event for event in events if holds_from(event, now) <= now]
    return any(_stands(stop, known, account, now) for stop in known)


def _stands(stop: LawEvent, known: Sequence[LawEvent], account: str, now: datetime) -> bool:
    if stop.kind not in _LIFTED_BY or (stop.ends_at is not None and stop.ends_at <= now):
        return False
    if stop.kind not in _OF_THE_DEBTOR and stop.account_id not in (None, account):
        return False
    return not any(
        later.kind in _LIFTED_BY[stop.kind]
        and known_from(later) > known_from(stop)
        and later.account_id in (None, account)
        for later in known
    )


def sides(frame: Frame) -> list[Frame]:
    """The account seen from each party that may be contacted in the debtor's phase."""
    phase = frame.phase
    if phase is None or not phase.parties:
        return []
    return [
        side
        for standing, side in _standing(frame)
        # By their own calendar the account may be in another phase for some hours.
        if standing.role in phase.parties and side.phase == phase
    ]


def in_touch(frame: Frame) -> list[Frame]:
    """The account seen from each party, whatever its phase: what they ask is answered, and a stop
    of theirs confirmed, where they were contacted before."""
    return [side for _, side in _standing(frame)]


def _standing(frame: Frame) -> list[tuple[Standing, Frame]]:
    """Those who stand for the account today, unless the debtor's side leaves nobody to be asked."""
    situation = frame.situation
    if not frame.rules.of_parties or silenced(situation.law_events, situation.key, frame.now):
        return []
    found = []
    for standing, side in _all(frame):
        if _stands_now(standing, side) and not _silent(side):
            reachable = _reachable(side.situation, situation)
            found.append((standing, Frame(reachable, frame.now, side.rules, frame)))
    return found


def _silent(side: Frame) -> bool:
    return silenced(side.situation.law_events, side.situation.key, side.now)


def _all(frame: Frame) -> list[tuple[Standing, Frame]]:
    """The account seen from whoever is on record as standing for it."""
    situation, of_parties = frame.situation, frame.rules.of_parties
    if not of_parties:
        return []
    told = zip(situation.standings, situation.parties, of_parties, strict=True)
    return [(standing, Frame(party, frame.now, rules)) for standing, party, rules in told]


def side_of(frame: Frame, customer_id: str) -> Frame | None:
    """The account seen from one who stands, or has stood, for it; None: they never did."""
    return next((side for one, side in _all(frame) if one.customer_id == customer_id), None)


def owner_at(situation: Situation, contact_point_id: str) -> str | None:
    """Who of those that stand for the account has a contact point; None: none of them."""
    for standing, party in zip(situation.standings, situation.parties, strict=True):
        if any(one.contact_point_id == contact_point_id for one in party.customer.points):
            return standing.customer_id
    return None


def kept_from(frame: Frame, customer_id: str, point: ContactPoint) -> str | None:
    """What keeps a person from one who stands for the account, beside what would keep them from
    any customer; None: nothing. ``frame`` is the debtor's."""
    situation = frame.situation
    for standing, side in _all(frame):
        if standing.customer_id != customer_id:
            continue
        if not _stands_now(standing, side):
            return "they do not stand for this account today"
        if silenced(situation.law_events, situation.key, frame.now):
            return "what is on file of the debtor leaves nobody to be asked about the account"
        if _silent(side):
            return "what is on file of them leaves them not to be asked about the account"
        for work in situation.work:
            if work.reason in SILENCING:
                return f"of the debtor a person decides first (work {work.work_id})"
        if point.address_id and point.address_id in _addresses(situation):
            return "the debtor has this address, too: what is said there is said to the debtor"
        return None
    return "they do not stand for this account"


def _stands_now(standing: Standing, side: Frame) -> bool:
    today = local_date(side.now, side.zones)
    return standing.since <= today and (standing.until is None or today <= standing.until)


def _reachable(party: Situation, debtor: Situation) -> Situation:
    """Without the addresses that the debtor has, too: what is said there is said to them."""
    shared = _addresses(debtor)
    points = tuple(one for one in party.customer.points if one.address_id not in shared)
    customer = party.customer.model_copy(update={"points": points})
    return party.model_copy(update={"customer": customer})


def _addresses(situation: Situation) -> set[str]:
    return {point.address_id for point in situation.customer.points if point.address_id}


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
        if contact.purpose in TO_PARTIES:
            return False
        return owner_at(side.situation, contact.contact_point_id) is None
    points = side.situation.customer.points
    return any(contact.contact_point_id == point.contact_point_id for point in points)
