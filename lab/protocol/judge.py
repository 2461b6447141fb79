"""An independent reading of what must never be: it asks nobody but the providers' own record, and
what the customer and people have really said and done."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domain.channels import Channel
from domain.conversation.work_words import WorkReason
from domain.law.terms import EventKind
from domain.ledger.attempt import AttemptState
from lab.protocol.world import MIN_DAYS, SETTINGS, Item, Row, Sent, World

ANSWER_TO: Final = {
    "balance_answer": WorkReason.BALANCE,
    "promise_question": WorkReason.PROMISE,
    "payment_question": WorkReason.ALREADY_PAID,
}
"""What a message answers, or asks back. Typed a second time, as are the two below."""
UNDECIDED: Final = (WorkReason.DISPUTE,)
"""What silences until a person has decided, of all that is written here."""
WITHIN: Final = timedelta(hours=18)
"""In so long, whatever is asked again is answered once."""

TWICE: Final = "the customer has two messages where one was due"
STOPPED: Final = "a message goes out after the stop, or the payment, was on record"
DONE: Final = "an answer goes out after a person has done what it answers"
SILENT: Final = "a message goes out while a person has to decide"
ANSWERED_TWICE: Final = "a question is answered twice"
ELSEWHERE: Final = "an answer goes where nobody has asked"
LOST: Final = "a message is on record, and nobody was asked what it asks for"
UNANSWERED: Final = "an item is closed by an answer that was sent before it was asked"
TWO_ITEMS: Final = "two items are open for one customer and reason"
TWO_HOLDERS: Final = "two people have one item"
NOT_THEIRS: Final = "an item is done that another has, or has done"


def sent(w: World, row: Row) -> Sent:
    """The provider's own record of a message; its time where that matters."""
    if SETTINGS[w.setting].asks:
        return Sent(row.account, row.step, row.channel, purpose=row.purpose, at=w.now)
    if w.setting != "phases":
        return Sent(row.account, row.step, row.channel)
    day = (w.now + timedelta(hours=SETTINGS[w.setting].utc_offset)).toordinal()
    return Sent(row.account, row.step, row.channel, day=day, covers=row.covers, phase=row.phase)


def against(w: World, row: Row) -> str | None:
    """What the customer said or paid, or a person did, that stands against a message now."""
    stopped = row.channel is Channel.SMS and w.truth[-1:] == (EventKind.OPT_OUT,)
    ceased = any(kind is EventKind.CEASE for kind, _, _ in w.said)
    if stopped or ceased or any(w.paid[covered] for covered in row.covers):
        return STOPPED
    waiting = {item.reason for item in w.work if not item.done}
    if not waiting.isdisjoint(UNDECIDED):
        return SILENT
    answers = ANSWER_TO.get(row.purpose)
    return DONE if answers is not None and answers not in waiting else None


def wrong(w: World, stood: str | None) -> str | None:
    """What is wrong with the message that was taken last. ``stood``: what stood against it when it
    was dispatched."""
    setting = SETTINGS[w.setting]
    arrived = [message for message in w.messages if message.fate is not AttemptState.UNDELIVERED]
    answers = w.messages[-1].purpose in ANSWER_TO
    if answers:
        twice = _answered_wrongly(w)
    elif w.setting == "phases":
        twice = None
        if any(_too_close(before, arrived[-1]) for before in arrived[:-1]):
            twice = "two messages about one account are closer together than the strategy asks"
    else:
        twice = _twice([one for one in arrived if one.purpose not in ANSWER_TO], w.setting)
    if twice is not None:
        return twice
    hour = w.now + timedelta(hours=setting.utc_offset)  # no change of the clock in these days
    if not setting.opens <= hour.hour < setting.closes:
        place = setting.zone.rpartition("/")[2]
        return f"a message goes out at {hour:%H:%M} in {place}, when the law allows none"
    return stood


def _twice(arrived: Sequence[Sent], setting: str) -> str | None:
    if not SETTINGS[setting].shared:
        return TWICE if len(arrived) > 1 else None
    if sum(message.channel is Channel.SMS for message in arrived) > 1:
        return "the handset has two messages where one was due"
    return TWICE if len({message.account for message in arrived}) < len(arrived) else None


def _too_close(early: Sent, late: Sent) -> bool:
    wanted = min(MIN_DAYS[early.phase], MIN_DAYS[late.phase])
    return bool(set(early.covers) & set(late.covers)) and late.day - early.day < wanted


def _answered_wrongly(w: World) -> str | None:
    """Of an answer also one that bounced counts: it is not given again."""
    last = w.messages[-1]
    said = [message for message in w.messages if message.purpose == last.purpose]
    asked = [one for one in w.asked if one.reason is ANSWER_TO[last.purpose]]
    close = any(last.at - before.at < WITHIN for before in said[:-1])
    if close or len(said) > len(asked):
        return ANSWERED_TWICE
    return None if any(one.channel is last.channel for one in asked) else ELSEWHERE


def of_work(w: World) -> str | None:
    """What is wrong with the work that waits."""
    waiting = [item for item in w.work if not item.done]
    if len({item.reason for item in waiting}) < len(waiting):
        return TWO_ITEMS
    return TWO_HOLDERS if any(item.claims > 1 for item in waiting) else None


def closed(before: Sequence[Item], after: Sequence[Item], answer: Row) -> str | None:
    """What is wrong with what an answer that has arrived has closed."""
    gone = [item for item, now in zip(before, after, strict=True) if now.done and not item.done]
    return UNANSWERED if any(item.opened_at > answer.at for item in gone) else None
