"""What happens to executions from outside: deaths, callbacks, and what people say, pay and find."""

from collections.abc import Iterator
from datetime import timedelta

from domain.law.terms import EventKind
from domain.ledger.attempt import (
    SAYS,
    AttemptState,
    Event,
    RefusalKind,
    is_old_news,
    move,
)
from domain.ledger.protocol import may_settle_refused
from lab.protocol.desk import arrived, left
from lab.protocol.edits import (
    Limits,
    Taken,
    failed,
    find,
    may_fail,
    raised,
    tell,
    with_flow,
    with_row,
    with_run,
)
from lab.protocol.judge import closed
from lab.protocol.safeguards import Safeguards
from lab.protocol.world import SETTINGS, World


def failures(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """Workers die, or freeze while the server gives their work to another."""
    for place, run in enumerate(w.runs):
        if run.ghost:
            continue
        flow = w.flows[run.account]
        again = flow._replace(tries=flow.tries + 1, running=False, queued=True)
        if may_fail(w, "crash", limits):
            dead = with_run(failed(w, "crash"), place, None)
            if s.retried:
                dead = with_flow(dead, run.account, again)
            yield Taken(("crash", run.account, run.token, run.do), dead, progress=False)
        if may_fail(w, "frozen", limits):
            frozen = with_run(failed(w, "frozen"), place, run._replace(ghost=True))
            frozen = with_flow(frozen, run.account, again)
            yield Taken(("frozen", run.account, run.token, run.do), frozen, progress=False)


def callbacks(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """Each status of each message: soon, late, out of order, any number of times, or never."""
    for place, message in enumerate(w.messages):
        for status in (AttemptState.ACCEPTED, AttemptState.DELIVERED, AttemptState.UNDELIVERED):
            fails = status is AttemptState.UNDELIVERED
            open_yet = message.fate is AttemptState.ACCEPTED
            first = status is not AttemptState.ACCEPTED and open_yet
            if status not in (AttemptState.ACCEPTED, message.fate) and not first:
                continue
            if fails and first and not may_fail(w, "bounce", limits):
                continue
            to = failed(w, "bounce") if fails and first else w
            if first:
                known = message._replace(fate=status)
                to = to._replace(messages=(*w.messages[:place], known, *w.messages[place + 1 :]))
            label = ("callback", message.account, status)
            told = _apply(to, place, status, s)
            row = find(told, message.account, message.step)
            broken = closed(to.work, told.work, row) if row else None
            yield Taken(label, told, progress=False, broken=broken)


def _apply(w: World, place: int, status: AttemptState, s: Safeguards) -> World:
    message = w.messages[place]
    row = find(w, message.account, message.step)
    if row is None or row.name not in (None, place):
        return w
    told = SAYS[status]
    to = move(row.state, told, old=is_old_news(row.state, told, row.channel, None))
    if to is None:
        return w
    refusal = RefusalKind.OTHER if to is AttemptState.UNDELIVERED else row.refusal
    row = row._replace(state=to, ask=None, name=place, refusal=refusal)
    w = arrived(with_row(w, row), row, s)
    return tell(w, message.account) if to is AttemptState.UNDELIVERED else w


def people(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """The customer says or pays something; a person settles what is unknown."""
    more, setting = left(w, limits) > 0, SETTINGS[w.setting]
    for kind in (EventKind.OPT_IN, EventKind.OPT_OUT):
        if setting.asks and kind is EventKind.OPT_IN:
            continue
        if more and kind not in w.truth:
            said = _say(w, kind, s)._replace(truth=(*w.truth, kind))
            yield Taken(("says", kind), said, progress=False)
        elif not s.events_once and kind in w.truth and len(w.said) == len(w.truth):
            yield Taken(("says_again", kind), _say(w, kind, s), progress=False)
    for account, flow in enumerate(w.flows):
        if more and not w.paid[account] and not flow.over:
            paid = tuple(p or n == account for n, p in enumerate(w.paid))
            pays = tell(raised(w._replace(paid=paid), [account]), account)
            yield Taken(("pays", account), pays, progress=False)
    yield from _settled_by_a_person(w, s)


def _say(w: World, kind: EventKind, s: Safeguards) -> World:
    """The gateway's one transaction, and its signals: for every customer who has this handset."""
    setting, at = SETTINGS[w.setting], w.now + timedelta(microseconds=len(w.said) + 1)
    whose = (0, 1) if s.stops_by_address or not setting.shared else (0,)
    w = raised(w._replace(said=(*w.said, (kind, at, whose))), whose)
    for account in whose:
        w = tell(w, account)
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
        settled = with_row(w, row._replace(state=to, ask=None, refusal=refusal))
        label = ("person", row.account, to)
        yield Taken(label, tell(settled, row.account), progress=False)
