"""What an intake did and noticed, in words and as JSON; without personal data."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

OK: Final = 0
UNAVAILABLE: Final = 1
UNUSABLE: Final = 2
REFUSED: Final = 3

NAMED: Final = 10
"""How many customers a note names."""


@dataclass
class IntakeReport:
    """What an intake did. ``exit_code`` is what the command answers."""

    run_id: str = ""
    checked: bool = False
    """Whether it was only looked at, and nothing kept."""
    read: int = 0
    refused: int = 0
    added: int = 0
    updated: int = 0
    reopened: int = 0
    renumbered: int = 0
    """Debts that the file lists under another id, or as part of one: their history goes on."""
    older: int = 0
    """Rows skipped, since what is known of their accounts is newer than the file."""
    kept: int = 0
    """Customers of whom a newer file has told: what it said of them stays."""
    started: int = 0
    signalled: int = 0
    recalled: int = 0
    refusals: list[str] = field(default_factory=list)
    """Accounts whose workflow refused to close."""
    recall_refused: str | None = None
    """Why accounts missing from a snapshot were left alone."""
    rejects: Path | None = None
    shared_addresses: int = 0
    """Addresses that more than one customer has, and how many have the most crowded one."""
    most_at_one_address: int = 0
    renamed: int = 0
    """Customers to whom the file gives a name that cannot be the recorded person's, and their ids,
    of those who were taken in."""
    renamed_customers: list[str] = field(default_factory=list)
    dust: int = 0
    """Accounts below the least amount: nobody is contacted about them."""
    beyond: int = 0
    """Accounts past the last phase: handed off at once."""
    unnamed_creditors: list[str] = field(default_factory=list)
    """Creditors that messages would call by their code."""

    @property
    def exit_code(self) -> int:
        """0, or 3 when something of the file was refused or passed over."""
        passed_over = self.refused or self.older or self.recall_refused or self.refusals
        return REFUSED if passed_over else OK

    def lines(self) -> list[str]:
        """The report in words."""
        done = (
            f"checked, and nothing is kept; {self.recalled} accounts would be recalled"
            if self.checked
            else f"accounts: {self.added} new, {self.updated} changed, {self.reopened} reopened, "
            f"{self.recalled} recalled; workflows: {self.started} started, {self.signalled} "
            "signalled"
        )
        said = [f"{self.read} rows read, {self.refused} refused; {done}"]
        if self.rejects is not None:
            said.append(f"refused rows, each with line, field and rule: {self.rejects}")
        if self.older:
            said.append(
                f"{self.older} rows skipped: what is known of their accounts is newer than the "
                "file, which is of its own time or of --as-of"
            )
        if self.recall_refused is not None:
            said.append(f"nothing recalled: {self.recall_refused}")
        return [*said, *self.refusals, *self._noticed()]

    def json(self) -> dict[str, Any]:
        """The report as one object; the keys are the fields."""
        rejects = str(self.rejects) if self.rejects else None
        return asdict(self) | {"rejects": rejects, "exit_code": self.exit_code}

    def _noticed(self) -> list[str]:
        names = ", ".join(self.unnamed_creditors)
        renamed = ", ".join(self.renamed_customers[:NAMED])
        if self.renamed > NAMED:
            renamed += f" and {self.renamed - NAMED} more"
        noticed = (
            (
                self.renumbered,
                f"{self.renumbered} accounts are known under another id: the same customer, "
                "creditor, currency and due date; their history goes on under the new one",
            ),
            (
                self.kept,
                f"{self.kept} customers are known from a newer file: the names, places, addresses "
                "and consents that it gave stay",
            ),
            (
                self.shared_addresses,
                f"{self.shared_addresses} addresses belong to more than one customer, the most "
                f"crowded one to {self.most_at_one_address}",
            ),
            (
                self.renamed,
                f"{self.renamed} customers have another person's name on record: was an id given "
                f"out again? {renamed}",
            ),
            (
                self.dust,
                f"{self.dust} accounts owe less than the least amount of their currency "
                "(CONTRAPUNTO_LEAST_AMOUNTS): nobody is contacted about them",
            ),
            (
                self.beyond,
                f"{self.beyond} accounts are past the strategy's last phase: they are handed off "
                "at once",
            ),
            (
                len(self.unnamed_creditors),
                f"CONTRAPUNTO_CREDITOR_NAMES has no name for {names}: customers read the code",
            ),
        )
        return [f"note: {words}" for count, words in noticed if count]
