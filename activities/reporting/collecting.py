"""A report, out of one snapshot of PostgreSQL."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from activities.reporting.cells import (
    BECAME,
    CONTACTS,
    of_accounts,
    of_attempts,
    of_customers,
)
from domain.channels import ANSWERS
from domain.ledger.attempt import NOT_REACHED, AttemptState
from domain.planning.words import bucket
from domain.report.figures import CERTAIN, Cell, Dimension, sums
from domain.report.findings import Late, Material, Pair, Trial, findings
from domain.report.lawful import HOURS, Made, Openings, used
from domain.report.period import Period
from domain.report.prices import Prices
from domain.report.report import Failed, Report, Roll, Took, Trend
from domain.report.statistics import Share
from store.database import Connection, Pool
from store.report import contacts, facts, waits
from store.report.snapshot import snapshot

MOST_CODES = 30
"""Rows of the table of failures."""


async def collect(
    pool: Pool,
    period: Period,
    prices: Prices,
    by: Sequence[Dimension],
    now: datetime,
    law: Openings,
) -> Report:
    """The report of a period. Raises Unavailable where it cannot be read."""
    async with snapshot(pool) as connection:
        return await _collect(connection, period, prices, by, now, law)


async def _collect(
    connection: Connection,
    period: Period,
    prices: Prices,
    by: Sequence[Dimension],
    now: datetime,
    law: Openings,
) -> Report:
    before = period.before
    bounds = [*before.bounds()[:-1], *period.bounds()]
    span = (before.begins, period.begins, period.ends)
    ledger = await contacts.attempts(connection, bounds, before.days)
    happened = await facts.of_accounts(connection, span)
    said = await facts.of_customers(connection, span)
    cells = [
        *of_attempts(ledger.placed, prices),
        *of_accounts(happened, prices),
        *of_customers(said, prices),
    ]
    hours = {flag: _hours(row for row in ledger.hours if row.now is flag) for flag in (True, False)}
    answers, work, late, rolls = {}, {}, {}, {}
    for flag, days in ((True, period), (False, before)):
        at = (days.begins, days.ends)
        purposes = sorted(ANSWERS)
        answers[flag] = Took(*await waits.answer_times(connection, *at, purposes))
        work[flag] = Took(*await waits.work_times(connection, *at))
        late[flag] = [Late(*one) for one in await waits.waiting(connection, days.ends)]
        rolls[flag] = _rolls(await waits.rolled(connection, *at, days.first, days.last))
    worked = await contacts.worked(connection, period.begins, period.ends)
    report = Report(
        period=period,
        made_at=now,
        prices=prices,
        cells=cells,
        by=tuple(by),
        trend=_trend(ledger.days, before),
        hours=hours[True],
        hours_before=hours[False],
        lawful={
            flag: used(_made(ledger.hours, flag), law, days.first, days.last)
            for flag, days in ((True, period), (False, before))
        },
        failed=_failed(ledger.failures),
        templates=_templates(ledger.placed, said),
        rolls=rolls,
        answers=answers,
        work=work,
        late=late,
    )
    trials = await contacts.trials(connection, period.begins, period.ends)
    told = replace(_material(report, ledger, worked), trials=[Trial(*one) for one in trials])
    report.findings = findings(told)
    return report


def _hours(rows: Iterable[contacts.AtHour]) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.reached:
            found.setdefault(row.channel, [0] * HOURS)[row.hour] += row.number
    return {channel: found[channel] for channel in sorted(found)}


def _made(rows: Iterable[contacts.AtHour], now: bool) -> Iterable[Made]:
    for row in rows:
        if row.now is now and row.reached and row.country is not None:
            yield Made(row.channel, row.country, row.on_day, row.hour, row.number)


def _trend(rows: Iterable[contacts.OnDay], before: Period) -> list[Trend]:
    made: Counter[int] = Counter()
    arrived: Counter[int] = Counter()
    for row in rows:
        became = BECAME[AttemptState(row.state)]
        made[row.day] += row.number * (became in CONTACTS)
        arrived[row.day] += row.number * (became == "delivered")
    return [
        Trend(before.first + timedelta(days=day - 1), day > before.days, made[day], arrived[day])
        for day in range(1, 2 * before.days + 1)
    ]


def _failed(rows: Iterable[contacts.Failure]) -> list[Failed]:
    counts: dict[tuple[str, str, str, str, str], dict[bool, int]] = defaultdict(
        lambda: {True: 0, False: 0}
    )
    for row in rows:
        if AttemptState(row.state) in NOT_REACHED:
            key = (row.channel, row.provider, row.state, row.refusal or "-", row.code or "-")
            counts[key][row.now] += row.number
    found = [Failed(*key, one[True], one[False]) for key, one in counts.items()]
    return sorted(found, key=lambda one: (-one.now, -one.before, one))


def _templates(
    placed: Iterable[contacts.Placed], said: Iterable[facts.OfCustomers]
) -> dict[tuple[str, str, str], Share]:
    made: Counter[tuple[str, str, str]] = Counter()
    stopped: Counter[tuple[str, str, str]] = Counter()
    for row in placed:
        if row.now and BECAME[AttemptState(row.state)] in CONTACTS:
            made[row.purpose, row.channel, row.language or "-"] += row.number
    for one in said:
        there = one.channel in (None, one.sent_by)
        if one.now and one.what == "opt_outs" and there and one.purpose and one.sent_by:
            stopped[one.purpose, one.sent_by, one.language or "-"] += one.number
    # A stop may follow a contact of the period before, where a template is used no more.
    return {key: Share(min(stopped[key], made[key]), made[key]) for key in sorted(made)}


def _rolls(rows: Iterable[waits.Rolled]) -> list[Roll]:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[bucket(row.first_days), row.ended or bucket(row.last_days)] += row.accounts
    return [Roll(*key, number) for key, number in sorted(counts.items())]


def _material(
    report: Report, ledger: contacts.Attempts, worked: Sequence[contacts.Worked]
) -> Material:
    whole = report.whole()
    by_channel = report.grouped(Dimension.CHANNEL)
    codes: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for one in report.failed:
        codes[f"{one.channel}/{one.provider}"].append((one.code, one.now, one.before))
    delivery, unknown = _by_provider(ledger.failures)

    def pair(part: str, whole_of: str) -> Pair:
        now, before = whole[True].counts, whole[False].counts
        return _share(now[part], now[whole_of]), _share(before[part], before[whole_of])

    def settled(flag: bool) -> Share:
        counts = whole[flag].counts
        kept = counts["promises_kept"]
        return Share(kept, kept + counts["promises_broken"])

    def reached(flag: bool) -> Share:
        counts = whole[flag].counts
        calls = counts["calls"] + counts["people_calls"]
        return _share(counts["conversations"], calls)

    return Material(
        ends=report.period.ends,
        delivery=delivery,
        codes=codes,
        unknown=unknown,
        opt_outs={
            channel: (
                _share(one[True].counts["opt_outs"], one[True].counts["contacts"]),
                _share(one[False].counts["opt_outs"], one[False].counts["contacts"]),
            )
            for channel, one in by_channel.items()
        },
        templates=report.templates,
        complaints=_complaints(report.cells),
        kept=(settled(True), settled(False)),
        right_party=(reached(True), reached(False)),
        cures={one.strategy: Share(one.cured, one.accounts) for one in worked},
        contacts={
            channel: (one[True].counts["contacts"], one[False].counts["contacts"])
            for channel, one in by_channel.items()
        },
        late=report.late[True],
    )


def _share(part: int, whole: int) -> Share:
    """Of what may come more than once for one contact, no more than all."""
    return Share(min(part, whole), whole)


def _complaints(cells: Iterable[Cell]) -> Pair:
    mails = sums(one for one in cells if one.place.get(Dimension.CHANNEL) == "email")
    now, before = mails[True].counts, mails[False].counts
    return (
        _share(now["complaints"], now["contacts"]),
        _share(before["complaints"], before["contacts"]),
    )


def _by_provider(
    rows: Iterable[contacts.Failure],
) -> tuple[dict[str, Pair], dict[str, Pair]]:
    counts: dict[str, dict[bool, Counter[str]]] = defaultdict(
        lambda: {True: Counter(), False: Counter()}
    )
    for row in rows:
        became = BECAME[AttemptState(row.state)]
        tally = counts[f"{row.channel}/{row.provider}"][row.now]
        tally[became] += row.number
        tally["contacts"] += row.number * (became in CONTACTS)
    delivery, unknown = {}, {}
    for place, one in sorted(counts.items()):
        certain = {flag: sum(one[flag][n] for n in CERTAIN) for flag in (True, False)}
        delivery[place] = (
            Share(one[True]["delivered"], certain[True]),
            Share(one[False]["delivered"], certain[False]),
        )
        unknown[place] = (
            Share(one[True]["unknown"], one[True]["contacts"]),
            Share(one[False]["unknown"], one[False]["contacts"]),
        )
    return delivery, unknown
