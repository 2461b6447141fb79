"""Builds of the product with one safeguard taken out, each by a patch in the worker's process.

The campaign must catch every one of them; it is what shows that its zeros mean something. Nothing
here can be switched on in the product.
"""

import contextvars
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from activities import contacting, planning, recording, reserving
from activities.channels.base import Refused, Unknown
from activities.clock import ActivityClock
from activities.contacting import Contacting
from activities.orders import told
from activities.reserving import Reserving
from domain.ledger.attempt import RefusalKind
from domain.ledger.protocol import Came, Do, Heard
from domain.planning.step import Step
from store.ledger import Ledger
from store.provider_events import ProviderEvents
from workers.cli.main import app as gateway


@dataclass(frozen=True)
class Mutant:
    """One safeguard less."""

    what: str
    apply: Callable[[], None]
    caught_as: tuple[str, ...]
    """The counts of which one at least is not zero."""
    at_gateway: bool = False
    """It is the gateway's process that is another."""


def _put(owner: Any, name: str, value: Any) -> None:
    assert hasattr(owner, name), f"{owner} has no {name} any more: mend the mutant"
    setattr(owner, name, value)


def _dispatching_not_committed_first() -> None:
    """The request leaves while the row is ``reserved``; dispatching is written with the outcome."""
    dispatch, write = Ledger.dispatch, Contacting._write
    late: dict[str, tuple[Any, ...]] = {}

    async def only_note(self: Ledger, attempt: str, *about: Any) -> bool:
        late[attempt] = about
        return True

    async def both(self: Contacting, do: Do, run: Any) -> bool:
        if run.attempt in late:
            await dispatch(self.ledger, run.attempt, *late.pop(run.attempt))
        return await write(self, do, run)

    _put(Ledger, "dispatch", only_note)
    _put(Contacting, "_write", both)


def _reservation_not_serialised() -> None:
    """Nobody takes the customer's row before reading."""

    async def nothing(*_: Any) -> None:
        return

    _put(reserving, "lock_contact", nothing)
    _put(recording, "lock_customer", nothing)


def _law_not_asked_again() -> None:
    """What was planned goes out: reserving takes the order for the law."""
    ordered: contextvars.ContextVar[Step] = contextvars.ContextVar("ordered")
    reserve = Reserving.reserve

    async def remember(self: Reserving, order: Any, attempt: str, clock: ActivityClock) -> Any:
        ordered.set(order.step)
        return await reserve(self, order, attempt, clock)

    decided = planning.decided

    async def as_ordered(*asked: Any) -> Any:
        planned = await decided(*asked)
        return planned and planned._replace(step=ordered.get())

    def whole(step: Step, ref: Any, **_: Any) -> Step:
        return told(step, ref, whole=True)

    _put(contacting, "told", whole)
    _put(recording, "told", whole)
    _put(Reserving, "reserve", remember)
    _put(reserving, "decided", as_ordered)
    _put(reserving, "decide", lambda *_: ordered.get())


def _unknown_taken_for_refused() -> None:
    """No readable answer counts as a no, so the touch goes on to another address."""
    send = Contacting._send_dispatched

    async def confused(self: Contacting, run: Any) -> Heard:
        heard = await send(self, run)
        if not isinstance(run.sent, Unknown):
            return heard
        run.sent = Refused("confused", RefusalKind.OTHER, run.sent.detail)
        return Came.REFUSED

    _put(Contacting, "_send_dispatched", confused)


def _refused_taken_for_unknown() -> None:
    """A certain no counts as a perhaps: nobody is written to again for it, and nobody knows."""
    send = Contacting._send_dispatched

    async def confused(self: Contacting, run: Any) -> Heard:
        heard = await send(self, run)
        if not isinstance(run.sent, Refused):
            return heard
        run.sent = Unknown(run.sent.detail)
        return Came.NO_ANSWER

    _put(Contacting, "_send_dispatched", confused)


def _found_row_is_sent_again() -> None:
    """Whoever finds a row in ``dispatching`` takes it for not sent, and plans the touch anew."""

    doubt = Ledger.doubt

    async def refuse(self: Ledger, attempt: str, why: str, ask_at: Any) -> bool:
        if why != "the sending run stopped":
            return await doubt(self, attempt, why, ask_at)
        now = ActivityClock().now()
        told = (RefusalKind.TEMPORARY, "again", why, now)
        return await self.refuse(attempt, *told) is not None

    _put(Ledger, "doubt", refuse)


def _callbacks_not_deduplicated() -> None:
    """What comes again is an event of its own."""
    seen: set[str] = set()
    delivery, inbound = ProviderEvents.delivery, ProviderEvents.inbound

    def named(event: str) -> str:
        name = event if event not in seen else f"{event}#{len(seen)}"
        seen.add(name)
        return name

    async def each(self: ProviderEvents, provider: str, event: str, *rest: Any) -> Any:
        return await delivery(self, provider, named(event), *rest)

    async def each_said(self: ProviderEvents, provider: str, event: str, *rest: Any) -> Any:
        return await inbound(self, provider, named(event), *rest)

    _put(ProviderEvents, "delivery", each)
    _put(ProviderEvents, "inbound", each_said)


def _the_workers_clock_is_believed() -> None:
    """An activity's present is off the server's by as much as the machine's clock is."""
    begin, right = ActivityClock.__init__, time.monotonic() - time.time()

    def wrong(self: ActivityClock) -> None:
        begin(self)
        # What ``shift_clock`` did to this worker after the two clocks were compared.
        self._started += timedelta(seconds=time.time() - time.monotonic() + right)

    _put(ActivityClock, "__init__", wrong)


MUTANTS: Final[dict[str, Mutant]] = {
    "dispatching": Mutant(
        "dispatching is not committed before the request leaves",
        _dispatching_not_committed_first,
        ("doubled", "lost"),
    ),
    "serialised": Mutant(
        "reservations of one customer are not serialised",
        _reservation_not_serialised,
        ("doubled",),
    ),
    "law": Mutant(
        "the law is not asked again at the reservation",
        _law_not_asked_again,
        ("doubled", "unlawful"),
    ),
    "refused": Mutant(
        "no readable answer is taken for a refusal",
        _unknown_taken_for_refused,
        ("doubled", "lost"),
    ),
    "unknown": Mutant(
        "a refusal is taken for no readable answer",
        _refused_taken_for_unknown,
        ("unknown",),
    ),
    "again": Mutant(
        "a row found in dispatching is taken for not sent",
        _found_row_is_sent_again,
        ("doubled", "lost"),
    ),
    "callbacks": Mutant(
        "callbacks are not told apart from their repetitions",
        _callbacks_not_deduplicated,
        ("doubled",),
        at_gateway=True,
    ),
    "clock": Mutant(
        "a worker believes its own clock",
        _the_workers_clock_is_believed,
        ("unlawful",),
    ),
}


if __name__ == "__main__":
    MUTANTS[sys.argv[1]].apply()
    gateway(["gateway"])
