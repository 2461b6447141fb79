"""Keeps the ledger's mark outside PostgreSQL, and halts a database that is older than it, that is
another one, or that Temporal, having lost its own memory, cannot vouch for.

Where: the note of a paused schedule in Temporal, which needs no worker to be read or written, and
which people see in the UI. See ``store/ledger_mark.py``, and docs/operations.md for what to do.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from asyncpg import InterfaceError, PostgresError
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.failures import BadInput, Misconfigured
from domain.names import TASK_QUEUE
from store.ledger_mark import ELSEWHERE, DatabaseMark, LedgerMark
from workers.process.background import in_background

SCHEDULE: Final = "contrapunto-ledger-mark"
EVERY: Final = 60.0
"""Seconds between two marks: so much of a restored database's past may go unnoticed, unless one of
the accounts that were planned in it notices."""

_NOTE: Final = (
    "ledger mark {mark} of {epoch}: how far PostgreSQL had come; never unpause, never delete"
)
_NO_EPOCH: Final = "0/0/0"
_MARK: Final = re.compile(r"ledger mark (\d+)(?: of (\d+/\d+/\d+))?")

log = logging.getLogger(__name__)


class Remembered(NamedTuple):
    """What Temporal remembers."""

    mark: int = 0
    """The largest mark ever told; 0 where none was."""
    epoch: str | None = None
    """Of which database; None: a version before told none."""


class RememberedMark:
    """The mark as Temporal remembers it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def read(self) -> int:
        """The largest mark ever told; 0 where none was."""
        return (await self.memory()).mark

    async def memory(self) -> Remembered:
        """All of it."""
        try:
            found = await self.client.get_schedule_handle(SCHEDULE).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Remembered()
            raise
        said = _MARK.match(found.schedule.state.note or "")
        return Remembered(int(said[1]), said[2]) if said else Remembered()

    async def write(self, mark: int, epoch: str = "") -> None:
        """Remember a mark, unless a larger one is remembered."""
        note = _NOTE.format(mark=mark, epoch=epoch or _NO_EPOCH)

        def newer(held: ScheduleUpdateInput) -> ScheduleUpdate | None:
            state = held.description.schedule.state
            said = _MARK.match(state.note or "")
            if said and int(said[1]) >= mark:
                return None
            state.note, state.paused = note, True
            return ScheduleUpdate(held.description.schedule)

        try:
            await self.client.create_schedule(SCHEDULE, _schedule(note))
        except ScheduleAlreadyRunningError:
            await self.client.get_schedule_handle(SCHEDULE).update(newer)


def _schedule(note: str) -> Schedule:
    nothing = ScheduleActionStartWorkflow("Nothing", id=SCHEDULE, task_queue=TASK_QUEUE)
    return Schedule(nothing, spec=ScheduleSpec(), state=ScheduleState(note=note, paused=True))


def doubt(before: DatabaseMark, known: Remembered, here: DatabaseMark) -> str | None:
    """Why this database cannot be trusted to know all that was sent; None: it can.

    ``before``: as it stood before Temporal was asked, ``here`` after; both only move on meanwhile.
    """
    if here.mark < known.mark:
        return (
            f"restored from an older backup: its mark is {here.mark}, Temporal remembers "
            f"{known.mark}"
        )
    if here.is_elsewhere:
        return ELSEWHERE
    if known.epoch not in (None, _NO_EPOCH, here.here):
        return f"another one than Temporal remembers: it is {here.here}, not {known.epoch}"
    if known.mark < before.confirmed:
        return (
            f"vouched for by nobody: Temporal has taken mark {before.confirmed} and remembers "
            f"{known.mark or 'none'}, so it was lost or restored itself"
        )
    return None


async def compare(mark: LedgerMark, remembered: RememberedMark) -> str | None:
    """Halt the database if it may have forgotten contacts; why it is halted, if so."""
    before = await mark.read()
    if before.halted_at is not None:
        return before.halted_why
    why = doubt(before, await remembered.memory(), await mark.read())
    if why is not None:
        await mark.halt(why)
    return why


async def refuse_a_stray(mark: LedgerMark, remembered: RememberedMark, every: float) -> None:
    """Raises Misconfigured where others work with another database at this very time.

    By yesterday's configuration a worker would take up what accounts ask, and write it where nobody
    looks. Of a database that was restored, or took over, nobody moves another's mark.
    """
    before, here = await remembered.memory(), await mark.read()
    if doubt(here, before, here) is None or before.epoch in (None, _NO_EPOCH, here.here):
        return
    log.warning("this database is not the one that Temporal remembers: is another one in use?")
    await asyncio.sleep(2 * every)
    after = await remembered.memory()
    if after.mark > before.mark and after.epoch == before.epoch:
        raise Misconfigured(
            f"others work with another database ({after.epoch}) than this one ({here.here}): is "
            "CONTRAPUNTO_DATABASE_URL, or the Temporal namespace, yesterday's?"
        )


async def adopt(mark: LedgerMark, remembered: RememberedMark, by: str, note: str) -> str:
    """Let contacts go on with this database as it is; why they were halted.

    Temporal is told first: if the rest fails, the database stays halted. Raises BadInput where
    nothing is halted, or no reason is given.
    """
    here, known = await mark.read(), await remembered.read()
    if here.halted_at is None:
        return await mark.resume(by, note)  # which says so
    if not note.strip() or not by.strip():
        raise BadInput("reason and name must not be blank: say what was compared, and who did")
    reached = max(here.mark, known) + 1
    await remembered.write(reached, here.here)
    return await mark.resume(by, note, reached)


@asynccontextmanager
async def marking(mark: LedgerMark, client: Client, every: float = EVERY) -> AsyncIterator[None]:
    """Compare before anything else, then move the mark on for as long as this lasts."""
    remembered = RememberedMark(client)
    await refuse_a_stray(mark, remembered, every)
    why = await compare(mark, remembered)
    _tell(None, why)
    async with in_background(_mark(mark, remembered, every, why)):
        yield


async def _mark(
    mark: LedgerMark, remembered: RememberedMark, every: float, told: str | None
) -> None:
    while True:
        try:
            why = await compare(mark, remembered)
            _tell(told, why)
            told = why
            reached = await mark.advance(every)
            if reached is not None:
                await remembered.write(reached, (await mark.read()).here)
                await mark.confirm(reached)
        except (OSError, PostgresError, InterfaceError, RPCError) as error:
            log.warning("the ledger's mark is not moved: %s", type(error).__name__)
        await asyncio.sleep(every)


def _tell(before: str | None, why: str | None) -> None:
    """Say once that nobody is contacted, and once that contacts go on."""
    if why is not None and why != before:
        log.critical(
            "this database was %s: nobody is contacted until `contrapunto restore lift`; see "
            "docs/guide/disasters.md",
            why,
        )
    elif why is None and before is not None:
        log.warning("contacts go on: `contrapunto restore lift`")
