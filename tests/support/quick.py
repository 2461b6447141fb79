"""What every test would pay for anew, and no test is about: paid once a run."""

import signal
from collections.abc import Callable
from functools import cache
from types import CodeType, FrameType
from typing import Any, Final

import httpx
from httpx._transports import default as transports
from jinja2 import Environment

_PROCESS: Final = "the tests' process"


def _compiled_once() -> Callable[..., Any]:
    """Jinja's compiler, which makes code of a template only the first time that it sees its words:
    tests that change one file of the templates read all the others, too."""
    compiled, kept = Environment.compile, dict[Any, CodeType]()

    def once(
        environment: Environment, source: str, name: str | None = None, filename: str | None = None
    ) -> CodeType:
        style = environment.autoescape, environment.finalize, environment.undefined
        blanks = environment.trim_blocks, environment.lstrip_blocks
        key = (type(environment), *style, *blanks, tuple(environment.filters), source, name)
        if key not in kept:
            kept[key] = compiled(environment, source, name, filename)
        return kept[key].replace(co_filename=filename or "<template>")

    return once


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(_PROCESS)


def be_quick() -> None:
    """Once, before the first test.

    httpx reads all certificates for each client, 25 ms, though these speak plain HTTP. asyncio puts
    a handler of its own in place of Python's for each loop that it runs, and on leaving has the
    whole result of what ran made into text, twice; it leaves alone a handler that is not Python's.
    """
    Environment.compile = _compiled_once()  # type: ignore[method-assign]
    transports.create_ssl_context = cache(httpx.create_ssl_context)  # type: ignore[attr-defined]
    signal.signal(signal.SIGINT, _interrupted)
