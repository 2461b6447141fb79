"""Entries of the audit, each by one function of PostgreSQL's that chains it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from store.audit.act import Act, Stage, current, storable

WRITE: Final = "SELECT audit_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"

FORGET: Final = "SELECT audit_forget($1, $2, $3, $4)"


class Runs(Protocol):
    """A pool, or a connection in its transaction."""

    async def execute(self, query: str, /, *args: Any) -> str:
        """Run one statement."""
        ...

    async def executemany(self, query: str, args: Iterable[Any], /) -> None:
        """Run one statement for each of several."""
        ...

    async def fetchval(self, query: str, /, *args: Any) -> Any:
        """The one value that a statement answers with."""
        ...


class Entry(NamedTuple):
    """What is told beside who does what."""

    stage: Stage
    customer: str | None = None
    account: str | None = None
    message: str | None = None
    reason: str | None = None
    before: str | None = None
    after: str | None = None
    """``before`` and ``after`` are told as digests with the key of the person."""
    told: Mapping[str, Any] = {}

    def of(self, act: Act) -> tuple[Any, ...]:
        """The arguments of the function."""
        about = (self.customer, self.account, self.message, self.reason, self.before, self.after)
        who = (act.name, storable(act.actor), act.what, self.stage.value)
        return (*who, *map(storable, about), storable(dict(self.told)))


async def write(runs: Runs, act: Act, *entries: Entry) -> None:
    """Write entries of an act. Raises what PostgreSQL has against it: then it must not be done."""
    for entry in entries:
        await runs.execute(WRITE, *entry.of(act))
        act.begun = True


async def write_all(runs: Runs, entries: Iterable[tuple[Act, Entry]]) -> None:
    """Write one entry for each of several acts, in one transaction with what they do."""
    if told := [entry.of(act) for act, entry in entries]:
        await runs.executemany(WRITE, told)


async def begin(runs: Runs, act: Act) -> None:
    """Write that an act was asked for, once."""
    if not act.begun:
        about = (act.customer, act.account, None, act.reason)
        await write(runs, act, Entry(Stage.BEGAN, *about, told=act.told))


async def looked(runs: Runs, customers: Iterable[str | None], told: Mapping[str, Any]) -> None:
    """Write that the words of these customers are looked at, by whose act it is.

    Without an act it is not for a person that they are read, and nothing is written.
    """
    if (act := current()) is not None:
        for customer in sorted({one or "" for one in customers}):
            about = customer or None
            await write(runs, act, Entry(Stage.LOOKED, about, told=told))


async def forget(runs: Runs, act: Act, customers: Iterable[str]) -> int:
    """Take away by what the audit knows these people, and the words said of them; how many.

    For an erasure, in its transaction: the entries stay, and are nobody's.
    """
    args = (sorted(set(customers)), act.name, act.actor, act.what)
    return int(await runs.fetchval(FORGET, *args))
