"""The record that a portfolio run leaves in a folder, read into models.

ledger.jsonl    one attempt a line, as ``contrapunto ledger export`` writes it, with its creditor
received.jsonl  one message a person received a line, as the sandbox writes it
accounts.jsonl  one account a line, as it stood at the end
stops.jsonl     who asked to be left alone, by the receivers' own record; optional
received.state.jsonl  the sandbox's journal: what people wrote, and what they meant; optional
messages.jsonl  what customers wrote and how it was read, work.jsonl what people were asked to do,
                plans.jsonl every change of plan, customers.jsonl whom not to show; optional, all
                four as ``store/views/conversations.py`` reads them
run.json        what the starter states: began, until, min_days by phase; optional
events.jsonl    what customers did, optional: ``{at, account, kind, detail}`` with

    payment     {amount, currency}
    promise     {amount, currency, date, state}   state open, kept or broken; derived if missing
    reply       {channel, text}
    opt_out     {channel}                         no channel: all of them
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from domain.entry.broken_rule import broken_rule
from domain.failures import BadInput
from domain.ledger.attempt import MADE, AttemptState
from domain.ledger.call_outcome import CallOutcome
from domain.model import Instant, Model
from lab.proof.record import read_lines, read_run, read_said
from lab.proof.verdict import Proof, prove_folder

Line = TypeVar("Line", bound=Model)

UNANSWERED: Final = "unanswered"
"""What became of a call that rang and was not taken."""

_OPT_OUTS: Final = frozenset({"opt_out", "unsubscribe", "spamreport", "stop"})
_KINDS: Final = {"pay": "payment", "paid": "payment", "answer": "reply"}


class LedgerLine(Model):
    """One attempt, as exported."""

    attempt_id: str
    creditor: str
    account_id: str
    customer_id: str
    covers: tuple[str, ...] = ()
    step: int
    phase: str
    purpose: str
    channel: str
    provider: str
    state: AttemptState
    outcome: str | None = None
    """Of a call."""
    jurisdictions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    not_before: Instant
    not_after: Instant
    reserved_at: Instant
    dispatched_at: Instant | None = None
    settled_at: Instant | None = None
    provider_message_id: str | None = None
    rule: str | None = None
    cite: str | None = None

    @property
    def key(self) -> str:
        """The leading account, ``<creditor>/<account_id>``."""
        return f"{self.creditor}/{self.account_id}"

    @property
    def at(self) -> datetime:
        """When it left, or was reserved."""
        return self.dispatched_at or self.reserved_at

    @property
    def zone(self) -> ZoneInfo:
        """The first candidate zone: whose clock the contact is shown on."""
        return ZoneInfo(self.zones[0] if self.zones else "UTC")

    @property
    def country(self) -> str:
        """Country of the most general jurisdiction."""
        return self.jurisdictions[0][:2] if self.jurisdictions else "?"

    @property
    def made(self) -> bool:
        """Whether it counts as a contact."""
        return self.state in MADE

    @property
    def became(self) -> str:
        """What became of it: its state, but that a call which nobody took delivered nothing."""
        rang = self.state is AttemptState.DELIVERED and self.outcome == CallOutcome.NO_ANSWER
        return UNANSWERED if rang else self.state.value


class AccountLine(Model):
    """One account at the end of the run."""

    creditor: str
    account_id: str
    customer_id: str
    currency: str
    status: str
    close_reason: str | None = None
    since: Instant | None = None
    closed_at: Instant | None = None
    oldest_due_date: date
    country: str
    zones: tuple[str, ...] = ()
    opened_balance: Decimal
    balance: Decimal

    @property
    def key(self) -> str:
        """``<creditor>/<account_id>``."""
        return f"{self.creditor}/{self.account_id}"

    @property
    def zone(self) -> ZoneInfo:
        """The first candidate zone: whose days the account is shown in."""
        return ZoneInfo(self.zones[0] if self.zones else "UTC")

    @property
    def end(self) -> str:
        """How it ended: cured, handed_off, recalled, closed; or open."""
        return "open" if self.status == "open" else self.close_reason or "closed"

    @property
    def recovered(self) -> Decimal:
        """What was paid of the balance it came with."""
        return max(self.opened_balance - max(self.balance, Decimal(0)), Decimal(0))


class EventLine(Model):
    """Something a customer did."""

    at: Instant
    account: str
    kind: str
    detail: Any = None

    @property
    def what(self) -> str:
        """The kind under its one name: payment, promise, reply, opt_out, or as written."""
        return "opt_out" if self.kind in _OPT_OUTS else _KINDS.get(self.kind, self.kind)

    def field(self, name: str) -> Any:
        """A field of the detail; None when there is none."""
        return self.detail.get(name) if isinstance(self.detail, Mapping) else None

    @property
    def amount(self) -> Decimal | None:
        """The amount paid or promised."""
        try:
            return Decimal(str(self.field("amount")))
        except InvalidOperation:
            return None

    @property
    def due(self) -> date | None:
        """The promised day."""
        named = self.field("date") or self.field("due_on")
        return date.fromisoformat(str(named)) if named else None


class MessageLine(Model):
    """Something that somebody wrote."""

    id: str
    """``<provider>/<the provider's own id>``."""
    customer_id: str | None = None
    at: Instant
    channel: str
    intent: str
    """What was done for it."""
    text: str
    reading: dict[str, Any] | None = None
    """All that was read in it, as `contrapunto inbound check` answers."""

    @property
    def sent_id(self) -> str:
        """The provider's own id, by which the sandbox knows it, too."""
        return self.id.partition("/")[2]

    @property
    def intents(self) -> tuple[str, ...]:
        """All that was read in it; nothing if it was not read."""
        return tuple((self.reading or {}).get("intents") or ())


class WorkLine(Model):
    """What people were asked to do, and what came of it."""

    work_id: int
    customer_id: str
    reason: str
    messages: tuple[str, ...] = ()
    opened_at: Instant
    outcome: str | None = None
    note: str | None = None
    done_by: str | None = None
    done_at: Instant | None = None


class PlanLine(Model):
    """A change of an account's plan, in the planner's own sentence."""

    account: str
    at: Instant
    summary: str
    cite: str | None = None


class CustomerLine(Model):
    """A customer: what has to be known to show nothing of them."""

    customer_id: str
    name: str
    locale: str | None = None
    country: str | None = None
    zones: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunRecord:
    """Everything a run left behind, and the proof over it."""

    ledger: tuple[LedgerLine, ...]
    accounts: tuple[AccountLine, ...]
    events: tuple[EventLine, ...]
    received: tuple[dict[str, Any], ...]
    proof: Proof
    stops: tuple[dict[str, Any], ...] = ()
    messages: tuple[MessageLine, ...] = ()
    work: tuple[WorkLine, ...] = ()
    plans: tuple[PlanLine, ...] = ()
    customers: tuple[CustomerLine, ...] = ()
    meant: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the provider's id of a message, what its writer meant: by their own record."""
    stated: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def contacts(self) -> tuple[LedgerLine, ...]:
        """Attempts that count as a contact, oldest first."""
        return tuple(sorted((a for a in self.ledger if a.made), key=lambda a: a.at))

    @cached_property
    def by_key(self) -> dict[str, AccountLine]:
        """Accounts by their key."""
        return {account.key: account for account in self.accounts}

    @cached_property
    def heard(self) -> dict[str, datetime]:
        """When an attempt was received, by the receiver's own record (the last time, if twice)."""
        times = sorted((str(r.get("attempt")), str(r["at"])) for r in self.received)
        return {attempt: datetime.fromisoformat(at) for attempt, at in times}

    def local(self, contact: LedgerLine) -> datetime:
        """When the person was contacted, on their own clock: as received, else as it left."""
        at = self.heard.get(contact.attempt_id, contact.at)
        return at.astimezone(contact.zone)

    @cached_property
    def span(self) -> tuple[datetime, datetime] | None:
        """When it began and ended, as its starter states; else the first and last instant at which
        anything happened. None when nothing did."""
        if "began" in self.stated and "until" in self.stated:
            began, until = (str(self.stated[name]) for name in ("began", "until"))
            return datetime.fromisoformat(began), datetime.fromisoformat(until)
        moments = [a.reserved_at for a in self.ledger]
        moments += [e.at for e in self.events]
        moments += [a.closed_at for a in self.accounts if a.closed_at]
        moments += [datetime.fromisoformat(str(r["at"])) for r in self.received]
        return (min(moments), max(moments)) if moments else None

    @property
    def days(self) -> int:
        """How many days it lasted, begun ones included."""
        first, last = self.span or (None, None)
        return -((first - last) // timedelta(days=1)) if first and last else 0

    def events_of(self, kind: str) -> list[EventLine]:
        """What customers did of one kind, in order."""
        return sorted((e for e in self.events if e.what == kind), key=lambda e: e.at)

    def promise_state(self, promise: EventLine, grace_days: int) -> str:
        """Open, kept or broken: as the run says, else from the payments until date and grace."""
        stated = promise.field("state")
        if stated in ("open", "kept", "broken"):
            return str(stated)
        account, due, amount = self.by_key.get(promise.account), promise.due, promise.amount
        if account is None or due is None or amount is None or self.span is None:
            return "open"
        over = due + timedelta(days=grace_days)
        paid = sum(
            (payment.amount or Decimal(0))
            for payment in self.events_of("payment")
            if payment.account == promise.account
            and payment.at >= promise.at
            and payment.at.astimezone(account.zone).date() <= over
        )
        if paid >= amount:
            return "kept"
        return "broken" if self.span[1].astimezone(account.zone).date() > over else "open"


def read_record(folder: Path) -> RunRecord:
    """Read a folder and prove it; raises BadInput naming file, line and field."""
    try:
        proof = prove_folder(folder)
    except (KeyError, ValueError) as error:
        raise BadInput(f"{folder}: the record cannot be proved: {error}") from error
    return RunRecord(
        ledger=_lines(folder / "ledger.jsonl", LedgerLine),
        accounts=_lines(folder / "accounts.jsonl", AccountLine),
        events=_lines(folder / "events.jsonl", EventLine),
        received=tuple(read_lines(folder / "received.jsonl")),
        proof=proof,
        stops=tuple(read_lines(folder / "stops.jsonl")),
        messages=_lines(folder / "messages.jsonl", MessageLine),
        work=_lines(folder / "work.jsonl", WorkLine),
        plans=_lines(folder / "plans.jsonl", PlanLine),
        customers=_lines(folder / "customers.jsonl", CustomerLine),
        meant={row["id"]: row["meant"] for row in read_said(folder) or () if row["meant"]},
        stated=read_run(folder),
    )


def _lines(path: Path, model: type[Line]) -> tuple[Line, ...]:
    lines = []
    for number, row in enumerate(read_lines(path), start=1):
        try:
            lines.append(model.model_validate(row))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"]))
            raise BadInput(f"{path.name}, row {number}: {field}: {broken_rule(first)}") from error
    return tuple(lines)
