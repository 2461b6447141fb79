"""An order that holds for many accounts at once, told by one row and read in every reservation.

A hold begins nothing until it is over, and still answers what customers ask; a cease lets nothing
leave at all; a re-plan has every account plan anew before its next contact. None of them is a
signal to each account: the row holds from the instant at which it is committed, and the workflows
that wait hear of it afterwards.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from domain.bulk.kinds import BulkKind
from domain.channels import ANSWERS, Purpose
from domain.entry.bounds import fault_of_instant, fault_of_text
from domain.failures import WrongField
from domain.model import Instant, Key, Model, Strict
from domain.segments.attributes import PRODUCT, Attribute, Held, held

LONGEST_REASON: Final = 120
"""It stands in the sentence of a timer, with its order and until when."""
RATE: Final = 50
"""Workflows that are told in a second, where nobody says otherwise: what one namespace of Temporal
takes beside its daily work."""
MOST_RATE: Final = 1_000
PHASES_BESIDE: Final = ("not-due", "not-entered", "after")
"""Names in the place of a phase, which an order may name, too."""


ANSWERED: Final = ANSWERS | {Purpose.OPT_OUT_CONFIRMATION}
"""What answers a customer's own message, and leaves under a hold."""

_Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
_Region = Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Za-z0-9-]{1,30}$")]
_Name = Annotated[str, Field(min_length=1, max_length=64)]
_MOST: Final = 100


class BulkScope(Strict):
    """Which accounts: those that every field covers which is given. Without any field, all."""

    creditor: Annotated[Key, Field(min_length=1, max_length=64)] | None = None
    """Of one creditor."""
    countries: Annotated[tuple[_Country, ...], Field(max_length=_MOST)] = ()
    """Where the customer lives, ISO 3166-1."""
    regions: Annotated[tuple[_Region, ...], Field(max_length=_MOST)] = ()
    """Where the customer may be, ISO 3166-2, by address or telephone. Who may be anywhere in that
    country, for nothing says where, is covered, too."""
    phases: Annotated[tuple[_Name, ...], Field(max_length=_MOST)] = ()
    """Of the strategy; also `not-due`, `not-entered`, `after`."""
    segments: Annotated[tuple[_Name, ...], Field(max_length=_MOST)] = ()
    """By which their strategies were chosen."""
    strategies: Annotated[tuple[_Name, ...], Field(max_length=_MOST)] = ()
    """By which they are collected."""
    products: Annotated[tuple[_Name, ...], Field(max_length=_MOST)] = ()
    """The attribute `product`."""
    attributes: Annotated[dict[_Name, str | bool], Field(max_length=20)] = Field({})
    """Attributes of your own (`config/attributes.yaml`) that must have exactly this value, such as
    a portfolio."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for field, value in self.texts():
            if (rule := fault_of_text(value, 200)) is not None:
                raise ValueError(f"{field}: {rule}")
        return self

    def texts(self) -> list[tuple[str, str]]:
        """Each text with the name of its field."""
        lists = ("phases", "segments", "strategies", "products")
        found = [(name, one) for name in lists for one in getattr(self, name)]
        return found + [
            ("attributes", part)
            for name, value in self.attributes.items()
            for part in (name, str(value))
        ]

    @property
    def is_everything(self) -> bool:
        """Whether it leaves nobody out."""
        return not any(self.model_dump(exclude_defaults=True).values())

    def checked(self, declared: Mapping[str, Attribute]) -> Self:
        """With the values of attributes as they are kept. Raises WrongField."""
        kept: dict[str, Held] = {}
        for name, value in self.attributes.items():
            if name not in declared:
                known = ", ".join(declared)
                rule = f"is no attribute that is declared (config/attributes.yaml): {known}"
                raise WrongField(f"attributes.{name}", rule)
            try:
                kept[name] = held(declared[name], value)
            except ValueError as error:
                raise WrongField(f"attributes.{name}", str(error)) from None
        for product in self.products:
            try:
                held(declared[PRODUCT], product)
            except ValueError as error:
                raise WrongField("products", str(error)) from None
        return self.model_copy(update={"attributes": kept})

    def words(self) -> str:
        """In words, for people."""
        if self.is_everything:
            return "all accounts of all creditors"
        said = [f"creditor {self.creditor}"] if self.creditor else []
        for name in ("countries", "regions", "phases", "segments", "strategies", "products"):
            if values := getattr(self, name):
                said.append(
                    f"{name} {', '.join(values)}" if len(values) > 1 else _one(name, *values)
                )
        said += [f"{name} = {_shown(value)}" for name, value in sorted(self.attributes.items())]
        return "; ".join(said)


def _one(name: str, value: str) -> str:
    singular = {"countries": "country", "strategies": "strategy"}.get(name, name.removesuffix("s"))
    return f"{singular} {value}"


def _shown(value: str | bool) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"


class NewOrder(Strict):
    """An order as somebody gives it."""

    kind: BulkKind
    """What it asks for."""
    scope: BulkScope = BulkScope()
    """Of which accounts."""
    reason: str
    """Why, in a few plain words. It is shown with every account and kept in Temporal's histories:
    nothing personal."""
    starts_at: Instant | None = None
    """From when it holds; without it from the instant at which it is given, whatever a clock says.
    """
    until: Instant | None = None
    """Until when; without it until it is lifted. A cease and a re-plan have none."""
    rate: Annotated[int, Field(ge=1, le=MOST_RATE)] = RATE
    """How many workflows are told of it, and of its end, in a second."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        reason = self.reason
        if not reason.strip():
            raise ValueError("reason: says why, in a few plain words")
        if (rule := fault_of_text(reason, LONGEST_REASON)) is not None:
            raise ValueError(f"reason: {rule}")
        for field in ("starts_at", "until"):
            at: datetime | None = getattr(self, field)
            if at is not None and (rule := fault_of_instant(at)) is not None:
                raise ValueError(f"{field}: {rule}")
        if self.until is not None and self.kind is not BulkKind.HOLD:
            why = "a cease ends when it is lifted" if self.kind is BulkKind.CEASE else "it is done"
            raise ValueError(f"until: belongs to a hold: {why}")
        if self.starts_at and self.until and self.until <= self.starts_at:
            raise ValueError("until: must lie after the start")
        return self


class BulkOrder(Model):
    """An order that covers an account, as planning sees it. Those that are over for a day, too."""

    order_id: int
    kind: BulkKind
    reason: str
    starts_at: Instant | None = None
    until: Instant | None = None
    lifted_at: Instant | None = None
    """When somebody lifted it: from then on it holds no more, whatever a clock says."""
    phases: tuple[str, ...] | None = None
    """Only in these."""
    spread: int = 0
    """Seconds over which those whom it kept silent come back."""
    stale: bool = False
    """Whether the account was last planned before it began."""

    def stands(self, now: datetime, phase: str) -> bool:
        """Whether it holds for an account in this phase."""
        if self.lifted_at is not None or (self.phases and phase not in self.phases):
            return False
        if self.starts_at is not None and self.starts_at > now:
            return False
        return self.until is None or now < self.until

    def ended(self, now: datetime) -> datetime | None:
        """When it came to its end, if it has begun at all and that is over."""
        end = min((at for at in (self.until, self.lifted_at) if at is not None), default=None)
        if end is None or end > now or (self.starts_at is not None and self.starts_at >= end):
            return None
        return end

    def back_at(self, place: float) -> datetime | None:
        """When an account looks again; ``place``: its own, from 0 to 1. A million timers must not
        fire in one second."""
        return None if self.until is None else self.until + timedelta(seconds=self.spread) * place
