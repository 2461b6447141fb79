"""Policies to try, and an account that can be reached in four ways."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from domain.account import ContactPoint, PointKind
from domain.channels import Channel
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.learning.policy import Counts, Made, Policy, Ranking
from domain.planning.rules import Rules
from domain.situation import Situation
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation

WHATSAPP = ContactPoint(
    contact_point_id="p-wa", channel=Channel.WHATSAPP, kind=PointKind.MOBILE, consented=True
)
VOICE = ContactPoint(
    contact_point_id="p-voice", channel=Channel.VOICE, kind=PointKind.MOBILE, consented=True
)
POINTS = (SMS, EMAIL, WHATSAPP, VOICE)
BLOCKS = ((7, 10), (10, 13), (13, 16), (16, 19))
MADE = Made(since=date(2026, 1, 1), until=date(2026, 6, 30), windows=0)


def policy(**fields: Any) -> Policy:
    """A policy that has learnt nothing, unless said otherwise."""
    return Policy(**{"id": "p", "version": 1, "made": MADE, **fields})


def counts(**rates: tuple[float, float]) -> dict[str, Counts]:
    """By option, how often it was right of how many tries."""
    return {name: Counts(won=won, tried=tried) for name, (won, tried) in rates.items()}


def ruled(by: Ranking | None, country: str = "CO") -> Rules:
    """The default strategy with every channel in its phases and a policy that may choose."""
    made = rules(country)
    phases = tuple(
        phase.model_copy(update={"channels": dict.fromkeys(map(_channel, POINTS), 1)})
        for phase in made.strategy.phases
    )
    strategy = made.strategy.model_copy(update={"phases": phases})
    served = {
        Channel.SMS: ("twilio",),
        Channel.EMAIL: ("sendgrid",),
        Channel.WHATSAPP: ("twilio",),
        Channel.VOICE: ("twilio",),
    }
    return replace(made, strategy=strategy, providers=served, policy=by)


def reachable(number: int = 1, *, now: datetime = NOW, **fields: Any) -> Situation:
    """One of many accounts, whose customer has consented to everything."""
    opted = tuple(
        LawEvent(kind=EventKind.OPT_IN, at=now, channel=one)
        for one in (Medium.SMS, Medium.EMAIL, Medium.WHATSAPP, Medium.VOICE)
    )
    told = {"points": POINTS, "law_events": opted, **fields}
    return situation(now=now, **told).model_copy(update={"key": f"bank/A{number}"})


def _channel(point: ContactPoint) -> Channel:
    return point.channel
