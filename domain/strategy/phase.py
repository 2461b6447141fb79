"""A phase of a strategy: a stretch of days past due with one manner of speaking."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from domain.channels import TO_PARTIES, Channel, Purpose, Tone
from domain.law.terms import Party
from domain.model import Strict
from domain.strategy.bands import Treatment
from domain.strategy.cadence import Cadence, PersonsTurn
from domain.strategy.conditions import Condition


class Phase(Strict):
    """A stretch of days past due with one manner of speaking."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    """Lower-case letters and dashes; unlike the other phases'. Shown in the Temporal UI."""
    days_past_due: tuple[int, int]
    """First and last day past due, both inside the phase, on the customer's calendar; 0 is the due
    date, negative is before it. Each phase begins on the day after the one before it ends."""
    tone: Tone
    """How the voice sounds, for templates that ask (`{{ tone }}`)."""
    tones: tuple[Tone, ...] = ()
    """Several tones, `tone` among them, of which the strategy's `policy` chooses one for each touch
    by SMS, e-mail or call. Each needs words of its own in each language. Where the policy is not
    asked, and on WhatsApp, `tone` it is. Left out: `tone` alone. Name it only once every worker
    knows it."""
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    """What the touches say, in their order; the last one repeats."""
    cadence: Cadence
    """How often."""
    person: PersonsTurn | None = None
    """A person's turn among the touches. Left out: there is none. Name it only once every worker
    knows it."""
    parties: tuple[Party, ...] = ()
    """Who beside the debtor may be contacted in the phase: `guarantor`, `codebtor`, where the law
    of their place lets them be. The touches of the phase then take turns. Left out: nobody."""
    channels: Annotated[dict[Channel, Decimal], Field(min_length=1)]
    """The channels that may be used, each with the cost of one contact, in one unit for the whole
    file: only order and ratio matter. Cost decides last, after what the customer prefers and what
    worked. A channel without a provider is not used."""
    budget: Annotated[Decimal, Field(ge=0)] | None = None
    """What the contacts of one account may cost in this phase, in the unit of `channels`. What is
    spent counts for each contact that this account led, answers too; once the next would cost more
    than is left, only ways that cost no more than that are used, and where there is none, nobody is
    contacted until the phase is over. Left out: no limit."""
    enter: Condition | None = None
    """What has to hold beside the days for an account to come into this phase; until then it stays
    in the one before, or, where that cannot be entered either, waits. Left out: days alone."""
    leave: Condition | None = None
    """Once this holds, the account goes on to the next phase before its days are over, if it may
    enter that. Not of the last phase: what follows it is the hand-off, by days alone. Left out:
    days alone."""
    by_score: dict[str, Treatment] = Field({})
    """What is otherwise for accounts of a band of `score_bands`, or of none (`unknown`). Left out:
    nothing."""

    @field_validator("purposes")
    @classmethod
    def _to_the_debtor(cls, named: tuple[Purpose, ...]) -> tuple[Purpose, ...]:
        if others := sorted(TO_PARTIES.intersection(named)):
            raise ValueError(f"{', '.join(others)} is for those that `parties` names, by itself")
        if others := sorted({Purpose.SETTLEMENT_OFFER, Purpose.SETTLEMENT_REMINDER} & {*named}):
            raise ValueError(f"{', '.join(others)} is of a settlement: see `settlement`, `tell`")
        if Purpose.PERSON in named:
            raise ValueError("person is none of the strategy's: people write by themselves")
        return named

    @model_validator(mode="after")
    def _tones_to_choose_among(self) -> Self:
        if self.tones and (self.tone not in self.tones or len({*self.tones}) != len(self.tones)):
            raise ValueError(f"tones: each once, and {self.tone}, the phase's `tone`, among them")
        if len(self.tones) == 1:
            raise ValueError("tones: name two or more, or leave it out")
        return self

    @field_validator("parties")
    @classmethod
    def _who_stands_for_it(cls, named: tuple[Party, ...]) -> tuple[Party, ...]:
        if others := sorted(set(named) - {Party.GUARANTOR, Party.CODEBTOR}):
            raise ValueError(f"{', '.join(others)}: only guarantor and codebtor may be contacted")
        return named

    def purpose(self, touch: int) -> Purpose:
        """What the ``touch``-th touch of this phase (from 1) is to say."""
        return self.purposes[min(touch, len(self.purposes)) - 1]
