"""What an operator wants done in each phase; data, edited as YAML, never code."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Final, Self, TypeAlias

from pydantic import Field, field_validator, model_validator

from domain.agreements.settlement.terms import SettlementTerms
from domain.agreements.terms import PartPayments, PlanTerms
from domain.cases.terms import CaseTerms, DisputeTerms, HardshipTerms
from domain.channels import ANSWERS, TO_PARTIES, Channel, Purpose
from domain.deciders import digest_of
from domain.documents.document import DocumentKind
from domain.entry.bounds import LARGEST_VERSION
from domain.model import Strict
from domain.strategy.bands import UNKNOWN, ScoreBand, Treatment, band_of, fault_of_bands
from domain.strategy.conditions import Condition
from domain.strategy.limits import Capacity, Caps, Quiet
from domain.strategy.phase import Phase

Holds: TypeAlias = "Callable[[Condition, Phase], bool]"
"""Whether a condition of a phase holds for an account."""

_FOR_WHOEVER_READS: Final = frozenset(
    {
        Purpose.OPT_OUT_CONFIRMATION,
        Purpose.IDENTITY_ANSWER,
        Purpose.CRISIS_ANSWER,
        Purpose.PREFERENCE_CONFIRMATION,
        *TO_PARTIES,
    }
)
"""What is said where nobody knows yet that it is the customer who reads, or where it is another."""


class Attached(Strict):
    """A file that goes with the messages of a purpose, where there is one
    ([how](../guide/attachments.md))."""

    purpose: Purpose
    """With which messages. None goes with what may be read by somebody else: who we are, a
    confirmed stop, a wish read back, a notice to a guarantor."""
    kind: DocumentKind
    """Which file: the latest that is listed and valid."""
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = (
        Channel.EMAIL,
        Channel.WHATSAPP,
    )
    """By which channels: `email`, `whatsapp` in the customer's open window, and `sms`, which then
    goes as an MMS, at its price, to the United States and Canada."""

    @field_validator("purpose")
    @classmethod
    def _is_for_the_customer(cls, named: Purpose) -> Purpose:
        if named in _FOR_WHOEVER_READS:
            raise ValueError(f"{named} may be read by somebody else: no file goes with it")
        return named

    @field_validator("channels")
    @classmethod
    def _take_files(cls, named: tuple[Channel, ...]) -> tuple[Channel, ...]:
        known = (Channel.EMAIL, Channel.WHATSAPP, Channel.SMS)
        if others := [one for one in named if one not in known]:
            raise ValueError(f"{', '.join(others)} takes no file: {', '.join(known)} do")
        return named


class PromisePolicy(Strict):
    """What a promise to pay does: it silences the account until it is kept or broken."""

    grace_days: Annotated[int, Field(ge=0)] = 2
    """Days of silence beyond the promised date, on the customer's calendar; after the last of them
    an unpaid promise is broken."""
    remind_days: Annotated[int, Field(ge=0)] | None = None
    """From how many days before the promised date, on the customer's calendar, one reminder may go
    out, until that date ends; 0: on the date alone. It keeps the phase's distance to what was said
    before, so it may fall out; a promise made within these days is not remembered. Left out or
    `null`: no promise is."""
    max_days: Annotated[int, Field(ge=1)] = 60
    """How many days ahead, on the customer's calendar, a promised date may lie at most. A promise
    for a later one is refused."""
    max_parts: Annotated[int, Field(ge=1, le=20)] = 3
    """On how many dates one promise may be paid at most; 1: on one alone. What is to be paid on
    more is a payment plan (`plan`)."""


class Strategy(Strict):
    """The phases of a portfolio, without gaps, and what follows the last."""

    id: str
    """The name of the strategy, one file each. `default` has to be there, and holds for all
    accounts."""
    version: Annotated[int, Field(ge=-LARGEST_VERSION, le=LARGEST_VERSION)]
    """A number of your own, to tell two states of the file apart; nothing is decided by it."""
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    """In the order of their days, without gaps. Before the first nobody is contacted; after the
    last the account is handed off."""
    costs_in: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], dict[Channel, Decimal]] = Field({})
    """By the customer's country (ISO 3166), the cost of a contact by channel where it differs from
    the phases', in their unit. It opens no channel that a phase does not name."""
    promise: PromisePolicy = PromisePolicy()
    """What a promise to pay does."""
    plan: PlanTerms = PlanTerms()
    """What payment plans may be agreed, and what they do."""
    settlement: SettlementTerms = SettlementTerms()
    """What settlements may be offered, by whom, and what they do. Left out: none may."""
    dispute: DisputeTerms = DisputeTerms()
    """What a dispute does."""
    hardship: HardshipTerms = HardshipTerms()
    """How an account is collected while its customer is in hardship."""
    part_payments: PartPayments = PartPayments.OLDEST_FIRST
    """Since when days past due count once part of the debt is paid, where it is known what fell due
    when (`due` of `account_updated`); else they count from the oldest due date as it is told."""
    max_failovers: Annotated[int, Field(ge=0)] = 2
    """How many further channels take up one touch that was not delivered."""
    reply_rest_days: Annotated[int, Field(ge=0)] = 2
    """Days of silence on the customer's calendar, the day on which they wrote or called included,
    for a person to answer; 0: none."""
    paid_check_days: Annotated[int, Field(ge=0)] = 5
    """Days of silence on the customer's calendar, the day on which they say that it is paid
    included, while the payment is looked for; it ends before when a person has done the item. 0:
    no longer than after any reply."""

    thanks_within_days: Annotated[int, Field(ge=0)] = 0
    """How many days after the day of the payment that cures an account, on the customer's calendar,
    one word of thanks may go out, if the account was ever asked to pay. It keeps the phase's
    distance to what was said before, so few days may be too few; until it went out, or cannot any
    more, the account stays open. 0: nobody is thanked."""
    confirm_stops: tuple[Channel, ...] = ()
    """The channels on which a stop is confirmed: once until a later opt-in, where it was said,
    within five minutes or not at all, and only where the law allows it. Twilio answers STOP by SMS
    itself and refuses ours; in a call it is confirmed in any case. Left out: on none."""
    ask_preference: bool = False
    """Whether the first text, WhatsApp message in an open window or e-mail that may reach a
    customer asks how and when they want to be reached; once, and nobody who has said so."""
    answers: tuple[Purpose, ...] = ()
    """What is answered by itself, once, where it was asked, as soon as the law allows it and within
    eighteen hours or not at all: `identity_answer`, `balance_answer`. With
    `preference_confirmation` how a customer wants to be reached is read back to them;
    `promise_question` asks once for the day or the amount that a promise lacks, `payment_question`
    for the receipt of what is said to be paid. With `promise_confirmation` a promise that a message
    makes (one day, one amount, within `promise`) is recorded and read back. With `crisis_answer`
    whoever speaks of ending their life is told the helpline of their country, beside the silence of
    all else; a person has to look all the same. Left out, and of all
    else, a person is asked. Name them only once every worker knows them."""

    policy: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")] | None = None
    """The policy that learns which channel, and which part of the day, works, by its id: it chooses
    among what is lawful, consented and not decided by a wish ([how](../guide/learning.md)). Left
    out: what worked before and then cost decide. Name it only once every worker knows it."""

    attachments: tuple[Attached, ...] = ()
    """Files that go with messages. The words are complete without them: what cannot be had, or what
    a channel does not take, is left away. Name them only once every worker knows them."""

    caps: Caps | None = None
    """How often a person may be contacted at most, over all channels and accounts. Left out: as
    often as the cadences and the law let."""
    quiet: Quiet | None = None
    """When nobody is contacted although the law would let it. Left out: at no time."""
    capacity: Capacity | None = None
    """How many contacts the whole operation can make a day, by channel. Left out: any number."""
    score_bands: tuple[ScoreBand, ...] = ()
    """Bands of the accounts' scores (`score` of the intake file and of `account_updated`), the
    lowest first; `by_score` of a phase treats them otherwise. An account without a score is of the
    band `unknown`, and no other. Left out: the score changes nothing."""

    @field_validator("answers")
    @classmethod
    def _only_answers(cls, named: tuple[Purpose, ...]) -> tuple[Purpose, ...]:
        if others := [one for one in named if one not in ANSWERS]:
            known = ", ".join(sorted(ANSWERS))
            raise ValueError(f"{', '.join(others)} answers nothing: the answers are {known}")
        return named

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

    @model_validator(mode="after")
    def _conditions_and_bands(self) -> Self:
        if (rule := fault_of_bands(self.score_bands)) is not None:
            raise ValueError(rule)
        bands = {UNKNOWN, *(one.name for one in self.score_bands)}
        for phase in self.phases:
            asked = [one.score for one in (phase.enter, phase.leave) if one and one.score]
            named = {*phase.by_score, *(band for one in asked for band in one)}
            if (named or asked) and not self.score_bands:
                raise ValueError(f"phase {phase.name} asks for a score: name `score_bands`, too")
            if others := sorted(named - bands):
                raise ValueError(
                    f"phase {phase.name} names the score band {', '.join(others)}, which is none: "
                    f"the bands are {', '.join(sorted(bands))}"
                )
        if self.phases[-1].leave is not None:
            raise ValueError(
                f"phase {self.phases[-1].name} is the last and cannot be left early: after it the "
                "account is handed off, by days alone"
            )
        return self

    @model_validator(mode="after")
    def _authority_of_its_phases(self) -> Self:
        names = {phase.name for phase in self.phases}
        for number, one in enumerate(self.settlement.authority, start=1):
            if others := sorted(set(one.phases) - names):
                raise ValueError(
                    f"settlement.authority: entry {number}, of {one.role}, names the phase "
                    f"{', '.join(others)}, which is none of this file's: {', '.join(sorted(names))}"
                )
        return self

    def cost(self, phase: Phase, channel: Channel, country: str) -> Decimal:
        """What one contact costs there, in the unit of the file."""
        own = phase.channels.get(channel, Decimal(0))
        return self.costs_in.get(country, {}).get(channel, own)

    def phase_at(self, days_past_due: int) -> Phase | None:
        """The phase of a day past due; none before the first and after the last."""
        for phase in self.phases:
            if phase.days_past_due[0] <= days_past_due <= phase.days_past_due[1]:
                return phase
        return None

    def stands_in(self, days_past_due: int, holds: Holds) -> Phase | None:
        """The phase of an account, by its day past due and the phases' own conditions.

        From the phase of the day back to the first that may be entered, and from there on past
        those that may be left: for the same facts always the same. None: it has none, or is before
        the first that it may enter.
        """
        by_days = self.phase_at(days_past_due)
        if by_days is None or not self.is_conditional:
            return by_days
        place = self.phases.index(by_days)
        while place >= 0 and not _may(self.phases[place].enter, self.phases[place], holds):
            place -= 1
        if place < 0:
            return None
        while place + 1 < len(self.phases):
            here, after = self.phases[place], self.phases[place + 1]
            if here.leave is None or not holds(here.leave, here):
                break
            if not _may(after.enter, after, holds):
                break
            place += 1
        return self.phases[place]

    @property
    def is_conditional(self) -> bool:
        """Whether days past due alone do not tell the phase."""
        return any(phase.enter or phase.leave for phase in self.phases)

    def band(self, score: Decimal | None) -> str:
        """The band of a score; ``unknown`` of none."""
        return band_of(self.score_bands, score)

    def treating(self, band: str) -> "Strategy":
        """The strategy as it treats the accounts of a band."""
        if not any(band in phase.by_score for phase in self.phases):
            return self
        phases = tuple(
            _treated(phase, phase.by_score[band]) if band in phase.by_score else phase
            for phase in self.phases
        )
        return self.model_copy(update={"phases": phases})

    def named(self, name: str) -> Phase | None:
        """The phase of this name, if there is one."""
        return next((phase for phase in self.phases if phase.name == name), None)

    def wanted_with(self, purpose: Purpose, channel: Channel) -> tuple[DocumentKind, ...]:
        """Which files go with a message."""
        kinds = (
            one.kind
            for one in self.attachments
            if one.purpose is purpose and channel in one.channels
        )
        return tuple(dict.fromkeys(kinds))

    @property
    def pin(self) -> str:
        """Its version and what it says, such as `3@5f1c09ab7d2e4410`: any edit makes another, a
        newer release of Contrapunto does not, since what is left out is left out of it."""
        said = self.model_dump(mode="json", exclude_defaults=True)
        return f"{self.version}@{digest_of(json.dumps(said, sort_keys=True).encode())}"

    @property
    def cases(self) -> CaseTerms:
        """What disputes and hardships do."""
        return CaseTerms(self.dispute, self.hardship)

    @property
    def first_day(self) -> int:
        """First day past due of the first phase."""
        return self.phases[0].days_past_due[0]

    @property
    def last_day(self) -> int:
        """Last day past due of the last phase; after it the account is handed off."""
        return self.phases[-1].days_past_due[1]


def _may(enter: Condition | None, phase: Phase, holds: Holds) -> bool:
    return enter is None or holds(enter, phase)


def _treated(phase: Phase, treatment: Treatment) -> Phase:
    """A phase as it is for the accounts of one band."""
    cadence = {
        name: value
        for name in ("min_days", "max_touches")
        if (value := getattr(treatment, name)) is not None
    }
    update: dict[str, object] = {}
    if cadence:
        update["cadence"] = phase.cadence.model_copy(update=cadence)
    if treatment.channels is not None:
        costs = phase.channels.items()
        update["channels"] = {one: cost for one, cost in costs if one in treatment.channels}
    if treatment.person is not None:
        update["person"] = treatment.person
    return phase.model_copy(update=update)
