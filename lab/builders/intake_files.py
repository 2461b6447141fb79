"""Rows and files of intake, and a stand-in for Temporal that remembers what it was told."""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from domain.entry.intake import COLUMNS
from domain.failures import BadInput, Unavailable
from store.intake.outbox import Pending

AS_OF = datetime(2025, 11, 21, 6, 0, tzinfo=UTC)

GOOD: dict[str, str] = {
    "account_id": "A1",
    "customer_id": "C1",
    "creditor": "banco-andino",
    "currency": "COP",
    "balance": "1250000.50",
    "oldest_due_date": "2025-11-01",
    "name": "Ana Pérez",
    "locale": "es-CO",
    "country": "CO",
    "region": "CO-ANT",
    "postal_code": "050001",
    "timezone": "",
    "mobile": "+573990000001",
    "landline": "",
    "email": "ana@example.com",
    "whatsapp": "",
    "consents": "sms;email",
    "preferred_channel": "email",
}


def row(**cells: str) -> dict[str, str]:
    """A good row, but for ``cells``."""
    return GOOD | cells


def rows(count: int) -> list[dict[str, str]]:
    """Good rows of as many accounts and customers."""
    return [
        row(
            account_id=f"A{number}",
            customer_id=f"C{number}",
            mobile=f"+57399{number:07d}",
            email=f"c{number}@example.com",
        )
        for number in range(count)
    ]


def write_csv(
    path: Path, content: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS
) -> Path:
    """The rows as a file of comma-separated values."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(content)
    return path


def write_jsonl(path: Path, content: Iterable[Mapping[str, object]]) -> Path:
    """The rows as JSON lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in content), encoding="utf-8")
    return path


class FakeStarter:
    """Remembers every call. ``fail_after``: Temporal goes away after so many calls."""

    def __init__(self, fail_after: int | None = None) -> None:
        self.calls: list[tuple[str, str, str, str]] = []
        self.fail_after = fail_after
        self.running: set[tuple[str, str]] = set()
        self.refusing: set[str] = set()

    async def start(self, line: Pending) -> None:
        """See ``Starter.start``."""
        self._note("start", line)
        self.running.add((line.creditor, line.account_id))

    async def update(self, line: Pending) -> None:
        """See ``Starter.update``."""
        self._note("update", line)
        self.running.add((line.creditor, line.account_id))

    async def recall(self, line: Pending) -> bool:
        """See ``Starter.recall``."""
        self._note("recall", line)
        if line.account_id in self.refusing:
            raise BadInput("a person works on it")
        return (line.creditor, line.account_id) in self.running

    def said(self, action: str) -> list[str]:
        """Account ids in the order of the calls."""
        return [account for name, _, account, _ in self.calls if name == action]

    def _note(self, action: str, line: Pending) -> None:
        if self.fail_after is not None and len(self.calls) >= self.fail_after:
            raise Unavailable("Temporal does not answer")
        self.calls.append((action, line.creditor, line.account_id, line.message_id))
