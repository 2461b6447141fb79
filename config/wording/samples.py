"""Invented messages with which every template is tried at start-up: once with all, once with none
of the optional facts, in every tone."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from domain.channels import TO_PARTIES, Channel, Purpose, Tone
from domain.conversation.helplines import Helpline
from domain.message_content import (
    ABOUT_PLAN,
    ABOUT_PROMISE,
    ABOUT_SETTLEMENT,
    WITHOUT_DEBTS,
    DebtLine,
    MessageContext,
)

_DUE: Final = date(2026, 7, 12)

_DEBTS: Final = (
    DebtLine(
        reference="*4821", amount=Decimal(450000), currency="COP", due_date=_DUE, days_past_due=12
    ),
    DebtLine(
        reference="*7310", amount=Decimal("80.50"), currency="COP", due_date=_DUE, days_past_due=40
    ),
)

_CALLER: Final[dict[str, str]] = {
    "phone": "+57 601 555 0100",
    "caller_name": "Ejemplo Servicios",
    "caller_person": "Laura Gil",
}
"""Without these no call is made, so no call has to do without them."""

_HELPLINE: Final = Helpline(
    name="Línea Ejemplo", number="106", option=4, source="invented", checked=_DUE
)


def samples(locale: str, purpose: Purpose, channel: Channel) -> Iterator[MessageContext]:
    """Contexts that take a template through its branches."""
    for tone in Tone:
        yield _full(locale, purpose, channel, tone)
        yield _bare(locale, purpose, channel, tone)


def _full(locale: str, purpose: Purpose, channel: Channel, tone: Tone) -> MessageContext:
    if purpose in TO_PARTIES:
        return _to_party(locale, purpose, channel, tone)
    return MessageContext(
        locale=locale,
        purpose=purpose,
        channel=channel,
        tone=tone,
        customer_name="Ana María Rojas",
        creditor_name="Banco Ejemplo",
        agency_name="Agencia Ejemplo",
        debts=_DEBTS,
        promised_amount=Decimal(200000),
        promised_date=_DUE,
        promised_parts=((Decimal(120000), _DUE), (Decimal(80000), _DUE + timedelta(days=10))),
        instalment=2,
        instalments=6,
        settlement_amount=Decimal(320000),
        settlement_until=_DUE,
        settlement_days=10,
        paid_amount=Decimal(200000),
        wished_channel=Channel.WHATSAPP,
        wished_hours=(("09:00", "11:00"), ("18:00", "20:00")),
        pay_url="https://pay.example/a1",
        payment_url="https://pay.example/a1",
        payment_until=_DUE,
        pix_code="00020126360014br.gov.bcb.pix",
        opt_out_url="https://pay.example/o1",
        preferences_url="https://pay.example/p1",
        helpline=_HELPLINE,
        **_CALLER,
    )


def _to_party(locale: str, purpose: Purpose, channel: Channel, tone: Tone) -> MessageContext:
    """All that who stands for a debt may ever be told."""
    return MessageContext(
        locale=locale,
        purpose=purpose,
        channel=channel,
        tone=tone,
        customer_name="Ana María Rojas",
        creditor_name="Banco Ejemplo",
        agency_name="Agencia Ejemplo",
        opt_out_url="https://pay.example/o1",
        preferences_url="https://pay.example/p1",
        **_CALLER,
    )


def _bare(locale: str, purpose: Purpose, channel: Channel, tone: Tone) -> MessageContext:
    promise, plan = purpose in ABOUT_PROMISE | ABOUT_PLAN, purpose in ABOUT_PLAN
    settled = purpose in ABOUT_SETTLEMENT
    nothing_owed = purpose in WITHOUT_DEBTS
    return MessageContext(
        locale=locale,
        purpose=purpose,
        channel=channel,
        tone=tone,
        customer_name="",
        creditor_name="Banco Ejemplo",
        debts=() if nothing_owed else _DEBTS[:1],
        promised_amount=Decimal(200000) if promise else None,
        promised_date=_DUE if promise else None,
        instalment=1 if plan else None,
        instalments=2 if plan else None,
        settlement_amount=Decimal(320000) if settled else None,
        settlement_until=_DUE if settled else None,
        settlement_days=10 if settled else None,
        wished_channel=Channel.SMS if purpose is Purpose.PREFERENCE_CONFIRMATION else None,
        helpline=_HELPLINE if purpose is Purpose.CRISIS_ANSWER else None,
        **(_CALLER if channel is Channel.VOICE else {}),
    )
