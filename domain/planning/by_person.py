"""May a person contact this customer now: by the law, the situation and the caps of the machine.

The same question to the same law, but that nobody's machine dials. Of what keeps the machine
silent a person heeds what is somebody's right or decision: an account that is over, a hold, a stop,
a death, what a person has to decide first, hours that the customer wishes for. Not the strategy:
its phases, distances and rests are the machine's, and a person's turn is what they are there for.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.account import AccountStatus, ContactPoint
from domain.calendar import wall
from domain.channels import Channel
from domain.contacts.manual import under_way
from domain.contacts.message import WITHIN, PersonMessage
from domain.conversation.work import SILENCING
from domain.conversation.work_words import WorkReason
from domain.law.engine import closes_at, next_opening, verdict
from domain.law.request import LawRequest
from domain.ledger.attempt import AttemptState
from domain.model import Instant, Model
from domain.planning import parties
from domain.planning.frame import Frame
from domain.planning.pauses import MEANT
from domain.planning.reasons import bulk
from domain.planning.reasons.unused import NO_CONSENT, standing_against
from domain.planning.request import law_request
from domain.planning.routing import Route, route
from domain.planning.rules import Rules
from domain.planning.words import down, label
from domain.situation import Situation

HOUSE = "house"
"""In the place of a rule of law: it is a rule of ours."""

_LEAVES_WITHIN = timedelta(minutes=2)
"""A request that was dispatched has left by then, or never will."""

_NOT_FREE = (
    "WhatsApp takes a person's own words within 24 hours of the customer's last message there, "
    "less half an hour: choose a template, or write by another channel"
)

_DIALLED = (Channel.VOICE, Channel.HUMAN, Channel.LETTER)
"""Where a consent is asked for by law alone; to write on any other, we ask for one ourselves."""


class MayContact(Model):
    """The answer, for one contact point. Nothing in it is personal."""

    contact_point_id: str | None
    """None: at a place that is on no record."""
    channel: Channel
    kind: str
    allowed: bool
    why: str
    """What forbids it, or that nothing does, in a sentence."""
    rule: str | None = None
    """What forbids it: a rule of law by its id, or `house`."""
    cite: str = ""
    until: Instant | None = None
    """When hours or days close, where it is allowed; it may be forbidden sooner by a contact."""
    next_allowed_at: Instant | None = None
    """When it is allowed next, the facts unchanged; None: now, or never as things are."""


def may_contact(
    situation: Situation,
    rules: Rules,
    now: datetime,
    point: ContactPoint,
    party: str | None = None,
) -> MayContact:
    """May a person use this contact point now. One without an id is a place on no record.

    ``party``: whose it is, where that is one who stands for the account and not its debtor.
    """
    frame = Frame(situation, now, rules)
    if party is not None:
        why = parties.kept_from(frame, party, point)
        side = parties.side_of(frame, party)
        if why is not None or side is None:
            return _forbidden(point, why or "they do not stand for this account")
        frame = side
    for why in _of_the_account(frame):
        return _forbidden(point, why)
    return _at_the_place(frame.situation, frame.rules, now, point)


class Leaves(NamedTuple):
    """A person's message that may leave: how, from when on and until when."""

    message: PersonMessage
    route: Route
    closes: datetime


def may_send(frame: Frame, message: PersonMessage) -> Leaves | MayContact:
    """May what a person wrote leave, by the law that binds a person; if not, why not.

    What can pass within minutes is waited for, a provider that is down; all else is an answer.
    """
    now, over = frame.now, message.over
    party = parties.owner_at(frame.situation, message.contact_point_id)
    side = frame if party is None else parties.side_of(frame, party) or frame
    situation = side.situation
    here = (
        one for one in situation.customer.points if one.contact_point_id == message.contact_point_id
    )
    point = next((one for one in here if one.channel is message.channel), None)
    if point is None:
        gone = ContactPoint(contact_point_id=message.contact_point_id, channel=message.channel)
        return _forbidden(gone, "the customer does not have this contact point any more")
    if now >= over:
        waited = int(WITHIN.total_seconds()) // 60
        return _forbidden(point, f"nobody took it up within {waited} minutes of its writing")
    may = may_contact(frame.situation, frame.rules, now, point, party)
    if not may.allowed:
        return may
    free = situation.whatsapp_is_free(point.contact_point_id, now)
    if point.channel is Channel.WHATSAPP and message.template is None and not free:
        return _forbidden(point, _NOT_FREE)
    names = side.rules.providers.get(point.channel, ())
    if not names:
        return _forbidden(point, f"no provider sends by {point.channel}")
    closes = min(may.until or over, over)
    leaves = route(point.channel, names, frame.health, {}, now, frame.held_place)
    if closes - max(now, leaves.opens) < frame.rules.min_validity:
        return _forbidden(point, _too_late(frame, may, leaves))
    return Leaves(message, leaves, closes)


def _too_late(frame: Frame, may: MayContact, leaves: Route) -> str:
    if leaves.down:
        return f"{down(leaves.down, frame.zones)}: nothing of it has left"
    until = may.until
    if until is None or until - frame.now >= WITHIN:
        return "there is too little time left of its fifteen minutes"
    return f"the time for it is over {wall(until, frame.zones, frame.now)}: too soon to leave"


def judged_at(situation: Situation, rules: Rules, at: datetime, point: ContactPoint) -> MayContact:
    """Whether a person was allowed to, at an instant that is over, by what had been said and done
    until then. How the account stood is not asked: what is known of that is how it stands now."""
    if not rules.packs:
        return _forbidden(point, _no_law(situation))
    return _at_the_place(_as_of(situation, at), rules, at, point)


def _forbidden(
    point: ContactPoint, why: str, next_allowed_at: datetime | None = None
) -> MayContact:
    return MayContact(
        contact_point_id=point.contact_point_id or None,
        channel=point.channel,
        kind=point.kind.value,
        allowed=False,
        why=why,
        rule=HOUSE,
        next_allowed_at=next_allowed_at,
    )


def _as_of(situation: Situation, at: datetime) -> Situation:
    """The law leaves out later contacts and leave by itself; not what takes leave away."""
    return situation.model_copy(
        update={
            "law_events": tuple(one for one in situation.law_events if one.at <= at),
            "address_facts": tuple(one for one in situation.address_facts if one.at <= at),
            "work": tuple(one for one in situation.work if one.opened_at <= at),
        }
    )


def _at_the_place(
    situation: Situation, rules: Rules, now: datetime, point: ContactPoint
) -> MayContact:
    for why in standing_against(situation, point, now):
        if why == NO_CONSENT and (point.channel in _DIALLED or not point.contact_point_id):
            continue
        return _forbidden(point, why)
    about = {
        "contact_point_id": point.contact_point_id or None,
        "channel": point.channel,
        "kind": point.kind.value,
    }
    asked = asked_by_person(situation, rules, point, now)
    said = verdict(rules.packs, asked, now)
    if said.verdict != "allowed":
        return MayContact(
            **about,
            allowed=False,
            why=said.reason,
            rule=said.rule,
            cite=said.cite,
            next_allowed_at=said.next_allowed_at,
        )
    closes = closes_at(rules.packs, asked, now)
    called_for = _is_called_for(situation, now)
    wished = None if called_for else Frame(situation, now, rules).wished_hours
    if wished is not None:
        hours = wished.stretch(now)
        if hours is None or hours[0] > now:
            opens = None if hours is None else next_opening(rules.packs, asked, hours[0])
            why = "it is none of the hours in which the customer wants to be reached"
            return _forbidden(point, why, opens)
        closes = min(hours[1], closes or hours[1])
    return MayContact(**about, allowed=True, why=said.reason, until=closes)


def asked_by_person(
    situation: Situation, rules: Rules, point: ContactPoint, now: datetime
) -> LawRequest:
    """The question to the law, of somebody who dials or writes themselves."""
    asked = law_request(situation, rules, point, now, by_person=True)
    if point.contact_point_id:
        return asked
    return asked.model_copy(update={"contact_point": None})


def lawful_from(
    situation: Situation, rules: Rules, points: Sequence[ContactPoint], at: datetime
) -> datetime | None:
    """The first instant from ``at`` on at which a person may call by one of these contact points,
    as far as is known; None: there is none."""
    opens = (
        next_opening(rules.packs, asked_by_person(situation, rules, point, at), at)
        for point in points
    )
    return min((one for one in opens if one is not None), default=None)


def _no_law(situation: Situation) -> str:
    return f"there is no rule pack for {situation.customer.country}: no law to ask"


def _of_the_account(frame: Frame) -> Iterator[str]:
    """What keeps a person from the customer, by whatever way."""
    situation, account, now, zones = frame.situation, frame.account, frame.now, frame.zones
    if not frame.rules.packs:
        yield _no_law(situation)
    if situation.halted:
        yield f"nobody is contacted: the database was {situation.halted}"
    if account.status is AccountStatus.CLOSED or account.balance <= 0:
        yield "the account is over: nothing is collected"
    if account.hold_until is not None and account.hold_until > now:
        yield f"the account is on hold until {wall(account.hold_until, zones, now)}"
    if (order := bulk.standing(frame)) is not None:
        yield f"nobody is contacted: {bulk.told(order)}"
    for work in situation.work:
        # Whoever speaks of ending their life must be reached by a person.
        if work.reason in SILENCING and work.reason is not WorkReason.CRISIS:
            yield f"the customer {MEANT[work.reason]}: decide that first (work {work.work_id})"
    if (other := under_way(situation, now)) is not None:
        since = wall(other.at, zones, now)
        yield f"a person has been contacting this customer since {since} ({other.attempt_id})"
    for sent in situation.contacts:
        leaving = sent.state is AttemptState.DISPATCHING and now - sent.at < _LEAVES_WITHIN
        if leaving and not sent.elsewhere:
            yield f"{label(sent.channel)} of ours is leaving at this moment: ask again in a minute"


def _is_called_for(situation: Situation, now: datetime) -> bool:
    """Whether they asked to be called now: that is a wish, too, and the later one."""
    return any(
        one.reason is WorkReason.CALLBACK and one.due_at is not None and one.due_at <= now
        for one in situation.work
    )
