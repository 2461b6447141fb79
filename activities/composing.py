"""The words of one message: facts of the ledger, templates of the operator, duties of the law."""

from datetime import date, datetime

from activities.channels.unsubscribe import unsubscribe_url
from activities.house import House
from activities.store.ledger import Recipient
from domain.account import PromiseState
from domain.calendar import days_past_due
from domain.channels import Channel, Purpose
from domain.law.engine import duties
from domain.message import DebtLine, MessageContext, RenderedMessage
from domain.names import attempt_id
from domain.planner import Rules, law_request
from domain.situation import Situation
from domain.steps import Step


def compose(
    house: House,
    situation: Situation,
    rules: Rules,
    step: Step,
    recipient: Recipient,
    now: datetime,
) -> RenderedMessage:
    """Render the message of ``step``; what the law asks to be said is added, never left to it."""
    settings, zones = house.settings, situation.customer.zones
    assert step.channel and step.purpose and step.contact_point_id and step.phase  # noqa: S101
    point = next(
        p for p in situation.customer.points if p.contact_point_id == step.contact_point_id
    )
    request = law_request(situation, rules, point, now)
    phase = next(p for p in rules.strategy.phases if p.name == step.phase)
    promise = max(
        (p for p in situation.promises if p.state is PromiseState.BROKEN),
        key=lambda p: p.due_on,
        default=None,
    )
    about_promise = step.purpose is Purpose.PROMISE_BROKEN and promise is not None
    account = situation.account
    reference = attempt_id(account.creditor, account.account_id, step.number)
    creditor = account.creditor
    lines = []
    for debt in recipient.debts:
        due = date.fromisoformat(debt.oldest_due_date)
        if debt.currency != account.currency and about_promise:
            continue  # a promised amount is said in one currency
        lines.append(
            DebtLine(
                reference=f"*{debt.account_id[-4:]}",
                amount=debt.balance,
                currency=debt.currency,
                due_date=due,
                days_past_due=days_past_due(due, now, zones),
            )
        )
    country = situation.customer.country
    locale = house.wording.locale_for(recipient.locale, country, settings.fallback_locale)
    return house.wording.render(
        MessageContext(
            locale=locale,
            purpose=step.purpose,
            channel=step.channel,
            tone=phase.tone,
            customer_name=recipient.name,
            creditor_name=settings.creditor_names.get(creditor, creditor),
            agency_name=settings.agency_name,
            debts=tuple(lines),
            promised_amount=promise.amount if promise and about_promise else None,
            promised_date=promise.due_on if promise and about_promise else None,
            pay_url=settings.pay_url.replace("{reference}", reference)
            if settings.pay_url
            else None,
            opt_out_url=unsubscribe_url(settings, reference)
            if step.channel is Channel.EMAIL
            else None,
            phone=settings.phone,
        ),
        [
            *(duty.code for duty in duties(rules.packs, request, now) if duty.said),
            # No law asks for it everywhere, but nobody can stop what they were not told how to.
            "opt_out_line",
        ],
    )
