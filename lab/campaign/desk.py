"""People at their desks: what they agree with customers while everything else goes on.

For a few accounts of which nothing else is planned, so that no fault waits for a contact that they
keep from being made. What is asked is asked again under its id until it is answered.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final

from domain.failures import BadInput, Failure, NotFound
from lab.campaign.people import Account
from lab.campaign.plan import Plan
from workers.accounts import Accounts

TRIALS: Final = 8
PAUSE: Final = 2.0
"""Real seconds before something is asked again: servers are struck meanwhile."""
APART: Final = 5.0
"""Real seconds between two things that are asked of one account: days pass meanwhile."""

_ANA: Final = {"by": "ana", "role": "agent"}
_EVA: Final = {"by": "eva", "role": "supervisor"}
LIVES: Final[Sequence[Sequence[tuple[str, dict[str, Any]]]]] = (
    (
        ("offer_settlement", {"id": "s1", "discount": "40", **_ANA}),
        ("approve_settlement", {"id": "a1", "offer": "s1", **_ANA}),
        ("approve_settlement", {"id": "a2", "offer": "s1", **_EVA}),
        ("accept_settlement", {"id": "x1", "offer": "s1", "how": "call"}),
        ("accept_settlement", {"id": "x2", "offer": "s1", "how": "call"}),
        ("withdraw_settlement", {"id": "w1", "offer": "s1"}),
    ),
    (
        ("open_dispute", {"id": "d1", "reason": "amount"}),
        ("resolve_dispute", {"id": "r1", "outcome": "for"}),
        ("open_dispute", {"id": "d2", "reason": "amount"}),
        ("resolve_dispute", {"id": "r2", "outcome": "corrected"}),
    ),
    (
        ("begin_hardship", {"id": "h1", "reason": "income"}),
        ("offer_settlement", {"id": "s1", "discount": "10", **_ANA}),
        ("end_hardship", {"id": "h2"}),
        ("decline_settlement", {"id": "n1", "offer": "s1", **_EVA}),
    ),
)
"""What is asked of an account, one after the other; some of it cannot be, and is refused. Each time
one account more lives each of them."""

log = logging.getLogger("campaign")


class Desk:
    """The accounts of which nothing has been asked yet."""

    def __init__(self, accounts: Accounts, portfolio: Iterable[Account], plan: Plan) -> None:
        busy = {case.account for case in plan.cases}
        free = sorted(one.key for one in portfolio if one.key not in busy)
        self.accounts, self.left = accounts, iter(free)

    async def asks(self) -> None:
        """The next accounts, each its life, one thing after the other."""
        await asyncio.gather(
            *(self._live(key, life) for life, key in zip(LIVES, self.left, strict=False))
        )

    async def _live(self, key: str, life: Sequence[tuple[str, dict[str, Any]]]) -> None:
        for update, payload in life:
            await self._ask(key, update, payload)
            await asyncio.sleep(APART)

    async def _ask(self, key: str, update: str, payload: dict[str, Any]) -> None:
        for _ in range(TRIALS):
            try:
                await self.accounts.ask(f"account/{key}", update, payload, patience=20)
            except (BadInput, NotFound) as error:
                log.warning("desk: %s of %s: %s", update, key, error)
                return
            except Failure:
                await asyncio.sleep(PAUSE)
            else:
                return
