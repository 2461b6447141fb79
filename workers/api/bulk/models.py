"""What is asked and answered about orders in bulk."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.bulk.order import MOST_RATE, RATE
from workers.api.reading import Asked, Text
from workers.api.work_models import Answer

Kind = Literal["hold", "cease", "replan"]
Names = Annotated[tuple[Text, ...], Field(max_length=100)]


class BulkAsked(Asked):
    """Which order: an account is covered that every field covers which is given."""

    kind: Kind
    """`hold`: nothing is begun, what customers ask is answered. `cease`: nothing leaves at all.
    `replan`: each account plans anew before its next contact."""
    creditor: Text | None = None
    """Of one creditor; a token that names creditors must name one of its own here."""
    countries: Names = ()
    """Where the customer lives, ISO 3166-1."""
    regions: Names = ()
    """Where the customer may be, ISO 3166-2; who may be anywhere in the country is covered, too."""
    phases: Names = ()
    """Of the strategy; also `not-due`, `not-entered`, `after`."""
    segments: Names = ()
    """By which their strategies were chosen."""
    strategies: Names = ()
    """By which they are collected."""
    products: Names = ()
    """The attribute `product`."""
    attributes: Annotated[dict[str, Text | bool], Field(max_length=20)] = Field({})
    """Attributes of your own that must have exactly this value."""
    everything: bool = False
    """All accounts of all creditors, in the place of any of the fields above."""
    starts_at: AwareDatetime | None = None
    """From when it holds; without it at once."""
    until: AwareDatetime | None = None
    """Of a hold: until when; without it until it is lifted."""
    rate: Annotated[int, Field(ge=1, le=MOST_RATE)] = RATE
    """How many workflows are told in a second."""


class BulkGiven(BulkAsked):
    """An order, given."""

    reason: Text
    """Why, in a few plain words: it is shown with every account, and nothing personal."""
    accounts: Annotated[int, Field(ge=0)] | None = None
    """How many accounts its plan says that it covers. Needed for `everything`, and for an order
    that covers none; a hundredth more or less is taken."""


class BulkLift(Asked):
    """The end of an order."""

    reason: Text
    """Why it is lifted."""


class BulkPlace(Answer):
    """Open accounts of a country and phase."""

    country: str
    """ISO 3166-1; `unknown` before intake has brought the customer."""
    phase: str
    """As it was last planned."""
    accounts: int
    """How many."""
    contacts: int
    """For how many a contact comes next."""
    within_a_day: int
    """For how many within 24 hours."""


class BulkPlan(Answer):
    """What an order would do."""

    accounts: int
    """Open accounts that it covers."""
    customers: int
    """Of how many customers."""
    contacts: int
    """For how many a contact comes next."""
    within_a_day: int
    """For how many within 24 hours."""
    anywhere: int
    """Of how many nothing says in which region of their country they are."""
    seconds: int
    """How long it takes to tell their workflows. The order holds before."""
    places: tuple[BulkPlace, ...]
    """By country and phase."""


class BulkTold(Answer):
    """How far workflows have been told."""

    of: Literal["start", "lift"]
    """Of the order's beginning, or of its end."""
    total: int
    """About how many there are."""
    told: int
    """How many have been told."""
    not_running: int
    """How many accounts have no workflow that runs."""
    done: bool
    """Whether all have been told."""


class BulkAnswer(Answer):
    """An order as it stands."""

    order_id: int
    """Its number."""
    kind: Kind
    """What it asks for."""
    creditor: str | None
    """Of one creditor."""
    countries: tuple[str, ...]
    """Where the customer lives."""
    regions: tuple[str, ...]
    """Where the customer may be."""
    phases: tuple[str, ...]
    """Of the strategy."""
    segments: tuple[str, ...]
    """By which their strategies were chosen."""
    strategies: tuple[str, ...]
    """By which they are collected."""
    products: tuple[str, ...]
    """The attribute `product`."""
    attributes: dict[str, str | bool]
    """Attributes that must have exactly this value."""
    state: Literal["ahead", "stands", "over", "lifted"]
    """Whether it holds."""
    reason: str
    """Why it was given."""
    ordered_by: str
    """By whom."""
    ordered_at: datetime
    """When."""
    starts_at: datetime | None
    """From when it holds; null: from then."""
    until: datetime | None
    """Until when it holds; null: until it is lifted."""
    lifted_by: str | None
    """By whom it was lifted."""
    lifted_at: datetime | None
    """When."""
    lifted_why: str | None
    """Why."""
    accounts: int
    """How many it covered when it was given."""
    told: BulkTold | None
    """How far workflows have been told."""


class BulkWanted(Asked):
    """Which orders."""

    ended: bool = False
    """Those that are over, too."""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    """At most so many."""


class BulkPage(Answer):
    """Orders, the newest first."""

    items: tuple[BulkAnswer, ...]
    """At most as many as are wanted."""
