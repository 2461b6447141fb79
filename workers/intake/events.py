"""``contrapunto events FILE``: what the law gives weight to and no channel of ours tells us.

A cease by letter, an attorney, a dispute, a bankruptcy, a breathing space, a death, hours that a
customer calls inconvenient: one JSON object a line, recorded once by its id, heard by every account
of the customer before anything else is sent.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import Field, ValidationError
from rich.console import Console

from config.rules import RulesFactory
from domain.entry.bounds import fault_within
from domain.entry.intake import Problem
from domain.facts import LONGEST_ID, MessageId
from domain.law.request import LawEvent
from domain.law.terms import Strict
from domain.ledger.admission import fault_of_event
from domain.planning.reasons.effect import effect
from domain.situation import Situation
from store.database import BAD_DATA, Connection, Pool
from store.law_events import Customer, DifferentEventError, customer_of, record
from store.situations import read_situation
from workers.accounts import Accounts
from workers.clock import Clock, SystemClock
from workers.intake.files import Format, Record, json_lines
from workers.intake.rejects import Rejects

OK: Final = 0
REFUSED: Final = 3
FILE: Final = "contrapunto events"
"""The door that these facts come in by."""
_WALL: Final = SystemClock()
AT_ONCE: Final = 50
"""Signals under way at a time."""


class Whose(Strict):
    """What a line says beside its event: an id of the sender's choosing, and the customer.

    ``address`` narrows the event to that number (E.164) or mailbox of the customer, on all channels
    that use it.
    """

    id: MessageId
    customer_id: Annotated[str, Field(min_length=1, max_length=64)]
    address: Annotated[str, Field(min_length=1)] | None = None


class _Taken(NamedTuple):
    """An event on record: whether it is new, and the accounts that have to plan anew."""

    id: str
    new: bool
    accounts: list[str]
    effects: dict[str, list[str]]
    """What it changes, in words, and for which of them."""


class _RefusedError(Exception):
    """The line breaks a rule; nothing of it is recorded."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


async def record_events(
    path: Path,
    pool: Pool,
    accounts: Accounts,
    console: Console,
    rejects_path: Path | None = None,
    clock: Clock = _WALL,
    rules: RulesFactory | None = None,
) -> int:
    """Record every good line, wake the customers' accounts, say what was done.

    ``rules``: those that say what an event changes; without them it is not said.

    Answers the exit status: 0, or 3 when lines were refused; those are in the rejects file with
    field and rule. The same file may be taken again: what is on record stays as it is.

    Raises BadInput when the file cannot be read, Unavailable when Temporal does not take the news.
    """
    beside = path.with_name(f"{path.name}.rejects.jsonl")
    rejects = Rejects(rejects_path or beside, Format.JSONL, path)
    taken: list[_Taken] = []
    try:
        for line in json_lines(path):
            try:
                taken.append(await _take(pool, line, clock, rules))
            except _RefusedError as refused:
                rejects.write(line, refused.problems)
    finally:
        woken = await _wake(accounts, {key: one.id for one in taken for key in one.accounts})
        rejects.close()
    for one in taken:
        for what, whose in one.effects.items():
            console.print(f"{one.id}: {', '.join(whose)}: {what}", highlight=False, markup=False)
    new = sum(one.new for one in taken)
    console.print(
        f"{new} events recorded, {len(taken) - new} known already, {rejects.rows} refused"
    )
    console.print(f"{woken} accounts plan anew")
    if not rejects.rows:
        return OK
    console.print(f"refused lines, each with field and rule: {rejects.path}", highlight=False)
    return REFUSED


async def _take(pool: Pool, line: Record, clock: Clock, rules: RulesFactory | None) -> _Taken:
    if line.problem is not None:
        raise _RefusedError(line.problem)
    if (fault := fault_within(line.cells)) is not None:
        raise _RefusedError(Problem(*fault))
    said = {name: value for name, value in line.cells.items() if name not in Whose.model_fields}
    try:
        whose = Whose.model_validate({k: v for k, v in line.cells.items() if k not in said})
        async with pool.acquire() as connection, connection.transaction():
            customer = await customer_of(connection, whose.customer_id)
            if customer is None:
                rule = "is not known: load them with `contrapunto intake`"
                raise _RefusedError(Problem("customer_id", rule))
            clocked = f"account/{customer.open[0]}" if customer.open else None
            now, new = await clock.now(clocked), False
            before = await _situations(connection, customer, now) if rules else {}
            for name, event in _events(whose, said, customer):
                if (wrong := fault_of_event(event, now)) is not None:
                    raise _RefusedError(Problem(*wrong))
                new |= await record(connection, name, whose.customer_id, event, now, FILE)
            after = await _situations(connection, customer, now) if rules and new else {}
    except ValidationError as error:
        raise _RefusedError(*_problems(error)) from error
    except DifferentEventError as error:
        rule = "belongs to another event on record: give each event an id of its own"
        raise _RefusedError(Problem("id", rule)) from error
    except BAD_DATA as error:
        rule = f"cannot be recorded ({type(error).__name__}): a value in it is impossible"
        raise _RefusedError(Problem("row", rule)) from error
    return _Taken(whose.id, new, customer.open, _effects(before, after, rules, now))


async def _situations(
    connection: Connection, customer: Customer, now: datetime
) -> dict[str, Situation]:
    """The situation of each open account that can be planned with."""
    found = {}
    for account in customer.open:
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
        obeyed = rules.rules(situation.customer, situation.account.strategy)
        found.setdefault(effect(before[account], situation, obeyed, now), []).append(account)
    return found


def _events(
    whose: Whose, said: Mapping[str, object], customer: Customer
) -> Iterator[tuple[str, LawEvent]]:
    """The event in the ids that the law is asked with: one, or one for each use of its address."""
    name = f"file:{whose.id}"
    if isinstance(account := said.get("account_id"), str):
        said = {**said, "account_id": _account(account, customer)}
    if whose.address is None:
        yield name, LawEvent.model_validate(said)
        return
    wanted = "".join(whose.address.split()).lower()
    points = [point for point, known in customer.points.items() if known.lower() == wanted]
    if not points:
        raise _RefusedError(Problem("address", "is none of this customer's"))
    for point in points:
        yield f"{name}:{point}", LawEvent.model_validate({**said, "contact_point_id": point})


def _account(name: str, customer: Customer) -> str:
    """The key; the bare id will do where the customer has one account of that name."""
    found = [key for key in customer.accounts if name in (key, key.rpartition("/")[2])]
    if len(found) == 1:
        return found[0]
    rule = f"is which of {', '.join(found)}?" if found else "is no account of this customer"
    raise _RefusedError(Problem("account_id", rule))


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    """Field and rule, never the value."""
    return tuple(
        Problem(
            ".".join(map(str, detail["loc"])) or "row", detail["msg"].removeprefix("Value error, ")
        )
        for detail in error.errors(include_input=False, include_url=False, include_context=False)
    )


async def _wake(accounts: Accounts, events: Mapping[str, str]) -> int:
    """Signal each account; how many of them live."""
    gate = asyncio.Semaphore(AT_ONCE)
    done = "the events are on record and nobody is contacted against them"

    async def wake(account: str, event: str) -> bool:
        async with gate:
            return await accounts.plan_anew(account, f"event:{event}"[:LONGEST_ID], done)

    return sum(await asyncio.gather(*(wake(*one) for one in events.items())))
