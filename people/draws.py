"""Luck that belongs to a person: the same under every strategy, in any order, on any machine.

Each draw is named by what it is for and never taken from a stream that others share. So two
strategies meet the same people with the same luck, and their difference is theirs alone.
"""

import math
from collections.abc import Sequence
from hashlib import blake2b
from statistics import NormalDist
from typing import Final, TypeVar

T = TypeVar("T")

_NORMAL: Final = NormalDist()
_SCALE: Final = 2.0**-52


def u(seed: int, person: str, kind: str, index: int | str = 0) -> float:
    """A number strictly between 0 and 1."""
    name = f"{seed}\x1f{person}\x1f{kind}\x1f{index}".encode()
    drawn = int.from_bytes(blake2b(name, digest_size=8).digest(), "big")
    return ((drawn >> 12) + 0.5) * _SCALE


def pick(options: Sequence[T], drawn: float) -> T:
    """One of some, each as likely."""
    return options[min(len(options) - 1, int(drawn * len(options)))]


def waiting(drawn: float, mean: float) -> float:
    """How long something takes that may happen at any moment."""
    return -math.log(drawn) * mean


def around(drawn: float, median: float, spread: float) -> float:
    """A log-normal duration: half of all are shorter than ``median``."""
    return median * math.exp(spread * _NORMAL.inv_cdf(min(max(drawn, 1e-12), 1 - 1e-12)))
