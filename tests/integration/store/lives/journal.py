"""What is on record of a life, and what of it forbids a contact: read from the docs, by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.integration.store.lives.words import SILENCING

OWED: Final = Decimal(850_000)
REST_DAYS: Final = 2
PAID_CHECK_DAYS: Final = 5
GRACE_DAYS: Final = 2
ANSWERS: Final[Mapping[str, str]] = {
    "balance_answer": "balance",
    "identity_answer": "identity",
    "crisis_answer": "crisis",
    "promise_question": "promise",
    "payment_question": "already_paid",
    "preference_confirmation": "",
    "promise_confirmation": "",
}
"""What each answers, where that is an item."""
NOTICES: Final = frozenset({"guarantor_notice"})
TO_PARTIES: Final = frozenset(
    {"identity_answer", "crisis_answer", "preference_confirmation", "opt_out_confirmation"}
)
"""What a guarantor may be told beside."""
CONFIRMATION: Final = "opt_out_confirmation"
CONFIRM_WITHIN: Final = timedelta(minutes=5)
ANSWER_WITHIN: Final = timedelta(hours=18)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Fact:
    """Something that a door has put on record."""

    kind: str
    at: datetime
    customers: frozenset[str] = frozenset()
    account: str = ""
    medium: str = ""
    address: str = ""
    reason: str = ""
    until: datetime | None = None
    amount: Decimal = Decimal(0)
    parts: tuple[tuple[date, Decimal], ...] = ()
    """Of a promise: how much by which day."""


@dataclass
class Item:
    """What a person is asked for a customer, since when, and where it was asked last."""

    opened_at: datetime
    address: str
    asked_back: bool = False


@dataclass
class Journal:
    """All facts, the oldest first, and what follows from them."""

    zone: str
    owners: Mapping[str, str]
    """Customers by account."""
    holders: Mapping[str, frozenset[str]]
    """Customers by address."""
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """Accounts by who stands for them and does not owe them."""
    facts: list[Fact] = field(default_factory=list)
    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    """Those that are open, by customer and reason."""
    disputed: dict[str, datetime] = field(default_factory=dict)
    """Accounts in which a dispute stands, since when."""
    hardships: dict[str, datetime] = field(default_factory=dict)
    """The same of hardships."""

    def note(self, fact: Fact) -> None:
        """Put down a fact."""
        self.facts.append(fact)

    def agreed(self, account: str, said: Mapping[str, Any], at: datetime) -> None:
        """Something about a dispute, a hardship or a settlement was taken."""
        match said["kind"]:
            case "open_dispute":
                self.disputed.setdefault(account, at)
            case "resolve_dispute" if said["outcome"] != "for":
                self.disputed.pop(account, None)
            case "begin_hardship":
                self.hardships.setdefault(account, at)
            case "end_hardship":
                self.hardships.pop(account, None)
            case "accept_settlement":
                self.note(Fact("accepted", at, frozenset({self.owners[account]}), account))
            case _:
                pass

    def asks(self, reason: str, address: str, at: datetime) -> None:
        """A message has asked for something."""
        for customer in self.holders[address]:
            item = self.items.setdefault((customer, reason), Item(at, address))
            item.address = address

    def against(self, row: Mapping[str, Any], medium: str, address: str) -> str | None:
        """What stands against an attempt that was dispatched just now, for any reason of ours."""
        at, purpose = row["dispatched_at"], row["purpose"]
        if (wrong := self._to_party(row)) is not None:
            return wrong
        if purpose == CONFIRMATION:
            return self._confirms(row, medium, address)
        return (
            self._stopped(row["customer_id"], medium, address)
            or self._undecided(row["customer_id"], address, purpose)
            or self._of_accounts(row, at)
            or (None if purpose in ANSWERS else self._rests(row, at))
        )

    def _to_party(self, row: Mapping[str, Any]) -> str | None:
        """What stands against a contact with the guarantor beside what would of any customer's."""
        purpose, account = row["purpose"], self.stands_for.get(row["customer_id"])
        if account is None:
            return "it is the guarantor's" if purpose in NOTICES else None
        if purpose not in NOTICES | TO_PARTIES:
            return "it is the debtor's to hear"
        if list(row["covers"]) != [account]:
            return f"they stand for {account} alone"
        if purpose in (CONFIRMATION, "crisis_answer"):
            return None
        debtor = self.owners[account]
        ended = [one.kind for one in self._of("cease", "death") if debtor in one.customers]
        if ended:
            return f"{ended[0]} of the debtor"
        about = {**row, "customer_id": debtor}
        rests = self._rests(about, row["dispatched_at"]) if purpose in NOTICES else None
        return self._undecided(debtor, "", purpose) or rests

    def _of(self, *kinds: str) -> Iterable[Fact]:
        return (fact for fact in self.facts if fact.kind in kinds)

    def _stopped(self, customer: str, medium: str, address: str) -> str | None:
        stopped: str | None = None
        for fact in self.facts:
            theirs, there = customer in fact.customers, fact.address == address
            if fact.kind == "start" and there and fact.medium in ("", medium):
                stopped = None
            elif fact.kind == "stop" and fact.medium == medium and (theirs or there):
                stopped = f"a stop by {medium} at {fact.at}"
            elif fact.kind == "wrong" and there:
                stopped = "whoever has the address is not the customer"
            elif fact.kind in ("cease", "death") and theirs:
                stopped = fact.kind
            elif fact.kind == "bad" and there and fact.medium == medium:
                stopped = "nobody can be reached there"
        return stopped

    def _undecided(self, customer: str, address: str, purpose: str) -> str | None:
        # A helpline is told all the same, but not to whom nothing may be written.
        passed = {"crisis", "dispute", "bankruptcy"} if purpose == "crisis_answer" else set()
        for (who, reason), item in self.items.items():
            if who == customer and reason in SILENCING - passed:
                return f"a person has to decide {reason}"
            if who == customer and reason == "wrong_person" and item.address == address:
                return "a person has to say whose address it is"
        return None

    def _of_accounts(self, row: Mapping[str, Any], at: datetime) -> str | None:
        for account in row["covers"]:
            held = [fact.until for fact in self._of("hold", "resume") if fact.account == account]
            if held and held[-1] is not None and held[-1] > at:
                return f"{account} is on hold"
            if any(fact.account == account for fact in self._of("close")):
                return f"{account} is closed"
            paid = sum(fact.amount for fact in self._of("paid") if fact.account == account)
            if paid >= OWED and row["purpose"] != "payment_thanks":
                return f"nothing is owed of {account}"
            kept = row["purpose"] in {*ANSWERS, "promise_reminder", "settlement_offer"}
            if not kept and self._promised(account, at):
                return f"a promise of {account} is open"
        return None

    def _promised(self, account: str, at: datetime) -> bool:
        for promise in self._of("promise"):
            if promise.account != account or self._gave_way(promise) or self._broken(promise, at):
                continue
            if self._paid(promise, at) < promise.amount:
                return True
        return False

    def _gave_way(self, promise: Fact) -> bool:
        """Whether a settlement was accepted since."""
        return any(
            one.account == promise.account and one.at >= promise.at for one in self._of("accepted")
        )

    def _broken(self, promise: Fact, at: datetime) -> bool:
        """Whether one of its days is over, with its grace, and what was promised by then has not
        come by then."""
        wanted = Decimal(0)
        for day, amount in promise.parts:
            wanted += amount
            over = self._day(day, GRACE_DAYS + 1)
            if at >= over and self._paid(promise, over) < wanted:
                return True
        return False

    def _paid(self, promise: Fact, until: datetime) -> Decimal:
        return sum(
            (
                one.amount
                for one in self._of("paid")
                if one.account == promise.account and promise.at <= one.at <= until
            ),
            Decimal(0),
        )

    def _rests(self, row: Mapping[str, Any], at: datetime) -> str | None:
        customer, purpose = row["customer_id"], row["purpose"]
        wrote = [fact.at for fact in self._of("wrote") if customer in fact.customers]
        if purpose != "payment_thanks" and wrote and at < self._after(max(wrote), REST_DAYS):
            return f"they wrote at {max(wrote)}"
        item = self.items.get((customer, "already_paid"))
        if purpose == "payment_thanks" or item is None:
            return None
        looked_for = at < self._after(item.opened_at, PAID_CHECK_DAYS)
        return "the payment is looked for" if looked_for else None

    def _confirms(self, row: Mapping[str, Any], medium: str, address: str) -> str | None:
        said = [fact for fact in self._of("stop", "start") if fact.address == address]
        said = [fact for fact in said if fact.medium == medium]
        if not said or said[-1].kind != "stop":
            return "no stop is confirmed there"
        late = row["dispatched_at"] - said[-1].at > CONFIRM_WITHIN
        return "a stop is confirmed too late" if late else None

    def unwished(self, row: Mapping[str, Any], windows: Iterable[Mapping[str, Any]]) -> str | None:
        """Whether a contact that is no answer lies outside of the hours that are wished for."""
        if row["purpose"] in ANSWERS or row["purpose"] == CONFIRMATION:
            return None
        there = row["dispatched_at"].astimezone(ZoneInfo(self.zone))
        day, hour = _DAYS[there.weekday()], f"{there:%H:%M}"
        hours = [(one["from"], one["to"]) for one in windows if day in one["days"]]
        open_now = any(opens <= hour < closes for opens, closes in hours)
        return None if open_now or not windows else f"they wish for {hours}"

    def answers(
        self, row: Mapping[str, Any], address: str, said: Iterable[Mapping[str, Any]]
    ) -> str | None:
        """What is wrong with an answer; ``said``: all that went out before."""
        purpose, customer, at = row["purpose"], row["customer_id"], row["dispatched_at"]
        reason = ANSWERS.get(purpose)
        if reason is None:
            return None
        before = [
            one for one in said if one["purpose"] == purpose and one["customer_id"] == customer
        ]
        # Of several who have an address nobody is answered, but who speaks of ending their life.
        of_all = purpose == "crisis_answer"
        asked = [
            fact
            for fact in self._of("wrote")
            if fact.customers == {customer} or (of_all and customer in fact.customers)
        ]
        if not any(fact.address == address and at - fact.at < ANSWER_WITHIN for fact in asked):
            return "an answer where nobody has asked in time"
        if not reason:
            kind = "promise" if purpose == "promise_confirmation" else "preference"
            named = [
                fact for fact in self._of(kind) if fact.customers == {customer} and fact.reason
            ]
            return f"more than once for a {kind}" if len(before) >= len(named) else None
        if any(at - one["dispatched_at"] < ANSWER_WITHIN for one in before):
            return "it was answered within eighteen hours"
        if len(before) >= sum(fact.reason == reason for fact in asked):
            return "it is answered more often than it was asked"
        item = self.items.get((customer, reason))
        if item is None:
            return "a person has done what it answers"
        if purpose.endswith("_question"):
            if item.asked_back:
                return "it is asked back twice"
            item.asked_back = True
        return None if item.address == address else "it was asked elsewhere since"

    def _after(self, at: datetime, days: int) -> datetime:
        return self._day(at.astimezone(ZoneInfo(self.zone)).date(), days)

    def _day(self, day: date, days: int) -> datetime:
        return datetime.combine(
            day + timedelta(days=days), datetime.min.time(), ZoneInfo(self.zone)
        )
