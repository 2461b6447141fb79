"""The people of the house in a dry run: they do the work that automation asks of them.

How soon, how often they call and in how many parts they let somebody pay is the world's
(``people/parameters.py``); how many minutes it takes them, the prices'. All of it is assumed. What
they may do is asked of the same law as on real servers.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_UP, Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from domain.account import AccountStatus, ContactPoint
from domain.calendar import local_date
from domain.channels import Channel, Purpose
from domain.contacts.manual import ContactState, ManualContact
from domain.conversation.work_words import WorkReason
from domain.facts import AgreePlan, RecordPromise
from domain.law.terms import ContactOutcome, Direction
from domain.planning.by_person import may_contact
from people.acts import Act, Became, Says

if TYPE_CHECKING:
    from workers.simulation.life import Life

_ASKS: Final = {
    Says.PROMISE: WorkReason.PROMISE,
    Says.PLAN: WorkReason.PLAN_REQUEST,
    Says.DISPUTE: WorkReason.DISPUTE,
    Says.BALANCE: WorkReason.BALANCE,
    Says.PERSON: WorkReason.WANTS_PERSON,
}
"""Which item a message opens."""
_ANSWERED: Final = {
    Says.BALANCE: Purpose.BALANCE_ANSWER,
    Says.PROMISE: Purpose.PROMISE_CONFIRMATION,
}
"""What the strategy may do of it by itself."""

_OUTCOME: Final = {
    Became.CONVERSATION: ContactOutcome.CONVERSATION,
    Became.VOICEMAIL: ContactOutcome.VOICEMAIL,
    Became.NO_ANSWER: ContactOutcome.NO_ANSWER,
    Became.BUSY: ContactOutcome.BUSY,
}


class Desk:
    """Who answers and calls, for one group."""

    def __init__(self, life: "Life") -> None:
        self._life, self._is = life, life.run.world.values
        self._after = timedelta(hours=self._is["desk_hours"])
        self._calls_at_most = round(self._is["desk_calls"])

    def reads(self, act: Act, message: str, now: datetime) -> None:
        """A message has come: what has a person do something is done after some hours."""
        life, by_itself = self._life, _ANSWERED.get(act.says) if act.says else None
        if by_itself is not None and by_itself in life.strategy(act.account).answers:
            if act.says is Says.PROMISE and act.on is not None:
                self._promised(act.account, f"said:{message}", act.on, now)
            return
        reason = _ASKS.get(act.says) if act.says else None
        if reason is None:
            return
        life.count("work", reason.value, life.country(act.account))
        wait = self._after
        if act.says is Says.DISPUTE:
            wait = timedelta(days=self._is["dispute_days"])
        life.at(now + wait, partial(self._does, act, reason))

    def _does(self, act: Act, reason: WorkReason, now: datetime) -> None:
        life, key = self._life, act.account
        if act.says is Says.PROMISE and act.on is not None:
            self._promised(key, f"desk-{life.next('desk', key)}", act.on, now)
        if act.says is Says.PLAN:
            self._offers_plan(key, now)
        life.ledger.done(key, reason)
        life.again(key, now)

    def _promised(self, key: str, name: str, on: date, now: datetime) -> None:
        life = self._life
        balance = life.ledger.situation(key, now).account.balance
        today = local_date(now, life.first[key].customer.zones)
        if balance <= 0 or on < today:
            return
        asked = RecordPromise(id=name[:128], amount=balance, date=on)
        refused = life.ledger.record(key, asked, now)
        life.count("promise", "refused" if refused else "recorded")

    def _offers_plan(self, key: str, now: datetime) -> None:
        life = self._life
        person, account = life.people[life.owner[key]], life.ledger.situation(key, now).account
        if account.status is not AccountStatus.OPEN or account.balance <= 0:
            return
        if not person.accepts_plan(key):
            life.count("plan", "declined")
            return
        parts = round(self._is["instalments"])
        days = _months(local_date(now, life.first[key].customer.zones), parts)
        each = (account.balance / parts).quantize(Decimal("0.01"), ROUND_UP)
        if each != each.to_integral_value():
            each = each.quantize(Decimal(1), ROUND_UP) if account.balance > 1_000 else each
        asked = AgreePlan(
            id=f"plan-{life.next('plan', key)}",
            instalments=[
                {"date": day, "amount": _part(account.balance, each, number, parts)}
                for number, day in enumerate(days)
            ],
        )
        refused = life.ledger.record(key, asked, now)
        life.count("plan", "refused" if refused else "agreed")
        if refused is None:
            for act in person.pays_plan(key, days, now):
                life.at(act.at, partial(life.pays, act))

    def asked_to_call(self, key: str, now: datetime) -> None:
        """A person is asked to contact the customer."""
        self._life.at(now + self._after, partial(self._calls, key, 1))

    def _calls(self, key: str, tries: int, now: datetime) -> None:
        life = self._life
        situation = life.ledger.situation(key, now)
        if not any(one.reason is WorkReason.PERSON_FIRST for one in situation.work):
            return
        points = [one for one in situation.customer.points if one.channel is Channel.VOICE]
        asked = [may_contact(situation, life.rules[key], now, one) for one in points]
        may = [point for point, one in zip(points, asked, strict=True) if one.allowed]
        later = [one.next_allowed_at for one in asked if one.next_allowed_at is not None]
        if may:
            self._rings(key, may[0], now)
            if tries < self._calls_at_most:
                life.at(now + timedelta(days=1), partial(self._calls, key, tries + 1))
        elif later and tries < self._calls_at_most:
            again = max(min(later), now + timedelta(minutes=1))
            life.at(again, partial(self._calls, key, tries + 1))

    def _rings(self, key: str, point: ContactPoint, now: datetime) -> None:
        life = self._life
        became, on, agrees = life.people[life.owner[key]].called(key, now)
        number = life.next("call", key)
        contact = ManualContact(
            contact_id=f"call-{key}-{number}",
            account=key,
            covers=(key,),
            channel=Channel.VOICE,
            direction=Direction.OUTBOUND,
            contact_point_id=point.contact_point_id,
            address_id=point.address_id,
            state=ContactState.ENDED,
            outcome=_OUTCOME[became],
            at=now,
        )
        life.ledger.by_person(key, contact)
        life.count("call by person", became.value, life.country(key))
        if became is Became.CONVERSATION:
            life.ledger.done(key, WorkReason.PERSON_FIRST)
            if on is not None:
                self._promised(key, f"call-promise-{number}", on, now)
                for act in life.people[life.owner[key]].keeps(key, on, now, number):
                    life.at(act.at, partial(life.pays, act))
            elif agrees:
                self._offers_plan(key, now)
        life.again(key, now)


def _months(today: date, parts: int) -> Sequence[date]:
    return [today + timedelta(days=7 + 30 * number) for number in range(parts)]


def _part(balance: Decimal, each: Decimal, number: int, parts: int) -> Decimal:
    return each if number < parts - 1 else balance - each * (parts - 1)
