"""``contrapunto events FILE``: what the law gives weight to and no channel of ours tells us.

A cease by letter, an attorney, a dispute, a bankruptcy, a breathing space, a death, hours that a
customer calls inconvenient: one JSON object a line, recorded once by its id, heard by every account
of the customer before anything else is sent.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from rich.console import Console

from config.rules import RulesFactory
from domain.calendar import is_zone
from domain.entry.bounds import fault_within
from domain.entry.broken_rule import broken_rule
from domain.entry.intake import Problem
from domain.facts import LONGEST_ID
from domain.ledger import stops
from domain.ledger.admission import fault_of_event, remark_on
from domain.planning.reasons.effect import effect
from domain.situation import Situation
from store.database import BAD_DATA, Connection, Pool
from store.intake.spelling import SpeltCustomer, customers_spelt
from store.law_events import AS_SAID, DifferentEventError, concerned, customer_of
from store.law_rows import RefusedError, reach, record_all
from store.situations import read_situation
from workers.accounts import Accounts
from workers.clock import Clock, SystemClock
from workers.intake.event_lines import Whose, laid_line
from workers.intake.files import Format, Record, json_lines
from workers.intake.rejects import Rejects

OK: Final = 0
REFUSED: Final = 3
FILE: Final = "contrapunto events"
"""The door that these facts come in by."""
_WALL: Final = SystemClock()
AT_ONCE: Final = 50
"""Signals under way at a time."""


_Alike = Mapping[str, Sequence[SpeltCustomer]]
"""Of ids that no customer has, the customers who are spelt alike."""


class Taken(NamedTuple):
    """An event on record: whether it is new, and the accounts that have to plan anew."""

    id: str
    new: bool
    accounts: list[str]
    effects: dict[str, list[str]]
    """What it changes, in words, and for which of them."""
    notes: list[str]
    """What its sender should know of how it counts."""


@dataclass
class _Report:
    """What became of a file."""

    rejects: Rejects
    taken: list[Taken] = field(default_factory=list)
    woken: int = 0

    def tell(self, console: Console) -> None:
        """In sentences."""
        for one in self.taken:
            for note in one.notes:
                console.print(f"{one.id}: {note}", highlight=False, markup=False)
            for what, whose in one.effects.items():
                console.print(
                    f"{one.id}: {', '.join(whose)}: {what}", highlight=False, markup=False
                )
        new, known = self._counts()
        console.print(f"{new} events recorded, {known} known already, {self.rejects.rows} refused")
        console.print(f"{self.woken} accounts plan anew")
        if self.rejects.rows:
            where = f"refused lines, each with field and rule: {self.rejects.path}"
            console.print(where, highlight=False, markup=False)

    def json(self) -> dict[str, Any]:
        """As one object."""
        new, known = self._counts()
        return {
            "recorded": new,
            "known": known,
            "refused": self.rejects.rows,
            "rejects": str(self.rejects.path) if self.rejects.rows else None,
            "plan_anew": self.woken,
            "events": [
                {
                    "id": one.id,
                    "new": one.new,
                    "notes": one.notes,
                    "changes": [
                        {"what": what, "accounts": whose} for what, whose in one.effects.items()
                    ],
                }
                for one in self.taken
            ],
        }

    def _counts(self) -> tuple[int, int]:
        new = sum(one.new for one in self.taken)
        return new, len(self.taken) - new


async def record_events(
    path: Path,
    pool: Pool,
    accounts: Accounts,
    console: Console,
    rejects_path: Path | None = None,
    clock: Clock = _WALL,
    rules: RulesFactory | None = None,
    *,
    as_json: bool = False,
) -> int:
    """Record every good line, wake the customers' accounts, say what was done.

    ``rules``: those that say what an event changes; without them it is not said. ``as_json``: the
    answer as one object on standard output.

    Answers the exit status: 0, or 3 when lines were refused; those are in the rejects file with
    field and rule. The same file may be taken again: what is on record stays as it is.

    Raises BadInput when the file cannot be read, Unavailable when Temporal does not take the news.
    """
    beside = path.with_name(f"{path.name}.rejects.jsonl")
    report = _Report(Rejects(rejects_path or beside, Format.JSONL, path))
    try:
        names = map(_customer_id, json_lines(path))
        alike = await customers_spelt(pool, sorted(set(filter(None, names))))
        for line in json_lines(path):
            try:
                report.taken.append(await _take(pool, line, clock, rules, alike))
            except RefusedError as refused:
                report.rejects.write(line, refused.problems)
    finally:
        # What is on record is told, and said, also where something outside fails on the way.
        try:
            woken = {key: one.id for one in report.taken for key in one.accounts}
            report.woken = await wake_all(accounts, woken)
        finally:
            report.rejects.close()
            if as_json:
                sys.stdout.write(json.dumps(report.json(), ensure_ascii=False) + "\n")
            else:
                report.tell(console)
    return REFUSED if report.rejects.rows else OK


def _customer_id(line: Record) -> str | None:
    """The customer that a line names, if that is a text that PostgreSQL can be asked about."""
    said = line.cells.get("customer_id")
    return said if isinstance(said, str) and fault_within(said) is None else None


async def _take(
    pool: Pool,
    line: Record,
    clock: Clock,
    rules: RulesFactory | None,
    alike: _Alike,
) -> Taken:
    if line.problem is not None:
        raise RefusedError(line.problem)
    return await take_event(pool, line.cells, clock, rules, alike)


async def take_event(
    pool: Pool,
    told: Mapping[str, object],
    clock: Clock,
    rules: RulesFactory | None,
    alike: _Alike,
    door: str = FILE,
    beside: Callable[[Connection], Awaitable[None]] | None = None,
) -> Taken:
    """Record what was told of somebody, once by its id, in a transaction of its own.

    ``told``: the fields of a line of events. ``beside``: what else belongs to the transaction.
    Raises RefusedError with every rule that it breaks.
    """
    cells = stops.words(dict(told))
    # Words are kept whatever they are, and dates are read whatever they are.
    bounded = {k: v for k, v in cells.items() if k != "text" and k not in stops.DATES}
    if (fault := fault_within(bounded)) is not None:
        raise RefusedError(Problem(*fault))
    said = {name: value for name, value in cells.items() if name not in Whose.model_fields}
    try:
        whose = Whose.model_validate({k: v for k, v in cells.items() if k not in said})
        async with pool.acquire() as connection, connection.transaction():
            taken = await record_one(connection, whose, said, clock, rules, alike, door=door)
            if beside is not None:
                await beside(connection)
            return taken
    except RefusedError:
        raise
    except ValidationError as error:
        raise RefusedError(*problems_of(error)) from error
    except DifferentEventError as error:
        rule = "belongs to another event on record: give each event an id of its own"
        raise RefusedError(Problem("id", rule)) from error
    except BAD_DATA as error:
        rule = f"cannot be recorded ({type(error).__name__}): a value in it is impossible"
        raise RefusedError(Problem("row", rule)) from error


async def record_one(
    connection: Connection,
    whose: Whose,
    said: Mapping[str, object],
    clock: Clock,
    rules: RulesFactory | None,
    alike: _Alike,
    door: str = FILE,
) -> Taken:
    """Record what ``said`` (an event's fields, as JSON has them) is of ``whose``, once by its id,
    in the caller's transaction.

    ``rules``: those that say what it changes; without them it is not said. Whoever calls this has
    ``Taken.accounts`` plan anew. Raises RefusedError, ValidationError or DifferentEventError.
    """
    said, told = stops.as_meant(said)
    customer, meant = await customer_of(connection, whose.customer_id), whose
    spelt = alike.get(whose.customer_id, ()) if customer is None else ()
    if not stops.is_stop(said):
        _refuse_leave(spelt)
    elif spelt:
        meant = whose.model_copy(update={"customer_id": spelt[0].customer_id})
        customer = await customer_of(connection, meant.customer_id)
    clocked = f"account/{customer.open[0]}" if customer and customer.open else None
    now = await clock.now(clocked)
    read = stops.read(said, [*filter(is_zone, customer.zones)] if customer else [])
    laid = await laid_line(connection, meant, read.said, customer)
    laid.notes.extend(told)
    facts = [(meant.customer_id, laid)]
    if meant is not whose:
        # Where it may be several who are meant, all of them are.
        for one in spelt[1:]:
            ids = {"id": f"{whose.id}:as {one.customer_id}", "customer_id": one.customer_id}
            theirs = await customer_of(connection, one.customer_id)
            other = await laid_line(connection, whose.model_copy(update=ids), read.said, theirs)
            facts.append((one.customer_id, other))
    goes = reach(*facts)
    known = await concerned(connection, goes) if rules else []
    before = await _situations(connection, known, now) if rules else {}
    if (wrong := fault_of_event(laid.rows[0].event, now)) is not None:
        raise RefusedError(Problem(*wrong))
    new = False
    for customer_id, made in facts:
        new |= await record_all(connection, made, customer_id, now, door)
    if meant is not whose:
        notes_of = [f"customer_id: is spelt otherwise: it is {one.customer_id}" for one in spelt]
        laid.notes[:0] = notes_of
        with suppress(RefusedError):  # and for whoever may come by that very id
            said_of = whose.model_copy(update={"id": f"{whose.id}{AS_SAID}"})
            other = await laid_line(connection, said_of, read.said, None)
            await record_all(connection, other, whose.customer_id, now, door)
    # Asked again: who was known to nobody may have come meanwhile.
    woken = await concerned(connection, goes)
    after = await _situations(connection, woken, now) if rules and new and before else {}
    notes = [*read.notes, *laid.notes]
    if (remark := remark_on(laid.rows[0].event, now)) is not None:
        notes.append(remark)
    return Taken(whose.id, new, woken, _effects(before, after, rules, now), notes)


def _refuse_leave(spelt: Sequence[SpeltCustomer]) -> None:
    """What gives leave is taken of nobody who is only spelt alike, and kept for nobody who will
    never come: no file may bring that id beside theirs."""
    known = [one.customer_id for one in spelt if one.plainly]
    if known:
        rule = f"is spelt otherwise: it is {', '.join(known)}; give it as it is on record"
        raise RefusedError(Problem("customer_id", rule))


async def _situations(
    connection: Connection, accounts: Sequence[str], now: datetime
) -> dict[str, Situation]:
    """The situation of each account that can be planned with."""
    found = {}
    for account in dict.fromkeys(accounts):
        creditor, _, account_id = account.rpartition("/")
        with suppress(ValueError, ArithmeticError):
            read = await read_situation(connection, creditor, account_id, now, {})
            if read is not None:
                found[account] = read[0]
    return found


def _effects(
    before: Mapping[str, Situation],
    after: Mapping[str, Situation],
    rules: RulesFactory | None,
    now: datetime,
) -> dict[str, list[str]]:
    """What the event changes, and for which accounts."""
    found: dict[str, list[str]] = {}
    if rules is None:
        return found
    for account, situation in after.items():
        if account not in before:
            continue  # it came with a file meanwhile, and nobody was told of it
        obeyed = rules.rules_of(situation)
        found.setdefault(effect(before[account], situation, obeyed, now), []).append(account)
    return found


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Field and rule, never the value."""
    return tuple(
        Problem(".".join(map(str, detail["loc"])) or "row", broken_rule(detail))
        for detail in error.errors(include_input=False, include_url=False, include_context=False)
    )


async def wake_all(accounts: Accounts, events: Mapping[str, str]) -> int:
    """Signal each account; how many of them live."""
    gate = asyncio.Semaphore(AT_ONCE)
    done = "the events are on record and nobody is contacted against them"

    async def wake(account: str, event: str) -> bool:
        async with gate:
            return await accounts.plan_anew(account, f"event:{event}"[:LONGEST_ID], done)

    return sum(await asyncio.gather(*(wake(*one) for one in events.items())))
