"""Through which provider of its channel a touch goes, and when: the planner's one question to them.

A touch that a provider certainly refused for its own sake goes to the next provider at once. Where
all of them have refused it, or are down, it is held: nothing is given up, and what was held goes
out again spread over as long as the outage has lasted, not all at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.channels import Channel
from domain.ledger.attempt import AttemptState, PastContact
from domain.ledger.circuit import DRAIN, PROVIDER_SIDE, Circuit, CircuitState, Health

PAUSE: Final = timedelta(minutes=10)
"""How long a message rests that a provider refused for its own sake, doubled each time, before the
same provider is asked to take it again."""

LONGEST_PAUSE: Final = timedelta(days=1)


@dataclass(frozen=True)
class Refusals:
    """How often one provider refused one touch to one address for its own sake, and when last."""

    count: int
    last: datetime

    @property
    def over(self) -> datetime:
        """When it may be asked again."""
        doubled = 1 << min(self.count - 1, 20)
        return self.last + min(LONGEST_PAUSE, PAUSE * doubled)


@dataclass(frozen=True)
class Route:
    """The provider to use, the instant from which it may be, and what it waits for until then."""

    provider: str
    opens: datetime
    down: Mapping[str, Circuit] = field(default_factory=dict)
    """Providers of the channel that are down, by name, if the touch is held for them."""


Refused = Mapping[tuple[str, str], Refusals]
"""By contact point and provider."""


def of_provider(contact: PastContact) -> bool:
    """Whether an attempt was certainly refused for the provider's sake, not the address's."""
    return contact.state is AttemptState.REFUSED and contact.refusal in PROVIDER_SIDE


def refusals(tries: Sequence[PastContact]) -> Refused:
    """What the attempts of one touch, oldest first, tell of its providers."""
    found: dict[tuple[str, str], Refusals] = {}
    for one in tries:
        if of_provider(one) and one.provider:
            key = (one.contact_point_id, one.provider)
            before = found[key].count if key in found else 0
            found[key] = Refusals(before + 1, one.at)
    return found


def route(
    channel: Channel,
    names: Sequence[str],
    health: Health,
    refused: Mapping[str, Refusals],
    earliest: datetime,
    place: float,
) -> Route:
    """The first of ``names`` that may be used at ``earliest``, else the one that soonest may.

    ``refused`` is of this touch and address, by provider. ``place`` in [0, 1) is this account's
    among those that an outage holds back.
    """
    if not health and not refused:
        return Route(names[0], earliest)
    free = []
    for name in names:
        known = refused.get(name)
        rested = max(earliest, known.over) if known else earliest
        free.append((_usable(health.get((channel, name)), rested, place), name))
    provider, opens = next(
        ((name, at) for at, name in free if at <= earliest),
        min(((name, at) for at, name in free), key=lambda one: one[1]),
    )
    if opens <= earliest:
        return Route(provider, earliest)
    circuits = ((name, health.get((channel, name))) for name in names)
    return Route(provider, opens, {name: one for name, one in circuits if one and one.down})


def _usable(circuit: Circuit | None, at: datetime, place: float) -> datetime:
    """When a provider may be used, from ``at`` on: half open counts, somebody has to probe."""
    if circuit is None or circuit.state is not CircuitState.OPEN:
        return at
    assert circuit.next_at and circuit.since, "an open circuit has both"  # noqa: S101
    if circuit.next_at <= at:
        return at
    return circuit.next_at + max(DRAIN, circuit.next_at - circuit.since) * place
