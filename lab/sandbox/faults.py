"""What goes wrong, and when: by script, or by seeded chance.

One request can meet one fault of each slot: what becomes of the *answer*, what becomes of the
*message*, and what becomes of the *callbacks*.
"""

import re
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from lab.sandbox import intermediaries
from lab.sandbox.seed import weighted

Slot = Literal["answer", "fate", "callbacks"]


class Fault(StrEnum):
    """Every fault by name; `_before` is before acceptance, `_after` is after it."""

    REFUSE = "refuse"
    """`refuse:<code>`: a definite no, with Twilio's code or SendGrid's HTTP status."""
    TOO_MANY = "429"
    FAIL_BEFORE = "5xx_before"
    """`5xx_before:<status>`, 500 unless told."""
    FAIL_AFTER = "5xx_after"
    HANG_BEFORE = "hang_before"
    HANG_AFTER = "hang_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    TRUNCATE_AFTER = "truncate_after"
    """Half an answer that ends as if it were whole."""
    CUT_AFTER = "cut_after"
    """Half an answer although Content-Length promised all of it."""
    PROXY_BEFORE = "proxy_before"
    PROXY_AFTER = "proxy_after"
    """`proxy_after:403-html`, `proxy_after:429-json-retry`: something on the way answers in the
    provider's stead; the statuses and forms are those of `intermediaries.py`."""
    SLOW = "slow"
    """`slow:<seconds>` before an otherwise right answer."""

    UNDELIVERED = "undelivered"
    """`undelivered:<code>`: accepted, never reaches the person: 30003 unless told, or a bounce."""
    FAILED = "failed"
    """`failed:<code>`: as above, with Twilio's status failed; SendGrid drops it."""
    BLOCKED = "blocked"
    """SendGrid: event bounce with type blocked; on Twilio undelivered with 30007."""

    SILENT = "silent"
    """No callback at all."""
    CALLBACK_LOST = "callback_lost"
    """The final callback does not arrive, the others do."""
    CALLBACK_DOUBLE = "callback_double"
    CALLBACK_REORDER = "callback_reorder"
    CALLBACK_LATE = "callback_late"
    CALLBACK_FORGED = "callback_forged"
    """Before the right ones comes one that says the opposite, with a wrong signature."""


SLOTS: Final[dict[Fault, Slot]] = {
    **dict.fromkeys(
        (
            Fault.REFUSE,
            Fault.TOO_MANY,
            Fault.FAIL_BEFORE,
            Fault.FAIL_AFTER,
            Fault.HANG_BEFORE,
            Fault.HANG_AFTER,
            Fault.RESET_BEFORE,
            Fault.RESET_AFTER,
            Fault.TRUNCATE_AFTER,
            Fault.CUT_AFTER,
            Fault.PROXY_BEFORE,
            Fault.PROXY_AFTER,
            Fault.SLOW,
        ),
        "answer",
    ),
    **dict.fromkeys((Fault.UNDELIVERED, Fault.FAILED, Fault.BLOCKED), "fate"),
    **dict.fromkeys(
        (
            Fault.SILENT,
            Fault.CALLBACK_LOST,
            Fault.CALLBACK_DOUBLE,
            Fault.CALLBACK_REORDER,
            Fault.CALLBACK_LATE,
            Fault.CALLBACK_FORGED,
        ),
        "callbacks",
    ),
}


def _known(do: str) -> str:
    name, _, argument = do.partition(":")
    if name not in set(Fault):
        raise ValueError(f"unknown fault {name!r}; there are: {', '.join(Fault)}")
    if name in (Fault.PROXY_BEFORE, Fault.PROXY_AFTER):
        if not intermediaries.understood(argument):
            raise ValueError(
                f"{do!r}: say what is answered, as in 'proxy_after:403-html' or "
                f"'proxy_after:429-json-retry': one of {intermediaries.STATUSES} and of "
                f"{intermediaries.FORMS}"
            )
        return do
    number = r"\d+(\.\d+)?" if name == Fault.SLOW else r"\d+"
    if argument and not re.fullmatch(number, argument):
        raise ValueError(f"{do!r}: what follows the colon must be a number")
    if name in (Fault.REFUSE, Fault.SLOW) and not argument:
        raise ValueError(f"{do!r}: say what, as in 'refuse:21211' or 'slow:0.5'")
    return do


Do = Annotated[str, AfterValidator(_known)]


class Effect(BaseModel):
    """One fault that applies to a request."""

    model_config = ConfigDict(frozen=True)

    fault: Fault
    argument: str = ""

    @classmethod
    def of(cls, do: str) -> "Effect":
        """Read `name` or `name:argument`."""
        name, _, argument = do.partition(":")
        return cls(fault=Fault(name), argument=argument)

    def words(self) -> str:
        """As it was written."""
        return f"{self.fault}:{self.argument}" if self.argument else self.fault.value

    def number(self, default: int) -> int:
        """The argument as a code, or the default."""
        return int(self.argument or default)


class Facts(BaseModel):
    """What a rule can match a request by; `*` and `?` stand for any characters."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    op: str = "send"
    provider: str = ""
    channel: str = ""
    to: str = ""
    from_: str = Field("", alias="from")
    attempt: str = ""
    account: str = ""


class Rule(BaseModel):
    """One line of a fault script."""

    model_config = ConfigDict(extra="forbid")

    match: dict[str, str] = {}
    do: Do
    times: Annotated[int, Field(gt=0)] | None = 1
    """How often it strikes; None for ever."""
    since: datetime | None = None
    until: datetime | None = None
    """On the account's clock, half open: a provider that is down for (virtual) days."""
    struck: int = 0

    @field_validator("match")
    @classmethod
    def _known_keys(cls, match: dict[str, str]) -> dict[str, str]:
        known = {"from" if name == "from_" else name for name in Facts.model_fields}
        if unknown := set(match) - known:
            raise ValueError(f"cannot match by {sorted(unknown)}; there are {sorted(known)}")
        return match

    @field_validator("since", "until")
    @classmethod
    def _aware(cls, at: datetime | None) -> datetime | None:
        if at is not None and at.tzinfo is None:
            raise ValueError("give the time with its offset, as in 2026-03-02T00:00:00Z")
        return at

    def strikes(self, facts: Facts, at: datetime) -> bool:
        """Whether this rule applies to a request with these facts at that moment."""
        if self.times is not None and self.struck >= self.times:
            return False
        # First the cheapest: a script of a thousand lines is mostly about other attempts.
        attempt = self.match.get("attempt", "*")
        if attempt != facts.attempt and not {"*", "?", "["} & set(attempt):
            return False
        if (self.since and at < self.since) or (self.until and at >= self.until):
            return False
        values = facts.model_dump(by_alias=True)
        wanted = {"op": "send", **self.match}
        return all(fnmatchcase(values[key], pattern) for key, pattern in wanted.items())


class FaultPlan(BaseModel):
    """Probabilities by fault (`refuse:21211`, `429`, ...), and rules that come before them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    probabilities: dict[Do, Annotated[float, Field(ge=0, le=1)]] = {}
    """Within one slot they add up to at most one."""
    script: tuple[Rule, ...] = ()
    late_seconds: Annotated[float, Field(gt=0)] = 3 * 3600.0
    """How late a late callback is, in a person's time."""

    def of_slot(self, slot: Slot) -> dict[str, float]:
        """The probabilities that compete with each other."""
        return {
            do: share
            for do, share in self.probabilities.items()
            if SLOTS[Effect.of(do).fault] == slot
        }

    @field_validator("probabilities")
    @classmethod
    def _at_most_one(cls, shares: dict[str, float]) -> dict[str, float]:
        for slot in set(SLOTS.values()):
            total = sum(s for do, s in shares.items() if SLOTS[Effect.of(do).fault] == slot)
            if total > 1 + 1e-9:
                raise ValueError(f"the probabilities of the {slot} faults add up to {total:g}")
        return shares


Effects = dict[Slot, Effect]


class FaultBox:
    """Decides what goes wrong with each request, and counts it."""

    def __init__(self, plan: FaultPlan, seed: int) -> None:
        self.plan = plan
        self.rules = [rule.model_copy() for rule in plan.script]
        self.counts: dict[str, int] = {}
        self.answers: dict[str, list[str]] = {}
        """What became of the answer to an attempt's requests, where it was not simply given."""
        self._seed = seed
        self._asked: dict[tuple[str, ...], int] = {}

    def take(self, facts: Facts, at: datetime) -> Effects:
        """The faults of this request; a rule that strikes is used up by it."""
        effects: Effects = {}
        for rule in self.rules:
            effect = Effect.of(rule.do)
            slot = SLOTS[effect.fault]
            if slot not in effects and rule.strikes(facts, at):
                rule.struck += 1
                effects[slot] = effect
        if facts.op == "send":
            self._draw(facts, effects)
            if "answer" in effects:
                self.answers.setdefault(facts.attempt, []).append(effects["answer"].words())
        for effect in effects.values():
            self.counts[effect.fault] = self.counts.get(effect.fault, 0) + 1
        return effects

    def _draw(self, facts: Facts, effects: Effects) -> None:
        key = (facts.provider, facts.to, facts.attempt)
        self._asked[key] = nth = self._asked.get(key, 0) + 1
        slots: tuple[Slot, ...] = ("answer", "fate", "callbacks")
        for slot in slots:
            do = weighted(self.plan.of_slot(slot), self._seed, "fault", slot, *key, nth)
            if do and slot not in effects:
                effects[slot] = Effect.of(do)
