"""Every step that the world can take from one state: executions, workflows, providers, people."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.law.terms import EventKind
from domain.ledger.attempt import (
    SAYS,
    AttemptState,
    Event,
    RefusalKind,
    move,
    reached_person,
)
from domain.ledger.protocol import (
    CONTACT,
    RECONCILE,
    Came,
    Do,
    Heard,
    after,
    may_dispatch,
    may_leave,
    may_reserve,
    may_settle_refused,
    next_asking,
)
from domain.names import attempt_id
from domain.planning.step import StepKind
from lab.protocol.safeguards import Safeguards
from lab.protocol.world import (
    ACCOUNTS,
    HORIZON,
    KEYS,
    NIGHT,
    WAITS,
    Flow,
    Row,
    Run,
    Sent,
    World,
    planned,
    step_of,
)

WORKERS: Final = 2


class Limits(NamedTuple):
    """How much may go wrong, and be said, in one life. Each fault happens once at most."""

    faults: int = 2
    facts: int = 1


class Taken(NamedTuple):
    """One step: its words, where it leads, and what it breaks."""

    label: tuple[object, ...]
    world: World
    progress: bool = True
    """Whether it happens by itself: no fault, and nobody from outside has to help."""
    broken: str | None = None


def successors(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """All steps out of a state."""
    for taken in _all(w, s, limits):
        yield taken._replace(world=canonical(taken.world))


def _all(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    for place in range(len(w.runs)):
        yield from _run(w, place, s, limits)
    for account in range(len(w.flows)):
        yield from _flow(w, account)
    yield from _time(w, limits)
    yield from _failures(w, s, limits)
    yield from _callbacks(w, limits)
    yield from _people(w, s, limits)


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
    open_rows = [row.facts for row in w.rows if row.state is AttemptState.RESERVED]
    base = min(open_rows, default=w.facts)
    rows = tuple(
        row._replace(facts=row.facts - base)
        if row.state is AttemptState.RESERVED
        else row._replace(owner=0, facts=0)
        for row in w.rows
    )
    busy = {run.account for run in runs}
    busy |= {row.account for row in rows if row.state is AttemptState.RESERVED}
    flows = tuple(f if n in busy else f._replace(tries=0) for n, f in enumerate(w.flows))
    return w._replace(facts=w.facts - base, rows=rows, runs=tuple(sorted(runs)), flows=flows)


def at_rest(w: World) -> bool:
    """Whether every account has ended or has its next step, and nothing is under way."""
    return not w.runs and all(
        flow.over
        or (
            not (flow.running or flow.queued or flow.told)
            and step_of(flow.step).not_before > HORIZON
        )
        for flow in w.flows
    )


# --- time ---------------------------------------------------------------------------------------


def _time(w: World, limits: Limits) -> Iterator[Taken]:
    due = [_due(w, flow) for flow in w.flows]
    awake = any(not run.ghost for run in w.runs) or any(flow.told for flow in w.flows)
    busy = awake or any(due)
    waits = [step_of(flow.step).not_before for flow in w.flows if not (flow.over or flow.running)]
    waits = [at for at in waits if w.now < at <= HORIZON]
    if waits and not busy:
        yield Taken(("time", min(waits)), w._replace(now=min(waits)))
    if waits and busy and _may_fail(w, "slow", limits):
        slow = _failed(w, "slow")._replace(now=min(waits))
        yield Taken(("slow", min(waits)), slow, progress=False)
    if (w.runs or any(due)) and w.now < NIGHT and _may_fail(w, "night", limits):
        yield Taken(("night",), _failed(w, "night")._replace(now=NIGHT), progress=False)


def _due(w: World, flow: Flow) -> bool:
    if flow.over or flow.running:
        return False
    return flow.queued or step_of(flow.step).not_before <= w.now


# --- workflows ----------------------------------------------------------------------------------


def _flow(w: World, account: int) -> Iterator[Taken]:
    flow = w.flows[account]
    if flow.over or flow.running:
        return
    if flow.told and not flow.queued:
        yield Taken(("record", account), _show(w, account))
        return
    if not _due(w, flow):
        return
    step = step_of(flow.step)
    if step.kind is StepKind.WAIT:
        yield Taken(("look", account), _show(w, account))
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
    row = _find(w, account, number)
    heard: Heard = row.state if row else Came.ABSENT
    run = Run(account, flow.tries, flow.step, number, Do.LOOK, reconciling)
    run = run._replace(do=_after(run, heard))
    taken = _with_flow(w, account, flow._replace(running=True, queued=False))
    yield Taken(("take", account, flow.tries, step.kind, str(heard)), _with_run(taken, None, run))


def _show(w: World, account: int) -> World:
    """The workflow's next step is what is planned now."""
    place = planned(w, account)
    over = step_of(place).ends
    tries = w.flows[account].tries + 1
    return _with_flow(w, account, Flow(place, tries=0 if over else tries, over=over))


# --- executions ---------------------------------------------------------------------------------


VISITED: Final[set[tuple[bool, Do, Heard]]] = set()
"""Every entry of the product's two tables that a search has followed: reconciling, did, heard."""


def _after(run: Run, heard: Heard) -> Do:
    VISITED.add((run.reconciling, run.do, heard))
    return after(RECONCILE if run.reconciling else CONTACT, run.do, heard)


def _next(run: Run, heard: Heard, s: Safeguards) -> Do:
    """What the product's table says, unless a safeguard is out."""
    did = run.do
    if not s.dispatching_first and (did, heard) == (Do.RESERVE, Came.DONE):
        return Do.SEND
    if not s.unknown_apart and (did, heard) == (Do.SEND, Came.NO_ANSWER):
        return Do.REFUSE
    if not s.absence_no_proof and (did, heard) == (Do.ASK, Came.NOT_SEEN):
        return Do.REFUSE
    return _after(run, heard)


def _run(w: World, place: int, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    run = w.runs[place]
    match run.do:
        case Do.RESERVE:
            yield _reserve(w, place, s)
        case Do.DISPATCH:
            yield _dispatch(w, place, s)
        case Do.SEND:
            yield from _send(w, place, s, limits)
        case Do.ASK:
            yield from _ask(w, place, s, limits)
        case Do.PLAN:
            yield _complete(w, place)
        case _:
            if not s.own_row_not_sent and run.do is Do.DOUBT and run.sent is None:
                again = run._replace(do=Do.SEND, left=w.now, clear=_clear(w, run))
                yield Taken(("resend", run.account, run.token), _with_run(w, place, again))
            else:
                yield _settle(w, place, s)


def _reserve(w: World, place: int, s: Safeguards) -> Taken:
    """One transaction under the customer's lock; without the lock, reading and writing are two."""
    run = w.runs[place]
    who = (run.account, run.token)
    at = run.step
    if s.law_again and not run.peeked:
        at = planned(w, run.account)
        if not may_reserve(step_of(at), step_of(run.step), w.now):
            return _came(w, place, Came.UNWANTED, s, ("unwanted", *who))
        if not s.serialised:
            return Taken(("peek", *who), _with_run(w, place, run._replace(peeked=True, step=at)))
    if _find(w, run.account, run.number):
        return _came(w, place, Came.UNWANTED, s, ("unwanted", *who))
    step = step_of(at)
    assert step.channel and step.provider
    row = Row(
        run.account,
        run.number,
        step.touch,
        step.channel,
        step.provider,
        tuple(sorted({KEYS.index(key) for key in step.covers})),
        AttemptState.RESERVED,
        run.token,
        w.facts,
        w.now,
    )
    w = w._replace(rows=tuple(sorted((*w.rows, row))))
    w = _with_run(w, place, run._replace(step=at))
    return _came(w, place, Came.DONE, s, ("reserve", *who, step.provider))


def _dispatch(w: World, place: int, s: Safeguards) -> Taken:
    run = w.runs[place]
    row = _row(w, run)
    state = row.state if s.state_compared else AttemptState.RESERVED
    seen = row.facts if s.facts_compared else w.facts
    who = (run.account, run.token)
    if not may_dispatch(state, str(row.owner), seen, str(run.token), w.facts):
        return _came(w, place, Came.OVERTAKEN, s, ("overtaken", *who))
    to = move(state, Event.DISPATCH)
    assert to is not None
    w = _with_row(w, row._replace(state=to, at=w.now))
    w = _with_run(w, place, run._replace(left=w.now, clear=_clear(w, run)))
    return _came(w, place, Came.DONE, s, ("dispatch", *who))


def _clear(w: World, run: Run) -> bool:
    """Whether nothing that the customer said or paid stands against this message now."""
    row = _row(w, run)
    stopped = row.channel is Channel.SMS and w.truth[-1:] == (EventKind.OPT_OUT,)
    return not stopped and not any(w.paid[covered] for covered in row.covers)


def _send(w: World, place: int, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    run = w.runs[place]
    who = (run.account, run.token)
    row = _row(w, run)
    closes = step_of(run.step).not_after
    assert closes is not None
    if s.leaves_fresh and not may_leave(w.now, run.left or w.now, closes):
        late = _with_run(w, place, run._replace(sent=Came.REFUSED, refusal=RefusalKind.RATE))
        yield _came(late, place, Came.REFUSED, s, ("late", *who))
        return
    clear = run.clear if run.left else _clear(w, run)
    taken = w._replace(messages=(*w.messages, Sent(run.account, run.number, row.channel)))
    broken = _broken(taken, clear=clear)
    named = run._replace(sent=Came.TOOK, name=len(w.messages))
    yield _came(
        _with_run(taken, place, named), place, Came.TOOK, s, ("send", *who, row.provider)
    )._replace(broken=broken)
    if _may_fail(w, "refused", limits):
        refused = run._replace(sent=Came.REFUSED, refusal=RefusalKind.TEMPORARY)
        to = _with_run(_failed(w, "refused"), place, refused)
        yield _came(to, place, Came.REFUSED, s, ("refused", *who), progress=False)
    if _may_fail(w, "lost", limits):
        silent = run._replace(sent=Came.NO_ANSWER, refusal=RefusalKind.TEMPORARY)
        for after_all, label in ((taken, "lost"), (w, "swallowed")):
            to = _with_run(_failed(after_all, "lost"), place, silent)
            told = _came(to, place, Came.NO_ANSWER, s, (label, *who, row.provider), progress=False)
            yield told._replace(broken=broken if label == "lost" else None)


def _broken(w: World, *, clear: bool) -> str | None:
    """An independent reading of what must never be: it asks nobody but the providers' record."""
    if sum(message.fate is not AttemptState.UNDELIVERED for message in w.messages) > 1:
        return "the customer has two messages where one was due"
    hour = w.now - timedelta(hours=5)  # Bogota has no summer time
    if not 7 <= hour.hour < 19:
        return f"a message goes out at {hour:%H:%M} in Bogota, when the law allows none"
    if not clear:
        return "a message goes out after the stop, or the payment, was on record"
    return None


def _ask(w: World, place: int, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    run = w.runs[place]
    mine = [n for n, m in enumerate(w.messages) if (m.account, m.step) == (run.account, run.number)]
    if mine:
        seen = _with_run(w, place, run._replace(sent=Came.TOOK, name=mine[0]))
        yield _came(seen, place, Came.SEEN, s, ("seen", run.account))
    absent = _with_run(w, place, run._replace(sent=None, refusal=RefusalKind.TEMPORARY))
    yield _came(absent, place, Came.NOT_SEEN, s, ("not_seen", run.account))
    if _may_fail(w, "unasked", limits):
        silent = run._replace(sent=Came.NO_ANSWER, refusal=RefusalKind.TEMPORARY)
        to = _with_run(_failed(w, "unasked"), place, silent)
        yield _came(to, place, Came.NO_ANSWER, s, ("unasked", run.account), progress=False)


_EVENTS: Final = {
    Do.RELEASE: Event.RELEASE,
    Do.ACCEPT: Event.ACCEPT,
    Do.REFUSE: Event.REFUSE,
    Do.DOUBT: Event.DOUBT,
}


def _settle(w: World, place: int, s: Safeguards) -> Taken:
    run = w.runs[place]
    row = _row(w, run)
    label = ("settle", run.account, run.token, run.do)
    if run.do is Do.ASK_LATER:
        if row.state in (AttemptState.DISPATCHING, AttemptState.UNKNOWN):
            unasked = run.sent is Came.NO_ANSWER
            w = _with_row(w, row._replace(ask=next_asking(row.at, w.now, WAITS, unasked=unasked)))
            return _came(w, place, Came.DONE, s, label)
        return _came(w, place, Came.OVERTAKEN, s, label)
    state = row.state
    if not s.dispatching_first and run.sent and state is AttemptState.RESERVED:
        state = AttemptState.DISPATCHING
    to = move(state, _EVENTS[run.do])
    if run.do is Do.ACCEPT and row.name is None and state is not AttemptState.REFUSED:
        row = row._replace(name=run.name)
    if to is None:
        return _came(_with_row(w, row), place, Came.OVERTAKEN, s, label)
    row = row._replace(state=to, ask=None)
    if to is AttemptState.REFUSED:
        row = row._replace(refusal=run.refusal)
    if to is AttemptState.UNKNOWN:
        row = row._replace(ask=w.now + WAITS[0])
    return _came(_with_row(w, row), place, Came.DONE, s, label)


def _complete(w: World, place: int) -> Taken:
    """The activity answers with the next step; whom the server has given up, nobody hears."""
    run = w.runs[place]
    w = _with_run(w, place, None)
    if run.ghost:
        return Taken(("unheard", run.account, run.token), w)
    told = w.flows[run.account].told
    w = _show(w, run.account)
    flow = w.flows[run.account]
    w = _with_flow(w, run.account, flow._replace(told=told and not flow.over))
    return Taken(("answer", run.account, flow.step), w)


def _came(
    w: World,
    place: int,
    heard: Heard,
    s: Safeguards,
    label: tuple[object, ...],
    *,
    progress: bool = True,
) -> Taken:
    """The execution goes on to what follows from what it heard."""
    run = w.runs[place]
    return Taken(label, _with_run(w, place, run._replace(do=_next(run, heard, s))), progress)


# --- what goes wrong ----------------------------------------------------------------------------


def _may_fail(w: World, fault: str, limits: Limits) -> bool:
    return fault not in w.faults and len(w.faults) < limits.faults


def _failed(w: World, fault: str) -> World:
    return w._replace(faults=tuple(sorted((*w.faults, fault))))


def _failures(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    for place, run in enumerate(w.runs):
        if run.ghost:
            continue
        flow = w.flows[run.account]
        again = flow._replace(tries=flow.tries + 1, running=False, queued=True)
        if _may_fail(w, "crash", limits):
            dead = _with_run(_failed(w, "crash"), place, None)
            if s.retried:
                dead = _with_flow(dead, run.account, again)
            yield Taken(("crash", run.account, run.token, run.do), dead, progress=False)
        if _may_fail(w, "frozen", limits):
            frozen = _with_run(_failed(w, "frozen"), place, run._replace(ghost=True))
            frozen = _with_flow(frozen, run.account, again)
            yield Taken(("frozen", run.account, run.token, run.do), frozen, progress=False)


# --- providers and people -----------------------------------------------------------------------


def _callbacks(w: World, limits: Limits) -> Iterator[Taken]:
    """Each status of each message: soon, late, out of order, any number of times, or never."""
    for place, message in enumerate(w.messages):
        for status in (AttemptState.ACCEPTED, AttemptState.DELIVERED, AttemptState.UNDELIVERED):
            fails = status is AttemptState.UNDELIVERED
            open_yet = message.fate is AttemptState.ACCEPTED
            first = status is not AttemptState.ACCEPTED and open_yet
            if status not in (AttemptState.ACCEPTED, message.fate) and not first:
                continue
            if fails and first and not _may_fail(w, "bounce", limits):
                continue
            to = _failed(w, "bounce") if fails and first else w
            if first:
                known = message._replace(fate=status)
                to = to._replace(messages=(*w.messages[:place], known, *w.messages[place + 1 :]))
            label = ("callback", message.account, status)
            yield Taken(label, _apply(to, place, status), progress=False)


def _apply(w: World, place: int, status: AttemptState) -> World:
    message = w.messages[place]
    row = _find(w, message.account, message.step)
    if row is None or row.name not in (None, place):
        return w
    to = move(row.state, SAYS[status], reached=reached_person(row.state, row.channel, None))
    if to is None:
        return w
    refusal = RefusalKind.OTHER if to is AttemptState.UNDELIVERED else row.refusal
    w = _with_row(w, row._replace(state=to, ask=None, name=place, refusal=refusal))
    return _tell(w, message.account) if to is AttemptState.UNDELIVERED else w


def _people(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    left = limits.facts - len(w.truth) - sum(w.paid)
    for kind in (EventKind.OPT_IN, EventKind.OPT_OUT):
        if left > 0 and kind not in w.truth:
            said = _say(w, kind)._replace(truth=(*w.truth, kind))
            yield Taken(("says", kind), said, progress=False)
        elif not s.events_once and kind in w.truth and len(w.said) == len(w.truth):
            yield Taken(("says_again", kind), _say(w, kind), progress=False)
    for account, flow in enumerate(w.flows):
        if left > 0 and not w.paid[account] and not flow.over:
            paid = tuple(p or n == account for n, p in enumerate(w.paid))
            pays = _tell(w._replace(paid=paid, facts=w.facts + 1), account)
            yield Taken(("pays", account), pays, progress=False)
    yield from _settled_by_a_person(w, s)


def _say(w: World, kind: EventKind) -> World:
    """The gateway's one transaction, and its signals."""
    at = w.now + timedelta(microseconds=len(w.said) + 1)
    w = w._replace(said=(*w.said, (kind, at)), facts=w.facts + 1)
    for account in range(len(w.flows)):
        w = _tell(w, account)
    return w


def _settled_by_a_person(w: World, s: Safeguards) -> Iterator[Taken]:
    """Somebody looks an unknown attempt up at the provider, and says what is there."""
    for row in w.rows:
        if row.state is not AttemptState.UNKNOWN:
            continue
        there = any((m.account, m.step) == (row.account, row.step) for m in w.messages)
        event = Event.SETTLE_ACCEPTED if there else Event.SETTLE_REFUSED
        if not there and s.deadline_first and not may_settle_refused(row.ask, w.now):
            continue
        to = move(row.state, event)
        assert to is not None
        refusal = None if there else RefusalKind.OTHER
        settled = _with_row(w, row._replace(state=to, ask=None, refusal=refusal))
        label = ("person", row.account, to)
        yield Taken(label, _tell(settled, row.account), progress=False)


# --- small things -------------------------------------------------------------------------------


def _tell(w: World, account: int) -> World:
    flow = w.flows[account]
    return w if flow.over else _with_flow(w, account, flow._replace(told=True))


def _find(w: World, account: int, number: int) -> Row | None:
    return next((r for r in w.rows if r.account == account and r.step == number), None)


def _row(w: World, run: Run) -> Row:
    row = _find(w, run.account, run.number)
    assert row is not None
    return row


def _with_row(w: World, row: Row) -> World:
    same = (row.account, row.step)
    rows = tuple(row if (r.account, r.step) == same else r for r in w.rows)
    return w._replace(rows=rows)


def _with_flow(w: World, account: int, flow: Flow) -> World:
    flows = tuple(flow if n == account else f for n, f in enumerate(w.flows))
    return w._replace(flows=flows)


def _with_run(w: World, place: int | None, run: Run | None) -> World:
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
