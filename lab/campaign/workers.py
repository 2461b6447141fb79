"""The workers of a campaign: processes of the product's own worker that die exactly when told.

    python -m lab.campaign.workers '{"folder": ..., "clocks": [0, 7]}'

A worker that is killed must be there again at once, and a worker takes seconds to load its law and
its words. So one process loads them, speaks to nobody, and forks: each child is a whole worker with
its own connections, and a child that dies is forked again.
"""

import asyncio
import datetime as clock
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel

from activities import crash_points, heartbeat
from config.rule_packs import load_packs
from config.settings import Settings, load
from config.wording.catalogue import Wording
from lab.campaign import mutants
from lab.campaign.blows import ASKED, STRUCK, armed_name
from lab.campaign.hands import HANDS, IN_HAND
from lab.campaign.plan import STALL
from workers import configuration
from workers import worker as product
from workers.connection import temporal_client
from workers.search_attributes import check_attributes
from workflows import options

log = logging.getLogger("campaign")

STICKY: Final = timedelta(seconds=2)
HEARTBEAT: Final = timedelta(seconds=4)
EVERY: Final = 1.0
"""Less than the product's, so that the campaign does not spend its time waiting until the server
believes that a worker is dead. Less only makes more executions run beside a living first one."""

HISTORY: Final = 120
"""Events after which a run continues as new. A worker that was killed has to replay all it had, so
short histories make the campaign faster, and cross the seam between two runs more often."""
STANDS_STILL: Final = 1.5
PATIENCE: Final = 20.0
"""Real seconds that an execution waits at its point for the blow it asked for."""


class Orders(BaseModel):
    """What the forking process is told."""

    folder: Path
    clocks: tuple[float, ...] = (0.0, 0.0)
    """One worker for each: how many hours its clock is off."""
    mutant: str | None = None


def main() -> None:
    """Load, fork, fork again; end with the children at SIGTERM."""
    orders = Orders.model_validate_json(sys.argv[1])
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    settings = load()
    _prepare(settings, orders)
    children: dict[int, int] = {}
    ending = {"stop": False}

    def stop(*_: object) -> None:
        ending["stop"] = True
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    (orders.folder / HANDS).mkdir()
    for number in range(len(orders.clocks)):
        children[_fork(number, settings, orders)] = number
    while children:
        child, status = os.wait()
        with Hands(orders.folder, child) as hands:
            hands.write("died", str(os.waitstatus_to_exitcode(status)))
        number = children.pop(child)
        if not ending["stop"]:
            log.warning("worker %d died (%d); forked again", number, status)
            children[_fork(number, settings, orders)] = number


def _prepare(settings: Settings, orders: Orders) -> None:
    """What is the same for all children, loaded once and never collected."""
    book = load_packs(settings.law, settings.readings)
    wording = Wording.load(settings.templates)
    _put(configuration, "load_packs", lambda *_: book)
    _put(Wording, "load", lambda *_, **__: wording)
    _put(options, "HEARTBEAT", HEARTBEAT)
    _put(options, "HISTORY_LIMIT", HISTORY)
    _put(heartbeat, "EVERY", EVERY)
    if orders.mutant is not None:
        mutants.MUTANTS[orders.mutant].apply()
    gc.freeze()


def _put(owner: Any, name: str, value: Any) -> None:
    assert hasattr(owner, name), name
    setattr(owner, name, value)


def _fork(number: int, settings: Settings, orders: Orders) -> int:
    child = os.fork()
    if child:
        (orders.folder / f"{number}.pid").write_text(str(child))
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    status = 1
    try:
        if orders.clocks[number]:
            shift_clock(timedelta(hours=orders.clocks[number]))
        crash_points.listen(
            _both(Hands(orders.folder, os.getpid()).reached, at_points(orders.folder))
        )
        asyncio.run(_work(settings))
        status = 0
    except Exception:
        log.exception("worker %d", number)
        time.sleep(1)  # a server may be starting again; do not fork in a circle
    finally:
        os._exit(status)
    raise AssertionError("unreachable")


async def _work(settings: Settings) -> None:
    async with product.dependencies(settings) as rooms:
        client = await temporal_client()
        await check_attributes(client)
        async with product.running(client, rooms, sticky_queue_schedule_to_start_timeout=STICKY):
            await product.until_told_to_stop()


# --- what it has in hand --------------------------------------------------------------------------


class Hands:
    """What a worker has done to which attempt, in a file that outlives it.

    A line is ``seconds what about``: seconds of the machine's monotonic clock, a point and an
    attempt; the last one of a worker that is dead says so, with its exit status.
    """

    def __init__(self, folder: Path, process: int) -> None:
        self._file = os.open(
            folder / HANDS / str(process), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def reached(self, point: crash_points.CrashPoint, attempt: str) -> None:
        """A listener."""
        if point in IN_HAND:
            self.write(point, attempt)

    def write(self, what: str, about: str) -> None:
        """One line, in one piece."""
        os.write(self._file, f"{time.monotonic():.3f} {what} {about}\n".encode())


def _both(first: crash_points.Listener, then: crash_points.Listener) -> crash_points.Listener:
    def reached(point: crash_points.CrashPoint, attempt: str) -> None:
        first(point, attempt)
        then(point, attempt)

    return reached


# --- dying at a point -----------------------------------------------------------------------------


def at_points(folder: Path) -> Callable[[crash_points.CrashPoint, str], None]:
    """A listener: where a file is named after this point of this attempt, its content happens.

    The file is renamed first, so that it happens once, whoever comes.
    """

    def reached(point: crash_points.CrashPoint, attempt: str) -> None:
        armed = folder / armed_name(point, attempt)
        if not armed.exists():
            return
        what = armed.read_text()
        try:
            asked = armed.rename(
                folder / (STRUCK if what in ("worker", STALL) else ASKED) / armed.name
            )
        except FileNotFoundError:
            return
        if what == "worker":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == STALL:
            time.sleep(STANDS_STILL)
            return
        deadline = time.monotonic() + PATIENCE
        while asked.exists() and time.monotonic() < deadline:
            time.sleep(0.005)

    return reached


# --- a wrong clock --------------------------------------------------------------------------------


def shift_clock(by: timedelta) -> None:
    """From now on this process's wall clock is wrong, for everything written in Python.

    Replaces ``time.time`` and the ``datetime`` that modules have imported by one whose present is
    ``by`` off. Instances are made by, and are, the real class, so nothing else changes.
    """
    real, seconds, off = clock.datetime, time.time, by.total_seconds()

    class Same(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, real)

    class Wrong(clock.datetime, metaclass=Same):
        """The real one, but for what time it is."""

        def __new__(cls, *parts: Any, **named: Any) -> Any:
            return real(*parts, **named)

        @classmethod
        def now(cls, tz: clock.tzinfo | None = None) -> Any:
            return real.now(tz) + by

        @classmethod
        def utcnow(cls) -> Any:
            return real.now(clock.UTC).replace(tzinfo=None) + by

        @classmethod
        def today(cls) -> Any:
            return real.now() + by

    for name in ("fromisoformat", "fromtimestamp", "combine", "strptime", "fromordinal"):
        setattr(Wrong, name, getattr(real, name))
    _put(time, "time", lambda: seconds() + off)
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is real:
                setattr(module, name, Wrong)


if __name__ == "__main__":
    main()
