"""Everything that can go wrong, and who must act.

Failure
|-- BadInput           the sender must mend it; never retried
|-- NotFound           the reader asked for what is not there
|-- Misconfigured      an operator must mend configuration or credentials
`-- Unavailable        PostgreSQL, Temporal or a provider does not answer; retried
"""

from collections.abc import Iterable
from typing import NamedTuple, Self


class Failure(Exception):
    """Base of our own failures; the message is for the person who reads it."""

    retryable = False


class BadInput(Failure):
    """Input that breaks a rule: says which field and which rule."""


class WrongField(BadInput):
    """One field of an input, and the rule that it breaks."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field, self.rule = field, rule


class NotFound(Failure):
    """Nothing is known under this id."""


_SENTENCE = ("is ", "has ", "must ", "cannot ")
"""How a rule begins whose subject is the place."""


class Fault(NamedTuple):
    """One thing that an operator has to mend."""

    where: str
    """A file or a variable."""
    field: str
    """Inside it; empty where it is wrong as a whole."""
    rule: str
    """What it must be, and is not."""
    todo: str = ""
    """What to do, where the rule does not say it."""

    def __str__(self) -> str:
        """In one line."""
        *place, rule = [part for part in (self.where, self.field, self.rule) if part]
        link = " " if rule.startswith(_SENTENCE) else ": "
        text = link.join([": ".join(place), rule]) if place else rule
        return f"{text}; {self.todo}" if self.todo else text


class Misconfigured(Failure):
    """Settings, credentials, law packs, strategies or templates are wrong."""

    faults: tuple[Fault, ...] = ()
    """Each thing that is wrong, where whoever raises knows them one by one."""

    @classmethod
    def of(cls, faults: Iterable[Fault], head: str = "") -> Self:
        """All that is wrong at once, a line for each."""
        found = tuple(faults)
        made = cls("\n".join([head] * bool(head) + [str(one) for one in found]))
        made.faults = found
        return made


class Unavailable(Failure):
    """An outside system does not answer; trying again is right."""

    retryable = True
