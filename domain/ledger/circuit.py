"""Whether a provider may be used just now: a pure reading of how its last sends went.

    closed ---- OPENS_AFTER sends in a row fail ----> open until ``next_at``
    open   ---- ``next_at`` has come -------------> half open: one send probes, the others wait
    half open - the probe fails ------------------> open, for twice as long (up to LONGEST)
    any    ---- a send is taken ------------------> closed

What is read is a row of signs in PostgreSQL that all workers share, up to the reader's own instant:
so all workers see one circuit, and where time is skipped each account sees that of its own clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from domain.channels import Channel
from domain.ledger.attempt import RefusalKind
from domain.model import Instant, Model

OPENS_AFTER: Final = 3
"""Failed sends in a row after which a provider counts as down."""

FIRST: Final = timedelta(seconds=30)
"""How long the first opening lasts: longer than a send may take."""

LONGEST: Final = timedelta(minutes=15)
PATIENCE: Final = timedelta(minutes=2)
"""How long a probe may stay without an outcome before another one takes its place."""

DRAIN: Final = timedelta(minutes=10)
"""Shortest time over which what an outage held back goes out again."""

MEMORY: Final = timedelta(hours=6)
"""Signs older than this say nothing any more."""

KEPT: Final = 50
"""The newest signs of a provider that are read; probes are few, so this reaches back for hours."""

PROVIDER_SIDE: Final = frozenset(
    {RefusalKind.CONFIGURATION, RefusalKind.TEMPORARY, RefusalKind.RATE}
)
"""Refusals that say something of the provider or of our account there, not of the address."""


class Sign(StrEnum):
    """What one send said of its provider."""

    FAILED = "failed"
    """Not reachable, an error of its own, no answer, too many requests, our account is wrong."""
    WORKED = "worked"
    """A message was taken; written only where the sign before it is another."""
    PROBE = "probe"
    """A send has set out to see whether the provider is back."""


class HealthSign(Model):
    """One sign of one provider of one channel."""

    channel: Channel
    provider: str
    at: Instant
    sign: Sign


class CircuitState(StrEnum):
    """What a planner may do with a provider."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Circuit(Model):
    """How a provider stands at an instant."""

    state: CircuitState = CircuitState.CLOSED
    since: Instant | None = None
    """When the run of failures began; null while closed and without any."""
    next_at: Instant | None = None
    """While not closed: when one send may next probe it. The past, when it is half open."""

    @property
    def down(self) -> bool:
        """Whether the provider is not to be used like any other."""
        return self.state is not CircuitState.CLOSED


Health: TypeAlias = Mapping[tuple[Channel, str], Circuit]
"""Circuits by channel and provider; who is not in it is well."""


def circuit(signs: Iterable[HealthSign], now: datetime) -> Circuit:
    """The circuit of one provider at ``now``; ``signs`` are all its own, in any order."""
    failures, probing = 0, False
    since: datetime | None = None
    next_at: datetime | None = None
    read = (sign for sign in signs if now - MEMORY < sign.at <= now)
    for sign in sorted(read, key=lambda one: one.at):
        if sign.sign is Sign.WORKED:
            failures, probing, since, next_at = 0, False, None, None
        elif sign.sign is Sign.PROBE:
            if next_at is not None:
                probing, next_at = True, sign.at + PATIENCE
        elif next_at is None or probing or sign.at >= next_at:
            # Others were on their way when it opened: that they fail too is no news.
            failures, probing, since = failures + 1, False, since or sign.at
            if failures >= OPENS_AFTER:
                next_at = sign.at + min(LONGEST, FIRST * 2 ** (failures - OPENS_AFTER))
    if next_at is None:
        return Circuit(since=since)
    state = CircuitState.HALF_OPEN if next_at <= now else CircuitState.OPEN
    return Circuit(state=state, since=since, next_at=next_at)


def health(signs: Sequence[HealthSign], now: datetime) -> Health:
    """The circuits of all providers that have left signs."""
    found: dict[tuple[Channel, str], list[HealthSign]] = {}
    for sign in signs:
        found.setdefault((sign.channel, sign.provider), []).append(sign)
    return {key: circuit(some, now) for key, some in found.items()}
