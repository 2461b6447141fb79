"""What both sides left of a run: the ledger's attempts, and what people received of each."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from lab.proof.handsets import handset
from lab.proof.hours import HOURS

Row = Mapping[str, Any]


CLOCK_TOLERANCE: Final = timedelta(seconds=1)
"""Sender and receiver read one clock one after the other. Never granted against closing times."""

MADE: Final = frozenset({"dispatching", "unknown", "accepted", "delivered", "undelivered"})
"""States in which an attempt counts as a contact: the person may have been reached."""

ANSWERS_END: Final = ("_confirmation", "_answer", "_question")
"""How purposes end that answer a message."""
ANSWERS: Final = frozenset({"reply", "answer", "payment_thanks"})
"""Purposes that answer something the person did; every ``..._confirmation`` is another, and every
``..._answer``."""

CONFIRMATION: Final = "opt_out_confirmation"
"""The answer to a stop."""

PERSON: Final = "person"
"""What a person wrote: no strategy plans it, and each message says something else."""

Found = tuple[int, list[str]]
"""How many were examined, and the violations among them."""


def instant(value: Any) -> datetime | None:
    """An aware instant from its ISO text; None stays None, a naive one is refused."""
    if value is None or value == "":
        return None
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError(f"an instant without an offset proves nothing: {value}")
    return at


def is_answer(purpose: str) -> bool:
    """Whether a message of this purpose answers the person, instead of approaching them."""
    return purpose in ANSWERS or purpose.endswith(ANSWERS_END)


def is_asked_for(purpose: str) -> bool:
    """Whether it says that it answers a message; the answer to a stop is judged by itself."""
    return purpose != CONFIRMATION and purpose.endswith(ANSWERS_END)


@dataclass(frozen=True)
class Attempt:
    """One line of the ledger, and every reception of it."""

    row: Row
    country: str | None
    """Of the account, as the portfolio states it; the ledger's jurisdictions apply as well."""
    portfolio_zones: tuple[str, ...]
    receptions: tuple[Row, ...] = ()
    party: Row | None = None
    """How its customer stands for the account, where they are not its debtor."""

    @cached_property
    def id(self) -> str:
        """Its name, which the provider's message carries, too."""
        return str(self.row["attempt_id"])

    @cached_property
    def account(self) -> str:
        """The leading account, ``<creditor>/<account_id>``."""
        return f"{self.row['creditor']}/{self.row['account_id']}"

    @cached_property
    def covers(self) -> frozenset[str]:
        """Every account it speaks of, the leading one included."""
        return frozenset({self.account, *(self.row.get("covers") or ())})

    @cached_property
    def customer(self) -> str:
        """Under which customer's id it was made."""
        return str(self.row["customer_id"])

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """Whose law has a say: the ledger's jurisdictions and the portfolio's own country."""
        named = [str(code)[:2] for code in self.row.get("jurisdictions") or ()]
        return tuple(dict.fromkeys([*named, *([self.country] if self.country else [])]))

    @cached_property
    def laws(self) -> tuple[str, ...]:
        """The countries, and those of the states named that have hours of their own."""
        named = [str(code) for code in self.row.get("jurisdictions") or ()]
        return (*self.countries, *(code for code in named if "-" in code and code in HOURS))

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """Where the customer may be, by the ledger and by the portfolio."""
        return tuple(dict.fromkeys([*(self.row.get("zones") or ()), *self.portfolio_zones]))

    @cached_property
    def made(self) -> bool:
        """Whether it counts as a contact."""
        return bool(self.receptions) or self.row["state"] in MADE

    @cached_property
    def received_at(self) -> tuple[datetime, ...]:
        """When it reached somebody, oldest first; usually once or never."""
        return tuple(sorted(at for r in self.receptions if (at := instant(r["at"]))))

    @cached_property
    def moments(self) -> tuple[datetime, ...]:
        """When the person was contacted: as received, else as the ledger says it left."""
        if self.received_at:
            return self.received_at
        left = instant(self.row.get("dispatched_at")) or instant(self.row.get("reserved_at"))
        return (left,) if left else ()

    def days(self, at: datetime) -> dict[str, date]:
        """The local day of an instant in each zone."""
        return {zone: at.astimezone(ZoneInfo(zone)).date() for zone in self.zones}

    def words(self) -> str:
        """As a violation names it."""
        return f"attempt {self.id} ({self.row['channel']}, account {self.account})"


@dataclass(frozen=True)
class Arrival:
    """One message, or one ring, at a handset or mailbox; by the receiver's own record."""

    at: datetime
    row: Row
    attempt: Attempt | None
    """None: the ledger knows nothing of it."""

    @property
    def id(self) -> str:
        """The attempt that it says it is."""
        return str(self.row.get("attempt"))

    @property
    def channel(self) -> str:
        """How it came."""
        return str(self.row["channel"])

    @property
    def handset(self) -> str:
        """Where it came, under the one name of all spellings."""
        return handset(str(self.row["to"]))

    @property
    def purpose(self) -> str:
        """What it was to say, by the ledger."""
        return str(self.attempt.row["purpose"]) if self.attempt else ""

    @property
    def says(self) -> str:
        """What is heard twice if somebody hears it again: the purpose; of what a person wrote that
        very message."""
        if self.purpose != PERSON or self.attempt is None:
            return self.purpose
        return f"{PERSON}'s message {self.attempt.row.get('message_id')}"

    @property
    def phase(self) -> str:
        """In which phase it was sent, by the ledger."""
        return str(self.attempt.row["phase"]) if self.attempt else ""

    @property
    def customer(self) -> str | None:
        """Under which customer's id it was sent."""
        return self.attempt.customer if self.attempt else None

    @cached_property
    def zones(self) -> tuple[ZoneInfo, ...]:
        """On whose clocks its day is told; UTC when no zone is known."""
        names = self.attempt.zones if self.attempt else ()
        return tuple(ZoneInfo(name) for name in names or ("UTC",))

    @cached_property
    def days(self) -> frozenset[date]:
        """Its local days."""
        return frozenset(self.at.astimezone(zone).date() for zone in self.zones)

    def words(self) -> str:
        """As a violation names it."""
        what = self.attempt.words() if self.attempt else f"attempt {self.id} ({self.channel})"
        return f"{what} at {self.at.isoformat()}"


@dataclass(frozen=True)
class Evidence:
    """Everything the checks look at."""

    attempts: tuple[Attempt, ...]
    received: tuple[Row, ...]
    events: tuple[Row, ...] = ()
    stops: tuple[Row, ...] | None = None
    """None: nothing is known of who asked for what; empty: nobody asked for anything."""
    said: tuple[Row, ...] | None = None
    """What people wrote. None: nothing is known of it; empty: nobody wrote."""
    agreed: tuple[Row, ...] | None = None
    """Disputes, offers and settlements, from when to when. None: nothing is known of them."""
    orders: tuple[Row, ...] | None = None
    """Orders in bulk, from when to when. None: nothing is known of them."""
    min_days: Mapping[str, int] = field(default_factory=dict)
    limits: Row = field(default_factory=dict)
    parties: tuple[Row, ...] = ()
    """Who stands for which account beside its debtor."""
    until: datetime | None = None
    """The end of the run; None: it is not stated."""
    by_id: Mapping[str, Attempt] = field(default_factory=dict)

    @cached_property
    def arrivals(self) -> tuple[Arrival, ...]:
        """Everything received, oldest first."""
        found = [
            Arrival(at, row, self.by_id.get(str(row.get("attempt"))))
            for row in self.received
            if (at := instant(row["at"]))
        ]
        return tuple(sorted(found, key=lambda arrival: arrival.at))

    @cached_property
    def by_handset(self) -> Mapping[str, list[Arrival]]:
        """What came to each handset and mailbox, oldest first."""
        found: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in self.arrivals:
            found[arrival.handset].append(arrival)
        return found

    @property
    def made(self) -> tuple[Attempt, ...]:
        """The attempts that count as contacts."""
        return tuple(a for a in self.attempts if a.made)

    @cached_property
    def customer_of(self) -> dict[str, str]:
        """Whose account it is, by the account's key."""
        own = (a for a in self.attempts if a.party is None)
        return {key: a.customer for a in own for key in a.covers}

    @cached_property
    def stands_for(self) -> Mapping[str, frozenset[str]]:
        """The accounts that somebody stands for, by their customer's id."""
        found: dict[str, frozenset[str]] = defaultdict(frozenset)
        for row in self.parties:
            found[str(row["customer_id"])] |= {f"{row['creditor']}/{row['account_id']}"}
        return found


def gather(
    ledger: list[Row],
    received: list[Row],
    accounts: list[Row],
    events: list[Row],
    stops: list[Row] | None,
    said: list[Row] | None,
    min_days: Mapping[str, int],
    limits: Row,
    parties: list[Row],
    agreed: list[Row] | None = None,
    until: str | None = None,
) -> Evidence:
    """Put the receptions to their attempts."""
    heard: dict[str, list[Row]] = defaultdict(list)
    for row in received:
        heard[str(row.get("attempt"))].append(row)
    stated = {f"{a['creditor']}/{a['account_id']}": a for a in accounts}
    standing = {(f"{p['creditor']}/{p['account_id']}", p["customer_id"]): p for p in parties}
    attempts = []
    for row in ledger:
        key = f"{row['creditor']}/{row['account_id']}"
        party = standing.get((key, row["customer_id"]))
        # Of who stands for an account their own place counts, not its debtor's.
        account = stated.get(key, {}) if party is None else party
        zones = tuple(account.get("zones") or ())
        receptions = tuple(heard.get(str(row["attempt_id"]), ()))
        attempts.append(Attempt(row, account.get("country"), zones, receptions, party))
    return Evidence(
        tuple(attempts),
        tuple(received),
        tuple(events),
        None if stops is None else tuple(stops),
        None if said is None else tuple(said),
        None if agreed is None else tuple(agreed),
        None,
        min_days,
        limits,
        tuple(parties),
        instant(until),
        {attempt.id: attempt for attempt in attempts},
    )


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines; a missing file has none."""
    if not path.exists():
        return []
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: not JSON: {error}") from error
    return rows


def read_said(folder: Path) -> list[Row] | None:
    """What people wrote, by the journal that the sandbox keeps beside what was received.

    The last line of a message counts, and a torn last line does not. None without a journal.
    ``meant``: what they meant by it, as they themselves say; None where nobody has said.
    """
    path = folder / "received.state.jsonl"
    if not path.exists():
        return None
    messages: dict[str, Row] = {}
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        if not line.endswith(b"\n"):
            break
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: not JSON: {error}") from error
        if entry["t"] == "message":
            messages[entry["k"]] = entry["v"] or {}
    return [
        {
            "at": message["at"],
            "address": message["sender"],
            "channel": message["channel"],
            "words": message["text"],
            "account": message.get("account"),
            "id": message.get("provider_message_id"),
            "meant": message.get("meant"),
            "clock": "account" if message.get("clock_exact", True) else "estimate",
        }
        for message in messages.values()
        if message.get("direction") == "in"
    ]


def read_run(folder: Path) -> dict[str, Any]:
    """What the starter of a run states about it in ``run.json``; nothing if it left none.

    began, until    the instants between which the world was played
    min_days        by phase: how many local days apart the strategy wants two messages
    limits          the strategy's caps of a person and quiet times, as its file has them
    """
    path = folder / "run.json"
    if not path.exists():
        return {}
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name}: not JSON: {error}") from error
    if not isinstance(stated, dict):
        raise ValueError(f"{path.name}: not an object")
    return stated
