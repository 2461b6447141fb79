"""What every test would pay for anew, and no test is about: paid once a run."""

import signal
from functools import cache
from types import FrameType
from typing import Final

import httpx
from httpx._transports import default as transports

_PROCESS: Final = "the tests' process"


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(_PROCESS)


def be_quick() -> None:
    """Once, before the first test.

    httpx reads all certificates for each client, 25 ms, though these speak plain HTTP. asyncio puts
    a handler of its own in place of Python's for each loop that it runs, and on leaving has the
    whole result of what ran made into text, twice; it leaves alone a handler that is not Python's.
    """
    transports.create_ssl_context = cache(httpx.create_ssl_context)  # type: ignore[attr-defined]
    signal.signal(signal.SIGINT, _interrupted)
