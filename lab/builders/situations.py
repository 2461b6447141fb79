"""Situations for planning tests, with the real law and the real default strategy."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from config.helplines.catalogue import load_helplines
from config.rule_packs import load_packs
from config.settings import ROOT, Settings
from config.strategy_files import load_strategies
from domain.account import Account, ContactPoint, Customer, PointKind
from domain.channels import Channel, Purpose
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.ledger.attempt import AttemptState, PastContact
from domain.planning.rules import Rules
from domain.situation import Situation

SMS = ContactPoint(
    contact_point_id="p-sms", channel=Channel.SMS, kind=PointKind.MOBILE, consented=True
)
EMAIL = ContactPoint(
    contact_point_id="p-email", channel=Channel.EMAIL, kind=PointKind.EMAIL, consented=True
)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""Monday 23 November 2026, 01:00 in Bogota."""


@cache
def rules(country: str = "CO", actor: str = "third_party") -> Rules:
    """The default strategy under one country's law, SMS and e-mail connected."""
    return Rules(
        strategy=load_strategies(ROOT / "config" / "strategies")["default"],
        packs=load_packs().packs_for([country]),
        jurisdictions=(country,),
        actor=actor,
        providers={Channel.SMS: ("twilio",), Channel.EMAIL: ("sendgrid",)},
        helplines=load_helplines(Settings().helplines),
    )


def situation(
    *,
    days_past_due: int = 10,
    now: datetime = NOW,
    country: str = "CO",
    zones: tuple[str, ...] = ("America/Bogota",),
    balance: str = "100.00",
    preferred: Channel | None = None,
    points: tuple[ContactPoint, ...] = (EMAIL, SMS),
    **rest: Any,
) -> Situation:
    """One account of one customer, ``days_past_due`` at ``now``."""
    today = date(now.year, now.month, now.day)
    opted_in = LawEvent(kind=EventKind.OPT_IN, at=now, channel=Medium.SMS)
    account = rest.pop("account", {})
    return Situation(
        key="bank/A1",
        account=Account(
            **{
                "creditor": "bank",
                "account_id": "A1",
                "customer_id": "C1",
                "currency": "COP",
                "balance": Decimal(balance),
                "oldest_due_date": date.fromordinal(today.toordinal() - days_past_due),
                **account,
            }
        ),
        customer=Customer(
            customer_id="C1",
            locale="es-CO",
            country=country,
            zones=zones,
            preferred_channel=preferred,
            points=points,
        ),
        **{"law_events": (opted_in,), **rest},
    )


def much_contacted(country: str, zone: str, contacts: int) -> tuple[Situation, Rules]:
    """An account 47 days past due that is told something every four days, on four contact points,
    and the rules of its country."""
    ways = (
        (Channel.SMS, PointKind.MOBILE),
        (Channel.VOICE, PointKind.MOBILE),
        (Channel.EMAIL, PointKind.EMAIL),
        (Channel.WHATSAPP, PointKind.MOBILE),
    )
    points = tuple(
        ContactPoint(
            contact_point_id=f"p-{channel.value}",
            address_id=f"a-{kind.value}",
            channel=channel,
            kind=kind,
            consented=True,
        )
        for channel, kind in ways
    )
    strategy = rules(country).strategy
    told = []
    for number in range(contacts):
        at = NOW - timedelta(days=4 * number + 4, hours=3)
        phase = strategy.phase_at(47 - (NOW - at).days) or strategy.phases[0]
        point = points[number % len(points)]
        told.append(
            PastContact(
                attempt_id=f"t{number}",
                account="bank/A1",
                covers=("bank/A1",),
                step=contacts - number,
                touch=1 + number % 4,
                phase=phase.name,
                purpose=Purpose.REMINDER,
                channel=point.channel,
                contact_point_id=point.contact_point_id,
                address_id=point.address_id,
                provider="twilio",
                state=AttemptState.DELIVERED,
                at=at,
            )
        )
    found = situation(
        days_past_due=47,
        country=country,
        zones=(zone,),
        points=points,
        contacts=tuple(reversed(told)),
        next_step=contacts + 1,
    )
    providers = {channel: ("twilio",) for channel, _ in ways}
    return found, replace(rules(country), providers=providers)
