"""Chance that repeats itself: every draw is a hash of the seed and of what it is about."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def digest(*parts: object) -> str:
    """64 hexadecimal digits that depend on the parts and on nothing else."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def draw(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts and on nothing else."""
    return int(digest(*parts)[:13], 16) / 16**13


def pick(options: Sequence[T], *parts: object) -> T:
    """One of the options, each as likely as the others."""
    return options[int(draw(*parts) * len(options))]


def weighted(weights: Mapping[str, float], *parts: object) -> str | None:
    """One of the keys by weight; None for the share by which the weights stay under one."""
    at = draw(*parts)
    for key, weight in weights.items():
        at -= weight
        if at < 0:
            return key
    return None
