"""What every test would pay for anew, and no test is about: paid once a run."""

import os
import signal
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import httpx
import hypothesis
import pytest
from httpx._transports import default as transports
from jinja2 import Environment

from config.wording.catalogue import LOCALES, PURPOSES_BY_CHANNEL, TEMPLATES, Wording
from domain.channels import Channel, Purpose

FEWEST: Final = 15
"""Of examples: no test of Hypothesis's has fewer."""

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


def _read_once() -> Any:
    """What reads all templates, but for those that are shipped only once: no test changes them."""
    read, kept = Wording.load.__func__, dict[Any, Wording]()  # type: ignore[attr-defined]

    def load(
        cls: type[Wording],
        directory: Path = TEMPLATES,
        locales: Iterable[str] = LOCALES,
        purposes_by_channel: Mapping[Channel, Iterable[Purpose]] = PURPOSES_BY_CHANNEL,
        *,
        sms_accents: Iterable[str] = (),
    ) -> Wording:
        asked = tuple(locales), tuple(sms_accents)
        wanted = {channel: tuple(purposes) for channel, purposes in purposes_by_channel.items()}

        def now() -> Wording:
            made: Wording = read(cls, directory, asked[0], wanted, sms_accents=asked[1])
            return made

        if directory.resolve() != TEMPLATES.resolve():
            return now()
        key = (cls, *asked, tuple(wanted.items()))
        if key not in kept:
            kept[key] = now()
        return kept[key]

    return classmethod(load)


def shortened(item: pytest.Item) -> None:
    """A third of its examples for a test of Hypothesis's, unless TEST_EXAMPLES=all."""
    test = getattr(item, "obj", None)
    given = getattr(test, "_hypothesis_internal_use_settings", None)
    if given is not None and os.environ.get("TEST_EXAMPLES") != "all":
        few = min(given.max_examples, max(FEWEST, given.max_examples // 3))
        fewer = hypothesis.settings(given, max_examples=few)
        test._hypothesis_internal_use_settings = fewer  # type: ignore[union-attr]


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(_PROCESS)


def be_quick() -> None:
    """Once, before the first test.

    httpx reads all certificates for each client, 25 ms, though these speak plain HTTP. asyncio puts
    a handler of its own in place of Python's for each loop that it runs, and on leaving has the
    whole result of what ran made into text, twice; it leaves alone a handler that is not Python's.
    """
    Environment.compile = _compiled_once()  # type: ignore[method-assign]
    Wording.load = _read_once()  # type: ignore[method-assign]
    transports.create_ssl_context = cache(httpx.create_ssl_context)  # type: ignore[attr-defined]
    signal.signal(signal.SIGINT, _interrupted)
