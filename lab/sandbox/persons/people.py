"""The customers played: who somebody is and what they do about a message, both fixed by the seed.

Nothing here waits or sends. A person hears a message and forms intents, each with the moment (on
that person's own clock) at which they will act on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_zones

from lab.sandbox.persons.conversation import Line, Said, answers, line, next_topic, place_of
from lab.sandbox.persons.reading import Amount, amount_in, language_of
from lab.sandbox.persons.topics import Topic
from lab.sandbox.persons.wordings import ASK_AMOUNT, STOPS, WRONG_PERSON
from lab.sandbox.seed import draw, pick, weighted
from lab.sandbox.settings import Personas


class Persona(StrEnum):
    """Kinds of people."""

    PAYER = "payer"
    PROMISER = "promiser"
    IGNORER = "ignorer"
    ANSWERER = "answerer"
    OPT_OUTER = "opt_outer"
    UNREACHABLE = "unreachable"
    """Not a kind of person but of address: a number out of service, a mailbox that bounces."""


class Kind(StrEnum):
    """What people do, and what the agenda can hold."""

    REPLY = "reply"
    UNSUBSCRIBE = "unsubscribe"
    SPAM_REPORT = "spamreport"
    OPEN = "open"
    PAY = "pay"
    PROMISE = "promise"
    CALL = "call"
    CALLBACK = "callback"
    """No act of a person: a provider's callback that comes late."""


class Asks(StrEnum):
    """What somebody has said after which nobody may write to that address."""

    STOP = "stop"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True)
class Intent:
    """Something a person is going to do."""

    kind: Kind
    at: datetime
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """A message as it reaches a person."""

    channel: str
    account: str | None
    text: str
    at: datetime
    nth: int
    """Which message about this account it is for this address, from 1."""
    last: Said | None = None
    """What the person said last, wherever that was."""
    owed: Amount | None = None
    """What the messages about this account have said is owed."""
    also: Mapping[str, str] = field(default_factory=dict)
    """Where else the person can be written from: channel to address."""


SMS_TROUBLES: Final = (
    "refuse:21211",
    "refuse:21614",
    "undelivered:30005",
    "undelivered:30003",
    "undelivered:30006",
    "failed:30005",
)
WHATSAPP_TROUBLES: Final = ("undelivered:63024", "undelivered:63003")
EMAIL_TROUBLES: Final = ("undelivered", "undelivered", "blocked")

STRANGERS: Final = 0.15
"""Of the people who answer, how many are not the customer."""
ONLY_READ: Final = 0.3
"""Of the mails that reach somebody who answers, how many are opened and no more."""
KEPT: Final = 0.7
"""Of the promises made in a conversation, how many are kept."""
WAKE, BED = time(9), time(20, 30)


@dataclass(frozen=True)
class Person:
    """One address and the character behind it."""

    address: str
    persona: Persona
    seed: int
    zone: ZoneInfo

    @classmethod
    def meet(
        cls, address: str, seed: int, shares: Personas, default_zone: str, owner: str | None = None
    ) -> "Person":
        """Who is behind an address: always the same for the same seed and shares.

        ``owner``: whose it is, if that is known: all their addresses that work have one character.
        """
        weights = shares.model_dump()
        drawn = weighted(weights, seed, "persona", address)
        if owner is not None and drawn != Persona.UNREACHABLE:
            works = 1 - weights.pop(Persona.UNREACHABLE)
            weights = {kind: share / works for kind, share in weights.items()}
            drawn = weighted(weights, seed, "persona", owner)
        return cls(address, Persona(drawn or Persona.IGNORER), seed, zone_of(address, default_zone))

    def trouble(self, channel: str) -> str | None:
        """The fault that meets every message to an address that does not work."""
        if self.persona is not Persona.UNREACHABLE:
            return None
        kinds = {"email": EMAIL_TROUBLES, "whatsapp": WHATSAPP_TROUBLES}.get(channel, SMS_TROUBLES)
        return pick(kinds, self.seed, "trouble", self.address)

    def hears(self, message: Heard) -> list[Intent]:
        """What the person will do about a message."""
        match self.persona:
            case Persona.PAYER:
                return self._pays(message)
            case Persona.PROMISER:
                return self._promises(message)
            case Persona.ANSWERER:
                return self._answers(message)
            case Persona.OPT_OUTER:
                return self._opts_out(message)
            case Persona.IGNORER | Persona.UNREACHABLE:
                return []

    def _draw(self, *about: object) -> float:
        return draw(self.seed, self.address, *about)

    def _patience(self, most: int) -> int:
        return 1 + int(self._draw("patience") * most)

    def _pays(self, heard: Heard) -> list[Intent]:
        first = self._patience(3)
        if heard.account is None or heard.nth < first:
            return []
        amount = amount_in(heard.text, self.address)
        if amount is None:
            return self._asks(heard)
        in_parts = self._draw("in parts") < 0.3
        if in_parts and heard.nth == first:
            amount = replace(amount, value=_cents(amount.value * Decimal("0.5")))
        days = int(self._draw("days", heard.account, heard.nth) * 6)
        return [Intent(Kind.PAY, self._later(heard, days, "pay"), _money(amount, heard))]

    def _promises(self, heard: Heard) -> list[Intent]:
        first = self._patience(2)
        if heard.account is None or heard.nth < first or (heard.nth - first) % 3:
            return []
        amount = amount_in(heard.text, self.address)
        if amount is None:
            return self._asks(heard)
        spoken = self._later(heard, 0, "promise")
        days = 2 + int(self._draw("promise days", heard.account, heard.nth) * 6)
        due = self._at(spoken, days, "keep", heard.account, heard.nth)
        promise = {**_money(amount, heard), "date": due.astimezone(self.zone).date().isoformat()}
        intents = [Intent(Kind.PROMISE, spoken, promise)]
        if self._draw("keeps", heard.account, heard.nth) < 0.6:
            intents.append(Intent(Kind.PAY, due, _money(amount, heard)))
        return intents

    def keeps(self, heard: Heard) -> list[Intent]:
        """What somebody does who has promised on the telephone."""
        amount = amount_in(heard.text, self.address)
        if amount is None or self._draw("keeps", heard.account, heard.nth) >= 0.6:
            return []
        return [Intent(Kind.PAY, self._later(heard, 1, "keep"), _money(amount, heard))]

    def soon(self, heard: Heard) -> datetime:
        """When somebody calls back."""
        return self._later(heard, 0, "call back")

    def _answers(self, heard: Heard) -> list[Intent]:
        if heard.nth < self._patience(2):
            return []
        at = self._later(heard, 0, "reply")
        about = (self.seed, self.address, heard.account, heard.channel, heard.nth)
        opened = heard.channel == "email" and not answers(heard.last, heard.at)
        if opened and draw(*about, "only reads") < ONLY_READ:
            return [Intent(Kind.OPEN, self._later(heard, 0, "open"))]
        if self._draw("stranger") < STRANGERS:
            return [self._says(heard, at, pick(WRONG_PERSON[language_of(heard.text)], *about))]
        topic = next_topic(heard.last, heard.at, *about)
        if topic is None:
            return []
        today = at.astimezone(self.zone).date()
        language = language_of(heard.text)
        others = [channel for channel in heard.also if channel != heard.channel]
        said = line(topic, language, today, heard.owed, others, *about)
        return [self._replies(heard, at, said, *about), *self._keeps_word(heard, said, *about)]

    def _replies(self, heard: Heard, at: datetime, said: Line, *about: object) -> Intent:
        details: dict[str, Any] = {"text": said.text, "meant": said.meant}
        by = place_of(said.topic, heard.channel, [*heard.also], *about)
        if by != heard.channel:
            details |= {"by": by, "from": heard.also[by]}
        return Intent(Kind.REPLY, at, details)

    def _keeps_word(self, heard: Heard, said: Line, *about: object) -> list[Intent]:
        """The payment of who has named both a day and an amount, if they keep their word."""
        if said.amount is None or said.on is None or draw(*about, "keeps") >= KEPT:
            return []
        day = datetime.combine(said.on, WAKE, self.zone)
        at = _whole(day + timedelta(minutes=draw(*about, "pays") * 11.5 * 60))
        money = {"amount": str(said.amount), "heard_at": heard.at.isoformat()}
        return [Intent(Kind.PAY, at, money)]

    def _asks(self, heard: Heard) -> list[Intent]:
        if heard.channel == "email":
            return []
        language = language_of(heard.text)
        asked = Line(Topic.BALANCE, ASK_AMOUNT[language], language)
        details = {"text": asked.text, "meant": asked.meant}
        return [Intent(Kind.REPLY, self._later(heard, 0, "ask"), details)]

    def _opts_out(self, heard: Heard) -> list[Intent]:
        if heard.nth < self._patience(3):
            return []
        at = self._later(heard, 0, "stop")
        if heard.channel == "email":
            annoyed = self._draw("annoyed") < 0.25
            return [Intent(Kind.SPAM_REPORT if annoyed else Kind.UNSUBSCRIBE, at)]
        text = pick(STOPS[language_of(heard.text)], self.seed, self.address, heard.nth)
        return [self._says(heard, at, text)]

    @staticmethod
    def _says(heard: Heard, at: datetime, text: str) -> Intent:
        """A stop, or that this is somebody else."""
        asks, language = asks_in(text), language_of(heard.text)
        topic = Topic.WRONG_PERSON if asks is Asks.WRONG_PERSON else Topic.STOP
        details = {"text": text, "meant": Line(topic, text, language).meant}
        return Intent(Kind.REPLY, at, details | ({"asks": asks.value} if asks else {}))

    def _later(self, heard: Heard, days: int, why: str) -> datetime:
        return self._at(heard.at, days, why, heard.account, heard.nth)

    def _at(self, after: datetime, days: int, *about: object) -> datetime:
        """A moment of the person's waking day, `days` days on; within hours if that is today."""
        local = after.astimezone(self.zone)
        spread = self._draw("hour", *about)
        if days == 0:
            at = local + timedelta(minutes=10 + spread * 180)
            if WAKE <= at.time() < BED and at.date() == local.date():
                return _whole(at)
            days = 1 if at.time() >= BED or at.date() != local.date() else 0
        day = datetime.combine(local.date() + timedelta(days=days), WAKE, self.zone)
        return _whole(day + timedelta(minutes=spread * 11.5 * 60))


@lru_cache(maxsize=65536)
def zone_of(address: str, default: str) -> ZoneInfo:
    """Where somebody lives, as far as a telephone number tells."""
    try:
        known = phone_zones.time_zones_for_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        known = ()
    zone = known[0] if known and known[0] != "Etc/Unknown" else default
    return ZoneInfo(zone)


def asks_in(text: str) -> Asks | None:
    """What somebody asks who says exactly this; None for words that are nobody's here."""
    for asks, wordings in ((Asks.STOP, STOPS), (Asks.WRONG_PERSON, WRONG_PERSON)):
        if any(text in said for said in wordings.values()):
            return asks
    return None


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _cents(value: Decimal) -> Decimal:
    return max(value.quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal("0.01"))


def _money(amount: Amount, heard: Heard) -> dict[str, str]:
    money = {"amount": str(amount.value), "heard_at": heard.at.isoformat()}
    return money if amount.guessed else {**money, "currency": amount.currency}
