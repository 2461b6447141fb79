"""What a check of a deployment says, and how checks are made: each by itself, none for ever."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from domain.failures import Failure, Fault, Misconfigured, Unavailable
from telemetry.errors import place

PATIENCE: Final = 20.0
"""Seconds that a check has, unless the caller says otherwise."""

T = TypeVar("T")


class Verdict(StrEnum):
    """What there is to say of one thing."""

    OK = "ok"
    WARNING = "warning"
    """It works, and is hardly meant so."""
    FAULT = "fault"
    """With this nobody should be contacted."""
    CANNOT_TELL = "cannot tell"
    """Nobody shows it to us, or whoever would does not answer."""


class Finding(NamedTuple):
    """One line of the list."""

    verdict: Verdict
    what: str
    todo: str = ""
    check: str = ""


class Check(NamedTuple):
    """One group of findings, under the name by which it is chosen or left out."""

    name: str
    ask: Callable[[], Awaitable[Iterable[Finding]]]


def ok(what: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, what)


def warning(what: str, todo: str) -> Finding:
    """It works, and is hardly meant so."""
    return Finding(Verdict.WARNING, what, todo)


def fault(what: str, todo: str) -> Finding:
    """With this nobody should be contacted."""
    return Finding(Verdict.FAULT, what, todo)


def cannot_tell(what: str, todo: str) -> Finding:
    """Nobody shows it to us."""
    return Finding(Verdict.CANNOT_TELL, what, todo)


def of_fault(one: Fault, verdict: Verdict = Verdict.FAULT) -> Finding:
    """A fault of the configuration as a finding."""
    return Finding(verdict, str(one._replace(todo="")), one.todo)


async def examined(checks: Sequence[Check], patience: float = PATIENCE) -> list[Finding]:
    """What all checks find, in their order; a check that breaks or hangs is a finding itself."""
    found = await asyncio.gather(*(_made(one, patience) for one in checks))
    return [finding for group in found for finding in group]


async def _made(check: Check, patience: float) -> list[Finding]:
    try:
        async with asyncio.timeout(patience):
            found = list(await check.ask())
    except TimeoutError:
        todo = "try again; --patience gives it longer"
        found = [cannot_tell(f"no answer within {patience:g} seconds", todo)]
    except (Misconfigured, Unavailable) as error:
        found = [fault(_line(error), "")]
    except Failure as error:
        found = [cannot_tell(_line(error), "")]
    except Exception as error:  # noqa: BLE001 - one broken check must not stop the others
        what = f"the check itself broke: {type(error).__name__} at {place(error)}"
        found = [cannot_tell(what, "this is a mistake of Contrapunto's: please report it")]
    return [finding._replace(check=check.name) for finding in found]


def _line(error: Failure) -> str:
    return " ".join(str(error).split())


async def in_thread(work: Callable[[], T]) -> T:
    """Work that blocks, in a thread that nobody waits for once its time is over."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(value: "T | None", error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value: T | None = None
        broken: BaseException | None = None
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            broken = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, value, broken)

    threading.Thread(target=run, daemon=True, name="doctor").start()
    return await done
