"""What an operator wants done in each phase; data, edited as YAML, never code."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.channels import Channel, Purpose, Tone
from domain.model import Strict


class Cadence(Strict):
    """How often: ``min_days`` local calendar days between touches, ``max_touches`` in the phase."""

    min_days: Annotated[int, Field(ge=1)]
    max_touches: Annotated[int, Field(ge=0)]


class Phase(Strict):
    """A stretch of days past due with one manner of speaking."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    days_past_due: tuple[int, int]
    """First and last day past due, both inside the phase; negative before the due date."""
    tone: Tone
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    """In order of the touches; the last one repeats."""
    cadence: Cadence
    channels: Annotated[dict[Channel, Decimal], Field(min_length=1)]
    """Channels that may be used, each with the cost of one contact in any one unit."""

    def purpose(self, touch: int) -> Purpose:
        """What the ``touch``-th touch of this phase (from 1) is to say."""
        return self.purposes[min(touch, len(self.purposes)) - 1]


class PromisePolicy(Strict):
    """How long a promise silences the account beyond its date, and how far ahead it may lie."""

    grace_days: Annotated[int, Field(ge=0)] = 2
    remind_days: Annotated[int, Field(ge=0)] | None = None
    """How many days before its date a promise is remembered; None: it is not."""
    max_days: Annotated[int, Field(ge=1)] = 60


class Strategy(Strict):
    """The phases of a portfolio, without gaps, and what follows the last."""

    id: str
    version: int
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    costs_in: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], dict[Channel, Decimal]] = Field({})
    """Country -> channel -> cost, where it differs from the phases'."""
    promise: PromisePolicy = PromisePolicy()
    max_failovers: Annotated[int, Field(ge=0)] = 2
    """How many further channels take up one touch that was not delivered."""
    reply_rest_days: Annotated[int, Field(ge=0)] = 2
    """Local days of silence after the customer wrote, for a person to answer."""

    thanks_within_days: Annotated[int, Field(ge=0)] = 0
    """For how many days after the payment that cures an account it is thanked for; 0: it is not."""
    confirm_stops: tuple[Channel, ...] = ()
    """Channels on which a stop is confirmed. Twilio answers STOP by SMS itself and refuses ours."""

    @model_validator(mode="after")
    def _without_gaps(self) -> Self:
        names = [phase.name for phase in self.phases]
        if len(set(names)) != len(names):
            raise ValueError(f"phase names must differ: {names}")
        for phase in self.phases:
            first, last = phase.days_past_due
            if first > last:
                raise ValueError(f"phase {phase.name}: first day {first} is after last day {last}")
        for before, after in zip(self.phases, self.phases[1:], strict=False):
            if after.days_past_due[0] != before.days_past_due[1] + 1:
                raise ValueError(
                    f"phase {after.name} must begin on day {before.days_past_due[1] + 1}, "
                    f"the day after {before.name} ends, not on {after.days_past_due[0]}"
                )
        return self

    def cost(self, phase: Phase, channel: Channel, country: str) -> Decimal:
        """What one contact costs there, in the unit of the file."""
        return self.costs_in.get(country, {}).get(channel, phase.channels[channel])

    def phase_at(self, days_past_due: int) -> Phase | None:
        """The phase of a day past due; none before the first and after the last."""
        for phase in self.phases:
            if phase.days_past_due[0] <= days_past_due <= phase.days_past_due[1]:
                return phase
        return None

    def named(self, name: str) -> Phase | None:
        """The phase of this name, if there is one."""
        return next((phase for phase in self.phases if phase.name == name), None)

    @property
    def first_day(self) -> int:
        """First day past due of the first phase."""
        return self.phases[0].days_past_due[0]

    @property
    def last_day(self) -> int:
        """Last day past due of the last phase; after it the account is handed off."""
        return self.phases[-1].days_past_due[1]
