"""A provider's list of a stretch of time: what it took from us, and what came in by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from domain.channels import Channel
from domain.ledger.attempt import AttemptState


class NotListedError(Exception):
    """These credentials may not read the list, or it does not reach back so far: what it holds
    cannot be known from here, now or later."""


@dataclass(frozen=True, repr=False)
class Listed:
    """One message or call as its provider lists it. It has no repr: what it holds is personal."""

    provider: str
    channel: Channel
    name: str
    """The provider's own id of it."""
    at: datetime
    """When the provider made it."""
    address: str
    """The customer's, however the provider spells it."""
    inbound: bool = False
    """The customer wrote it."""
    state: AttemptState = AttemptState.ACCEPTED
    attempt_id: str | None = None
    """Of what went out, where the provider keeps what we told with it."""
    text: str = ""
    """Of what came in."""


@runtime_checkable
class Lists(Protocol):
    """A provider that can be asked what it took in a stretch of time."""

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """All of it, in any order; blocks. What is a little older or younger may be among it.

        Raises NotAskedError where there was no readable answer, NotListedError where there will be
        none.
        """
        ...
