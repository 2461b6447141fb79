"""A person on the telephone: who takes the call, what they hear, and which key they press.

Nobody here knows our menus. A person listens for the words of what they want ("to talk to a
person, press 3") and presses the number that goes with them, in three languages.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from xml.etree import ElementTree as Xml

from lab.sandbox.persons.people import Person, Persona
from lab.sandbox.seed import draw, weighted


class Fate(StrEnum):
    """Who, or what, takes a call."""

    HUMAN = "human"
    MACHINE = "machine"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    FAILED = "failed"
    """No such number, or not in service."""

    @property
    def status(self) -> str:
        """The CallStatus it ends with."""
        return "completed" if self in (Fate.HUMAN, Fate.MACHINE) else self.value

    @property
    def rings(self) -> bool:
        """Whether a telephone rang: the person was called, whoever took it."""
        return self not in (Fate.BUSY, Fate.FAILED)


FATES: Final[dict[str, float]] = {
    Fate.NO_ANSWER: 0.25,
    Fate.BUSY: 0.06,
    Fate.MACHINE: 0.2,
    Fate.FAILED: 0.02,
}
"""Share of calls to a telephone that works; the others are taken by somebody."""


def fate_of(person: Person, nth: int) -> Fate:
    """Who takes the ``nth`` call to this person."""
    if person.persona is Persona.UNREACHABLE:
        return Fate.FAILED
    drawn = weighted(FATES, person.seed, person.address, "fate", nth)
    return Fate(drawn) if drawn else Fate.HUMAN


_WISHES: Final = {
    "me": ("if you are", "si usted es", "si es usted", "se você é"),
    "wrong": ("wrong number", "equivocado", "errado"),
    "pay": ("to pay", "para pagar"),
    "when": ("when you will pay", "cuándo pagará", "quando vai pagar"),
    "person": ("to a person", "con una persona", "com uma pessoa"),
    "not mine": ("stand for any", "no le corresponde", "não lhe diz respeito"),
    "stop": ("no more calls", "no recibir más llamadas", "não receber mais ligações"),
    "all of it": ("to promise", "para prometer"),
    "yes": ("to confirm", "para confirmar"),
}
NOT_MINE: Final = 0.3
"""Of those who are named as guarantor on the telephone, how many say that they are none."""
_OPTION: Final = re.compile(
    r"((?:[^.?!]|[.?!](?=\S))*?)(?:press|marque|tecle) (\d)\b", re.IGNORECASE
)
"""A stretch of one sentence up to its key; the points of an amount end no sentence."""
_DAYS: Final = ("how many days", "cuántos días", "quantos dias")


def key_for(wish: str, words: str) -> str | None:
    """The key that the words give for a wish; None if they do not speak of it."""
    for option, key in _OPTION.findall(words):
        if any(said in option.lower() for said in _WISHES[wish]):
            return str(key)
    return None


@dataclass
class Listener:
    """One person during one call."""

    person: Person
    account: str | None
    nth: int
    known: bool = False
    """They have said who they are."""
    promised: bool = False
    paying: bool = False
    other: bool = False
    """They have said that it is none of theirs."""
    asked: int = 0
    wished: list[str] = field(default_factory=list)
    """What they wanted by the keys they pressed, in their order."""
    wants: tuple[str, ...] | None = None
    """What they want, in that order, where a model says so; else their character decides."""
    days: int = 0
    """Of a promise that a model makes: on which day from now."""

    def presses(self, words: str) -> str | None:
        """What they key in after these words: digits, "" for nothing, None to hang up."""
        self.asked += 1
        mood = self._mood()
        if mood == "in a hurry" or self.asked > 12:
            return None
        if (key := key_for("me", words)) is not None:
            return self._introduced(mood, words, key)
        for wish in self._wishes():
            if (key := key_for(wish, words)) is not None:
                return self._done(wish, key)
        if (mine := self._of_another(words)) and (key := key_for(mine, words)) is not None:
            return self._done(mine, key)
        if any(said in words.lower() for said in _DAYS):
            return str(self.days or 2 + int(self._draw("days") * 6))
        return None  # nothing for them here

    def _introduced(self, mood: str, words: str, key: str) -> str:
        if mood == "silent":
            return ""
        if mood == "somebody else":
            wrong = key_for("wrong", words)
            return self._done("wrong", wrong) if wrong else ""
        self.known = True
        return key

    def _mood(self) -> str:
        if self.wants is not None:
            return "somebody else" if "wrong" in self.wants else "willing"
        if self.person.persona is not Persona.IGNORER:
            return "willing"
        shares = {"in a hurry": 0.4, "silent": 0.2, "somebody else": 0.05}
        return weighted(shares, *self._about("mood")) or "willing"

    def _wishes(self) -> tuple[str, ...]:
        if self.wants is not None:
            return tuple(wish for wish in self.wants if wish not in self.wished)
        match self.person.persona:
            case Persona.PAYER if not self.paying:
                return ("pay",)
            case Persona.PROMISER if not self.promised:
                return ("when", "all of it", "yes")
            case Persona.ANSWERER:
                return ("person",)
            case Persona.OPT_OUTER:
                return ("stop",)
            case _:
                return ()

    def _of_another(self, words: str) -> str | None:
        """What somebody wants who is asked about a debt of somebody else's: once."""
        asked = key_for("not mine", words) is not None
        if not asked or self.other or self.person.persona is Persona.IGNORER:
            return None
        return "not mine" if self._draw("not mine") < NOT_MINE else "person"

    def _done(self, wish: str, key: str) -> str:
        self.wished.append(wish)
        self.paying = self.paying or wish == "pay"
        self.promised = self.promised or wish == "yes"
        self.other = self.other or wish == "not mine"
        return key

    def _draw(self, *about: object) -> float:
        return draw(*self._about(*about))

    def _about(self, *about: object) -> tuple[object, ...]:
        return (self.person.seed, self.person.address, self.account, self.nth, *about)


@dataclass
class Script:
    """What one answer of ours says and wants, read as Twilio reads it."""

    said: list[str] = field(default_factory=list)
    action: str | None = None
    """Where keys go; none are asked for without."""
    asked: str = ""
    empty_goes_on: bool = False
    redirect: str | None = None
    dialled: str | None = None
    pause: float = 0.0
    """Seconds, before what comes next."""


def read(twiml: str) -> Script:
    """The verbs up to the first that ends the document or waits. Raises ValueError for no TwiML."""
    try:
        root = Xml.fromstring(twiml)  # noqa: S314 - from the gateway that is being tried
    except Xml.ParseError as error:
        raise ValueError(f"no TwiML: {error}") from error
    if root.tag != "Response":
        raise ValueError(f"no TwiML: <{root.tag}>")
    script = Script()
    for verb in root:
        words = " ".join((say.text or "") for say in verb.iter("Say"))
        match verb.tag:
            case "Say":
                script.said.append(words)
            case "Gather":
                script.said.append(words)
                script.asked, script.action = words, verb.get("action", "")
                script.empty_goes_on = verb.get("actionOnEmptyResult") == "true"
                break
            case "Redirect":
                script.redirect = (verb.text or "").strip()
                break
            case "Dial":
                script.dialled = (verb.text or "").strip()
            case "Hangup":
                break
            case "Pause":
                script.pause += float(verb.get("length", "1"))
            case _:
                raise ValueError(f"<{verb.tag}> is not played here")
    return script
