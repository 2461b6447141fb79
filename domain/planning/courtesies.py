"""Messages beside the cadence: what was agreed is remembered, a payment thanked for, a stop
confirmed.

Each goes out once, where the strategy wants it and the law allows it, keeps the distance from what
the account was told before, and is let go when its time has passed: silence is no harm then.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.agreements.parts import InstalmentState, Part
from domain.agreements.plan import PaymentPlan
from domain.agreements.settlement.offer import OfferState
from domain.calendar import day_start, local_date
from domain.channels import Purpose
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.ledger.attempt import RefusalKind
from domain.planning.frame import Frame
from domain.planning.reasons.dust import dust
from domain.planning.reasons.promises import parts_of
from domain.planning.touches import BESIDE, Touch, rested
from domain.situation import Situation

_DAY: Final = timedelta(days=1)

CONFIRM_WITHIN: Final = timedelta(minutes=5)
"""47 CFR 64.1200(a)(12): one confirmation, within five minutes of the request."""


def promise_reminder(frame: Frame) -> Touch | None:
    """A word before the promised day, if the promise was not made just before it anyway."""
    days, promise = (
        frame.rules.strategy.promise.remind_days,
        frame.situation.open_promise(frame.now),
    )
    if days is None or promise is None or frame.phase is None:
        return None
    parts = parts_of(promise, frame.now, frame.rules.strategy.promise, frame.zones)
    for one, opens in _near(frame, Purpose.PROMISE_REMINDER, promise.made_at, parts, days):
        if dust(one.open, frame.account.currency, frame.rules.least) is not None:
            continue  # recorded before such were refused, or what a payment has left
        earliest = max(opens, rested(frame, frame.phase))
        if earliest < one.ends:
            purpose = Purpose.PROMISE_REMINDER
            return Touch(number=BESIDE, earliest=earliest, purpose=purpose, over=one.ends)
    return None


def plan_word(frame: Frame) -> Touch | None:
    """The next word about a payment plan: an instalment is near, or has not come within its grace.

    Each once. It keeps no phase's distance: only that nothing was said of the account that day.
    """
    plan = frame.plan
    if plan is None:
        return None
    parts = plan.parts(frame.now, frame.zones)
    return min(
        (one for one in (_missed(frame, parts), _due(frame, plan, parts)) if one is not None),
        key=lambda one: one.earliest,
        default=None,
    )


def _due(frame: Frame, plan: PaymentPlan, parts: Sequence[Part]) -> Touch | None:
    """That an instalment is near."""
    days = frame.rules.strategy.plan.remind_days
    if days is None:
        return None
    for one, opens in _near(frame, Purpose.PLAN_REMINDER, plan.agreed_at, parts, days):
        if (touch := _agreed_word(frame, Purpose.PLAN_REMINDER, opens, one.ends)) is not None:
            return touch
    return None


def _near(
    frame: Frame, purpose: Purpose, agreed_at: datetime, parts: Sequence[Part], days: int
) -> Iterator[tuple[Part, datetime]]:
    """The parts that may be spoken of before their date, each from when on: after the date of the
    one before; not what was agreed just before it anyway, nor what has been said already."""
    agreed_on = local_date(agreed_at, frame.zones)
    before: datetime | None = None
    for one in parts:
        opens = day_start(one.due_on - timedelta(days=days), frame.zones)
        opens = opens if before is None else max(opens, before)
        since, before = agreed_at if before is None else opens, one.ends
        if one.state is not InstalmentState.DUE or agreed_on >= local_date(opens, frame.zones):
            continue
        if not _said(frame.situation, purpose, since):
            yield one, opens


def _missed(frame: Frame, parts: Sequence[Part]) -> Touch | None:
    """That an instalment has not come, while its grace lasts."""
    if not frame.rules.strategy.plan.tell_missed:
        return None
    late = [one for one in parts if one.state is InstalmentState.LATE]
    if not late or _said(frame.situation, Purpose.PLAN_MISSED, late[-1].ends):
        return None
    return _agreed_word(frame, Purpose.PLAN_MISSED, late[-1].ends, late[-1].missed_at)


def settlement_offer(frame: Frame) -> Touch | None:
    """That less than the balance would end the debt: once, while it may be accepted."""
    offer = frame.offer
    if not frame.rules.strategy.settlement.tell or offer is None:
        return None
    if offer.state is not OfferState.OFFERED or not offer.fits(frame.account.balance):
        return None
    if _said(frame.situation, Purpose.SETTLEMENT_OFFER, offer.open_since):
        return None
    return _agreed_word(frame, Purpose.SETTLEMENT_OFFER, frame.now, offer.over(frame.zones))


def settlement_reminder(frame: Frame) -> Touch | None:
    """A word before the day of an accepted settlement, if it was not accepted just before it."""
    days, offer = frame.rules.strategy.settlement.remind_days, frame.settling
    if days is None or offer is None or offer.due_on is None or offer.accepted_at is None:
        return None
    opens = day_start(offer.due_on - timedelta(days=days), frame.zones)
    before = local_date(offer.accepted_at, frame.zones) < local_date(opens, frame.zones)
    if not before or _said(frame.situation, Purpose.SETTLEMENT_REMINDER, opens):
        return None
    return _agreed_word(frame, Purpose.SETTLEMENT_REMINDER, opens, offer.over(frame.zones))


def _agreed_word(frame: Frame, purpose: Purpose, opens: datetime, over: datetime) -> Touch | None:
    """A word of a plan or a settlement, on no day on which something else was said."""
    last = max((one.at for one in frame.contacts), default=None)
    rested = day_start(local_date(last, frame.zones) + _DAY, frame.zones) if last else opens
    earliest = max(frame.now, opens, rested)
    if earliest >= over:
        return None
    return Touch(number=BESIDE, earliest=earliest, purpose=purpose, over=over)


def thanks(frame: Frame) -> Touch | None:
    """A word of thanks for the payment that cured the account, if it was ever asked to pay."""
    days = frame.rules.strategy.thanks_within_days
    paid = max((one.paid_at for one in frame.situation.own_payments), default=None)
    asked = [contact for contact in frame.contacts if contact.said]
    if days == 0 or frame.phase is None or paid is None or not asked:
        return None
    if paid < asked[0].at or _said(frame.situation, Purpose.PAYMENT_THANKS, paid):
        return None
    over = day_start(local_date(paid, frame.zones) + timedelta(days=days + 1), frame.zones)
    earliest = rested(frame, frame.phase)
    if earliest >= over:
        return None
    return Touch(
        number=BESIDE,
        earliest=earliest,
        purpose=Purpose.PAYMENT_THANKS,
        over=over,
    )


def stop_confirmation(frame: Frame) -> Touch | None:
    """The one answer to a stop, where it was said and at once; nothing else is said in it."""
    stop = _last_stop(frame)
    if stop is None or frame.phase is None:
        return None
    over = stop.at + CONFIRM_WITHIN
    if frame.now >= over or _answered(frame.situation, stop):
        return None
    return Touch(
        number=BESIDE,
        earliest=frame.now,
        only=stop.contact_point_id,
        purpose=Purpose.OPT_OUT_CONFIRMATION,
        over=over,
    )


def _last_stop(frame: Frame) -> LawEvent | None:
    """The customer's own stop from an address of theirs, on a channel where stops are confirmed.

    Who is known there on another channel alone has nothing to be told where it was said: somebody
    who has that telephone by SMS, of a stop by WhatsApp.
    """
    wanted = {channel.value for channel in frame.rules.strategy.confirm_stops}
    points = {one.contact_point_id: one.channel.value for one in frame.situation.customer.points}
    stops = [
        event
        for event in frame.situation.law_events
        if event.kind is EventKind.OPT_OUT
        and event.contact_point_id is not None
        and event.channel is not None
        and event.channel.value in wanted
        and event.channel.value == points.get(event.contact_point_id)
        and event.at <= frame.now
    ]
    return max(stops, key=lambda event: event.at, default=None)


def _answered(situation: Situation, stop: LawEvent) -> bool:
    """Whether what was said there since the last opt-in, if any, has had its answer.

    Whoever answers our answer by another stop hears no more. Nor does anybody to whom the provider
    took nothing for want of consent: the stop was said to the provider, which has answered it.
    """
    opened = [
        event.at
        for event in situation.law_events
        if event.kind is EventKind.OPT_IN
        and event.at <= stop.at
        and event.medium in (None, stop.medium)
        and event.address in (None, stop.contact_point_id)
    ]
    since = max(opened, default=None)
    return any(
        contact.purpose is Purpose.OPT_OUT_CONFIRMATION or contact.refusal is RefusalKind.CONSENT
        for contact in situation.contacts
        if contact.contact_point_id == stop.contact_point_id
        and not contact.released
        and (since is None or contact.at >= since)
    )


def _said(situation: Situation, purpose: Purpose, since: datetime) -> bool:
    """Whether this has been said since, or may have been."""
    return any(
        contact.purpose is purpose and contact.at >= since and not contact.released
        for contact in situation.contacts
        if situation.key in contact.about
    )
