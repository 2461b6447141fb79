"""A contact ledger in memory: what PostgreSQL holds, by the same rules, for tests and simulations.

One customer's accounts see each other here as they do in ``store/situations.py``.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.account import AccountStatus, PromiseState
from domain.facts import Message
from domain.law.request import LawEvent
from domain.ledger import life
from domain.ledger.admission import refusal
from domain.ledger.attempt import Event
from domain.ledger.call_outcome import CallOutcome
from domain.names import attempt_id
from domain.planning.reasons.promises import settle
from domain.planning.step import Step
from domain.situation import Reply, Sibling, Situation
from domain.strategy import PromisePolicy


class MemoryLedger:
    """Situations by account key, and the ids of what was told."""

    def __init__(self, situations: Iterable[Situation], policy: PromisePolicy) -> None:
        self._situations = {one.key: one for one in situations}
        self._policy = policy
        self._taken: set[tuple[str, str]] = set()

    @property
    def keys(self) -> tuple[str, ...]:
        """The accounts."""
        return tuple(self._situations)

    def situation(self, key: str, now: datetime) -> Situation:
        """What planning looks at, promises settled as of ``now``."""
        found = self._situations[key]
        for promise in found.promises:
            state = settle(promise, now, self._policy, found.customer.zones)
            if state is not promise.state:
                found = life.promise_settled(found, promise.promise_id, state)
        self._situations[key] = found
        siblings = tuple(self._siblings(found, now))
        return found.model_copy(update={"siblings": siblings})

    def record(self, key: str, message: Message, at: datetime) -> str | None:
        """Write what a signal or update says, once by its id; why it was refused, or None.

        What was refused does not hold its id: it is judged anew when it comes again.
        """
        if (key, message.id) in self._taken:
            return None
        account = self._situations[key].account
        owed = (account.currency, account.balance, account.status is AccountStatus.OPEN)
        zones = self._situations[key].customer.zones
        refused = refusal(message, owed, at, self._policy, zones)
        if refused is None:
            self._taken.add((key, message.id))
            for other in self._of_same_customer(key):
                found = self._situations[other]
                self._situations[other] = (
                    life.received(found, message, at)
                    if other == key
                    else life.received_by_another(found, message, at, account.creditor)
                )
        return refused

    def law_event(self, key: str, event: LawEvent, at: datetime) -> None:
        """An event of the customer of this account."""
        creditor = self._situations[key].account.creditor
        for other in self._of_same_customer(key):
            self._situations[other] = life.law_event(self._situations[other], event, creditor, at)

    def wrote(self, key: str, reply: Reply) -> None:
        """The customer of this account wrote."""
        for other in self._of_same_customer(key):
            self._situations[other] = life.wrote(self._situations[other], reply)

    def reserve(self, key: str, step: Step, at: datetime) -> str:
        """Write the attempt of a planned contact; its id."""
        account = self._situations[key].account
        name = attempt_id(account.creditor, account.account_id, step.number)
        for other in self._of_same_customer(key):
            found = self._situations[other]
            self._situations[other] = life.reserved(found, step, name, key, at)
        return name

    def happened(
        self, key: str, attempt: str, event: Event, at: datetime, outcome: CallOutcome | None = None
    ) -> None:
        """Something happened to an attempt of this account's customer."""
        for other in self._of_same_customer(key):
            found = self._situations[other]
            self._situations[other] = life.happened(found, attempt, event, at, outcome)

    def planned(self, key: str, step: Step) -> None:
        """A plan that ends the account closes it."""
        if step.close_reason is not None:
            self._situations[key] = life.closed(self._situations[key], step.close_reason)

    def _of_same_customer(self, key: str) -> list[str]:
        customer = self._situations[key].account.customer_id
        return [
            name for name, one in self._situations.items() if one.account.customer_id == customer
        ]

    def _siblings(self, of: Situation, now: datetime) -> Iterator[Sibling]:
        """The customer's other open accounts with the same creditor."""
        for key in self._of_same_customer(of.key):
            other = self._situations[key].account
            if key == of.key or other.creditor != of.account.creditor:
                continue
            if other.status is not AccountStatus.OPEN:
                continue
            held = other.hold_until is not None and other.hold_until > now
            open_promise = any(
                one.state is PromiseState.OPEN for one in self._situations[key].promises
            )
            yield Sibling(
                account=key,
                balance=other.balance,
                silent=held or open_promise,
                due=other.oldest_due_date,
            )
