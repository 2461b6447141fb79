"""What somebody says next in a conversation, and what they mean by it; fixed by the seed.

A person knows what they said last. What reaches them within a day of it they take for the answer:
who was asked for a day names one, who was told how much may promise, or ask for a plan. Everything
else that reaches them opens a conversation anew, or is let lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from lab.sandbox.persons.phrases import day_named, mistyped, some_amount, some_day, written
from lab.sandbox.persons.reading import Amount, Language
from lab.sandbox.persons.topics import CHANNELS, HOURS, MEANS, TALK, Topic
from lab.sandbox.seed import draw, pick, weighted

ANSWERED_WITHIN: Final = timedelta(hours=20)
"""What comes later is no answer to what they said."""

MISTYPED: Final = 0.3
"""Of what is written, how much has a slip."""

OPENINGS: Final[Mapping[str, float]] = {
    Topic.IDENTITY: 0.13,
    Topic.BALANCE: 0.14,
    Topic.WITHOUT_DAY: 0.09,
    Topic.WITHOUT_AMOUNT: 0.09,
    Topic.PROMISE: 0.07,
    Topic.ALREADY_PAID: 0.08,
    Topic.DISPUTE: 0.07,
    Topic.PLAN_REQUEST: 0.06,
    Topic.HARDSHIP: 0.04,
    Topic.HARDSHIP_AND_PLAN: 0.03,
    Topic.CHANNEL: 0.1,
    Topic.HOURS: 0.03,
    Topic.WANTS_PERSON: 0.05,
    Topic.OTHER: 0.02,
}
"""With what somebody begins."""

FOLLOWS: Final[Mapping[Topic, Mapping[str, float]]] = {
    Topic.IDENTITY: {Topic.BALANCE: 0.5, Topic.THANKS: 0.2, Topic.DISPUTE: 0.1},
    Topic.BALANCE: {
        Topic.WITHOUT_DAY: 0.25,
        Topic.PROMISE: 0.25,
        Topic.PLAN_REQUEST: 0.1,
        Topic.CHANNEL: 0.1,
        Topic.THANKS: 0.1,
    },
    Topic.WITHOUT_DAY: {Topic.THE_DAY: 0.85},
    Topic.WITHOUT_AMOUNT: {Topic.THE_AMOUNT: 0.85},
    Topic.ALREADY_PAID: {Topic.RECEIPT: 0.7},
    Topic.PROMISE: {Topic.THANKS: 0.4},
    Topic.THE_DAY: {Topic.THANKS: 0.4},
    Topic.THE_AMOUNT: {Topic.THANKS: 0.4},
    Topic.CHANNEL: {Topic.THANKS: 0.4},
    Topic.HOURS: {Topic.THANKS: 0.4},
}
"""With what they go on once they are answered; the rest say no more."""

LETS_LIE: Final = 0.3
"""Of what reaches somebody who has written before, and answers nothing, how much is let lie."""

ELSEWHERE: Final[Mapping[str, Mapping[str, float]]] = {
    "email": {"whatsapp": 0.35, "sms": 0.2},
    "sms": {"whatsapp": 0.3},
    "whatsapp": {"sms": 0.2},
}
"""Who opens a conversation does not always do so where they were written to."""


@dataclass(frozen=True)
class Said:
    """The last thing that somebody said."""

    topic: Topic
    at: datetime


@dataclass(frozen=True)
class Line:
    """What somebody says, and what they mean."""

    topic: Topic
    text: str
    language: Language
    amount: Decimal | None = None
    on: date | None = None
    channel: str | None = None
    hours: str | None = None

    @property
    def meant(self) -> dict[str, Any]:
        """As the sandbox's own record has it (`record.Meant`)."""
        told = {
            "topic": self.topic.value,
            "intents": list(MEANS[self.topic]),
            "language": self.language,
            "amount": None if self.amount is None else str(self.amount),
            "on": None if self.on is None else self.on.isoformat(),
            "channel": self.channel,
            "hours": self.hours,
        }
        return {key: value for key, value in told.items() if value is not None}


def answers(last: Said | None, at: datetime) -> bool:
    """Whether what reaches somebody is, to them, the answer to what they said last."""
    return last is not None and at - last.at <= ANSWERED_WITHIN


def next_topic(last: Said | None, at: datetime, *about: object) -> Topic | None:
    """What they speak of now; None: they say nothing."""
    if last is not None and answers(last, at):
        then = weighted(FOLLOWS.get(last.topic, {}), *about, "then")
        return Topic(then) if then else None
    if last is not None and draw(*about, "lets lie") < LETS_LIE:
        return None
    opens = weighted(OPENINGS, *about, "opens")
    return Topic(opens) if opens else Topic.OTHER


def place_of(topic: Topic, heard_by: str, reachable: Sequence[str], *about: object) -> str:
    """By which channel they say it: `heard_by`, or another on which they have an address."""
    ways = ELSEWHERE.get(heard_by, {}) if topic in _OPENING else {}
    ways = {channel: share for channel, share in ways.items() if channel in reachable}
    return weighted(ways, *about, "by") or heard_by


_OPENING: Final = frozenset(map(Topic, OPENINGS))


def line(
    topic: Topic,
    language: Language,
    today: date,
    owed: Amount | None,
    reachable: Sequence[str],
    *about: object,
    on: date | None = None,
    whole: bool = False,
) -> Line:
    """Words for a topic. Who does not know what they owe offers no amount, but asks for it.

    ``reachable``: the other channels on which they have an address. ``on``: the day that they name,
    ``whole``: all that they owe is what they offer; elsewhere chance decides.
    """
    if owed is None and topic in (Topic.WITHOUT_DAY, Topic.PROMISE, Topic.THE_AMOUNT):
        topic = Topic.BALANCE
    words = [one for one in TALK[topic][language] if owed is not None or "{amount}" not in one]
    text = pick(words, *about, "words")
    day = day_named(on, today, language, *about) if on else some_day(today, language, *about)
    amount = some_amount(owed.value, *about) if owed else None
    if owed and whole:
        amount = max(owed.value // 1, Decimal(1))
    channel = pick(list(reachable) or list(CHANNELS[language]), *about, "channel")
    hours = pick(HOURS[language], *about, "hours")
    said = text.format(
        amount=written(amount, owed.currency, language, *about) if amount and owed else "",
        day=day.words,
        channel=CHANNELS[language][channel],
        hours=hours,
    )
    said = said[:1].upper() + said[1:] if text.startswith("{") else said
    if draw(*about, "slips") < MISTYPED:
        said = mistyped(said, language, *about)
    return Line(
        topic,
        said,
        language,
        amount if "{amount}" in text else None,
        day.on if "{day}" in text else None,
        channel if "{channel}" in text else None,
        hours if "{hours}" in text else None,
    )
