"""Whom the strategies concern: how many accounts stand where, and whom a changed file would move.

Everything is read in one transaction that may not write, an account at a time.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from config.rules import RulesFactory
from domain.agreements.arrears import DueSchedule, oldest_due
from domain.agreements.plan import PaymentPlan, counted_from
from domain.agreements.terms import PartPayments
from domain.calendar import days_past_due, is_zone
from domain.names import account_key
from domain.segments.book import DEFAULT, SegmentBook
from domain.segments.choosing import Arm, ChosenBy, choose
from domain.segments.facts import CONTACTABLE, RULE, WISHED, Seen, days_at, facts_of, seen_in
from domain.situation import Situation
from domain.strategy import Strategy
from store.choosing.choices import Kept
from store.database import Connection, Pool
from store.situations import read_situation
from store.views import choosing


class Place(NamedTuple):
    """Where an account stands, or would."""

    strategy: str
    segment: str | None
    phase: str | None


class Looked(NamedTuple):
    """An account, where it stands and where it would."""

    account: str
    """``<creditor>/<account_id>``."""
    before: Place
    after: Place

    @property
    def moves(self) -> bool:
        """Whether it would go anywhere."""
        return self.before != self.after


class Would(NamedTuple):
    """What the files that are asked about would do."""

    strategies: Mapping[str, Strategy]
    book: SegmentBook | None


UNKNOWN: Final = "unknown"
"""The phase of an account that cannot be planned."""


async def standing(pool: Pool, segment: str | None) -> list[dict[str, Any]]:
    """How many open accounts stand in each strategy, segment, phase and step."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        return await choosing.standing(connection, segment)


async def looked(
    pool: Pool, factory: RulesFactory, would: Would, now: datetime, segment: str | None
) -> AsyncIterator[Looked]:
    """Every open account whose customer is known, and can be planned: where it stands and would.

    ``segment``: of those alone that are in it now.
    """
    asks = () if would.book is None else would.book.rests_on(None)
    wholly = any(name.startswith(CONTACTABLE) or name == WISHED for name in asks)
    # One picture of all, however long it takes.
    async with (
        pool.acquire() as connection,
        connection.transaction(readonly=True, isolation="repeatable_read"),
    ):
        async for row in choosing.each_account(connection, segment):
            one = await _looked(connection, factory, would, row, now, wholly=wholly)
            if one is not None:
                yield one


async def _looked(
    connection: Connection,
    factory: RulesFactory,
    would: Would,
    row: Mapping[str, Any],
    now: datetime,
    *,
    wholly: bool,
) -> Looked | None:
    before = Place(row["strategy"], row["segment"], row["phase"])
    zones = tuple(filter(is_zone, row["zones"]))
    if not zones:
        return None  # a person has to mend it, whatever the files say
    if would.book is None and row["pinned"] is None and row["chosen_by"] is None:
        strategy, chosen = row["strategy"], None
    else:
        facts = {}
        if would.book is not None:
            seen = await _whole(connection, row, now) if wholly else _seen(row, zones)
            if seen is None:
                return None
            facts = facts_of(seen, would.book.declared, now)
        # What decides it stays: nobody leaves an arm for what segments say.
        by_arm = row["chosen_by"] == ChosenBy.ARM
        arm = Arm("", row["strategy"]) if by_arm else None
        made = choose(would.book, would.strategies, facts, pin=row["pinned"], arm=arm)
        strategy, chosen = made.strategy, made.segment
    after = Place(strategy, chosen, _phase(would.strategies.get(strategy), row, zones, now))
    phase = _phase(factory.strategies.get(before.strategy), row, zones, now)
    # By its day of today: a phase that has only not been looked at since yesterday is no move.
    stands = before._replace(phase=phase)
    return Looked(account_key(row["creditor"], row["account_id"]), stands, after)


async def _whole(connection: Connection, row: Mapping[str, Any], now: datetime) -> Seen | None:
    """As an account is planned: with its customer's wishes, and what stands against addresses."""
    read = await read_situation(connection, row["creditor"], row["account_id"], now, {})
    if read is None:
        return None
    kept = Kept(row["attributes"] or {}, row["entered_days"], row["entered_since"])
    return _of_situation(read[0], kept, now)


def _of_situation(situation: Situation, kept: Kept, now: datetime) -> Seen:
    noted = kept.entered_since == situation.account.since
    return seen_in(situation, kept.attributes, now, kept.entered_days if noted else None)


def _seen(row: Mapping[str, Any], zones: tuple[str, ...]) -> Seen:
    noted = row["entered_days"] is not None and row["entered_since"] == row["since"]
    return Seen(
        creditor=row["creditor"],
        currency=row["currency"],
        balance=row["balance"],
        due=_due(row, RULE),
        entered=row["entered_days"] if noted else _entered(row, zones),
        country=row["country"],
        region=row["region"],
        locale=row["locale"],
        zones=zones,
        open_accounts=row["open_accounts"],
        promises=row["promises"],
        plans=[one["state"] for one in row["plans"]],
        wished=row["preferred_channel"],
        contactable=(),
        attributes=row["attributes"] or {},
        score=row["score"],
    )


def _entered(row: Mapping[str, Any], zones: tuple[str, ...]) -> int:
    return days_at(row["oldest_due_date"], row["since"] or row["balance_as_of"], zones)


def _due(row: Mapping[str, Any], rule: PartPayments) -> date:
    told = row["schedule"]
    schedule = None if told is None else DueSchedule.model_validate(told)
    own = oldest_due(schedule, row["oldest_due_date"], row["balance"], rule)
    plans = [PaymentPlan.model_validate(one) for one in row["plans"]]
    return counted_from(plans, own, row["since"])


def _phase(
    strategy: Strategy | None, row: Mapping[str, Any], zones: tuple[str, ...], now: datetime
) -> str:
    if strategy is None:
        return UNKNOWN
    days = days_past_due(_due(row, strategy.part_payments), now, zones)
    found = strategy.phase_at(days)
    if found is not None:
        return found.name
    return "not-due" if days < strategy.first_day else "after"


class Moves:
    """What a changed file would do, counted as it is read."""

    def __init__(self) -> None:
        self.looked_at = self.moved = self.default = 0
        self.by_way = Counter[tuple[Place, Place]]()

    def count(self, one: Looked) -> None:
        """One account."""
        self.looked_at += 1
        self.default += one.after.segment in (None, DEFAULT)
        if one.moves:
            self.moved += 1
            self.by_way[one.before, one.after] += 1
