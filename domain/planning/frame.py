"""One planning: what every question of it needs, worked out once; and the steps that all use."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Final

from domain.account import ContactPoint
from domain.agreements.plan import PaymentPlan
from domain.agreements.settlement.offer import OfferState, SettlementOffer
from domain.calendar import days_past_due, reaches, stable_fraction, wall
from domain.channels import REPLIES, Channel, Purpose
from domain.contacts.manual import under_way
from domain.conversation.wishes.preference import Preference, in_force
from domain.law.engine import Question
from domain.law.facts import Told
from domain.law.request import LawRequest
from domain.law.terms import LawPurpose
from domain.ledger.attempt import NOT_MADE, AttemptState, PastContact
from domain.ledger.circuit import health
from domain.planning.limits.hours import Hours, quiet_times, together
from domain.planning.limits.standing import Standing
from domain.planning.limits.treated import treated
from domain.planning.reasons.softer import softened
from domain.planning.reasons.spoken_of import spoken_of
from domain.planning.reasons.wished import WishedHours, wished_hours
from domain.planning.request import asked_of, of_nobody
from domain.planning.rules import Rules
from domain.planning.step import StandingOffer, Status, Step, StepKind, View
from domain.planning.words import bucket, label, spoken
from domain.situation import Sibling, Situation
from domain.strategy import Phase, Strategy

_RELEASED: Final = AttemptState.RELEASED


class Frame:
    """A situation at an instant under some rules."""

    def __init__(
        self, situation: Situation, now: datetime, rules: Rules, leader: "Frame | None" = None
    ) -> None:
        """``leader``: the debtor's, of one who stands for the account: both are in one phase."""
        rules = treated(rules, situation)
        self.priced = rules.strategy
        """With every channel that a phase names, whatever a hardship takes away."""
        rules = softened(rules, situation)
        self.situation, self.now, self.rules = situation, now, rules
        self.account, self.zones = situation.account, situation.customer.zones
        self.due = situation.due_date(rules.strategy.part_payments)
        """Since when days past due count."""
        self.days = days_past_due(self.due, now, self.zones)
        """Days past due."""
        self.by_days = rules.strategy.phase_at(self.days)
        """The phase of the day, whatever else its phase rests on."""
        # Hundreds of contacts are gone through several times: what is asked of each is spelt out.
        self.contacts = tuple([c for c in situation.own_contacts() if c.state is not _RELEASED])
        """What this account has been told, or is about to be, by whichever account of the
        customer's and in whatever phase; oldest first. Attempts that failed included."""
        self.phase = self._stands_in(leader) if rules.strategy.is_conditional else self.by_days
        self.health = health(situation.health, now)
        self._in_phase: dict[str, list[PastContact]] = {}
        self._tried: dict[str, Counter[Channel]] = {}
        self.place = stable_fraction(situation.key, situation.next_step)
        """Of this step in its window, from 0 to 1."""

    @cached_property
    def held_place(self) -> float:
        """The same, drawn anew for those who were held back while a provider was down: all of them
        had early places, and would crowd into the first minutes again."""
        return stable_fraction(self.situation.key, self.situation.next_step, "held")

    @cached_property
    def request(self) -> LawRequest:
        """What the law is asked about all contact points alike."""
        return of_nobody(self.situation, self.rules, self.now)

    @cached_property
    def spoken_of(self) -> tuple[Sibling, ...]:
        """The customer's other accounts that a message would speak of."""
        return spoken_of(self.situation, self.rules, self.now)

    @cached_property
    def covered(self) -> tuple[str, ...]:
        """The accounts that a message would speak of, the leading one first."""
        return (self.situation.key, *sorted(sibling.account for sibling in self.spoken_of))

    @property
    def of_ours(self) -> list[PastContact]:
        """Contacts, not given back, that spoke of one of those."""
        return self._ours_and_others[0]

    @property
    def of_others(self) -> list[PastContact]:
        """Contacts, made or on their way, that spoke of none of those."""
        return self._ours_and_others[1]

    @cached_property
    def _ours_and_others(self) -> tuple[list[PastContact], list[PastContact]]:
        ours: list[PastContact] = []
        others: list[PastContact] = []
        spoken_of = frozenset(self.covered)
        for contact in self.situation.contacts:
            if spoken_of.isdisjoint(contact.covers or (contact.account,)):
                if contact.state not in NOT_MADE:
                    others.append(contact)
            elif contact.state is not _RELEASED:
                ours.append(contact)
        return ours, others

    @cached_property
    def under_way(self) -> PastContact | None:
        """The contact that a person is making with this customer now."""
        return under_way(self.situation, self.now)

    @cached_property
    def preference(self) -> Preference:
        """How the customer wants to be reached."""
        return in_force(self.situation.preferences, self.now)

    @cached_property
    def wished_hours(self) -> WishedHours | None:
        """In which hours; None: in any."""
        week = self.preference.week
        return None if week is None else wished_hours(week, self.zones)

    @cached_property
    def quiet(self) -> Hours | None:
        """What is not quiet by the operator's own will; None: everything."""
        quiet, customer = self.rules.strategy.quiet, self.situation.customer
        return None if quiet is None else quiet_times(quiet, self.zones, customer.country)

    @cached_property
    def open_hours(self) -> Hours | None:
        """What is wished for, and not quiet; None: everything."""
        return together(self.wished_hours, self.quiet)

    @cached_property
    def worked(self) -> dict[Channel, int]:
        """How often the customer reacted, by channel."""
        return self.situation.worked()

    def asked_of(self, point: ContactPoint, purpose: Purpose | None = None) -> LawRequest:
        """The question to the law about one contact point."""
        asked = LawPurpose.COLLECTION
        if purpose is Purpose.OPT_OUT_CONFIRMATION:
            asked = LawPurpose.OPTOUT_CONFIRMATION
        elif purpose in REPLIES:
            asked = LawPurpose.REPLY
        return asked_of(self.request, point, asked)

    def question(self, request: LawRequest) -> Question:
        """A question to the law of this customer, to be asked of several instants."""
        same = request.events is self.situation.law_events
        return Question(self.rules.packs, request, self._told if same else None)

    @cached_property
    def _told(self) -> Told:
        return Told(self.request)

    @cached_property
    def plan(self) -> PaymentPlan | None:
        """The payment plan that is active."""
        return self.situation.active_plan(self.now)

    @cached_property
    def offer(self) -> SettlementOffer | None:
        """The settlement offer that stands."""
        return self.situation.live_offer(self.now)

    @property
    def settling(self) -> SettlementOffer | None:
        """The settlement offer that is accepted, and to be paid."""
        return self.offer if self.offer and self.offer.state is OfferState.ACCEPTED else None

    @cached_property
    def nearest_phase(self) -> Phase:
        """The phase, or the one next to the days that have none."""
        if (own := self.phase or self.by_days) is not None:
            return own
        phases = self.rules.strategy.phases
        return phases[0] if self.days < self.rules.strategy.first_day else phases[-1]

    @cached_property
    def boundary(self) -> datetime:
        """When the account leaves its phase, or days alone may let it into another."""
        strategy = self.rules.strategy
        last = self.by_days.days_past_due[1] if self.by_days else strategy.first_day - 1
        return reaches(self.due, last + 1, self.zones)

    @property
    def is_kept(self) -> bool:
        """Whether the account is not handed off, whatever the day: who keeps a plan is not, nor who
        has an offer, disputes the debt or is in hardship."""
        situation = self.situation
        return bool(self.plan or self.offer or situation.dispute or situation.hardship)

    def in_phase(self, phase: Phase) -> list[PastContact]:
        """What the account has been told in a phase.

        A message that a sibling led, whatever that sibling's phase, belongs to the phase in which
        this account was when it went out.
        """
        found = self._in_phase.get(phase.name)
        if found is None:
            found = self._in_phase[phase.name] = self._told_in(phase)
        return found

    def tried(self, phase: Phase) -> Counter[Channel]:
        """How often the account has been told something in a phase, by channel."""
        found = self._tried.get(phase.name)
        if found is None:
            told = [one.channel for one in self.in_phase(phase)]
            found = self._tried[phase.name] = Counter(told)
        return found

    def _told_in(self, phase: Phase) -> list[PastContact]:
        first = phase.days_past_due[0]
        if self.by_days is not None:  # it may have come into the phase before that one's days
            first = min(first, self.by_days.days_past_due[0])
        began = reaches(self.due, first, self.zones)
        # Re-aged, it is in a phase for another time: what was said the first time counts no more.
        anew = self.due != self.account.oldest_due_date
        return [
            c
            for c in self.contacts
            if (
                c.phase == phase.name and not (anew and c.at < began)
                if c.account == self.situation.key
                else c.at >= began
            )
        ]

    def rules_with(self, strategy: Strategy) -> Rules:
        """What planning obeys, but for the strategy."""
        return replace(self.rules, strategy=strategy)

    def wait(
        self, until: datetime, why: str, summary: str, status: Status = Status.COLLECTING
    ) -> Step:
        """Wait, but never past the day on which the account leaves its phase."""
        if self.now < self.boundary <= until:
            last = self.by_days is self.rules.strategy.phases[-1]
            if (until > self.boundary or why == "phase") and not (last and self.is_kept):
                what = "hand-off" if last else "next phase"
                summary += f"; {what} {wall(self.boundary, self.zones, self.now)}"
            until = self.boundary
        return Step(
            kind=StepKind.WAIT,
            not_before=until,
            summary=summary,
            why=why,
            phase=self.phase.name if self.phase else None,
            view=self.view(status),
        )

    def view(self, status: Status, next_contact: datetime | None = None) -> View:
        """What the Temporal UI shows."""
        if status is Status.COLLECTING and self.situation.hardship is not None:
            status = Status.HARDSHIP
        words = None
        if self.contacts:
            last = self.contacts[-1]
            became = (last.outcome or last.state).replace("_", " ")
            through = f" through {last.provider}" if last.provider else ""
            said = "by a person" if last.purpose is None else spoken(last.purpose)
            words = f"{label(last.channel)} {said}, {became}{through}, "
            words += wall(last.at, self.zones, self.now)
        return View(
            status=status,
            phase=self.phase_name,
            jurisdiction=self.rules.jurisdictions[-1],
            days_past_due=self.days,
            bucket=bucket(self.days),
            balance=self.account.balance,
            currency=self.account.currency,
            last_contact=words,
            next_contact_at=next_contact,
            segment=self.account.segment,
            settlement=self._standing_offer(),
        )

    def _standing_offer(self) -> StandingOffer | None:
        one = self.offer
        if one is None:
            return None
        told = {"state": one.state, "amount": one.amount, "until": one.until}
        return StandingOffer(offer=one.offer_id, **told)

    def _stands_in(self, leader: "Frame | None") -> Phase | None:
        strategy = self.rules.strategy
        if leader is None:
            standing = Standing(self.situation, strategy, self.contacts)
            return strategy.stands_in(self.days, standing.holds)
        if leader.phase is None or leader.by_days is None or self.by_days is None:
            return None
        alike = leader.by_days.name == self.by_days.name
        return strategy.named(leader.phase.name) if alike else None

    @property
    def phase_name(self) -> str:
        """Of the phase, or what stands in its place."""
        if self.phase:
            return self.phase.name
        if self.by_days:
            return "not-entered"
        return "not-due" if self.days < self.rules.strategy.first_day else "after"
