"""What a customer asks beside stops and starts, what people are asked for it, and what they do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from domain.channels import Channel
from domain.conversation.work import ANSWERED_BY, SILENCING
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.law.terms import EventKind
from domain.ledger.attempt import AttemptState
from lab.protocol.edits import Limits, Taken, raised, tell
from lab.protocol.judge import LOST, NOT_THEIRS, of_work
from lab.protocol.safeguards import Safeguards
from lab.protocol.world import SETTINGS, Asked, Item, Row, World

BOTH: Final = (0, 1)
SECOND: Final = timedelta(seconds=1)


def left(w: World, limits: Limits) -> int:
    """How much more may be said, paid and done in this life."""
    return limits.facts - len(w.truth) - sum(w.paid) - len(w.asked) - w.acts


def asks(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """The customer writes, and the gateway puts it on record."""
    if left(w, limits) > 0:
        known = {(one.reason, one.channel) for one in w.asked}
        for reason, channel, lacking in SETTINGS[w.setting].asks:
            if (reason, channel) not in known:
                to = _written(w, reason, channel, s, lacking=lacking)
                yield Taken(("asks", reason, channel), to, progress=False, broken=of_work(to))
    for message in w.unheard:
        there = w._replace(unheard=())
        heard = opened(there, message, s)
        yield Taken(("heard", message.reason), heard)
        dies = ("unheard_of", message.reason)
        yield Taken(dies, there, progress=False, broken=LOST)


def _written(
    w: World, reason: WorkReason, channel: Channel, s: Safeguards, *, lacking: bool
) -> World:
    """The gateway's one transaction, and its signals. A second passes: what is asked and what is
    answered are told apart by their times."""
    message = Asked(reason, channel, w.now + SECOND, lacking)
    w = w._replace(now=message.at, asked=(*w.asked, message))
    w = _heard_by_all(raised(w, BOTH))
    if not s.heard_at_once:
        return w._replace(unheard=(*w.unheard, message))
    return opened(w, message, s)


def _heard_by_all(w: World) -> World:
    for account in BOTH:
        w = tell(w, account)
    return w


def opened(w: World, message: Asked, s: Safeguards) -> World:
    """A person is asked: by the item that is open for the reason, or a new one."""
    for number, item in enumerate(w.work):
        if s.one_item and item.reason is message.reason and not item.done:
            return with_item(
                w, number, item._replace(channel=message.channel, lacking=message.lacking)
            )
    new = Item(message.reason, message.at, message.channel, message.lacking)
    return w._replace(work=(*w.work, new))


def with_item(w: World, number: int, item: Item) -> World:
    """The world with this item in a place; of what is done nobody asks more than that it is."""
    if item.done:
        item = Item(item.reason, SETTINGS[w.setting].horizon, None, done=True)
    return w._replace(work=(*w.work[:number], item, *w.work[number + 1 :]))


def works(w: World, s: Safeguards, limits: Limits) -> Iterator[Taken]:
    """People take items up, are too slow with them, and do them."""
    for number, item in enumerate(w.work):
        about = (item.reason, number)
        if item.claims:
            free = item._replace(held=False, claims=item.claims - 1)
            yield Taken(("given_back", *about), with_item(w, number, free), progress=False)
        if left(w, limits) <= 0:
            continue
        if not item.done and not (item.held and s.claims_compared):
            taken = with_item(w, number, item._replace(held=True, claims=item.claims + 1))
            taken = taken._replace(acts=w.acts + 1)
            yield Taken(("claims", *about), taken, progress=False, broken=of_work(taken))
        if not item.done:
            for outcome in _outcomes(item.reason):
                to = _done(w, number, outcome, s)
                yield Taken(("does", *about, outcome), to, progress=False)
        if not s.done_compared and (item.done or item.held):
            # Somebody else, who has looked before.
            to = _done(w, number, WorkOutcome.HANDLED, s)
            yield Taken(("does_too", *about), to, progress=False, broken=NOT_THEIRS)


def _outcomes(reason: WorkReason) -> tuple[WorkOutcome, ...]:
    return (
        (WorkOutcome.NOT_MEANT, WorkOutcome.CEASE)
        if reason in SILENCING
        else (WorkOutcome.HANDLED,)
    )


def _done(w: World, number: int, outcome: WorkOutcome, s: Safeguards) -> World:
    """One transaction: the item is done, and what the law gives weight to is on file."""
    w = with_item(w, number, w.work[number]._replace(done=True))
    w = w._replace(acts=w.acts + 1)
    if outcome is WorkOutcome.CEASE:
        at = w.now + timedelta(microseconds=len(w.said) + 1)
        w = raised(w._replace(said=(*w.said, (EventKind.CEASE, at, BOTH))), BOTH)
    elif s.done_counts:
        w = raised(w, BOTH)
    return _heard_by_all(w)


def arrived(w: World, row: Row, s: Safeguards) -> World:
    """A message has reached the customer: if it is an answer, what it answers is done."""
    if row.state is not AttemptState.DELIVERED:
        return w
    for number, item in enumerate(w.work):
        answers = ANSWERED_BY.get(item.reason) == row.purpose and not item.done
        if answers and (item.opened_at <= row.at or not s.answers_own):
            w = with_item(w, number, item._replace(done=True))
    return w
