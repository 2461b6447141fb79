"""Orders in bulk of a life: given, lifted, and what was said against one. Read from the docs, by
hand; the judge asks nothing of the product but when it dispatched."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.bulk.kinds import BulkKind
from domain.bulk.order import BulkScope, NewOrder
from domain.failures import BadInput
from store.bulk.orders import BulkOrders
from store.database import Pool
from tests.integration.store.lives.journal import ANSWERS, CONFIRMATION

_HOUR: Final = timedelta(hours=1)


@dataclass
class Order:
    """An order as it was given, on the clock of its life."""

    order_id: int
    kind: str
    whose: frozenset[str]
    """Accounts that it covers."""
    at: datetime
    until: datetime | None
    lifted: datetime | None = None

    def stands(self, at: datetime) -> bool:
        """Whether it holds at an instant."""
        over = self.lifted is not None and at >= self.lifted
        return self.at <= at and not over and (self.until is None or at < self.until)


class Ordering:
    """All orders of a life."""

    def __init__(self, pool: Pool, owners: Mapping[str, str], country: str) -> None:
        self.orders, self.given = BulkOrders(pool), list[Order]()
        self.pool, self.country, self.accounts = pool, country, frozenset(owners)

    async def give(self, chance: random.Random, at: datetime) -> str:
        """Some order, of some accounts; in words."""
        kind = chance.choice(list(BulkKind))
        scope, whose = chance.choice(
            [
                (BulkScope(), self.accounts),
                (BulkScope(creditor="bank", countries=(self.country, "CL")), self.accounts),
                (BulkScope(regions=(f"{self.country}-XX",)), self.accounts),
                (BulkScope(products=("card",)), frozenset({"bank/A2"})),
                (BulkScope(attributes={"book": "old"}), frozenset({"bank/A1", "bank/B1"})),
                (BulkScope(countries=("CL",)), frozenset[str]()),
                (BulkScope(creditor="garage"), frozenset[str]()),
            ]
        )
        begins = at + chance.choice([0, 0, 0, 5]) * _HOUR
        until = begins + chance.choice([2, 9, 50]) * _HOUR
        ends = until if kind is BulkKind.HOLD and chance.random() < 0.6 else None
        starts = begins if begins > at else None
        new = NewOrder(kind=kind, scope=scope, reason="life", starts_at=starts, until=ends)
        try:
            order = await self.orders.give(new, "ana", len(whose))
        except BadInput as error:
            return str(error)
        if kind is not BulkKind.REPLAN:
            self.given.append(Order(order, kind.value, whose, begins, ends))
        return f"order {order}: {kind.value} of {scope.words()} from {begins} until {ends}"

    async def lift(self, chance: random.Random, at: datetime) -> str | None:
        """One that stands, if any does."""
        standing = [one for one in self.given if one.lifted is None]
        if not standing:
            return None
        one = chance.choice(standing)
        # By the clock of this life, by which one may be over that the server's takes to stand.
        await self.pool.execute(
            "UPDATE bulk_orders SET lifted_at = $2, lifted_by = 'ana', lifted_why = 'life' "
            "WHERE order_id = $1",
            *(one.order_id, at),
        )
        one.lifted = at
        return f"order {one.order_id} is lifted"

    def against(self, row: Mapping[str, Any]) -> str | None:
        """Which order an attempt was dispatched against."""
        at, answers = row["dispatched_at"], {*ANSWERS, CONFIRMATION}
        for one in self.given:
            if one.kind == "hold" and row["purpose"] in answers:
                continue
            if one.stands(at) and one.whose & {*row["covers"]}:
                return f"order {one.order_id} ({one.kind}) holds since {one.at}"
        return None


ATTRIBUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "bank/A1": {"product": "loan", "book": "old"},
    "bank/A2": {"product": "card"},
    "bank/B1": {"book": "old"},
}
"""Of each account."""
