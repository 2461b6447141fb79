"""Accounts and people put one at a time, by whom it is asked over HTTP.

check -> stage -> look at the whole -> merge, with an outbox -> tell workflows from it

Each arrow is that of a file, and so are its words. What is put at the same time goes through
together, in one transaction; only what has a person, an account or an address in common waits for
the next, so that each is judged as if it had come alone.
"""

import asyncio
import io
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import asyncpg
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from config.geo.atlas import ATLAS
from domain.entry.ids import spelt
from domain.entry.intake import PersonRow, Problem, problems
from domain.failures import Failure, Unavailable
from domain.names import account_key
from store.audit.act import Act, Stage, current, opened
from store.audit.writing import Entry, write_all
from store.database import BAD_DATA, Pool
from store.intake.batches import ATTEMPTS
from store.intake.findings import Finding
from store.intake.outbox import Outbox, Pending
from store.intake.spelling import customers_spelt
from store.intake.staging import Staged
from store.upstream.putting import (
    Putting,
    Version,
    drop_runs,
    left_behind,
    pending_of,
    putting,
)
from workers.clock import Clock, SystemClock
from workers.intake import work as stages
from workers.intake.files import Record
from workers.intake.limits import Limits
from workers.intake.report import IntakeReport
from workers.intake.starter import Starter

MOST: Final = 100
"""Puts that go through together."""
AT_ONCE: Final = 50
"""Workflows told at a time."""
LEFT_AFTER: Final = 1.0
"""Seconds after which whoever put something is no more telling its workflow."""

PERSON: Final = tuple(
    name for name in PersonRow.model_fields if name not in ("account_id", "creditor", "customer_id")
)
"""Columns that say something of the person."""
_POINTS: Final = ("mobile", "landline", "email", "whatsapp")
_FURTHER: Final = 100_000
"""From this line on stand further rows of the person whose first row is so many lines before."""
_NOBODY: Final = "api"
"""In the place of an account, where only a person is put: it is kept nowhere."""

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a put."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OLDER = "older"
    """What is on record is newer than the moment that was given: it stays."""


@dataclass(frozen=True)
class Put:
    """One account, or one person, to be put."""

    cells: Mapping[str, Any]
    """As of a row of a file of JSON lines, with its ids."""
    person_only: bool = False
    creditors: Collection[str] | None = None
    """Whose accounts the sender may see; None: everybody's."""
    as_of: datetime | None = None
    if_match: Collection[str] | None = None
    """The versions of which it must be one; `*`: any."""
    if_none: bool = False
    """It must not be there."""
    point: Mapping[str, Any] | None = None
    """Cells of one more address of a person who is on record, in the place of all else."""
    act: Act | None = field(default_factory=current)
    """Whose it is: several go through together."""

    @property
    def account(self) -> tuple[str, str]:
        """Creditor and account id."""
        return str(self.cells["creditor"]), str(self.cells["account_id"])

    @property
    def customer(self) -> str:
        """The person; empty where no text is given."""
        said = self.cells.get("customer_id")
        return said if isinstance(said, str) else ""

    @property
    def short(self) -> bool:
        """Whether nothing is said of the person: then what is on record of them holds."""
        return not any(self.cells.get(name) for name in PERSON)

    def touches(self) -> set[tuple[str, ...]]:
        """What nobody else may put at the same time, for it to be judged as if it were alone."""
        told = {**self.cells, **(self.point or {})}
        found: set[tuple[str, ...]] = {("customer", spelt(self.customer))}
        if not self.person_only:
            creditor, account_id = self.account
            found.add(("account", spelt(creditor), spelt(account_id)))
        for name in _POINTS:
            said = str(told.get(name) or "")
            mark = "".join(letter for letter in said if letter.isalnum()).casefold()
            if mark:
                # A number may be spelt with or without its country; a mailbox is whole.
                found.add(("address", mark if name == "email" else mark[-8:]))
        return found


@dataclass
class Answer:
    """What became of it."""

    outcome: Outcome | None = None
    version: Version | None = None
    problems: tuple[Problem, ...] = ()
    """Why it was refused."""
    missing: bool = False
    """There is no such person."""
    unmet: str | None = None
    """Which condition was not met."""


@dataclass
class _Waiting:
    put: Put
    answer: "asyncio.Future[Answer]"


@dataclass
class Online:
    """The door of what is put, of one process."""

    pool: Pool
    starter: Starter
    limits: Callable[[], Limits]
    clock: Clock
    _queue: list[_Waiting] = field(default_factory=list)
    _at_work: "asyncio.Task[None] | None" = None
    _telling: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def put(self, one: Put) -> Answer:
        """Put one. Raises Unavailable where it could not be: then nothing was put."""
        waiting = _Waiting(one, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._at_work is None or self._at_work.done():
            self._at_work = asyncio.create_task(self._work())
        return await waiting.answer

    async def put_all(self, several: Sequence[Put]) -> list[Answer]:
        """Put the rows of one sender, judged beside each other as the rows of one file."""
        try:
            return await self._take(several)
        except BAD_DATA:
            return [await self.put(one) for one in several]

    async def tell_left(self) -> int:
        """Tell workflows what they have still to hear of what was put, here or elsewhere."""
        left = await left_behind(self.pool, LEFT_AFTER)
        await self._tell(left)
        return len(left)

    async def told(self) -> None:
        """Wait for those who are being told."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _work(self) -> None:
        while self._queue:
            together = self._together()
            try:
                answers: Sequence[Answer | BaseException] = await self._take(
                    [one.put for one in together]
                )
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                # A row that nobody foresaw stops no other.
                alone = len(together) == 1 or not isinstance(error, BAD_DATA)
                answers = (
                    [error] * len(together)
                    if alone
                    else [await self._one(one.put) for one in together]
                )
            for one, answer in zip(together, answers, strict=True):
                if one.answer.done():
                    continue  # whoever asked is gone
                if isinstance(answer, Answer):
                    one.answer.set_result(answer)
                else:
                    one.answer.set_exception(answer)

    async def _one(self, put: Put) -> Answer | BaseException:
        try:
            return (await self._take([put]))[0]
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            return error

    def _together(self) -> list[_Waiting]:
        """Those that go through next: of one moment, and nothing in common."""
        taken: list[_Waiting] = []
        left: list[_Waiting] = []
        touched: set[tuple[str, ...]] = set()
        creditors: dict[str, str] = {}
        for one in self._queue:
            touches = one.put.touches()
            creditor = one.put.account[0]
            fits = (
                len(taken) < MOST
                and touched.isdisjoint(touches)
                and creditors.setdefault(spelt(creditor), creditor) == creditor
                and (not taken or one.put.as_of == taken[0].put.as_of)
            )
            # Whoever waits for one that waits comes after it.
            touched |= touches
            (taken if fits else left).append(one)
        self._queue = left
        return taken

    async def _take(self, puts: Sequence[Put]) -> list[Answer]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._taken(puts)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
                if attempt == ATTEMPTS:
                    raise Unavailable("PostgreSQL is too busy: nothing was put") from error
        raise AssertionError("unreachable")

    async def _taken(self, puts: Sequence[Put]) -> list[Answer]:
        with opened(None):  # it is the act of each who puts
            return await self._together_taken(puts)

    async def _together_taken(self, puts: Sequence[Put]) -> list[Answer]:
        skipped = None if isinstance(self.clock, SystemClock) else await self.clock.now(None)
        async with putting(self.pool, puts[0].as_of, skipped) as made:
            batch = _Batch(made, self.limits(), puts)
            answers = await batch.take()
            await write_all(made.connection, batch.entries())
            run_id = made.run.run_id
        if any(one.outcome in (Outcome.CREATED, Outcome.UPDATED) for one in answers):
            task = asyncio.create_task(self._tell_run(run_id))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
        return answers

    async def _tell_run(self, run_id: str) -> None:
        try:
            await self._tell(await pending_of(self.pool, run_id))
        except Failure as error:
            log.warning("accounts will be told later: %s", error)
        except Exception as error:  # noqa: BLE001 - the outbox has it all
            log.warning("accounts will be told later: %s", type(error).__name__)

    async def _tell(self, lines: Sequence[Pending]) -> None:
        """Tell, strike out what was heard; raises what kept one from hearing."""
        if not lines:
            return
        speaker = stages.Speaker(self.starter, IntakeReport(), AT_ONCE)
        answers = await asyncio.gather(
            *(speaker.tell(line) for line in lines), return_exceptions=True
        )
        done = [one for one, heard in zip(lines, answers, strict=True) if isinstance(heard, bool)]
        async with self.pool.acquire() as connection:
            await Outbox(connection).strike(done)
        await drop_runs(self.pool, {line.run_id for line in done})
        for refused in speaker.report.refusals:
            log.warning("an account does not take what was put: %s", refused)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer


class _Batch:
    """What goes through together."""

    def __init__(self, made: Putting, limits: Limits, puts: Sequence[Put]) -> None:
        self.made, self.puts, self.limits = made, puts, limits
        quiet = Progress(console=Console(file=io.StringIO()), disable=True)
        self.work = stages.Work(made.run, limits, IntakeReport(), quiet, AT_ONCE)
        self.answers = [Answer() for _ in puts]
        self.before: Mapping[Any, Version] = {}

    async def take(self) -> list[Answer]:
        """All of it; an answer for each."""
        made, puts = self.made, self.puts
        people = [name for one in puts if (name := one.customer) and _storable(name)]
        accounts = [one.account for one in puts if not one.person_only]
        await made.lock(people, accounts)
        self.before = before = await self._versions(people, accounts)
        await self._hide(people)
        self._conditions(before)
        await self._stage(people)
        found, _ = await stages.wrong_beside(made.run, self.limits)
        await self._refuse(found, people)
        if any(self._goes(place) for place in range(len(puts))):
            for number in range(await made.run.stage.prepare()):
                await made.run.merge.batch(number)
        after = await self._versions(people, accounts)
        for place, answer in enumerate(self.answers):
            if self._goes(place):
                key = self._key(place)
                self._became(answer, before.get(key), after.get(key))
        return self.answers

    def entries(self) -> list[tuple[Act, Entry]]:
        """What the audit has of those that changed something, each by who put it."""
        found = []
        for place, (put, answer) in enumerate(zip(self.puts, self.answers, strict=True)):
            if put.act is None or answer.outcome not in (Outcome.CREATED, Outcome.UPDATED):
                continue
            was, now = self.before.get(self._key(place)), answer.version
            entry = Entry(
                Stage.CHANGED,
                put.customer or None,
                None if put.person_only else account_key(*put.account),
                before=was and was.tag,
                after=now and now.tag,
                told={"put": answer.outcome.value},
            )
            found.append((put.act, entry))
        return found

    def _goes(self, place: int) -> bool:
        one = self.answers[place]
        return not (one.problems or one.missing or one.unmet)

    async def _versions(
        self, people: Sequence[str], accounts: Sequence[tuple[str, str]]
    ) -> dict[Any, Version]:
        wanted = [name for one in self.puts if one.person_only and (name := one.customer)]
        found: dict[Any, Version] = {**(await self.made.accounts(accounts) if accounts else {})}
        return found | (await self.made.people([one for one in wanted if one in people]))

    def _key(self, place: int) -> Any:
        put = self.puts[place]
        return put.customer if put.person_only else put.account

    async def _hide(self, people: Sequence[str]) -> None:
        """Who may not see a person is told that there is none, whether there is one or not."""
        seen = await self._seen(people) if any(one.person_only for one in self.puts) else []
        for place, put in enumerate(self.puts if seen else ()):
            hidden = put.creditors is not None and put.customer not in seen[place]
            self.answers[place].missing = put.person_only and hidden

    def _conditions(self, before: Mapping[Any, Version]) -> None:
        for place, put in enumerate(self.puts):
            known = before.get(self._key(place))
            if self.answers[place].missing:
                continue
            if put.if_none and known is not None:
                self.answers[place].unmet = "If-None-Match: it is there"
            elif put.if_match is not None and known is None:
                self.answers[place].unmet = "If-Match: it is not there"
            elif (
                put.if_match is not None
                and known is not None
                and "*" not in put.if_match
                and known.tag not in put.if_match
            ):
                self.answers[place].unmet = "If-Match: it has changed since"

    async def _stage(self, people: Sequence[str]) -> None:
        """Check and stage the rows, as those of a file."""
        filled = [one for one in self.puts if one.short or one.point is not None]
        known = await self.made.on_record(people) if filled else {}
        seen = await self._seen(people)
        records, further = list[Record](), list[Staged[PersonRow]]()
        for place, put in enumerate(self.puts):
            if not self._goes(place):
                continue
            theirs = known.get(put.customer, []) if put.customer in seen[place] else []
            if put.person_only:
                rows = await self._person(place, put, theirs)
                further += rows
            else:
                first, *rest = theirs if put.short and theirs else [{}]
                cells = {**first, **{k: v for k, v in put.cells.items() if v is not None}}
                ids = dict(zip(("creditor", "account_id"), put.account, strict=True))
                others = self._checked(place, [{**row, **ids} for row in rest])
                if self._goes(place):
                    records.append(Record(place, cells, ""))
                    further += others
        refused = await stages.stage(self.work, records)
        for index, why in refused.items():
            self.answers[records[index].line].problems = why
        gone = {place for place in range(len(self.puts)) if not self._goes(place)}
        await self.made.run.stage.add_people(
            [one for one in further if one.line % _FURTHER not in gone]
        )

    async def _seen(self, people: Sequence[str]) -> list[Collection[str]]:
        """For each put the people whom its sender may see."""
        by: dict[frozenset[str], set[str]] = {}
        found = list[Collection[str]]()
        for one in self.puts:
            if one.creditors is None:
                found.append(people)
                continue
            whose = frozenset(one.creditors)
            if whose not in by:
                by[whose] = await self.made.seen(people, whose)
            found.append(by[whose])
        return found

    async def _person(
        self, place: int, put: Put, theirs: Sequence[Mapping[str, Any]]
    ) -> list[Staged[PersonRow]]:
        ids = {"customer_id": put.customer, "creditor": _NOBODY, "account_id": _NOBODY}
        if put.point is not None:
            if not theirs:
                self.answers[place].missing = True
                return []
            column, address = next(
                (name, put.point[name]) for name in _POINTS if put.point.get(name) is not None
            )
            others = [row for row in theirs if row.get(column) != address]
            first = {k: v for k, v in theirs[0].items() if k not in (*_POINTS, "consents")}
            rows = [{**first, **put.point}, *others]
        else:
            rows = [dict(put.cells)]
        return self._checked(place, [{**row, **ids} for row in rows])

    def _checked(self, place: int, rows: Sequence[Mapping[str, Any]]) -> list[Staged[PersonRow]]:
        today, found = self.made.run.as_of.date(), list[Staged[PersonRow]]()
        for number, cells in enumerate(rows):
            try:
                row = PersonRow.model_validate(cells, context={"today": today, "atlas": ATLAS})
            except ValidationError as error:
                self.answers[place].problems = problems(error)
                return []
            found.append(stages.placed(place + _FURTHER * (number + 1), row))
        return found

    async def _refuse(self, found: Sequence[Finding], people: Sequence[str]) -> None:
        """Say why, and name nothing of what the sender may not see."""
        seen = await self._seen([*people, *(one.names for one in found if one.names)])
        for one in found:
            place = one.line % _FURTHER
            put, problem = self.puts[place], one.problem
            if one.names is not None and put.creditors is not None:
                of_account = problem.field == "account_id"
                if not (of_account or one.names in put.creditors or one.names in seen[place]):
                    problem = problem._replace(rule=problem.rule.replace(one.names, "…", 1))
            if problem not in self.answers[place].problems:
                self.answers[place].problems += (problem,)
        gone = [place for place, one in enumerate(self.answers) if one.problems]
        rows = [place + _FURTHER * number for place in gone for number in range(50)]
        if found:
            await self.made.run.stage.drop(rows)

    def _became(self, answer: Answer, was: Version | None, now: Version | None) -> None:
        answer.version = now
        if now is None or (was is not None and was.as_of > self.made.run.as_of):
            answer.outcome = Outcome.OLDER
        elif was is None:
            answer.outcome = Outcome.CREATED
        else:
            answer.outcome = Outcome.UNCHANGED if was.tag == now.tag else Outcome.UPDATED


async def spelt_otherwise(pool: Pool, customer_id: str) -> str | None:
    """The customer whose id differs by its spelling alone, where nobody has this one."""
    found = (await customers_spelt(pool, [customer_id])).get(customer_id, ())
    known = [one.customer_id for one in found if one.plainly]
    return known[0] if known else None


def _storable(value: str) -> bool:
    return value.isprintable() and len(value) <= 64
