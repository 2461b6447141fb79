"""Every step that the world can take from one state: executions, workflows, providers, people."""

from collections.abc import Iterator
from typing import Final

from domain.ledger.attempt import AttemptState
from domain.ledger.protocol import Came, Do, Heard
from domain.names import attempt_id
from domain.planning.step import StepKind
from lab.protocol.desk import asks, works
from lab.protocol.edits import Limits, Taken, failed, find, may_fail, with_flow, with_run
from lab.protocol.executions import goes_on, of_run, show
from lab.protocol.outside import callbacks, failures, people
from lab.protocol.safeguards import Safeguards
from lab.protocol.world import ACCOUNTS, SETTINGS, Flow, Run, World, step_of

WORKERS: Final = 2


def successors(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """All steps out of a state."""
    for taken in _all(w, s, limits):
        yield taken._replace(world=canonical(taken.world))


def _all(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    for place in range(len(w.runs)):
        yield from of_run(w, place, s, limits)
    for account in range(len(w.flows)):
        yield from _flow(w, account)
    yield from _time(w, limits)
    yield from failures(w, s, limits)
    yield from callbacks(w, s, limits)
    yield from people(w, s, limits)
    yield from asks(w, s, limits)
    yield from works(w, s, limits)


def canonical(w: World) -> World:
    """The same world without what nobody will ever look at again, so that equals are equal.

    An execution that only has to answer has forgotten its walk, and a ghost that does is gone;
    owner and count of facts matter while a row is reserved; tries, while somebody remembers one.
    """
    runs = tuple(
        Run(run.account, run.token, 0, 0, Do.PLAN) if run.do is Do.PLAN else run
        for run in w.runs
        if not (run.ghost and run.do is Do.PLAN)
    )
    reserved = [row for row in w.rows if row.state is AttemptState.RESERVED]
    base = [
        min((row.facts for row in reserved if row.account == n), default=facts)
        for n, facts in enumerate(w.facts)
    ]
    facts = (w.facts[0] - base[0], w.facts[1] - base[1])
    rows = tuple(
        row._replace(facts=row.facts - base[row.account])
        if row.state is AttemptState.RESERVED
        else row._replace(owner=0, facts=0)
        for row in w.rows
    )
    busy = {run.account for run in runs}
    busy |= {row.account for row in rows if row.state is AttemptState.RESERVED}
    flows = tuple(f if n in busy else f._replace(tries=0) for n, f in enumerate(w.flows))
    return w._replace(facts=facts, rows=rows, runs=tuple(sorted(runs)), flows=flows)


def at_rest(w: World) -> bool:
    """Whether every account has ended or has its next step, and nothing is under way."""
    return not w.runs and all(
        flow.over
        or (
            not (flow.running or flow.queued or flow.signalled)
            and step_of(flow.step).not_before > SETTINGS[w.setting].horizon
        )
        for flow in w.flows
    )


# --- time ---------------------------------------------------------------------------------------


def _time(w: World, limits: Limits) -> Iterator[Taken]:
    due = [is_due(w, flow) for flow in w.flows]
    awake = any(not run.ghost for run in w.runs) or any(flow.signalled for flow in w.flows)
    busy = awake or any(due)
    waits = [step_of(flow.step).not_before for flow in w.flows if not (flow.over or flow.running)]
    waits = [at for at in waits if w.now < at <= SETTINGS[w.setting].horizon]
    if waits and not busy:
        yield Taken(("time", min(waits)), w._replace(now=min(waits)))
    if waits and busy and may_fail(w, "slow", limits):
        slow = failed(w, "slow")._replace(now=min(waits))
        yield Taken(("slow", min(waits)), slow, progress=False)
    night = SETTINGS[w.setting].night
    if (w.runs or any(due)) and w.now < night and may_fail(w, "night", limits):
        yield Taken(("night",), failed(w, "night")._replace(now=night), progress=False)


def is_due(w: World, flow: Flow) -> bool:
    """Whether a workflow has something to do now."""
    if flow.over or flow.running:
        return False
    return flow.queued or step_of(flow.step).not_before <= w.now


# --- workflows ----------------------------------------------------------------------------------


def _flow(w: World, account: int) -> Iterator[Taken]:
    flow = w.flows[account]
    if flow.over or flow.running:
        return
    if flow.signalled and not flow.queued:
        yield Taken(("record", account), show(w, account))
        return
    if not is_due(w, flow):
        return
    step = step_of(flow.step)
    if step.kind is StepKind.WAIT:
        yield Taken(("look", account), show(w, account))
        return
    if len(w.runs) == WORKERS:
        return
    reconciling = step.kind is StepKind.RECONCILE
    number = step.number
    if reconciling:
        number = next(
            row.step
            for row in w.rows
            if attempt_id("bank", ACCOUNTS[row.account], row.step) == step.attempt_id
        )
    row = find(w, account, number)
    heard: Heard = row.state if row else Came.ABSENT
    run = Run(account, flow.tries, flow.step, number, Do.LOOK, reconciling)
    run = run._replace(do=goes_on(run, heard))
    taken = with_flow(w, account, flow._replace(running=True, queued=False))
    yield Taken(("take", account, flow.tries, step.kind, str(heard)), with_run(taken, None, run))
