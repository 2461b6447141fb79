"""Files of parties, and the desk that takes them."""

import io
from datetime import datetime
from pathlib import Path

from rich.console import Console

from domain.entry.party import PARTY_COLUMNS
from lab.builders.intake_files import AS_OF, GOOD, write_csv
from tests.integration.intake.desk import LENIENT, Desk
from workers.intake.parties import parties_command

_OF_ACCOUNTS = ("currency", "balance", "oldest_due_date")


def party(**cells: str) -> dict[str, str]:
    """A guarantor of A1 with addresses of their own, but for ``cells``."""
    person = {name: value for name, value in GOOD.items() if name not in _OF_ACCOUNTS}
    own = {
        "customer_id": "G1",
        "role": "guarantor",
        "since": "",
        "until": "",
        "proof": "",
        "name": "Bruno Rojas",
        "mobile": "+573990000077",
        "email": "bruno@example.com",
    }
    return person | own | cells


class PartiesDesk(Desk):
    """A desk for both kinds of files."""

    def parties_file(self, content: list[dict[str, str]]) -> Path:
        return write_csv(self.folder / "parties.csv", content, PARTY_COLUMNS)

    async def parties(
        self, *content: dict[str, str], as_of: datetime = AS_OF, dry: bool = False
    ) -> tuple[int, str]:
        """Take a file of parties in: the exit status, and what was said."""
        console = Console(file=io.StringIO(), width=200)
        status = await parties_command(
            self.parties_file(list(content)),
            as_of=as_of,
            now=as_of,
            pool=self.pool,
            starter=None if dry else self.starter,
            console=console,
            limits=LENIENT,
        )
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()
