"""Keeps the ledger's mark outside PostgreSQL, and halts a database that is older than it.

Where: the note of a paused schedule in Temporal, which needs no worker to be read or written, and
which people see in the UI. See ``store/ledger_mark.py``, and docs/operations.md for what to do.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

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

from domain.names import TASK_QUEUE
from store.ledger_mark import LedgerMark
from workers.process.background import in_background

SCHEDULE: Final = "contrapunto-ledger-mark"
EVERY: Final = 60.0
"""Seconds between two marks: so much of a restored database's past may go unnoticed, unless one of
the accounts that were planned in it notices."""

_NOTE: Final = "ledger mark {mark}: how far PostgreSQL had come; never unpause, never delete"
_MARK: Final = re.compile(r"ledger mark (\d+)")

log = logging.getLogger(__name__)


class RememberedMark:
    """The mark as Temporal remembers it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def read(self) -> int:
        """The largest mark ever told; 0 where none was."""
        try:
            found = await self.client.get_schedule_handle(SCHEDULE).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return 0
            raise
        said = _MARK.match(found.schedule.state.note or "")
        return int(said[1]) if said else 0

    async def write(self, mark: int) -> None:
        """Remember a mark, unless a larger one is remembered."""
        note = _NOTE.format(mark=mark)

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


async def compare(mark: LedgerMark, remembered: RememberedMark) -> None:
    """Halt the database if it is older than Temporal remembers. Before the first contact."""
    known, here = await remembered.read(), await mark.read()
    if here.mark < known and await mark.halt(
        f"restored from an older backup: its mark is {here.mark}, Temporal remembers {known}"
    ):
        log.critical(
            "this database is older than Temporal remembers (mark %d, not %d): nobody is contacted "
            "until `contrapunto ledger resume`; see docs/operations.md, A restored database",
            here.mark,
            known,
        )


@asynccontextmanager
async def marking(mark: LedgerMark, client: Client, every: float = EVERY) -> AsyncIterator[None]:
    """Compare before anything else, then move the mark on for as long as this lasts."""
    remembered = RememberedMark(client)
    await compare(mark, remembered)
    async with in_background(_mark(mark, remembered, every)):
        yield


async def _mark(mark: LedgerMark, remembered: RememberedMark, every: float) -> None:
    while True:
        try:
            await compare(mark, remembered)
            reached = await mark.advance(every)
            if reached is not None:
                await remembered.write(reached)
        except (OSError, PostgresError, InterfaceError, RPCError) as error:
            log.warning("the ledger's mark is not moved: %s", type(error).__name__)
        await asyncio.sleep(every)
