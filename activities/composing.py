"""The words of one message: facts of the ledger, templates of the operator, duties of the law."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from activities.attachments.paying import Means, means
from activities.channels.preference_link import preferences_url
from activities.channels.unsubscribe import unsubscribe_url
from activities.dependencies import Dependencies
from config.settings import REFERENCE
from domain.account import Promise, PromiseState
from domain.agreements.parts import Instalment, InstalmentState, Part
from domain.calendar import days_past_due
from domain.channels import Channel, Purpose
from domain.conversation.helplines import Helpline
from domain.conversation.wishes.preference import NONE, in_force
from domain.law.engine import duties
from domain.law.terms import Party
from domain.message_content import (
    ABOUT_SETTLEMENT,
    CallScript,
    DebtLine,
    MessageContext,
    RenderedMessage,
)
from domain.names import account_key, attempt_id
from domain.planning.reasons.promises import parts_of
from domain.planning.reasons.softer import softened
from domain.planning.request import law_request
from domain.planning.rules import Rules
from domain.planning.step import Step
from domain.situation import Situation
from store.contacts.messages import Words
from store.ledger import Recipient


def compose(
    dependencies: Dependencies,
    situation: Situation,
    rules: Rules,
    step: Step,
    recipient: Recipient,
    now: datetime,
    own: Words | None = None,
) -> RenderedMessage:
    """Render the message of ``step``; what the law asks to be said is added, never left to it.

    ``own``: what a person says in it.
    """
    assert step.channel and step.contact_point_id  # noqa: S101
    lines = _lines(situation, rules, step, recipient, now)
    context = _context(dependencies, situation, rules, step, recipient, tuple(lines.values()), now)
    if own is not None:
        context = _of_a_person(context, situation, step, own)
    point = next(
        p for p in situation.customer.points if p.contact_point_id == step.contact_point_id
    )
    request = law_request(situation, rules, point, now)
    said = [duty.code for duty in duties(rules.packs, request, now) if duty.said]
    if step.purpose in _BARE:
        # It may say nothing else (12 CFR 1006.14(h)), and whoever asks who is writing may be
        # somebody else: what is to be said of a debt is not for them.
        said = []
    # In a call the menu tells it, each time it is heard; and whoever speaks of ending their life is
    # told nothing but whom to call.
    if step.channel is not Channel.VOICE and step.purpose is not Purpose.CRISIS_ANSWER:
        # No law asks for it everywhere, but nobody can stop what they were not told how to.
        said.append("opt_out_line")
    if step.channel is Channel.WHATSAPP and not situation.whatsapp_is_free(
        step.contact_point_id, now
    ):
        assert dependencies.whatsapp is not None, "read wherever WhatsApp has a provider"  # noqa: S101
        filled = dependencies.whatsapp.fill(context, said)
        return filled.model_copy(update={"pix_code": context.pix_code})
    if _asks_preference(situation, rules, step, now):
        said.append("preference_question")
    words = dependencies.wording.render(context, said)
    words = words.model_copy(update={"pix_code": context.pix_code})
    if step.channel is not Channel.VOICE:
        return words
    lead, policy = lines.get(situation.account.account_id), rules.strategy.promise
    script = CallScript(context=context, message=words.text, lead=lead, max_days=policy.max_days)
    return words.model_copy(update={"script": script})


_BARE: Final = frozenset(
    {Purpose.OPT_OUT_CONFIRMATION, Purpose.IDENTITY_ANSWER, Purpose.CRISIS_ANSWER}
)
"""What has no duties of a debt beside it."""


def _helpline(situation: Situation, rules: Rules, step: Step) -> Helpline | None:
    """Whom the customer can call, where that is what is said."""
    asked = step.purpose is Purpose.CRISIS_ANSWER
    return rules.helplines.get(situation.customer.country) if asked else None


def _of_a_person(
    context: MessageContext, situation: Situation, step: Step, own: Words
) -> MessageContext:
    """The same, in a person's own words or by the template that they chose."""
    said: dict[str, object] = {"own_words": own.words, "own_subject": own.subject}
    if own.words is None:
        written = next(one for one in situation.to_send if one.message_id == step.message)
        said = {"purpose": written.template}
    return MessageContext.model_validate({**dict(context), **said})


def _asks_preference(situation: Situation, rules: Rules, step: Step, now: datetime) -> bool:
    """Whether this is the first message in which somebody can be asked how to reach them."""
    if situation.party is not Party.DEBTOR:
        return False
    if not rules.strategy.ask_preference or not step.touch or step.channel is Channel.VOICE:
        return False
    asked = any(
        not one.elsewhere
        and one.channel is not Channel.VOICE
        and one.made_or_coming
        and not one.missed
        for one in situation.contacts
    )
    return not asked and in_force(situation.preferences, now) == NONE


_OF_PLAN: Final = {
    Purpose.PLAN_REMINDER: InstalmentState.DUE,
    Purpose.PLAN_MISSED: InstalmentState.LATE,
}
"""In which state the instalment is that a message is about: the first that is due, the last that is
late."""


class _Told(NamedTuple):
    """What was agreed or is offered, as a message says it."""

    amount: Decimal
    due_on: date
    number: int | None = None
    of: int | None = None
    parts: tuple[Instalment, ...] = ()
    """Of a promise of several dates that is read back, all of them."""
    within: int | None = None
    """Of a settlement: the days that its payment has."""


_ABOUT: Final = {
    Purpose.PROMISE_BROKEN: PromiseState.BROKEN,
    Purpose.PROMISE_REMINDER: PromiseState.OPEN,
    Purpose.PROMISE_CONFIRMATION: PromiseState.OPEN,
}


def _promise(situation: Situation, step: Step) -> Promise | None:
    """The promise that the message is about, if it is about one."""
    wanted = _ABOUT.get(step.purpose) if step.purpose else None
    promises = (p for p in situation.promises if p.state is wanted)
    return max(promises, key=lambda p: p.due_on, default=None)


def _part(situation: Situation, step: Step, now: datetime) -> tuple[Part, int] | None:
    """The instalment that the message is about, if it is about one, and how many there are."""
    wanted = _OF_PLAN.get(step.purpose) if step.purpose else None
    plan = situation.active_plan(now) if wanted else None
    if plan is None:
        return None
    parts = plan.parts(now, situation.customer.zones)
    found = [one for one in parts if one.state is wanted]
    return (found[0 if wanted is InstalmentState.DUE else -1], len(parts)) if found else None


def _promised(promise: Promise, rules: Rules, zones: Sequence[str], now: datetime) -> _Told:
    """Of a promise of several dates, the one that is near; of one that is broken, the one that has
    not come."""
    if promise.parts:
        parts = parts_of(promise, now, rules.strategy.promise, zones)
        wanted = {
            PromiseState.OPEN: InstalmentState.DUE,
            PromiseState.BROKEN: InstalmentState.MISSED,
        }.get(promise.state)
        for one in parts:
            if one.state is wanted:
                return _Told(one.open, one.due_on)
    return _Told(promise.amount, promise.due_on)


def _agreed(situation: Situation, rules: Rules, step: Step, now: datetime) -> _Told | None:
    """What was agreed, where the message is about it."""
    if (promise := _promise(situation, step)) is not None:
        told = _promised(promise, rules, situation.customer.zones, now)
        read_back = step.purpose is Purpose.PROMISE_CONFIRMATION
        return told._replace(parts=promise.parts) if read_back else told
    if (part := _part(situation, step, now)) is not None:
        one, of = part
        return _Told(one.open, one.due_on, one.number, of)
    if step.purpose in ABOUT_SETTLEMENT and (offer := situation.live_offer(now)) is not None:
        left = max(offer.amount - offer.paid, Decimal(0))
        return _Told(left, offer.until, within=offer.pay_within_days)
    return None


def _lines(
    situation: Situation, rules: Rules, step: Step, recipient: Recipient, now: datetime
) -> dict[str, DebtLine]:
    """The debts that the message speaks of, by account id; to who stands for them, none."""
    if situation.party is not Party.DEBTOR:
        return {}
    about_agreed = _agreed(situation, rules, step, now) is not None
    lines, rule = {}, rules.strategy.part_payments
    beside = {one.account: one.due_date(rule) for one in situation.siblings}
    for debt in recipient.debts:
        due = beside.get(account_key(debt.creditor, debt.account_id))
        if debt.account_id == situation.account.account_id:
            due = situation.due_date(rule)
        due = due or date.fromisoformat(debt.oldest_due_date)
        if debt.currency != situation.account.currency and about_agreed:
            continue  # a promised amount is said in one currency
        lines[debt.account_id] = DebtLine(
            reference=f"*{debt.account_id[-4:]}",
            amount=max(debt.balance, Decimal(0)),  # they may have paid more than they owed
            currency=debt.currency,
            due_date=due,
            days_past_due=days_past_due(due, now, situation.customer.zones),
        )
    return lines


def _paid(situation: Situation) -> Decimal | None:
    """The payment that is thanked for: the last one on this account."""
    last = max(situation.own_payments, key=lambda one: one.paid_at, default=None)
    return last.amount if last else None


def _context(
    dependencies: Dependencies,
    situation: Situation,
    rules: Rules,
    step: Step,
    recipient: Recipient,
    debts: tuple[DebtLine, ...],
    now: datetime,
) -> MessageContext:
    settings, account = dependencies.settings, situation.account
    assert step.channel and step.purpose and step.phase  # noqa: S101
    # What a person writes may go out before the first phase, or after the last.
    phases = softened(rules, situation).strategy.phases
    phase = next((p for p in phases if p.name == step.phase), phases[0])
    agreed = _agreed(situation, rules, step, now)
    wished = in_force(situation.preferences, now)
    read_back = wished if step.purpose is Purpose.PREFERENCE_CONFIRMATION else NONE
    reference = attempt_id(account.creditor, account.account_id, step.number)
    amount = agreed.amount if agreed else None
    settled = agreed if step.purpose in ABOUT_SETTLEMENT else None
    agreed = None if settled else agreed
    pay, pay_url = Means(), None
    if situation.party is Party.DEBTOR:
        pay = means(settings, step, recipient, amount, situation.customer.zones, now)
        pay_url = settings.pay_url.replace(REFERENCE, reference) if settings.pay_url else None
    country, by_mail = situation.customer.country, step.channel is Channel.EMAIL
    return MessageContext(
        locale=dependencies.wording.locale_for(
            wished.locale or recipient.locale, country, settings.fallback_locale
        ),
        purpose=step.purpose,
        channel=step.channel,
        tone=step.tone if step.tone in phase.tones else phase.tone,
        customer_name=recipient.name,
        creditor_name=settings.creditor_names.get(account.creditor, account.creditor),
        agency_name=settings.agency_name,
        debts=debts,
        promised_amount=agreed.amount if agreed else None,
        promised_date=agreed.due_on if agreed else None,
        promised_parts=tuple((one.amount, one.due_on) for one in agreed.parts) if agreed else (),
        instalment=agreed.number if agreed else None,
        instalments=agreed.of if agreed else None,
        settlement_amount=settled.amount if settled else None,
        settlement_until=settled.due_on if settled else None,
        settlement_days=settled.within if settled else None,
        wished_channel=read_back.channel,
        wished_hours=tuple((one.opens, one.closes) for one in read_back.windows),
        paid_amount=_paid(situation) if step.purpose is Purpose.PAYMENT_THANKS else None,
        pay_url=pay.url or pay_url,
        payment_url=pay.url,
        payment_until=pay.until,
        pix_code=pay.pix,
        opt_out_url=unsubscribe_url(settings, reference) if by_mail else None,
        preferences_url=preferences_url(settings, reference, now) if by_mail else None,
        phone=settings.phone,
        helpline=_helpline(situation, rules, step),
        caller_name=settings.voice_name,
        caller_person=settings.voice_person,
    )
