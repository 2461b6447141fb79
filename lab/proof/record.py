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

from lab.proof.hours import HOURS

Row = Mapping[str, Any]


CLOCK_TOLERANCE: Final = timedelta(seconds=1)
"""Sender and receiver read one clock one after the other. Never granted against closing times."""

MADE: Final = frozenset({"dispatching", "unknown", "accepted", "delivered", "undelivered"})
"""States in which an attempt counts as a contact: the person may have been reached."""

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


@dataclass(frozen=True)
class Attempt:
    """One line of the ledger, and every reception of it."""

    row: Row
    country: str | None
    """Of the account, as the portfolio states it; the ledger's jurisdictions apply as well."""
    portfolio_zones: tuple[str, ...]
    receptions: tuple[Row, ...] = ()

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

    def told(self) -> str:
        """As a violation names it."""
        return f"attempt {self.id} ({self.row['channel']}, account {self.account})"


@dataclass(frozen=True)
class Evidence:
    """Everything the checks look at."""

    attempts: tuple[Attempt, ...]
    received: tuple[Row, ...]
    events: tuple[Row, ...] = ()
    by_id: Mapping[str, Attempt] = field(default_factory=dict)

    @property
    def made(self) -> tuple[Attempt, ...]:
        """The attempts that count as contacts."""
        return tuple(a for a in self.attempts if a.made)

    @cached_property
    def customer_of(self) -> dict[str, str]:
        """Whose account it is, by the account's key."""
        return {key: a.customer for a in self.attempts for key in a.covers}


def gather(
    ledger: list[Row], received: list[Row], accounts: list[Row], events: list[Row]
) -> Evidence:
    """Put the receptions to their attempts."""
    heard: dict[str, list[Row]] = defaultdict(list)
    for row in received:
        heard[str(row.get("attempt"))].append(row)
    stated = {f"{a['creditor']}/{a['account_id']}": a for a in accounts}
    attempts = []
    for row in ledger:
        account = stated.get(f"{row['creditor']}/{row['account_id']}", {})
        zones = tuple(account.get("zones") or ())
        receptions = tuple(heard.get(str(row["attempt_id"]), ()))
        attempts.append(Attempt(row, account.get("country"), zones, receptions))
    return Evidence(tuple(attempts), tuple(received), tuple(events), {a.id: a for a in attempts})


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
