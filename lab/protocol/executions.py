"""The steps of an execution of an activity: the product's own walk, or with a safeguard out."""

from collections.abc import Iterator
from typing import Final

from domain.ledger.attempt import AttemptState, Event, RefusalKind, move
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
    next_asking,
)
from lab.protocol.edits import (
    Limits,
    Taken,
    failed,
    find,
    may_fail,
    row_of,
    with_flow,
    with_row,
    with_run,
)
from lab.protocol.judge import against, sent, wrong
from lab.protocol.safeguards import Safeguards
from lab.protocol.world import (
    KEYS,
    WAITS,
    Flow,
    Row,
    Run,
    World,
    planned,
    step_of,
)

VISITED: Final[set[tuple[bool, Do, Heard]]] = set()
"""Every entry of the product's two tables that a search has followed: reconciling, did, heard."""


PURPOSES: Final[set[str]] = set()
"""What a search has seen go out."""


def goes_on(run: Run, heard: Heard) -> Do:
    """What the product's table says, noted down."""
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
    return goes_on(run, heard)


def of_run(w: World, place: int, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """All that one execution can do next."""
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
                again = run._replace(do=Do.SEND, left=w.now, against=against(w, row_of(w, run)))
                yield Taken(("resend", run.account, run.token), with_run(w, place, again))
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
            return Taken(("peek", *who), with_run(w, place, run._replace(peeked=True, step=at)))
    if find(w, run.account, run.number):
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
        w.facts[run.account],
        w.now,
        phase=step.phase or "",
        purpose=step.purpose or "",
        point=step.contact_point_id or "",
    )
    w = w._replace(rows=tuple(sorted((*w.rows, row))))
    w = with_run(w, place, run._replace(step=at))
    return _came(w, place, Came.DONE, s, ("reserve", *who, step.provider))


def _dispatch(w: World, place: int, s: Safeguards) -> Taken:
    run = w.runs[place]
    row = row_of(w, run)
    state = row.state if s.state_compared else AttemptState.RESERVED
    facts = w.facts[run.account]
    seen = row.facts if s.facts_compared else facts
    who = (run.account, run.token)
    if not may_dispatch(state, str(row.owner), seen, str(run.token), facts):
        return _came(w, place, Came.OVERTAKEN, s, ("overtaken", *who))
    to = move(state, Event.DISPATCH)
    assert to is not None
    w = with_row(w, row._replace(state=to, at=w.now))
    w = with_run(w, place, run._replace(left=w.now, against=against(w, row_of(w, run))))
    return _came(w, place, Came.DONE, s, ("dispatch", *who))


def _send(w: World, place: int, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    run = w.runs[place]
    who = (run.account, run.token)
    row = row_of(w, run)
    closes = step_of(run.step).not_after
    assert closes is not None
    if s.leaves_fresh and not may_leave(w.now, run.left or w.now, closes):
        late = with_run(w, place, run._replace(sent=Came.REFUSED, refusal=RefusalKind.RATE))
        yield _came(late, place, Came.REFUSED, s, ("late", *who))
        return
    stands = run.against if run.left else against(w, row)
    taken = w._replace(messages=(*w.messages, sent(w, row)))
    broken = wrong(taken, stands)
    PURPOSES.add(row.purpose)
    named = run._replace(sent=Came.TOOK, name=len(w.messages))
    yield _came(
        with_run(taken, place, named), place, Came.TOOK, s, ("send", *who, row.provider)
    )._replace(broken=broken)
    if may_fail(w, "refused", limits):
        refused = run._replace(sent=Came.REFUSED, refusal=RefusalKind.TEMPORARY)
        to = with_run(failed(w, "refused"), place, refused)
        yield _came(to, place, Came.REFUSED, s, ("refused", *who), progress=False)
    if may_fail(w, "lost", limits):
        silent = run._replace(sent=Came.NO_ANSWER, refusal=RefusalKind.TEMPORARY)
        for after_all, label in ((taken, "lost"), (w, "swallowed")):
            to = with_run(failed(after_all, "lost"), place, silent)
            move = _came(to, place, Came.NO_ANSWER, s, (label, *who, row.provider), progress=False)
            yield move._replace(broken=broken if label == "lost" else None)
    if may_fail(w, "proxy", limits):
        # An answer, and no answer of the provider's: it may say what it likes, nobody knows more.
        heard = Came.NO_ANSWER if s.own_answers else Came.REFUSED
        denied = run._replace(sent=heard, refusal=RefusalKind.TEMPORARY)
        for after_all, label in ((taken, "intercepted"), (w, "turned_away")):
            to = with_run(failed(after_all, "proxy"), place, denied)
            move = _came(to, place, heard, s, (label, *who, row.provider), progress=False)
            yield move._replace(broken=broken if label == "intercepted" else None)


def _ask(w: World, place: int, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    run = w.runs[place]
    mine = [n for n, m in enumerate(w.messages) if (m.account, m.step) == (run.account, run.number)]
    if mine:
        seen = with_run(w, place, run._replace(sent=Came.TOOK, name=mine[0]))
        yield _came(seen, place, Came.SEEN, s, ("seen", run.account))
    absent = with_run(w, place, run._replace(sent=None, refusal=RefusalKind.TEMPORARY))
    yield _came(absent, place, Came.NOT_SEEN, s, ("not_seen", run.account))
    if may_fail(w, "unasked", limits):
        silent = run._replace(sent=Came.NO_ANSWER, refusal=RefusalKind.TEMPORARY)
        to = with_run(failed(w, "unasked"), place, silent)
        yield _came(to, place, Came.NO_ANSWER, s, ("unasked", run.account), progress=False)


_EVENTS: Final = {
    Do.RELEASE: Event.RELEASE,
    Do.ACCEPT: Event.ACCEPT,
    Do.REFUSE: Event.REFUSE,
    Do.DOUBT: Event.DOUBT,
}


def _settle(w: World, place: int, s: Safeguards) -> Taken:
    run = w.runs[place]
    row = row_of(w, run)
    label = ("settle", run.account, run.token, run.do)
    if run.do is Do.ASK_LATER:
        if row.state in (AttemptState.DISPATCHING, AttemptState.UNKNOWN):
            unasked = run.sent is Came.NO_ANSWER
            w = with_row(w, row._replace(ask=next_asking(row.at, w.now, WAITS, unasked=unasked)))
            return _came(w, place, Came.DONE, s, label)
        return _came(w, place, Came.OVERTAKEN, s, label)
    state = row.state
    if not s.dispatching_first and run.sent and state is AttemptState.RESERVED:
        state = AttemptState.DISPATCHING
    to = move(state, _EVENTS[run.do])
    if run.do is Do.ACCEPT and row.name is None and state is not AttemptState.REFUSED:
        row = row._replace(name=run.name)
    if to is None:
        return _came(with_row(w, row), place, Came.OVERTAKEN, s, label)
    row = row._replace(state=to, ask=None)
    if to is AttemptState.REFUSED:
        row = row._replace(refusal=run.refusal)
    if to is AttemptState.UNKNOWN:
        row = row._replace(ask=w.now + WAITS[0])
    return _came(with_row(w, row), place, Came.DONE, s, label)


def _complete(w: World, place: int) -> Taken:
    """The activity answers with the next step; whom the server has given up, nobody hears."""
    run = w.runs[place]
    w = with_run(w, place, None)
    if run.ghost:
        return Taken(("unheard", run.account, run.token), w)
    signalled = w.flows[run.account].signalled
    w = show(w, run.account)
    flow = w.flows[run.account]
    w = with_flow(w, run.account, flow._replace(signalled=signalled and not flow.over))
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
    return Taken(label, with_run(w, place, run._replace(do=_next(run, heard, s))), progress)


def show(w: World, account: int) -> World:
    """The workflow's next step is what is planned now."""
    place = planned(w, account)
    over = step_of(place).ends
    tries = w.flows[account].tries + 1
    return with_flow(w, account, Flow(place, tries=0 if over else tries, over=over))
