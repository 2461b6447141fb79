"""What came of a touch: one decision, the time until the next one, and one reward at most."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.calendar import shown_zone
from domain.channels import Channel
from domain.learning.policy import UNKNOWN, Chosen, ContextField, Policy, block_name
from domain.model import Instant, Model

LASTS: Final = timedelta(hours=72)
"""A decision window: so long after the touch, or until the next contact with the person."""


class Window(Model):
    """One decision window. Nothing personal: persons are numbers of this reading alone."""

    person: int
    """Whose it is; windows of one person speak together."""
    at: Instant
    """When the touch left."""
    zones: Annotated[tuple[str, ...], Field(min_length=1)] = ("UTC",)
    """Of the customer."""
    phase: str
    country: str
    segment: str | None = None
    currency: str = "XXX"
    balance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    """Of the account when the touch left."""
    channel: Channel
    policy: str | None = None
    """Which one chose, as `id@digest`; None: none did."""
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    chosen_from: Chosen | None = None
    """From what it was chosen."""
    reward: bool
    """Whether somebody paid or answered in it."""

    @property
    def was_a_choice(self) -> bool:
        """Whether a policy chose, and had more than one channel."""
        return self.chosen_from is not None and len(self.chosen_from.channels) > 1

    @property
    def day(self) -> date:
        """By UTC."""
        return self.at.date()

    def context(self, policy: Policy) -> dict[str, str]:
        """What a policy tells it apart by: as it was recorded, or as well as it can be told."""
        told: Mapping[str, str] = self.chosen_from.context if self.chosen_from else {}
        known = {
            ContextField.PHASE: self.phase,
            ContextField.COUNTRY: self.country,
            ContextField.SEGMENT: self.segment or UNKNOWN,
            ContextField.BAND: policy.band(self.currency, self.balance),
            ContextField.SCORE: UNKNOWN,
        }
        # Bands are the policy's own: another's may begin elsewhere.
        return {
            one.value: told.get(one.value, known[one])
            if one is not ContextField.BAND
            else known[one]
            for one in policy.context
        }

    def block(self, blocks: tuple[tuple[int, int], ...]) -> str | None:
        """The part of the day in which it left, by the customer's clock."""
        hour = self.at.astimezone(ZoneInfo(shown_zone(self.zones))).hour
        return next((block_name(one) for one in blocks if one[0] <= hour < one[1]), None)
