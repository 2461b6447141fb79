"""The record of an invented portfolio run: lawful, seeded, with everything a real one has in it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import holidays

Row = dict[str, Any]

PHASES = (
    ("preventive", -5, 0, 4, 1, ("upcoming_due",)),
    ("early", 1, 30, 4, 6, ("reminder",)),
    ("mid", 31, 60, 5, 5, ("second_notice", "help_to_pay")),
    ("late", 61, 90, 6, 4, ("help_to_pay", "final_notice")),
    ("pre-legal", 91, 120, 7, 3, ("pre_legal",)),
)
MIN_DAYS = {name: rest for name, _, _, rest, *_ in PHASES}
PLACES = {
    "US": (("America/New_York",), ("America/Los_Angeles",), ("America/Chicago", "America/Denver")),
    "CO": (("America/Bogota",),),
    "MX": (("America/Mexico_City",), ("America/Tijuana",)),
}
MONEY = {
    "US": ("USD", 1),
    "CO": ("COP", 4000),
    "MX": ("MXN", 18),
}
CITES = {
    "US": ("us.regf.hours", "12 CFR 1006.6(b)(1)(i)"),
    "CO": ("co.ley2300.hours", "Ley 2300 de 2023, art. 3"),
    "MX": ("mx.condusef.hours", "CONDUSEF, Disposiciones (DOF 7 Oct 2014)"),
}
WINDOWS = {"US": (8, 21), "CO": (7, 19), "MX": (7, 22)}


@dataclass
class Run:
    """The lines of the files."""

    ledger: list[Row] = field(default_factory=list)
    received: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    stops: list[Row] = field(default_factory=list)
    said: list[Row] | None = None
    """What people wrote; None: as of before anybody kept it."""
    written: dict[str, list[Row]] = field(default_factory=dict)
    """What customers wrote and what came of it: messages, work, plans, customers."""
    stated: Row = field(default_factory=lambda: {"min_days": dict(MIN_DAYS)})

    def write(self, folder: Path) -> Path:
        """Write the files into ``folder``; a file without lines is there, and empty."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("ledger", "received", "accounts", "events", "stops"):
            rows: Iterable[Row] = getattr(self, name)
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        for name, rows in self.written.items():
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        if self.said is not None:
            text = "".join(json.dumps(journal_line(row)) + "\n" for row in self.said)
            (folder / "received.state.jsonl").write_text(text, encoding="utf-8")
        (folder / "run.json").write_text(json.dumps(self.stated), encoding="utf-8")
        return folder


def attempt_row(week: int = 1, /, **changes: Any) -> Row:
    """One lawful, delivered attempt: a Wednesday morning in Bogotá, one week after the other."""
    at = datetime(2026, 3, 4, 15, tzinfo=UTC) + timedelta(days=7 * (week - 1))
    row: Row = {
        "attempt_id": f"a{week:03}",
        "account_id": "100",
        "creditor": "meridian",
        "customer_id": "c100",
        "covers": ["meridian/100"],
        "step": week,
        "phase": "early",
        "purpose": "reminder",
        "channel": "sms",
        "provider": "twilio",
        "state": "delivered",
        "jurisdictions": ["CO"],
        "zones": ["America/Bogota"],
        "not_before": at.isoformat(),
        "not_after": (at + timedelta(hours=4)).isoformat(),
        "reserved_at": (at + timedelta(seconds=1)).isoformat(),
        "dispatched_at": (at + timedelta(seconds=2)).isoformat(),
        "settled_at": (at + timedelta(seconds=4)).isoformat(),
        "provider_message_id": f"SM{week:03}",
        "rule": "co.ley2300.hours",
        "cite": "Ley 2300 de 2023, art. 3",
    }
    return row | changes


def address_of(customer: str, channel: str) -> str:
    """The one address of a customer on a channel."""
    if channel == "email":
        return f"{customer}@example.com"
    return f"+57300{int(hashlib.sha256(customer.encode()).hexdigest()[:8], 16) % 10**7:07}"


def received_row(attempt: Row, /, **changes: Any) -> Row:
    """What the receiver's side recorded of an attempt, a second after it left."""
    at = datetime.fromisoformat(attempt["dispatched_at"]) + timedelta(seconds=1)
    row: Row = {
        "attempt": attempt["attempt_id"],
        "account": f"{attempt['creditor']}/{attempt['account_id']}",
        "channel": attempt["channel"],
        "provider": attempt["provider"],
        "to": address_of(attempt["customer_id"], attempt["channel"]),
        "at": at.isoformat(),
        "from": "+573005550199",
        "subject": None,
        # A call is noted when it rings, before anything is said.
        "text": "" if attempt["channel"] == "voice" else f"On your account: {attempt['purpose']}",
        "status": "delivered",
        "provider_message_id": attempt["provider_message_id"],
        "clock": "account",
    }
    return row | changes


def stop_row(address: str, at: str, **changes: Any) -> Row:
    """What the receiver's side recorded of somebody who asked to be left alone."""
    row: Row = {"kind": "stop", "at": at, "address": address, "channel": "sms", "words": "STOP"}
    return row | changes


def said_row(address: str, at: str, **changes: Any) -> Row:
    """A message that somebody wrote to us, as the proof takes it."""
    row: Row = {"at": at, "address": address, "channel": "sms", "words": "How much do I owe?"}
    return row | {"account": "meridian/100", "clock": "account"} | changes


def journal_line(said: Row) -> Row:
    """The same in the journal that the sandbox keeps."""
    message = {
        "provider": "twilio",
        "provider_message_id": said.get("id") or f"SM{said['at']}",
        "meant": said.get("meant"),
        "channel": said["channel"],
        "direction": "in",
        "account": said["account"],
        "to": "+573005550199",
        "sender": said["address"],
        "text": said["words"],
        "at": said["at"],
        "clock_exact": said["clock"] == "account",
        "status": "received",
        "fate": "received",
    }
    return {"t": "message", "k": message["provider_message_id"], "v": message}


def portfolio(accounts: int = 60, *, seed: int = 7, start: date = date(2026, 1, 12)) -> Run:
    """A run of ``accounts`` accounts over some 126 days."""
    run, rng = Run(), Random(seed)
    while len(run.accounts) < accounts:
        _Life(run, rng, start, len(run.accounts)).live()
    return run


class _Life:
    """One customer with one account, from the first day to its end."""

    def __init__(self, run: Run, rng: Random, start: date, number: int) -> None:
        self.run, self.rng = run, rng
        self.country = rng.choices(["US", "CO", "MX"], [40, 35, 25])[0]
        self.zones = rng.choice(PLACES[self.country])
        self.currency, factor = MONEY[self.country]
        self.account_id, self.customer = f"{100200 + number}", f"P{4000 + number}"
        self.creditor = rng.choice(["meridian", "cumbre"])
        self.due = start + timedelta(days=rng.choices([5, 3, 0, -12, -35], [50, 20, 15, 10, 5])[0])
        self.start, self.last = start, start + timedelta(days=126)
        self.opened = round(rng.lognormvariate(6, 0.8)) * factor
        self.balance, self.step, self.end = self.opened, 0, "open"
        self.persona = rng.choices(["payer", "promiser", "silent", "out"], [32, 22, 38, 8])[0]
        self.channels = rng.sample(["email", "sms"], 2) if rng.random() < 0.8 else ["email"]
        self.quiet_until: date | None = None
        self.last_day: date | None = None
        self.closed: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.creditor}/{self.account_id}"

    def live(self) -> None:
        for phase, first, last, rest, most, purposes in PHASES:
            made = 0
            day = max(self.due + timedelta(days=first), self.start)
            while made < most and day <= self.due + timedelta(days=last) and not self.closed:
                if self._may(day, rest):
                    self._touch(day, phase, purposes[min(made, len(purposes) - 1)])
                    made += 1
                day += timedelta(days=1)
        over = self.due + timedelta(days=121)
        if not self.closed and over <= self.last:
            self._close("handed_off", self._at(over, 1))
        self._account()

    def _may(self, day: date, rest: int) -> bool:
        if day > self.last or not self.channels or (self.quiet_until and day <= self.quiet_until):
            return False
        gap = max(rest, 7) if self.country == "CO" else rest
        if self.last_day and (day - self.last_day).days < gap:
            return False
        closed = {"US": (), "CO": (6,), "MX": (5, 6)}[self.country]
        off = self.country != "US" and day in holidays.country_holidays(self.country)
        return day.weekday() not in closed and not off and self.rng.random() < 0.85

    def _at(self, day: date, hour: float) -> datetime:
        zone = ZoneInfo(self.zones[0])
        wall = datetime.combine(day, time(0), zone) + timedelta(seconds=round(hour * 3600))
        return wall.astimezone(UTC)

    def _window(self, day: date) -> tuple[datetime, datetime]:
        opens, closes = WINDOWS[self.country]
        if self.country == "CO" and day.weekday() == 5:
            opens, closes = 8, 15
        walls = [ZoneInfo(zone) for zone in self.zones]
        start = max(datetime.combine(day, time(opens), zone) for zone in walls)
        stop = min(datetime.combine(day, time(closes), zone) for zone in walls)
        return start.astimezone(UTC), stop.astimezone(UTC)

    def _touch(self, day: date, phase: str, purpose: str) -> None:
        opens, closes = self._window(day)
        room = (closes - opens - timedelta(hours=1)).total_seconds()
        at = (opens + timedelta(seconds=room * self.rng.betavariate(1.3, 1.6))).replace(
            microsecond=0
        )
        order = self.channels if self.rng.random() < 0.7 else self.channels[::-1]
        for n, channel in enumerate(order[: 1 if self.country == "CO" else 2]):
            moment = at + timedelta(minutes=9 * n)
            weights = [88, 4, 5, 2, 1] if n == 0 else [96, 4, 0, 0, 0]
            states = ["delivered", "accepted", "undelivered", "refused", "unknown"]
            state = self.rng.choices(states, weights)[0]
            self._attempt(moment, closes, phase, purpose, channel, state)
            self.last_day = day
            if state in ("delivered", "accepted"):
                self._react(moment, day, channel)
            if state not in ("undelivered", "refused"):
                return

    def _attempt(
        self, at: datetime, closes: datetime, phase: str, purpose: str, channel: str, state: str
    ) -> None:
        self.step += 1
        identity = hashlib.sha256(f"{self.key}/{self.step}".encode()).hexdigest()[:24]
        rule, cite = CITES[self.country]
        row = attempt_row() | {
            "attempt_id": identity,
            "account_id": self.account_id,
            "creditor": self.creditor,
            "customer_id": self.customer,
            "covers": [self.key],
            "step": self.step,
            "phase": phase,
            "purpose": purpose,
            "channel": channel,
            "provider": "sendgrid" if channel == "email" else "twilio",
            "state": state,
            "jurisdictions": [self.country],
            "zones": list(self.zones),
            "not_before": at.isoformat(),
            "not_after": closes.isoformat(),
            "reserved_at": (at + timedelta(milliseconds=40)).isoformat(),
            "dispatched_at": (at + timedelta(milliseconds=70)).isoformat(),
            "settled_at": (at + timedelta(seconds=3)).isoformat(),
            "provider_message_id": None if state in ("refused", "unknown") else identity[:16],
            "rule": rule,
            "cite": cite,
        }
        self.run.ledger.append(row)
        if state in ("delivered", "accepted", "unknown"):
            self.run.received.append(received_row(row))

    def _react(self, at: datetime, day: date, channel: str) -> None:
        moved = at + timedelta(minutes=25 + 60 * self.rng.random())
        if self.persona == "payer" and self.rng.random() < 0.16:
            part = self.opened // 2 if self.rng.random() < 0.4 and self.balance > 1 else 0
            self._pay(moved, part or self.balance)
        elif self.persona == "promiser" and self.rng.random() < 0.2:
            due = day + timedelta(days=self.rng.randint(3, 9))
            self._event(moved, "promise", amount=str(self.balance), date=due.isoformat())
            self.quiet_until = due + timedelta(days=2)
            if self.rng.random() < 0.55:
                self._pay(self._at(due, 11.3), self.balance)
        elif self.persona == "out" and self.rng.random() < 0.2:
            self._event(moved, "opt_out", channel=channel)
            address = address_of(self.customer, channel)
            asked = {"channel": channel, "said_at": moved.isoformat(), "account": self.key}
            self.run.stops.append(stop_row(address, moved.isoformat(), **asked))
            self._confirm(moved + timedelta(seconds=1), day, channel)
            self.channels = [c for c in self.channels if c != channel]
        elif self.rng.random() < 0.05:
            self._event(moved, "reply", channel=channel, text="Who is this?")
            self.quiet_until = day + timedelta(days=2)

    def _confirm(self, at: datetime, day: date, channel: str) -> None:
        """Inside the hours: not everywhere is an answer free of them."""
        _, closes = self._window(day)
        if at < closes:
            closes = min(closes, at + timedelta(minutes=5))
            self._attempt(at, closes, "early", "opt_out_confirmation", channel, "delivered")
            self.run.received[-1]["text"] = "We will not write to you here again."

    def _pay(self, at: datetime, amount: int) -> None:
        self._event(at, "payment", amount=str(amount))
        self.balance -= amount
        if self.balance <= 0:
            self._close("cured", at)

    def _event(self, at: datetime, kind: str, **detail: str) -> None:
        detail = {"currency": self.currency, **detail} if "amount" in detail else detail
        row = {"at": at.isoformat(), "account": self.key, "kind": kind, "detail": detail}
        self.run.events.append(row)

    def _close(self, reason: str, at: datetime) -> None:
        self.end, self.closed = reason, at

    def _account(self) -> None:
        row = {
            "creditor": self.creditor,
            "account_id": self.account_id,
            "customer_id": self.customer,
            "currency": self.currency,
            "status": "closed" if self.closed else "open",
            "close_reason": self.end if self.closed else None,
            "since": self._at(self.start, 6).isoformat(),
            "closed_at": self.closed.isoformat() if self.closed else None,
            "oldest_due_date": self.due.isoformat(),
            "country": self.country,
            "zones": list(self.zones),
            "opened_balance": str(self.opened),
            "balance": str(self.balance),
        }
        self.run.accounts.append(row)
