"""One step of the world, and the small changes of which steps are made."""

from collections.abc import Iterable
from typing import NamedTuple

from lab.protocol.world import SETTINGS, Flow, Row, Run, World


class Limits(NamedTuple):
    """How much may go wrong, and be said and done, in one life. Each fault happens once at most."""

    faults: int = 2
    facts: int = 1


class Taken(NamedTuple):
    """One step: its words, where it leads, and what it breaks."""

    label: tuple[object, ...]
    world: World
    progress: bool = True
    """Whether it happens by itself: no fault, and nobody from outside has to help."""
    broken: str | None = None


def may_fail(w: World, fault: str, limits: Limits) -> bool:
    """Whether this fault may still happen in this life."""
    return fault not in w.faults and len(w.faults) < limits.faults


def failed(w: World, fault: str) -> World:
    """The fault has happened."""
    return w._replace(faults=tuple(sorted((*w.faults, fault))))


def tell(w: World, account: int) -> World:
    """A message is in the account's inbox, if it still has one."""
    flow = w.flows[account]
    return w if flow.over else with_flow(w, account, flow._replace(signalled=True))


def find(w: World, account: int, number: int) -> Row | None:
    """The attempt of an account's step, if there is one."""
    return next((r for r in w.rows if r.account == account and r.step == number), None)


def row_of(w: World, run: Run) -> Row:
    """The attempt that an execution is about."""
    row = find(w, run.account, run.number)
    assert row is not None
    return row


def with_row(w: World, row: Row) -> World:
    """The world with this attempt instead of the one of its step."""
    same = (row.account, row.step)
    rows = tuple(row if (r.account, r.step) == same else r for r in w.rows)
    return w._replace(rows=rows)


def with_flow(w: World, account: int, flow: Flow) -> World:
    """The world with this workflow of an account."""
    flows = tuple(flow if n == account else f for n, f in enumerate(w.flows))
    return w._replace(flows=flows)


def with_run(w: World, place: int | None, run: Run | None) -> World:
    """Executions stand in the order of their places; a finished one leaves none behind."""
    runs = list(w.runs)
    if place is None:
        assert run is not None
        runs.append(run)
    elif run is None:
        del runs[place]
    else:
        runs[place] = run
    return w._replace(runs=tuple(runs))


def raised(w: World, accounts: Iterable[int]) -> World:
    """Something that may change their plans is on record of these accounts' customers."""
    setting, (one, other) = SETTINGS[w.setting], w.facts
    if not setting.shared:
        return w._replace(facts=(one + 1, other + 1))
    named = set(accounts)
    return w._replace(facts=(one + (0 in named), other + (1 in named)))
