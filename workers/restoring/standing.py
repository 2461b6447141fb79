"""How the ledger stands beside what Temporal remembers of it, and what is to be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client

from domain.failures import BadInput
from domain.names import COLLECT_ACCOUNT
from store.database import Pool
from store.ledger_mark import DatabaseMark, LedgerMark
from store.restoring import readbacks
from store.restoring.forgotten import Forgotten
from store.restoring.readbacks import ReadBack
from workers.process.ledger_mark import Remembered, RememberedMark, adopt, doubt

MARGIN: Final = timedelta(minutes=10)
"""How long before the last mark of a restored database a read-back begins."""


@dataclass(frozen=True)
class Standing:
    """What is known."""

    mark: DatabaseMark
    remembered: Remembered
    suspected: str | None
    """Why it would be halted, were a worker to look now."""
    open_accounts: int
    workflows: int
    unknown: int
    """Attempts of which nobody can say whether they were taken."""
    readings: tuple[ReadBack, ...]
    """Since it was halted, the latest first."""

    @property
    def halted(self) -> bool:
        """Whether nobody is contacted."""
        return self.mark.halted_at is not None

    @property
    def reaches(self) -> datetime | None:
        """Up to when the database is surely whole; None: not known."""
        return self.mark.marked_at if self.halted else None

    @property
    def without_workflow(self) -> int:
        """Open accounts beyond those that have a workflow, as far as counting tells."""
        return max(0, self.open_accounts - self.workflows)

    @property
    def todo(self) -> list[str]:
        """What comes next, in its order."""
        steps = []
        if not self.halted and self.suspected is not None:
            steps.append("start a worker, which halts the ledger, or `contrapunto restore hold`")
        if self.without_workflow:
            steps.append("`contrapunto account start --missing`")
        if self.halted and not any(one.complete for one in self.readings):
            steps.append("`contrapunto restore reconcile`")
        elif self.halted:
            steps.append("look at what was held and unknown, then `contrapunto restore lift`")
        return steps

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        mark = self.mark
        return {
            "halted": self.halted,
            "halted_at": mark.halted_at and mark.halted_at.isoformat(),
            "halted_why": mark.halted_why,
            "suspected": self.suspected,
            "mark": mark.mark,
            "mark_in_temporal": self.remembered.mark,
            "epoch": mark.here,
            "epoch_of_mark": mark.epoch,
            "epoch_in_temporal": self.remembered.epoch,
            "reaches": self.reaches and self.reaches.isoformat(),
            "open_accounts": self.open_accounts,
            "workflows": self.workflows,
            "unknown": self.unknown,
            "readings": [
                {**one._asdict(), **{n: getattr(one, n).isoformat() for n in _INSTANTS}}
                for one in self.readings
            ],
            "todo": self.todo,
        }


_INSTANTS: Final = ("read_at", "since", "until")


async def standing(pool: Pool, client: Client) -> Standing:
    """Look; nothing is changed."""
    store, remembered = Forgotten(pool), RememberedMark(client)
    before = await LedgerMark(pool).read()
    memory = await remembered.memory()
    mark = await LedgerMark(pool).read()
    running = f"WorkflowType = '{COLLECT_ACCOUNT}' AND ExecutionStatus = 'Running'"
    readings = await readbacks.since(pool, mark.halted_at) if mark.halted_at else []
    return Standing(
        mark=mark,
        remembered=memory,
        suspected=doubt(before, memory, mark),
        open_accounts=await store.count_open(),
        workflows=(await client.count_workflows(running)).count,
        unknown=await store.unknown(),
        readings=tuple(readings),
    )


async def hold(pool: Pool, reason: str, by: str) -> None:
    """Contact nobody from now on, because a person says so.

    Raises BadInput where it is halted already, or no reason is given.
    """
    if not reason.strip() or not by.strip():
        raise BadInput("reason and name must not be blank")
    if not await LedgerMark(pool).halt(f"held by {by.strip()}: {reason.strip()}"):
        raise BadInput("the ledger is halted already: `contrapunto restore status` says why")


async def lift(pool: Pool, client: Client, reason: str, by: str, *, unread: bool) -> str:
    """Let contacts go on; why they were halted.

    Raises BadInput unless everything was read back since, or it is said that nothing has to be.
    """
    mark = await LedgerMark(pool).read()
    if mark.halted_at is not None and not unread:
        readings = await readbacks.since(pool, mark.halted_at)
        if not any(one.complete for one in readings):
            raise BadInput(
                "nothing was read back since the ledger was halted"
                + (", but for a reading that not all providers answered" if readings else "")
                + ": `contrapunto restore reconcile` first, or say --without-reading-back and why"
            )
    return await adopt(LedgerMark(pool), RememberedMark(client), by, reason)


def since_of(mark: DatabaseMark) -> datetime:
    """From when on a halted database is to be read back.

    Raises BadInput where that is not known.
    """
    if mark.marked_at is None or mark.marked_at.year < 2000:
        raise BadInput("--since: this database has no mark that says how far it reaches; say it")
    return mark.marked_at - MARGIN
