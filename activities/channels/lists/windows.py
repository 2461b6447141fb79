"""Lists that give no more than so many of a stretch of time: asked for in shorter ones."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from activities.channels.lists.base import NotListedError

SHORTEST: Final = timedelta(seconds=2)


def halved(
    ask: Callable[[datetime, datetime], Sequence[Any]], most: int, since: datetime, until: datetime
) -> Iterator[Any]:
    """What ``ask`` finds from ``since`` to ``until``: whatever is full is asked for in halves.

    Raises NotListedError where even the shortest stretch is full: then something is left out.
    """
    found = ask(since, until)
    if len(found) < most:
        yield from found
        return
    if until - since <= SHORTEST:
        raise NotListedError(f"more than {most} in {SHORTEST.total_seconds():.0f} seconds")
    middle = since + (until - since) / 2
    middle = middle.replace(microsecond=0)
    yield from halved(ask, most, since, middle)
    yield from halved(ask, most, middle, until)
