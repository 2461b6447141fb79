"""Whether upstream systems are told of what happens: endpoints, and the relay."""

from collections.abc import Iterator
from typing import Final

from config.settings import Settings
from config.webhooks.endpoints import load_webhooks
from store.database import connect
from store.outgoing.lanes import Lanes, Standing
from store.outgoing.stream import Stream
from workers.doctor.findings import Finding, fault, ok, warning

LATE: Final = 300
"""Seconds that events may wait for a relay, or for an endpoint, before it is worth a line."""


async def examine(settings: Settings) -> list[Finding]:
    """A line for each endpoint. Raises Misconfigured and Unavailable."""
    webhooks = load_webhooks(settings.webhooks)
    if not webhooks.creditors:
        return [ok("nobody is told of what happens: the file of webhooks names none")]
    async with connect(settings.database(), 1) as pool:
        waiting, oldest = await Stream(pool).delay()
        names = [one.name for one in webhooks.endpoints]
        standing = [one for one in await Lanes(pool).standing(names) if one.endpoint in names]
    return [*_relay(waiting, oldest), *(one for end in standing for one in _endpoint(end))]


def _relay(waiting: int, oldest: float) -> Iterator[Finding]:
    if oldest > LATE:
        what = f"{waiting} events wait for a relay, the oldest for {oldest:.0f} seconds"
        yield fault(what, "start `contrapunto relay`")
    else:
        yield ok("events are numbered as they happen")


def _endpoint(one: Standing) -> Iterator[Finding]:
    name = one.endpoint
    if one.disabled_at is not None:
        what = f"{name} is told nothing any more since {one.disabled_at:%Y-%m-%d %H:%M} UTC: "
        todo = f"ask its owner; then `contrapunto webhooks enable {name}`, or take it out"
        yield fault(f"{what}it {one.disabled_why}", todo)
        return
    if one.dead:
        todo = "`contrapunto webhooks failed`, then `webhooks redrive`"
        yield warning(f"{one.dead} events for {name} were given up", todo)
    if (one.behind or 0) > LATE:
        what = f"{name} is behind by {one.behind:.0f} seconds ({one.problem or 'no answer yet'})"
        yield warning(what, "`contrapunto webhooks status`")
    elif not one.dead:
        yield ok(f"{name} is told")
