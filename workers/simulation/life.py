"""The life of one group of people, from event to event: plan, and jump to what comes first.

The same loop as an account's workflow, over the ledger in memory and a clock that only jumps.
"""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from config.rules import RulesFactory
from domain.account import Account as AccountAsHeld
from domain.account import AccountStatus, CloseReason, PromiseState
from domain.calendar import days_past_due
from domain.channels import Channel
from domain.conversation.keywords import Intent, Meaning
from domain.conversation.wishes.preference import Preference, StatedPreference
from domain.conversation.work_words import WorkReason
from domain.facts import PaymentReceived
from domain.ledger.attempt import Event, RefusalKind
from domain.ledger.call_outcome import CallOutcome
from domain.ledger.memory import MemoryLedger
from domain.names import attempt_id
from domain.planning.limits.taking import TakenOfDays
from domain.planning.planner import is_due, plan
from domain.planning.reasons.turn import TURN_DUE
from domain.planning.rules import Rules
from domain.planning.step import Step
from domain.planning.words import bucket
from domain.segments.again import until_chosen_again
from domain.segments.choosing import Choice, ChosenBy
from domain.situation import Situation
from domain.strategy import Strategy
from people.acts import Act, Became, Debt, Kind, Reception, Says, Told
from people.person import Person
from workers.simulation.choosing import Choosing
from workers.simulation.desk import Desk
from workers.simulation.portfolio import Group, known, situations
from workers.simulation.record import Account, Record
from workers.simulation.settings import Run

_LEAST: Final = timedelta(minutes=1)
"""Time goes on between two looks at an account, whatever its plan says."""

_MEANS: Final = {
    Says.STOP: (Intent.OPT_OUT, Meaning.OPT_OUT),
    Says.WRONG_PERSON: (Intent.WRONG_PERSON, Meaning.WRONG_PERSON),
    Says.PROMISE: (Intent.OTHER, Meaning.PROMISE),
    Says.PLAN: (Intent.OTHER, Meaning.PLAN_REQUEST),
    Says.DISPUTE: (Intent.OTHER, Meaning.DISPUTE),
    Says.BALANCE: (Intent.OTHER, Meaning.BALANCE),
    Says.PERSON: (Intent.OTHER, Meaning.WANTS_PERSON),
    Says.WISH: (Intent.OTHER, Meaning.PREFERENCE),
}
"""What a reader would read in it."""

_CALLED: Final = {
    Became.CONVERSATION: CallOutcome.CONVERSATION,
    Became.VOICEMAIL: CallOutcome.VOICEMAIL,
    Became.NO_ANSWER: CallOutcome.NO_ANSWER,
    Became.BUSY: CallOutcome.BUSY,
    Became.NOT_IN_SERVICE: CallOutcome.NOT_IN_SERVICE,
}
_FAILED: Final = frozenset({Became.UNDELIVERED, Became.BUSY, Became.NOT_IN_SERVICE})
_SMALLEST: Final = Decimal("0.01")


class Life:
    """A group of people and their accounts, lived to the end of the dry run."""

    def __init__(
        self, run: Run, factory: RulesFactory, group: Group, days: TakenOfDays | None = None
    ) -> None:
        """``days``: what is taken of the days' capacity by others, too."""
        self.run, self._factory = run, factory
        self.until = run.began + timedelta(days=run.days)
        told = list(situations(group, run.began))
        alone = next(iter(factory.strategies)) if run.strategy is not None else None
        beside = zip(told, known(group), strict=True)
        self._choosing = Choosing(factory, beside, alone, run.found)
        names = {one.key: alone or factory.standing(one.account) for one in told}
        least, first = factory.settings.least_amounts, factory.strategy(names[told[0].key])
        self.ledger = MemoryLedger(told, first, least, days or TakenOfDays())
        self.rules: dict[str, Rules] = {}
        for one in told:
            stands = one.account
            policy = None if alone else factory.policy_of(stands)
            by = ChosenBy(stands.chosen_by) if stands.chosen_by else ChosenBy.DEFAULT
            at_first = Choice(names[one.key], stands.segment, by, "", policy=policy)
            if alone or names[one.key] != first.id:
                self._go_by(one, at_first)
            else:
                self.rules[one.key] = factory.of(one, first.id, policy)
        self._began_as: dict[str, AccountAsHeld] = {}
        self.people = {
            one.customer_id: Person(
                *(run.world, run.seed, one.customer_id),
                country=one.country,
                zone=one.zones[0],
                channels=sorted({point.channel.value for point in one.points}),
                stated=one.preferred_channel.value if one.preferred_channel else None,
            )
            for one in {one.account.customer_id: one.customer for one in told}.values()
        }
        self.zone = {one.key: ZoneInfo(one.customer.zones[0]) for one in told}
        self.owner = {one.key: one.account.customer_id for one in told}
        self.first = {one.key: one for one in told}
        self.record = Record()
        self.desk = Desk(self)
        self._heap: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._number = 0
        self._plan_of: dict[str, int] = {}
        self._ends: dict[str, tuple[datetime, Step]] = {}
        self._paid: dict[str, Decimal] = defaultdict(Decimal)
        self._contacts: dict[str, list[str]] = defaultdict(list)
        self._counts: dict[tuple[str, str], int] = defaultdict(int)

    def lived(self) -> Record:
        """Live it, and answer with what it leaves."""
        self.begin()
        while self.next_at is not None:
            self.go_on()
        return self.end()

    @property
    def next_at(self) -> datetime | None:
        """When something happens next; None: nothing does any more."""
        return self._heap[0][0] if self._heap else None

    def begin(self) -> None:
        """What people do of themselves, and the first plans."""
        for customer, person in self.people.items():
            debts = [
                Debt(key, self.first[key].account.oldest_due_date)
                for key, owner in self.owner.items()
                if owner == customer
            ]
            for act in person.begins(debts, self.run.began):
                self.at(act.at, partial(self._does, act))
        for key in self.owner:
            self._look(key, self.run.began)

    def go_on(self) -> None:
        """What happens next."""
        now, _, do = heapq.heappop(self._heap)
        do(now)

    def end(self) -> Record:
        """What is left."""
        for key in self.owner:
            self._close(key)
        return self.record

    def at(self, at: datetime, do: Callable[[datetime], None]) -> None:
        """Something happens at an instant, after all that was to happen then before."""
        if at <= self.until:
            self._number += 1
            heapq.heappush(self._heap, (at, self._number, do))

    def country(self, key: str) -> str:
        """Of the customer of an account."""
        return self.first[key].customer.country

    def count(self, *what: object) -> None:
        """Count something."""
        self.record.sums[what] += 1

    def again(self, key: str, now: datetime) -> None:
        """Plan all accounts anew that belong to this one's customer."""
        for other, owner in self.owner.items():
            if owner == self.owner[key]:
                self._look(other, now)

    def _look(self, key: str, now: datetime) -> None:
        """Plan; do what is due, or come back when it is."""
        ended = self._ends.get(key)
        if ended is not None and ended[1].close_reason is not None:
            return
        number = self._plan_of[key] = self._plan_of.get(key, 0) + 1
        step = self._plan(key, now)
        while is_due(step, now):
            self._contact(key, step, now)
            step = self._plan(key, now)
        self._ends[key] = (now, step)
        if step.why == TURN_DUE or step.close_reason is not None:
            self.ledger.planned(key, step, now)
            if step.why == TURN_DUE:
                self.count("work", WorkReason.PERSON_FIRST.value, self.country(key))
                self.desk.asked_to_call(key, now)
        if step.close_reason is None:
            again = max(step.not_before, now + _LEAST)
            self.at(again, partial(self._comes_back, key, number))

    def _comes_back(self, key: str, number: int, now: datetime) -> None:
        if self._plan_of[key] == number:
            self._look(key, now)

    def strategy(self, key: str) -> Strategy:
        """The strategy that an account goes by."""
        return self.ledger.strategy_of(key)

    def _plan(self, key: str, now: datetime) -> Step:
        situation = self.ledger.situation(key, now)
        made = self._choosing.chosen(situation, now)
        if made is not None and _is_new(made.choice, situation.account):
            self._go_by(situation, made.choice)
            situation = self.ledger.situation(key, now)
        self._began_as.setdefault(key, situation.account)
        step = plan(situation, now, self.rules[key])
        until = None if made is None else made.until
        return until_chosen_again(step, until, situation.customer.zones)

    def _go_by(self, situation: Situation, choice: Choice) -> None:
        strategy = self._factory.strategy(choice.strategy)
        self.ledger.goes_by(situation.key, strategy, choice)
        self.rules[situation.key] = self._factory.of(situation, choice.strategy, choice.policy)

    # --- what we do -------------------------------------------------------------------------------

    def _contact(self, key: str, step: Step, now: datetime) -> None:
        assert step.channel and step.purpose and step.contact_point_id  # noqa: S101
        self.ledger.reserve(key, step, now)
        account = self.first[key].account
        name = attempt_id(account.creditor, account.account_id, step.number)
        self.ledger.happened(key, name, Event.DISPATCH, now)
        self.ledger.happened(key, name, Event.ACCEPT, now)
        points = self.first[key].customer.points
        point = next(one for one in points if one.contact_point_id == step.contact_point_id)
        told = Told(key, step.channel.value, point.address_id, step.purpose.value, now)
        came = self.people[self.owner[key]].receives(told)
        self._arrives(key, name, step, came, now)
        self._note(key, name, step, told, came)
        for act in came.acts:
            self.at(act.at, partial(self._does, act))

    def _arrives(self, key: str, name: str, step: Step, came: Reception, now: datetime) -> None:
        outcome = _CALLED.get(came.became) if step.channel is Channel.VOICE else None
        if came.became not in _FAILED:
            self.ledger.happened(key, name, Event.DELIVER, now, outcome)
            return
        gone = came.became in (Became.UNDELIVERED, Became.NOT_IN_SERVICE)
        refusal = RefusalKind.RECIPIENT if gone else None
        self.ledger.happened(key, name, Event.FAIL, now, outcome, refusal)

    def _note(self, key: str, name: str, step: Step, told: Told, came: Reception) -> None:
        wall, channel = told.at.astimezone(self.zone[key]), told.channel
        day = (told.at - self.run.began).days
        self.count("contact", channel, step.phase, day)
        self.count("hour", channel, wall.hour, wall.weekday())
        self.count("became", channel, came.became.value, came.seen)
        self.count("purpose", step.purpose)
        outcome = _CALLED.get(came.became) if channel == Channel.VOICE else None
        self.count("sent", self.country(key), channel, outcome, came.became not in _FAILED)
        self._contacts[key].append(f"{told.at.isoformat()} {channel} {told.purpose}")
        if self.run.keep:
            self._keep(key, name, step, told, came)

    def _keep(self, key: str, name: str, step: Step, told: Told, came: Reception) -> None:
        """As the export of the ledger has it, and as the receivers' own record has it."""
        one, failed = self.first[key], came.became in _FAILED
        at = told.at.isoformat()
        self.record.attempts.append(
            {
                "attempt_id": name,
                "creditor": one.account.creditor,
                "account_id": one.account.account_id,
                "customer_id": one.account.customer_id,
                "covers": list(step.covers),
                "step": step.number,
                "touch": step.touch,
                "phase": step.phase,
                "purpose": told.purpose,
                "channel": told.channel,
                "provider": step.provider,
                "state": "undelivered" if failed else "delivered",
                "outcome": came.became.value if told.channel == "voice" else None,
                "jurisdictions": list(self.rules[key].jurisdictions),
                "zones": list(one.customer.zones),
                "not_before": step.not_before.isoformat(),
                "not_after": step.not_after.isoformat() if step.not_after else None,
                "reserved_at": at,
                "dispatched_at": at,
            }
        )
        if not failed:
            self.record.received.append(
                {
                    "attempt": name,
                    "at": at,
                    "to": told.address,
                    "channel": told.channel,
                    "provider": step.provider,
                    "account": key,
                    "status": came.became.value,
                    "text": "",
                }
            )

    # --- what they do -----------------------------------------------------------------------------

    def _does(self, act: Act, now: datetime) -> None:
        if not self.people[self.owner[act.account]].still(act):
            return
        if act.kind is Kind.PAY:
            self.pays(act, now)
        else:
            self._writes(act, now)

    def pays(self, act: Act, now: datetime) -> None:
        """Money comes, if anything is owed still."""
        account = self.ledger.situation(act.account, now).account
        if account.status is not AccountStatus.OPEN or account.balance <= 0:
            return
        amount = account.balance
        if act.share < 1:
            part = (account.balance * Decimal(str(round(act.share, 4)))).quantize(_SMALLEST)
            amount = max(min(part, account.balance), _SMALLEST)
        number = self.next("payment", act.account)
        paid = PaymentReceived(id=f"payment-{number}", amount=amount)
        if self.ledger.record(act.account, paid, now) is not None:
            return
        self._paid[act.account] += amount
        self.count("payment", act.because)
        self.again(act.account, now)

    def _writes(self, act: Act, now: datetime) -> None:
        assert act.says is not None, "who writes says something"  # noqa: S101
        intent, meaning = _MEANS[act.says]
        channel, key = Channel(act.channel), act.account
        message = f"dry-run/{self.next('message', self.owner[key])}"
        stated = None
        if act.says is Says.WISH and act.wish:
            wished = Preference(channel=Channel(act.wish))
            said = {"preference_id": f"said:{message}", "said_at": now, "preference": wished}
            stated = StatedPreference.model_validate(said)
        self.ledger.wrote(channel, act.address, intent, now, [meaning], stated, message=message)
        self.count("inbound", act.says.value)
        self._counts[act.says.value, key] += 1
        if act.complains:
            self.count("complaint", act.channel)
            self._counts["complaint", key] += 1
        if self.run.keep:
            self._keep_said(act, now, message)
        self.desk.reads(act, message, now)
        self.again(key, now)

    def _keep_said(self, act: Act, now: datetime, message: str) -> None:
        said = {
            "at": now.isoformat(),
            "address": act.address,
            "channel": act.channel,
            "account": act.account,
            "words": act.says,
        }
        self.record.said.append({**said, "id": message, "meant": None, "clock": "account"})
        if act.says in (Says.STOP, Says.WRONG_PERSON):
            self.record.stops.append({**said, "kind": act.says.value, "clock": "account"})

    def next(self, kind: str, of: str) -> int:
        """A number that nothing else of its kind has."""
        self._counts[kind, of] += 1
        return self._counts[kind, of]

    # --- what is left -----------------------------------------------------------------------------

    def _close(self, key: str) -> None:
        _, step = self._ends[key]
        first, last = self.first[key], self.ledger.situation(key, self.until)
        zones, rule = first.customer.zones, self.strategy(key).part_payments
        days = days_past_due(first.due_date(rule), self.run.began, zones)
        cured = step.close_reason is CloseReason.CURED
        paid = [one.paid_at for one in last.own_payments]
        over = max(paid) if paid else self.until
        after = bucket(days_past_due(last.due_date(rule), self.until, zones))
        silenced = step.summary.partition("(")[2].rstrip(")") if step.why == "no_channel" else ""
        touched = "\n".join(self._contacts[key]).encode()
        states = [one.state for one in last.promises]
        began_as = self._began_as[key]
        self.record.accounts.append(
            Account(
                key=key,
                customer=self.owner[key],
                segment=began_as.segment or first.customer.country,
                strategy=began_as.strategy,
                arm=", ".join(self._choosing.arms_of(first.account)),
                country=first.customer.country,
                currency=first.account.currency,
                owed=f"{first.account.balance:f}",
                paid=f"{self._paid[key]:f}",
                contacts=len(self._contacts[key]),
                cured_on=(over - self.run.began).days if cured else -1,
                ended=step.close_reason.value if step.close_reason else step.view.status.value,
                before=bucket(days),
                after="cured" if cured else after,
                promises=len(states),
                kept=sum(one is PromiseState.KEPT for one in states),
                plans=len(last.plans),
                stops=self._counts[Says.STOP.value, key],
                complaints=self._counts["complaint", key],
                silenced=silenced,
                touched=hashlib.sha256(touched).hexdigest()[:12] if touched else "",
            )
        )


def _is_new(choice: Choice, account: AccountAsHeld) -> bool:
    stands = (account.strategy, account.segment, account.chosen_by, account.policy)
    return (choice.strategy, choice.segment, choice.by.value, choice.policy) != stands
