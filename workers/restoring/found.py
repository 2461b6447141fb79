"""What a read-back found, counted and named; nothing personal is in it."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class OfProvider:
    """What one channel of a provider lists."""

    listed: int = 0
    known: int = 0
    """Of these, already in the ledger."""
    imported: int = 0
    """Of these, written into it."""
    strangers: int = 0
    """Of these, to or from an address that nobody here has."""
    unplaced: list[str] = field(default_factory=list)
    """Ids of messages that went to a customer of whom no account is known: they are held."""
    cannot: str | None = None
    """Why it could not be asked, or not at all."""


@dataclass
class Found:
    """All of it."""

    providers: dict[str, OfProvider] = field(default_factory=dict)
    """By ``provider/channel``."""
    accounts: int = 0
    """Whose histories tell of the time."""
    unreadable: int = 0
    """Events of histories that could not be decoded."""
    only_temporal: list[str] = field(default_factory=list)
    """Accounts that have a workflow and are not known here: their file has to be taken in again."""
    files: list[str] = field(default_factory=list)
    """Intake runs whose files have to be taken in again."""
    contacts: int = 0
    """Contacts that histories tell of, and the ledger had forgotten."""
    confirmed: int = 0
    """Of these, found in their provider's list."""
    unknown: list[str] = field(default_factory=list)
    """Attempts that may have been made, and are in no list: they count as made."""
    placed: list[str] = field(default_factory=list)
    """Attempts that only a provider knew of, written as what was planned then, or likeliest."""
    unwritten: list[str] = field(default_factory=list)
    """Attempts that could not be written, by what the ledger knows by now: held."""
    heard: int = 0
    """What customers wrote, taken in again from a provider's list."""
    told: int = 0
    """Facts and requests that workflows were told and the ledger had forgotten, told again."""
    refused: list[str] = field(default_factory=list)
    """Requests that were not taken a second time, by workflow and id."""
    stops: int = 0
    """Stops that only Temporal knew of, recorded."""
    held: list[str] = field(default_factory=list)
    """Customers of whom something was recorded that nobody can tell any more: a person decides."""

    @property
    def complete(self) -> bool:
        """Whether everybody answered who can be asked: else read back again."""
        return not any(one.cannot == NOT_NOW for one in self.providers.values())

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "complete": self.complete}


NOT_NOW = "did not answer: read back again"
"""Of a provider that may answer another time."""
