"""Ends and silences: why an account is not contacted, whatever the channels and the law."""

from datetime import datetime, timedelta
from typing import Final

from domain.account import AccountStatus, CloseReason, Promise, PromiseState
from domain.agreements.parts import InstalmentState
from domain.agreements.settlement.offer import SettlementOffer, fulfilled
from domain.calendar import day_start, local_date, reaches, wall
from domain.channels import Channel, Purpose
from domain.contacts.manual import UNDER_WAY
from domain.conversation.work import SILENCING
from domain.conversation.work_words import WorkReason
from domain.planning.frame import Frame
from domain.planning.limits.entering import not_entered
from domain.planning.reasons import bulk, cases
from domain.planning.reasons.dust import dust
from domain.planning.reasons.promises import parts_of, settle, silent_until
from domain.planning.step import Status, Step, StepKind
from domain.planning.words import label
from domain.situation import Reply, Situation

HALTED_LOOK: Final = timedelta(hours=1)
"""How long an account waits before it looks whether contacts go on again."""

UNDECIDED_LOOK: Final = timedelta(days=30)
"""How long an account waits for a decision, beyond the last of its phases."""

HOLD: Final = "hold"
"""Why an account is silent that is on hold."""

PLAN: Final = "plan"
"""Why an account is silent that has a payment plan."""

SETTLEMENT: Final = "settlement"
"""Why an account is silent whose settlement is accepted, or waits that has an offer past its last
phase."""

PAID_CHECK: Final = "paid_check"
"""Why an account rests whose customer says that it is paid."""

BY_PERSON: Final = "person"
"""Why an account rests whose customer a person is speaking with."""

MEANT: Final[dict[WorkReason, str]] = {
    WorkReason.CRISIS: "speaks of ending their life",
    WorkReason.DECEASED: "is said to have died",
    WorkReason.ATTORNEY: "names a lawyer",
    WorkReason.BANKRUPTCY: "speaks of bankruptcy",
    WorkReason.DISPUTE: "disputes the debt",
    WorkReason.DISPUTE_DUE: "has had no answer to a dispute in time",
    WorkReason.DISPUTE_UPHELD: "was right: the account is to be corrected or closed",
    WorkReason.STOP: "may want no more messages",
    WorkReason.SHARED_ADDRESS: "or another who has the address wrote",
    WorkReason.WRONG_PERSON: "may not be who wrote",
    WorkReason.CALLBACK: "asked to be called back",
    WorkReason.PERSON_FIRST: "is contacted by a person first",
    WorkReason.HARDSHIP_REVIEW: "is in hardship, which is to be looked at again",
    WorkReason.HARDSHIP: "is in hardship",
    WorkReason.WANTS_PERSON: "asks for a person",
    WorkReason.ALREADY_PAID: "says it is paid",
    WorkReason.PLAN_REQUEST: "asks for a plan",
    WorkReason.PROMISE: "offers to pay",
    WorkReason.BALANCE: "asks how much or how to pay",
    WorkReason.IDENTITY: "asks who is writing",
    WorkReason.PREFERENCE: "says how to be reached",
    WorkReason.UNCLEAR: "wrote what was not understood",
}
"""What a customer has said, after "The customer"."""

_ENDED: Final = {
    CloseReason.CURED: "Cured: nothing is overdue",
    CloseReason.CLOSED: "Closed on request",
    CloseReason.RECALLED: "Recalled by the creditor",
    CloseReason.SETTLED: "Settled: the amount that was accepted is paid, the rest is let go",
}


def any_of(frame: Frame) -> Step | None:
    """The end or pause that keeps the account from every touch now, in the planner's order."""
    return end(frame) or silence(frame) or hand_off(frame) or halt(frame) or rest(frame)


def end(frame: Frame) -> Step | None:
    """The account is over: closed, nothing is owed, or what was settled is paid."""
    account = frame.account
    if account.status is AccountStatus.CLOSED:
        return _close(frame, account.close_reason or CloseReason.CLOSED)
    if account.balance <= 0:
        return _close(frame, CloseReason.CURED)
    settled = fulfilled(frame.situation.offers, account)
    return None if settled is None else _close(frame, CloseReason.SETTLED)


def hand_off(frame: Frame) -> Step | None:
    """After the last phase, but not under a hold, a dispute, a plan, an open promise or a hardship:
    those come first; and not while a settlement could still be accepted."""
    past, offer = frame.days > frame.rules.strategy.last_day, frame.offer
    if not past:
        return None
    if offer is not None:
        until = offer.ends(frame.zones)
        words = (
            f"Settlement {_offered(frame, offer)}: no hand-off until {offer.until:%d %b} is over"
        )
        return frame.wait(until, SETTLEMENT, words)
    return cases.kept(frame) or _close(frame, CloseReason.HANDED_OFF)


def silence(frame: Frame) -> Step | None:
    """A cease of many accounts, a hold, one of many accounts, what a person must decide first, a
    dispute, a person who speaks with the customer first, an accepted settlement, a payment plan, or
    a promise that is open."""
    return bulk.ceased(frame) or _hold(frame) or bulk.held(frame) or silence_but_bulk(frame)


def own_silence(frame: Frame) -> Step | None:
    """The same, but that a hold of many accounts does not count: under it customers have their
    answers, as far as their own account lets."""
    found = silence(frame)
    return silence_but_bulk(frame) if found is not None and found.why == bulk.HOLD else found


def _hold(frame: Frame) -> Step | None:
    account, now, zones = frame.account, frame.now, frame.zones
    if account.hold_until is not None and account.hold_until > now:
        reason = f" ({account.hold_reason})" if account.hold_reason else ""
        why = f"On hold{reason} until {wall(account.hold_until, zones, now)}"
        return frame.wait(account.hold_until, HOLD, why, Status.ON_HOLD)
    return None


def silence_but_bulk(frame: Frame) -> Step | None:
    """What keeps the account silent of itself, whatever holds for many."""
    now, zones = frame.now, frame.zones
    if (undecided := decision(frame)) is not None:
        return undecided
    if (standing := cases.silence(frame)) is not None:
        return standing
    if (agreed := _settling(frame) or _plan(frame)) is not None:
        return agreed
    policy = frame.rules.strategy.promise
    promise = frame.situation.open_promise(now)
    if promise and settle(promise, now, policy, zones) is PromiseState.OPEN:
        until = silent_until(promise, policy, zones)
        told = _next_of(frame, promise) if promise.parts else f"by {promise.due_on:%d %b}"
        why = f"Promise to pay {told}, silent until its grace ends {wall(until, zones, now)}"
        return frame.wait(until, "promise", why, Status.PROMISED)
    return None


def _settling(frame: Frame) -> Step | None:
    """While an accepted settlement is to be paid nothing is said but what belongs to it."""
    offer, now, zones = frame.settling, frame.now, frame.zones
    if offer is None:
        return None
    over, ends = offer.over(zones), offer.ends(zones)
    until = over if now < over else ends
    end = "its day ends" if now < over else "its grace ends"
    words = f"Settlement {_offered(frame, offer)}, {end} {wall(until, zones, now)}"
    if (answered := replied(frame)) is not None:
        until = min(until, answered.not_before)  # what may be said of it waits for that
    return frame.wait(until, SETTLEMENT, words, Status.SETTLING)


def _offered(frame: Frame, offer: SettlementOffer) -> str:
    currency = frame.account.currency
    sums = f"{offer.amount:f} {currency} for {offer.balance:f}"
    by = f"to be paid by {offer.until:%d %b}" if offer.due_on else f"until {offer.until:%d %b}"
    paid = f", {offer.paid:f} paid" if offer.paid else ""
    return f"{offer.state.value} ({sums}), {by}{paid}"


def _next_of(frame: Frame, promise: Promise) -> str:
    """Of a promise of several dates, what is to come next."""
    parts = parts_of(promise, frame.now, frame.rules.strategy.promise, frame.zones)
    left = [one for one in parts if one.open]
    paid = f"({len(parts) - len(left)} of {len(parts)} paid)"
    return f"{paid}: {left[0].open:f} {frame.account.currency} by {left[0].due_on:%d %b}"


def _plan(frame: Frame) -> Step | None:
    """While a payment plan is kept nothing is said but what belongs to it."""
    plan, now, zones = frame.plan, frame.now, frame.zones
    if plan is None:
        return None
    parts = plan.parts(now, zones)
    left = [one for one in parts if one.state is not InstalmentState.PAID]
    # While it is active, the last instalment is not missed: there is always one ahead.
    ahead = next(one for one in left if one.state is not InstalmentState.MISSED)
    late = ahead.state is InstalmentState.LATE
    until = ahead.missed_at if late else ahead.ends
    told = f"{len(parts) - len(left)} of {len(parts)} paid"
    if missed := sum(one.state is InstalmentState.MISSED for one in left):
        told += f", {missed} missed"
    sum_ = f"{ahead.open:f} {frame.account.currency}"
    what = f"{sum_} {'was due on' if late else 'by'} {ahead.due_on:%d %b}"
    end = "its grace ends" if late else "its day ends"
    why = f"Payment plan ({told}): {what}, {end} {wall(until, zones, now)}"
    if (answered := replied(frame)) is not None:
        until = min(until, answered.not_before)  # what may be said of the plan waits for that
    return frame.wait(until, PLAN, why, Status.ON_PLAN)


def decision(frame: Frame) -> Step | None:
    """What a person must decide before anybody is contacted, or the account handed on."""
    silencing = [one for one in frame.situation.work if one.reason in SILENCING]
    if not silencing:
        return None
    item = min(silencing, key=lambda one: (list(WorkReason).index(one.reason), one.work_id))
    said = MEANT[item.reason]
    why = f"The customer {said}: nobody is contacted until a person decides (work {item.work_id})"
    until = frame.boundary if frame.boundary > frame.now else frame.now + UNDECIDED_LOOK
    return frame.wait(until, item.reason, why, Status.RESTING)


def halt(frame: Frame) -> Step | None:
    """Nobody is contacted while a person is speaking with the customer, nor from a database that
    has forgotten contacts, nor where an order lets nothing leave."""
    return _halted(frame) or bulk.ceased(frame) or spoken_with(frame)


def spoken_with(frame: Frame) -> Step | None:
    """A person has the telephone in hand, or is on the way to the customer."""
    contact = frame.under_way
    if contact is None:
        return None
    until = contact.at + UNDER_WAY
    words = f"{label(contact.channel)} by a person under way: nobody else contacts the customer"
    words += f" until it is over, or {wall(until, frame.zones, frame.now)}"
    return frame.wait(until, BY_PERSON, words, Status.RESTING)


def _halted(frame: Frame) -> Step | None:
    """Not from a database that has forgotten contacts, until a person says go."""
    why = frame.situation.halted
    if why is None:
        return None
    words = f"Nobody is contacted: the database was {why} (contrapunto restore lift)"
    return frame.wait(frame.now + HALTED_LOOK, "halted", words, Status.HALTED)


def rest(frame: Frame) -> Step | None:
    """Not due yet, or the customer wrote and it is a person's turn."""
    strategy, zones = frame.rules.strategy, frame.zones
    if frame.days < strategy.first_day:
        until = reaches(frame.due, strategy.first_day, zones)
        return frame.wait(until, "not_due", f"Not due yet, begins {wall(until, zones, frame.now)}")
    if (kept := not_entered(frame)) is not None:
        return kept
    if (why := dust(frame.account.balance, frame.account.currency, frame.rules.least)) is not None:
        return frame.wait(frame.boundary, "dust", why, Status.SILENCED)
    return replied(frame)


def replied(frame: Frame) -> Step | None:
    """The customer wrote: it is a person's turn, or what they say that they paid is looked for."""
    strategy, zones = frame.rules.strategy, frame.zones
    if (checked := _paid_check(frame) or _callback(frame)) is not None:
        return checked
    wrote = max((reply.at for reply in frame.situation.replies), default=None)
    written = _written_at(frame.situation)
    last = max((at for at in (wrote, written) if at is not None), default=None)
    if last is None:
        return None
    rested = local_date(last, zones) + timedelta(days=strategy.reply_rest_days)
    until = day_start(rested, zones)
    if until <= frame.now:
        return None
    if last != wrote:
        words = f"A person wrote to the customer: it rests until {wall(until, zones, frame.now)}"
        return frame.wait(until, BY_PERSON, words, Status.RESTING)
    reply = max(frame.situation.replies, key=lambda reply: reply.at)
    why = f"The customer {_said(frame, reply)}, until {wall(until, zones, frame.now)}"
    return frame.wait(until, "reply", why, Status.RESTING)


def _written_at(situation: Situation) -> datetime | None:
    """When a person's message last went out to this customer, or may have."""
    sent = [
        one.at
        for one in situation.contacts
        if one.purpose is Purpose.PERSON
        and one.made_or_coming
        and not one.missed
        and not one.elsewhere
    ]
    return max(sent, default=None)


def _paid_check(frame: Frame) -> Step | None:
    """Whoever says that it is paid is not asked to pay while the payment is looked for."""
    items = [one for one in frame.situation.work if one.reason is WorkReason.ALREADY_PAID]
    if not items:
        return None
    item, zones = items[0], frame.zones
    days = timedelta(days=frame.rules.strategy.paid_check_days)
    until = day_start(local_date(item.opened_at, zones) + days, zones)
    if until <= frame.now:
        return None
    said = f"The customer {MEANT[item.reason]}: the payment is looked for (work {item.work_id})"
    words = f"{said}, until {wall(until, zones, frame.now)}"
    return frame.wait(until, PAID_CHECK, words, Status.RESTING)


def _callback(frame: Frame) -> Step | None:
    """Whoever is to be called at a certain time is left in peace until then, and on that day."""
    items = [one for one in frame.situation.work if one.reason is WorkReason.CALLBACK]
    if not items or items[0].due_at is None:
        return None
    item, due, zones = items[0], items[0].due_at, frame.zones
    until = day_start(local_date(due, zones) + timedelta(days=1), zones)
    if until <= frame.now:
        return None
    words = f"The customer {MEANT[item.reason]}: a person calls {wall(due, zones, frame.now)}"
    return frame.wait(until, item.reason, f"{words} (work {item.work_id})", Status.RESTING)


def _said(frame: Frame, last: Reply) -> str:
    """What the customer wrote of, as far as a person is asked for it; by which item."""
    how = "called" if last.channel is Channel.VOICE else "wrote"
    asked = [one for one in frame.situation.work if one.opened_at >= last.at]
    if not asked:
        return f"{how}; a person's turn"
    item = asked[-1]
    return f"{MEANT[item.reason]}; a person's turn (work {item.work_id})"


def _close(frame: Frame, reason: CloseReason) -> Step:
    handed_off = f"Handed off after day {frame.rules.strategy.last_day}"
    return Step(
        kind=StepKind.CLOSE,
        not_before=frame.now,
        summary=_ENDED.get(reason, handed_off),
        why=reason.value,
        close_reason=reason,
        view=frame.view(Status.CLOSED),
    )
