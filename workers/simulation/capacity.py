"""How much time the law leaves: of whom could be contacted, in which hours of their day."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.rules import RulesFactory
from domain.account import ContactPoint, PointKind
from domain.channels import Channel
from domain.law.engine import opening_hours
from domain.planning.request import law_request
from domain.planning.rules import Rules
from domain.situation import Situation
from workers.simulation.portfolio import Portfolio, situations

_WEEKS: Final = timedelta(days=28)
"""How long hours and closed days are looked at: every weekday, and some holidays."""
_HOUR: Final = 3_600

_Kind = tuple[tuple[str, ...], tuple[str, ...], Channel, PointKind]


def lawful_hours(
    portfolio: Portfolio, factory: RulesFactory, began: datetime
) -> dict[str, dict[str, float]]:
    """By channel and local hour: how many contact points with consent are open in it, on an average
    day. Caps and rests are not counted: they depend on what is done."""
    # Of the law alone, which is the same by each.
    strategy = min(factory.strategies)
    number: Counter[_Kind] = Counter()
    asked: dict[_Kind, tuple[Situation, Rules, ContactPoint]] = {}
    for group in portfolio.groups:
        seen: set[str] = set()
        for situation in situations(group, began):
            customer = situation.customer
            if customer.customer_id in seen:
                continue
            seen.add(customer.customer_id)
            rules = factory.rules(customer, strategy, situation.account.creditor)
            for point in customer.points:
                if point.consented and rules.packs and rules.providers.get(point.channel):
                    kind = (rules.jurisdictions, customer.zones, point.channel, point.kind)
                    number[kind] += 1
                    asked.setdefault(kind, (situation, rules, point))
    found: dict[str, Counter[int]] = {}
    for kind, (situation, rules, point) in asked.items():
        by_hour = found.setdefault(point.channel.value, Counter())
        for hour, share in _open(situation, rules, point, began).items():
            by_hour[hour] += round(share * number[kind] * 1_000)
    return {
        channel: {str(hour): round(found[channel][hour] / 1_000, 3) for hour in range(24)}
        for channel in sorted(found)
    }


def _open(
    situation: Situation, rules: Rules, point: ContactPoint, began: datetime
) -> dict[int, float]:
    """The share of each local hour that is open."""
    request = law_request(situation, rules, point, began)
    zone, until = ZoneInfo(situation.customer.zones[0]), began + _WEEKS
    seconds: Counter[int] = Counter()
    for stretch in opening_hours(rules.packs, request, began, until):
        if not stretch.is_open:
            continue
        at, end = stretch.start, stretch.end
        while at < end:
            wall = at.astimezone(zone)
            left = _HOUR - wall.minute * 60 - wall.second
            upto = min(end, at + timedelta(seconds=left))
            seconds[wall.hour] += round((upto - at).total_seconds())
            at = upto.astimezone(UTC)
    whole = _WEEKS.days * _HOUR
    return {hour: lasted / whole for hour, lasted in seconds.items()}
