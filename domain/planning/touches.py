"""Which touch is next: one that goes on, or a new one at the phase's cadence."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from domain.calendar import day_start, days_past_due, local_date, reaches
from domain.channels import ANSWERS, TO_PARTIES, Purpose
from domain.law.terms import Party
from domain.ledger.attempt import PastContact, RefusalKind
from domain.planning.frame import Frame
from domain.planning.limits.caps import Held, held_by_caps
from domain.planning.routing import Refused, of_provider, refusals
from domain.strategy import Phase

MAX_HELD_TRIES: Final = 12
"""How often one provider may refuse a touch for its own sake until it is given up: a week."""


BESIDE: Final = 0
"""Number of a touch that is none of the phase's own."""


@dataclass(frozen=True)
class Touch:
    """The touch that is due next: a new one, or one that was not delivered and goes on."""

    number: int
    earliest: datetime
    excluded: frozenset[str] = frozenset()
    """Contact points that this touch has already tried."""
    failover: bool = False
    only: str | None = None
    """The contact point that was refused for its rate alone: the message waits for it."""
    refused: Refused = field(default_factory=dict)
    """Which providers refused it for their own sake."""
    last: PastContact | None = None
    """Of a failover: the attempt that failed last."""
    due: datetime | None = None
    """Of a new touch: since when it has been due."""
    held: Held | None = None
    """What of the operator's own keeps it back until ``earliest``."""
    purpose: Purpose | None = None
    """Of a message beside the cadence: what it is to say."""
    over: datetime | None = None
    """From when on it is not worth saying any more."""

    @property
    def answers(self) -> bool:
        """Whether the customer waits for it: it goes at once."""
        return self.purpose in ANSWERS or self.purpose is Purpose.OPT_OUT_CONFIRMATION


def next_touch(frame: Frame, phase: Phase) -> Touch | None:
    """The next touch of the phase; None when it has had them all."""
    if phase.cadence.max_touches == 0:
        return None  # nor does one go on that was begun under another strategy
    return _failover(frame, phase) or new_touch(frame, phase)


def new_touch(frame: Frame, phase: Phase) -> Touch | None:
    """A new touch at the phase's cadence; None when the phase has had its touches."""
    numbers = {(c.account, c.touch) for c in frame.in_phase(phase) if c.touch}
    if len(numbers) >= phase.cadence.max_touches:
        return None
    earliest = rested(frame, phase)
    if frame.rules.strategy.capacity is None:
        return Touch(number=len(numbers) + 1, earliest=earliest)
    began = reaches(frame.due, phase.days_past_due[0], frame.zones)
    due = max((began, *_rests(frame, phase)))
    return Touch(number=len(numbers) + 1, earliest=earliest, due=due)


def limited(frame: Frame, touch: Touch) -> Touch:
    """The touch as the operator's caps let it go: as it is, or later."""
    caps = frame.rules.strategy.caps
    if caps is None or touch.answers:
        return touch
    held = held_by_caps(caps, frame.situation, touch.earliest)
    return touch if held is None else replace(touch, earliest=held.until, held=held)


def rested(frame: Frame, phase: Phase, but: Sequence[PastContact] = ()) -> datetime:
    """From now on, when all accounts that the message would speak of have rested.

    ``but``: the tries of the very touch that goes on, from which it need not rest.

    Whoever led that message and in whatever phase: the customer hears of an account no more
    often than the smaller of the two phases' distances allows, however many stand beside it.
    """
    return max((frame.now, *_rests(frame, phase, but)))


def _rests(frame: Frame, phase: Phase, but: Sequence[PastContact] = ()) -> list[datetime]:
    """When each contact has been rested from."""
    strategy, zones, elder = frame.rules.strategy, frame.zones, _elder(frame)
    key, own = frame.situation.key, phase.cadence.min_days
    if elder is not None:
        own = max(own, elder.cadence.min_days + 1)
    latest: dict[int, list[datetime]] = defaultdict(list)
    told = [c for c in frame.of_ours if c not in but] if but else frame.of_ours
    for contact in told:
        days = own
        if elder is None and contact.account != key:
            led_in = strategy.named(contact.phase)
            days = own if led_in is None else min(own, led_in.cadence.min_days)
        latest[days].append(contact.at)
    ends: list[datetime] = []
    for days, moments in latest.items():
        # A day that ends late in one zone ends early in another: of the last two all are looked at.
        near = max(moments) - timedelta(days=2)
        dates = {local_date(at, zones) for at in moments if at >= near}
        ends += [day_start(day + timedelta(days=days), zones) for day in dates]
    return ends


def _elder(frame: Frame) -> Phase | None:
    """The phase of the sibling that is furthest past due, where that speaks for all.

    A younger debt gives it a day more than its own distance. Otherwise gentle reminders would for
    ever come before the serious word that is due about an old one.
    """
    mine = (frame.due, frame.situation.key)
    rule = frame.rules.strategy.part_payments
    elders = [
        (due, s.account)
        for s in frame.spoken_of
        if (due := s.due_date(rule)) is not None and (due, s.account) < mine
    ]
    if not elders:
        return None
    due, _ = min(elders)
    return frame.rules.strategy.phase_at(days_past_due(due, frame.now, frame.zones))


def covered(frame: Frame) -> tuple[str, ...]:
    """The accounts that a message would speak of, the leading one first."""
    return frame.covered


def _tried(frame: Frame, tries: Sequence[PastContact]) -> frozenset[str]:
    """The contact points that were tried, and those that are the same address spelt otherwise."""
    tried = {one.contact_point_id for one in tries}
    points = frame.situation.customer.points
    at = {(p.channel, p.address_id) for p in points if p.contact_point_id in tried and p.address_id}
    return frozenset(
        tried | {p.contact_point_id for p in points if (p.channel, p.address_id) in at}
    )


def _to_same(frame: Frame, contact: PastContact) -> bool:
    """Whether a contact about the account was made with the person whom this plan is for."""
    to_party = contact.purpose in TO_PARTIES
    if frame.situation.party is Party.DEBTOR or not to_party:
        return (frame.situation.party is Party.DEBTOR) is not to_party
    points = frame.situation.customer.points
    return any(contact.contact_point_id == point.contact_point_id for point in points)


def _failover(frame: Frame, phase: Phase) -> Touch | None:
    """The last touch again on another channel, if it certainly did not reach the person.

    Only while nothing else has been said of the account since: what it was to say is said then.
    """
    last = frame.contacts[-1] if frame.contacts else None
    if last is None or last.account != frame.situation.key or last.phase != phase.name:
        return None
    if last.touch == 0:
        return None  # beside the cadence: said once, or not at all
    if not last.missed or not _to_same(frame, last):
        return None
    if last.refusal in (RefusalKind.CONSENT, RefusalKind.CONTENT):
        return None  # an opt-out never fails over; a filtered text needs a person
    tries = [c for c in frame.in_phase(phase) if (c.account, c.touch) == (last.account, last.touch)]
    if rested(frame, phase, tries) > frame.now:
        return None  # a sibling has spoken of it since
    gone = [c for c in tries if not of_provider(c)]
    refused = refusals(tries)
    tired = any(one.count > MAX_HELD_TRIES for one in refused.values())
    if tired or len(gone) > frame.rules.strategy.max_failovers:
        return None
    return Touch(
        number=last.touch,
        earliest=frame.now,
        excluded=_tried(frame, gone),
        failover=True,
        only=last.contact_point_id if last.refusal is RefusalKind.RATE else None,
        refused=refused,
        last=last,
    )
