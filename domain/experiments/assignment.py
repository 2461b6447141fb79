"""Which arm a person is drawn into: the same each time they are asked for, whoever asks."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

from domain.experiments.experiment import WHOLE, Arm, Experiment

_BYTES: Final = 8
"""Of the digest: 2^64 places for 10,000 shares, so that none is favoured."""


def place(experiment: str, creditor: str, customer_id: str) -> int:
    """Where a person lies among the ten-thousandths: nobody's place in one experiment says anything
    of their place in another."""
    said = f"{experiment}\n{creditor}/{customer_id}".encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:_BYTES]) % WHOLE


def arm_at(arms: Sequence[Arm], at: int) -> Arm:
    """The arm whose share holds this place."""
    for arm in arms:
        if at < arm.parts:
            return arm
        at -= arm.parts
    raise AssertionError("the shares are the whole")


def drawn(
    experiment: Experiment, creditor: str, customer_id: str, closed: Collection[str]
) -> Arm | None:
    """The arm of a person who is taken in; None: their arm is closed, so they are not.

    They are not put into another arm: its people would then differ from the closed one's. What is
    drawn among the arms that are open keeps the ratios of their shares.
    """
    arm = arm_at(experiment.arms, place(experiment.id, creditor, customer_id))
    return None if arm.name in closed else arm


def drawn_from(experiment: Experiment, closed: Collection[str]) -> dict[str, int]:
    """The open arms with their shares: how likely each was at this time."""
    return {arm.name: arm.parts for arm in experiment.arms if arm.name not in closed}
