"""The question to the law, put together from a situation."""

from datetime import datetime, timedelta

from domain.account import ContactPoint
from domain.channels import Channel
from domain.law.request import AskedPoint, HistoryEntry, LawEvent, LawRequest
from domain.law.terms import Actor, ContactOutcome, Direction, LawPointKind, Medium
from domain.ledger.attempt import AttemptState
from domain.planning.reasons.consent import holds_from
from domain.planning.rules import Rules
from domain.situation import Situation

_VISIT = {Channel.HUMAN: Medium.VISIT}
_OUTCOME = {
    AttemptState.DELIVERED: ContactOutcome.DELIVERED,
    AttemptState.UNDELIVERED: ContactOutcome.UNDELIVERED,
}


def medium(channel: Channel) -> Medium:
    """A channel in the words of the law: a person who comes is a visit."""
    return _VISIT.get(channel) or Medium(channel.value)


def law_history(situation: Situation) -> tuple[HistoryEntry, ...]:
    """The customer's contacts and replies in the words of the law.

    A reservation counts like a contact: whoever reserved first is on the way.
    """
    kind = {p.contact_point_id: LawPointKind(p.kind.value) for p in situation.customer.points}
    history = [
        HistoryEntry(
            at=contact.at,
            account_id=key,
            channel=medium(contact.channel),
            direction=Direction.OUTBOUND,
            contact_point_id=contact.contact_point_id or None,
            contact_point_kind=kind.get(contact.contact_point_id, LawPointKind.UNKNOWN),
            outcome=ContactOutcome(contact.outcome.value)
            if contact.outcome
            else _OUTCOME.get(contact.state, ContactOutcome.SENT),
        )
        for contact in situation.contacts
        if contact.made_or_coming
        for key in (contact.covers or (contact.account,))
    ]
    history += [
        HistoryEntry(
            at=reply.at,
            channel=medium(reply.channel),
            direction=Direction.INBOUND,
            contact_point_id=reply.contact_point_id,
            # On the telephone to write is to speak: it rests calls as any conversation does.
            outcome=ContactOutcome.CONVERSATION
            if reply.channel in (Channel.VOICE, Channel.HUMAN)
            else ContactOutcome.REPLIED,
        )
        for reply in situation.replies
    ]
    return tuple(history)


def law_request(
    situation: Situation,
    rules: Rules,
    point: ContactPoint,
    now: datetime,
    history: tuple[HistoryEntry, ...] | None = None,
    *,
    by_person: bool = False,
) -> LawRequest:
    """The question to the law: may this customer be reached at this contact point?

    ``history`` is the situation's, for those who ask of several points and made it already.
    ``by_person``: somebody dials, or writes, themselves.
    """
    return LawRequest(
        id=situation.key,
        jurisdictions=rules.jurisdictions,
        actor=Actor(rules.actor),
        zones=situation.customer.zones,
        at=now,
        channel=medium(point.channel),
        contact_point=AskedPoint(
            id=point.contact_point_id,
            kind=LawPointKind(point.kind.value),
            authorized=point.consented,
        ),
        party=situation.party,
        account_id=situation.key,
        history=law_history(situation) if history is None else history,
        events=situation.law_events,
        readings=dict(rules.readings),
        # What calls is a machine with an artificial voice, which 47 CFR 64.1200(a) binds.
        autodialed=point.channel is Channel.VOICE and not by_person,
    )


def known_by(request: LawRequest, at: datetime) -> LawRequest:
    """The same question as if all events had been known at ``at``.

    Otherwise a consent given this morning would hide the morning's opening, and the place in the
    window would move each time it is reached.
    """
    late = max((holds_from(event, request.at) for event in request.events), default=at) - at
    if late <= timedelta(0):
        return request
    return request.model_copy(update={"events": tuple(_earlier(e, late) for e in request.events)})


def _earlier(event: LawEvent, by: timedelta) -> LawEvent:
    recorded = None if event.recorded_at is None else event.recorded_at - by
    return event.model_copy(update={"at": event.at - by, "recorded_at": recorded})
