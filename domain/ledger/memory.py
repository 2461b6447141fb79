"""A contact ledger in memory: what PostgreSQL holds, by the same rules, for tests and simulations.

Accounts of one customer, and customers with one address, see each other here as they do in
``store/situations.py``. Every account stays with its customer, and every customer with their
addresses: what a new file changes, PostgreSQL alone knows.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from domain.account import AccountStatus, ContactPoint, PromiseState
from domain.agreements.plan import PlanState
from domain.agreements.plan import settle as settle_plan
from domain.agreements.settlement import offers
from domain.agreements.settlement.admission import settlement_refused
from domain.agreements.settlement.offer import OfferState
from domain.calendar import local_date
from domain.cases import ledger as cases
from domain.cases.admission import Standing, completed
from domain.cases.case import asks
from domain.channels import Channel
from domain.contacts.manual import ManualContact, made_with
from domain.conversation.keywords import Intent, Meaning
from domain.conversation.wishes.preference import StatedPreference
from domain.conversation.work import MET_BY, Work, asked_by
from domain.conversation.work_words import WorkReason
from domain.facts import CaseMessage, LawEventReceived, Message, OfSettlement
from domain.law.request import OF_THE_PERSON, LawEvent
from domain.law.terms import EventKind
from domain.ledger import admission, consequences, life, plans, stops, work
from domain.ledger.attempt import AttemptState, Event, RefusalKind
from domain.ledger.call_outcome import CallOutcome
from domain.ledger.consequences import Consequence
from domain.names import attempt_id
from domain.planning.limits.taking import TakenOfDays
from domain.planning.reasons.promises import settle
from domain.planning.reasons.turn import TURN_DUE
from domain.planning.step import Step
from domain.segments.choosing import Choice
from domain.situation import Reply, Sibling, Situation
from domain.strategy import Strategy


class MemoryLedger:
    """Situations by account key, and the ids of what was told."""

    def __init__(
        self,
        situations: Iterable[Situation],
        strategy: Strategy,
        least: Mapping[str, Decimal] | None = None,
        days: TakenOfDays | None = None,
    ) -> None:
        """``strategy``: what may be agreed, and what it does, until an account ``goes_by`` another.
        ``least``: as ``admission.refusal`` takes it. ``days``: counted with other ledgers."""
        self._strategy, self._least = strategy, least
        self._going_by: dict[str, Strategy] = {}
        self._situations = {one.key: one for one in situations}
        self._taken: dict[tuple[str, str], Message] = {}
        self._work_id = 0
        self._days = days or TakenOfDays(strategy.capacity, self._situations.values())

    @property
    def keys(self) -> tuple[str, ...]:
        """The accounts."""
        return tuple(self._situations)

    def goes_by(self, key: str, strategy: Strategy, choice: Choice) -> None:
        """An account goes by what was chosen for it from here on."""
        self._going_by[key] = strategy
        stands = {
            "strategy": choice.strategy,
            "segment": choice.segment,
            "chosen_by": choice.by.value,
            "policy": choice.policy,
        }
        one = self._situations[key]
        account = one.account.model_copy(update=stands)
        self._situations[key] = one.model_copy(update={"account": account})

    def strategy_of(self, key: str) -> Strategy:
        """The strategy that an account goes by."""
        return self._going_by.get(key, self._strategy)

    def situation(self, key: str, now: datetime) -> Situation:
        """What planning looks at, promises and plans settled as of ``now``, and people asked for
        what has fallen due of disputes and hardships."""
        found = self._situations[key]
        for promise in found.promises:
            state = settle(promise, now, self.strategy_of(key).promise, found.customer.zones)
            if state is not promise.state:
                found = life.promise_settled(found, promise.promise_id, state, now)
        for plan in found.plans:
            became = settle_plan(plan, found.account, now, found.customer.zones)
            if became is not plan.state:
                found = plans.settled(found, plan.plan_id, became)
        found = offers.settled(found, now)
        self._situations[key] = found
        found = self._asked(key, now)
        siblings = tuple(self._siblings(found, now))
        update: dict[str, object] = {"siblings": siblings}
        if (capacity := self.strategy_of(key).capacity) is not None:
            update["taken_of_days"] = self._days.seen(capacity, now)
        return found.model_copy(update=update)

    def _asked(self, key: str, now: datetime) -> Situation:
        one = self._situations[key]
        if one.account.status is not AccountStatus.OPEN:
            return one
        terms = self.strategy_of(key).cases.hardship
        stands = (one.dispute, one.hardship, terms, one.customer.zones)
        for ask in [ask for ask in asks(*stands) if ask.since <= now]:
            self._ask(key, ask.reason, ask.since)
            self._situations[key] = cases.asked(self._situations[key], ask)
        return self._situations[key]

    def _ask(self, key: str, reason: WorkReason, since: datetime) -> None:
        self._work_id += 1
        item = cases.item(reason, since, self._work_id)
        for other in self._of_same_customer(key):
            self._situations[other] = work.asked(self._situations[other], item)

    def record(self, key: str, message: Message, at: datetime) -> str | None:
        """Write what a signal or update says, once by its id; why it was refused, or None.

        What was refused does not hold its id: it is judged anew when it comes again.
        """
        zones = self._situations[key].customer.zones
        message, _ = admission.understood(message, zones)
        while (known := self._taken.get((key, message.id))) is not None:
            own = admission.of_its_own(message, known)
            if own is None or own == message:
                return None
            message = own
        account, strategy = self._situations[key].account, self.strategy_of(key)
        owed = (account.currency, account.balance, account.status is AccountStatus.OPEN)
        refused = admission.refusal(
            *(message, owed, at, strategy.promise, zones, self._least),
            terms=strategy.plan,
            plan=self._plan(key),
            standing=self._standing(key),
        )
        if refused is None and isinstance(message, OfSettlement):
            refused = self._of_settlement(key, message, at)
        if refused is None and isinstance(message, LawEventReceived):
            refused = self._belongs_to_others(key, message.event)
        if refused is None:
            self._taken[key, message.id] = message
            if isinstance(message, CaseMessage):
                message = completed(message, local_date(at, zones), strategy.cases)
                if (reason := cases.asks_at_once(message)) is not None:
                    self._ask(key, reason, at)
            for one in self._laid_out(key, message):
                self._receive(key, one, at)
            if message.kind in MET_BY and self._is_their_only_one(key):
                self.done(key, MET_BY[message.kind][0])
            if isinstance(message, LawEventReceived):
                self._at_others(key, message.event, at)
        return refused

    def _standing(self, key: str) -> Standing:
        one = self._situations[key]
        return Standing(
            dispute=one.dispute.dispute_id if one.dispute else None,
            dispute_state=one.dispute.state if one.dispute else None,
            hardship=one.hardship.hardship_id if one.hardship else None,
        )

    def _of_settlement(self, key: str, asked: OfSettlement, at: datetime) -> str | None:
        """Do what is asked about a settlement; why it was refused, or None."""
        found, strategy = self.situation(key, at), self.strategy_of(key)
        refused = settlement_refused(asked, found, strategy, at, self._least)
        if refused is None:
            self._situations[key] = offers.asked(self._situations[key], asked, strategy, at)
        return refused

    def _plan(self, key: str) -> str | None:
        """The id of the payment plan that is active."""
        active = (one for one in self._situations[key].plans if one.state is PlanState.ACTIVE)
        return next((one.plan_id for one in active), None)

    def _belongs_to_others(self, key: str, event: LawEvent) -> str | None:
        """Why a fact cannot be taken that is about nothing of the customer's."""
        known = self._of_same_customer(key)
        [account, *_] = stops.accounts_meant(event, key.partition("/")[0], known)
        if event.gives_leave and account is not None and account not in known:
            return f"event.account_id: {stops.NO_ACCOUNT}"
        own = [] if event.address is None else self._own(key, event.address)
        if event.address is None or event.address in own or (own and not event.gives_leave):
            return None
        if event.gives_leave:
            return f"event.contact_point_id: {stops.NO_ADDRESS}"
        if event.kind is EventKind.WRONG_NUMBER and self._anybodys(event.address) is None:
            return f"event.contact_point_id: {stops.NEITHER}"
        return None

    def _at_others(self, key: str, event: LawEvent, at: datetime) -> None:
        """What is said of an address that is none of the customer's holds for whoever has it."""
        if event.address is None or event.kind not in stops.OF_ADDRESSES:
            return
        other = self._anybodys(event.address)
        if other is not None and not self._own(key, event.address):
            self._each(lambda one: life.at_address(one, event, other.address_id, at))

    def _anybodys(self, contact_point_id: str) -> ContactPoint | None:
        """A contact point, whoever's it is."""
        points = (point for one in self._situations.values() for point in one.customer.points)
        return next((it for it in points if it.contact_point_id == contact_point_id), None)

    def _called_here(self, key: str, contact_point_id: str | None) -> str | None:
        """What a contact point is called in the customer's own record, if they have its address."""
        own = self._own(key, contact_point_id) if contact_point_id is not None else []
        other = self._anybodys(contact_point_id) if own and contact_point_id else None
        if other is None or contact_point_id in own:
            return contact_point_id
        channels = {it.contact_point_id: it.channel for it in self._situations[key].customer.points}
        return min(own, key=lambda one: (channels[one] is not other.channel, one))

    def _own(self, key: str, contact_point_id: str) -> list[str]:
        """The customer's contact points that are meant by one: itself, or where it is another's,
        those with its address."""
        points = sorted(self._situations[key].customer.points, key=lambda it: it.contact_point_id)
        if any(it.contact_point_id == contact_point_id for it in points):
            return [contact_point_id]
        other = self._anybodys(contact_point_id)
        address = other.address_id if other else None
        return [it.contact_point_id for it in points if address and it.address_id == address]

    def _laid_out(self, key: str, message: Message) -> Iterator[Message]:
        """A message once for each of the accounts, and of the contact points, that it is recorded
        for."""
        if not isinstance(message, LawEventReceived):
            yield message
            return
        creditor, known = key.partition("/")[0], self._of_same_customer(key)
        said = message.event
        points: list[str | None] = [self._called_here(key, said.contact_point_id)]
        if said.address is not None:
            points = [*self._own(key, said.address)]
            if not points and said.kind is not EventKind.WRONG_NUMBER:
                points = [None]  # of nobody's address, or another's: of all of the customer's
        for account in stops.accounts_meant(said, creditor, known):
            for point in points:
                meant = {"account_id": account, "contact_point_id": point}
                yield message.model_copy(update={"event": said.model_copy(update=meant)})

    def _receive(self, key: str, message: Message, at: datetime) -> None:
        told = self._situations[key]
        self._each(
            lambda one: (
                life.received(one, message, at, self.strategy_of(key).plan)
                if one.key == key
                else life.received_by_another(one, message, at, told)
            )
        )

    def law_event(self, key: str, event: LawEvent, at: datetime, *, written: bool = False) -> None:
        """An event of the customer of this account; ``written``: by message from its address."""
        told = self._situations[key]
        self._each(lambda one: life.law_event(one, event, told, at, written=written))

    def by_person(self, key: str, contact: ManualContact) -> None:
        """A person has contacted the customer of this account, or was contacted by them."""
        leader = self._situations[key]
        self._each(lambda one: made_with(one, contact, leader))

    def wrote(
        self,
        channel: Channel,
        address_id: str,
        intent: Intent,
        at: datetime,
        read: Sequence[Meaning] = (),
        stated: StatedPreference | None = None,
        lacking: Collection[WorkReason] = (),
        message: str | None = None,
    ) -> None:
        """Somebody wrote from an address. Where several have it, any of them may have written: all
        of them rest, and what stops or starts contact holds for all. ``read``: all that was read
        in it. ``stated``: how they want to be reached, where it leaves no doubt. ``lacking``: of
        what it has people asked for, that which they have to be asked back. ``message``: its name,
        ``<provider>/<inbound_id>``."""
        holders = self._holders(channel, address_id)
        means = consequences.of_message(intent, channel)
        reasons = asked_by(read, shared=len(holders) > 1, heard=means is not None)
        if stated is not None and len(holders) == 1:
            for key in holders:
                self.stated(key, stated)
                if stated.preference.can_be_met(self._situations[key].customer.points):
                    reasons = tuple(one for one in reasons if one is not WorkReason.PREFERENCE)
        for reason in reasons:
            self._work_id += 1
            item = Work(
                work_id=self._work_id, reason=reason, opened_at=at, lacking=reason in lacking
            )
            for key, points in holders.items():
                asked = item.model_copy(update={"contact_point_id": points[0].contact_point_id})
                for other in self._of_same_customer(key):
                    self._situations[other] = work.asked(self._situations[other], asked)
        for key, points in holders.items() if len(holders) == 1 or means is None else ():
            there = points[0].contact_point_id
            reply = Reply(at=at, channel=channel, contact_point_id=there, message=message)
            for other in self._of_same_customer(key):
                self._situations[other] = life.wrote(self._situations[other], reply)
        for key, points in holders.items():
            here = {point.contact_point_id for point in points}
            said = self._situations[key].law_events
            if (
                intent is Intent.OPT_IN
                and len(holders) > 1
                and consequences.stopped_otherwise(said, here)
            ):
                continue
            for point in points if intent is Intent.WRONG_PERSON else points[:1]:
                self._follow(means, key, point, at, written=True)

    def stated(self, key: str, stated: StatedPreference) -> None:
        """The customer of this account says how they want to be reached."""
        for other in self._of_same_customer(key):
            one = self._situations[other]
            told = (*one.preferences, stated)
            self._situations[other] = one.model_copy(update={"preferences": told})

    def done(self, key: str, reason: WorkReason) -> None:
        """A person has done what they were asked for, for the customer of this account."""
        for other in self._of_same_customer(key):
            self._situations[other] = work.done(self._situations[other], reason)

    def reserve(self, key: str, step: Step, at: datetime) -> str:
        """Write the attempt of a planned contact; its id."""
        leader = self._situations[key]
        account = leader.account
        name = attempt_id(account.creditor, account.account_id, step.number)
        self._days.reserved(self.strategy_of(key).capacity, name, step, at)
        self._each(lambda one: life.reserved(one, step, name, leader, at))
        return name

    def happened(
        self,
        key: str,
        attempt: str,
        event: Event,
        at: datetime,
        outcome: CallOutcome | None = None,
        refusal: RefusalKind | None = None,
        code: str | None = None,
        ask_at: datetime | None = None,
    ) -> None:
        """Something happened to an attempt of this account.

        An address that cannot be reached is not used again by anybody; that the person told the
        provider to stop is a stop. Both count also where a report comes too late to count itself.
        """
        self._each(lambda one: life.happened(one, attempt, event, at, outcome, refusal, ask_at))
        if event in (Event.RELEASE, Event.REFUSE, Event.SETTLE_REFUSED):
            self._days.given_back(attempt)
        if event is Event.DELIVER:
            self._each(lambda one: work.answered(one, attempt))
        if refusal is not None:
            at_once = event is Event.REFUSE
            leader = self._situations[key]
            made = next(one for one in leader.contacts if one.attempt_id == attempt)
            if at_once and made.state is not AttemptState.REFUSED:
                return
            points = leader.customer.points
            point = next(one for one in points if one.contact_point_id == made.contact_point_id)
            by = None if at_once else made.provider
            means = consequences.of_refusal(refusal, code, made.channel, by)
            self._follow(means, key, point, at)

    def asked_again(self, attempt: str, ask_at: datetime | None) -> None:
        """The provider was asked about an attempt in vain; when next, if ever."""
        self._each(lambda one: life.asked_again(one, attempt, ask_at))

    def planned(self, key: str, step: Step, at: datetime) -> None:
        """A plan that ends the account closes it; one that asks a person has them asked."""
        if step.why == TURN_DUE:
            self._days.turn(self.strategy_of(key).capacity, at)
            self._situations[key] = life.person_asked(self._situations[key], step.view.phase, at)
            self._ask(key, WorkReason.PERSON_FIRST, at)
        if step.close_reason is not None:
            self._situations[key] = life.closed(self._situations[key], step.close_reason, at)

    def _follow(
        self,
        means: Consequence | None,
        key: str,
        point: ContactPoint,
        at: datetime,
        *,
        written: bool = False,
    ) -> None:
        """What follows for an address of this account's customer; ``written``: from there."""
        if means is None:
            return
        if (why := means.unusable) is not None:
            self._each(lambda one: life.suppressed(one, point, why))
        if event := means.said_of(point.contact_point_id, at):
            self.law_event(key, event, at, written=written)

    def _each(self, do: Callable[[Situation], Situation]) -> None:
        self._situations = {key: do(one) for key, one in self._situations.items()}

    def _holders(self, channel: Channel, address_id: str) -> dict[str, list[ContactPoint]]:
        """Who has an address: an account of each such customer, and the customer's records of it,
        that of ``channel`` first."""
        found: dict[str, list[ContactPoint]] = {}
        customers = {one.account.customer_id: one for one in self._situations.values()}
        for one in customers.values():
            points = [p for p in one.customer.points if p.address_id == address_id]
            if points:
                order = sorted(points, key=lambda p: (p.channel is not channel, p.contact_point_id))
                found[one.key] = order
        return found

    def _of_same_customer(self, key: str) -> list[str]:
        customer = self._situations[key].account.customer_id
        return [
            name for name, one in self._situations.items() if one.account.customer_id == customer
        ]

    def _is_their_only_one(self, key: str) -> bool:
        """Whether the customer has no other account that is open."""
        others = (self._situations[one] for one in self._of_same_customer(key) if one != key)
        return not any(one.account.status is AccountStatus.OPEN for one in others)

    def _siblings(self, of: Situation, now: datetime) -> Iterator[Sibling]:
        """The customer's other open accounts with the same creditor."""
        for key in self._of_same_customer(of.key):
            other = self._situations[key].account
            if key == of.key or other.creditor != of.account.creditor:
                continue
            if other.status is not AccountStatus.OPEN:
                continue
            held = other.hold_until is not None and other.hold_until > now
            beside = self._situations[key]
            agreed = (
                self._plan(key) is not None
                or any(one.state is PromiseState.OPEN for one in beside.promises)
                or any(one.state is OfferState.ACCEPTED for one in beside.offers)
            )
            agreed = agreed or beside.dispute is not None or beside.hardship is not None
            said = (one for one in beside.law_events if one.account_id == key)
            others = [one for one in said if one.kind not in OF_THE_PERSON]
            yield Sibling(
                account=key,
                balance=other.balance,
                currency=other.currency,
                silent=held or agreed,
                due=other.oldest_due_date,
                schedule=self._situations[key].schedule,
                said_by_others=tuple(one for one in others if one not in of.law_events),
            )
