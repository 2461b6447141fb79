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
from workers.simulation.portfolio import Portfolio, Somebody, Standing, situations

_WEEKS: Final = timedelta(days=28)
"""How long hours and closed days are looked at: every weekday, and some holidays."""
_HOUR: Final = 3_600

_Kind = tuple[tuple[str, ...], tuple[str, ...], Channel, PointKind]
_Alike = tuple[object, ...]


def lawful_hours(
    portfolio: Portfolio, factory: RulesFactory, began: datetime
) -> dict[str, dict[str, float]]:
    """By channel and local hour: how many contact points with consent are open in it, on an average
    day. Caps and rests are not counted: they depend on what is done."""
    # Of the law alone, which is the same by each.
    strategy = min(factory.strategies)
    number: Counter[_Kind] = Counter()
    asked: dict[_Kind, tuple[Situation, Rules, ContactPoint]] = {}
    alike: dict[_Alike, list[_Kind]] = {}
    for one in (one for group in portfolio.groups for one in group):
        like = _alike(one)
        kinds = None if like is None else alike.get(like)
        if kinds is None:
            kinds = []
            situation = next(situations((one,), began))
            customer = situation.customer
            rules = factory.rules(customer, strategy, situation.account.creditor)
            for point in customer.points:
                if point.consented and rules.packs and rules.providers.get(point.channel):
                    kind = (rules.jurisdictions, customer.zones, point.channel, point.kind)
                    kinds.append(kind)
                    asked.setdefault(kind, (situation, rules, point))
            if like is not None:
                alike[like] = kinds
        number.update(kinds)
    found: dict[str, Counter[int]] = {}
    for kind, (situation, rules, point) in asked.items():
        by_hour = found.setdefault(point.channel.value, Counter())
        for hour, share in _open(situation, rules, point, began).items():
            by_hour[hour] += round(share * number[kind] * 1_000)
    return {
        channel: {str(hour): round(found[channel][hour] / 1_000, 3) for hour in range(24)}
        for channel in sorted(found)
    }


def _alike(one: Somebody | Standing) -> _Alike | None:
    """What the law of somebody's contact points depends on; None: it has to be looked at."""
    if isinstance(one, Standing):
        return None
    points = tuple((point.channel, point.kind) for point in one.points if point.consented)
    where = (one.country, one.region, one.regions_of_address, one.regions_of_phones, one.zones)
    return (*where, one.accounts[0].creditor, points)


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
