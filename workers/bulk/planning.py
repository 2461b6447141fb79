"""What an order in bulk would do, counted and told before anybody gives it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from config.choosing.segment_files import load_attributes
from config.settings import Settings
from domain.bulk.kinds import BulkKind
from domain.bulk.order import NewOrder
from domain.failures import WrongField
from domain.segments.attributes import Attribute
from store.bulk.orders import BulkOrders, Counted
from store.database import Pool

DAY: Final = timedelta(days=1)

_WHAT: Final[Mapping[BulkKind, str]] = {
    BulkKind.HOLD: "nothing is begun for them; what they ask is answered, and a stop confirmed",
    BulkKind.CEASE: "nothing leaves for them at all, no answer and no word of a person either",
    BulkKind.REPLAN: "nobody is silent; each plans anew before its next contact",
}


class Effect(NamedTuple):
    """What an order would do."""

    new: NewOrder
    counted: list[Counted]
    customers: int

    @property
    def accounts(self) -> int:
        """How many open accounts it covers."""
        return sum(one.accounts for one in self.counted)

    @property
    def contacts(self) -> int:
        """For how many a contact comes next."""
        return sum(one.contacts for one in self.counted)

    @property
    def within_a_day(self) -> int:
        """For how many within 24 hours."""
        return sum(one.within_a_day for one in self.counted)

    @property
    def anywhere(self) -> int:
        """How many may be anywhere in the country of a region that is named."""
        return sum(one.anywhere for one in self.counted)

    @property
    def takes(self) -> timedelta:
        """How long it takes to tell their workflows."""
        return timedelta(seconds=-(-self.accounts // self.new.rate))

    def places(self) -> list[tuple[str, str, int, int, int]]:
        """Country and phase with accounts, contacts ahead, and those within a day."""
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for one in self.counted:
            place = sums[one.country or "unknown", one.phase or "unplanned"]
            for at, more in enumerate((one.accounts, one.contacts, one.within_a_day)):
                place[at] += more
        return [(*key, *of) for key, of in sorted(sums.items())]  # type: ignore[misc]

    def lines(self) -> Iterator[str]:
        """For people."""
        new = self.new
        yield f"{new.kind.value} of {new.scope.words()}"
        yield f"  covers {self.accounts:,} open accounts of {self.customers:,} customers"
        for country, phase, accounts, contacts, soon in self.places():
            yield (
                f"  {country} {phase}: {accounts:,} accounts, {contacts:,} with a contact ahead, "
                f"{soon:,} of them within a day"
            )
        if self.anywhere:
            yield (
                f"  of {self.anywhere:,} nothing says in which region of their country they are: "
                "they are covered, too"
            )
        since = "at once" if new.starts_at is None else f"{new.starts_at:%Y-%m-%d %H:%M %Z}"
        until = {
            BulkKind.HOLD: f"{new.until:%Y-%m-%d %H:%M %Z}" if new.until else "it is lifted",
            BulkKind.CEASE: "it is lifted",
            BulkKind.REPLAN: "they have",
        }[new.kind]
        yield f"  from {since} until {until}: {_WHAT[new.kind]}"
        yield (
            f"  their workflows are told at {new.rate} a second, about {self.takes}: it holds "
            "before they know"
        )


class Bulk:
    """Orders, by the rules of this deployment."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self.orders = BulkOrders(pool)
        self._declared: Mapping[str, Attribute] = load_attributes(settings).declared

    def checked(self, new: NewOrder, now: datetime) -> NewOrder:
        """An order whose fields fit this deployment. Raises WrongField."""
        scope = new.scope.checked(self._declared)
        if new.until is not None and new.until <= now:
            raise WrongField("until", "must lie ahead")
        return new.model_copy(update={"scope": scope})

    async def effect(self, new: NewOrder, now: datetime) -> Effect:
        """What it would do. Raises WrongField."""
        new = self.checked(new, now)
        counted = await self.orders.count(new, now + DAY)
        return Effect(new, counted, await self.orders.customers(new))

    async def give(self, effect: Effect, by: str) -> int:
        """Give it; from now on it holds. Raises BadInput."""
        return await self.orders.give(effect.new, by, effect.accounts)


def confirmed(said: int | None, effect: Effect) -> bool:
    """Whether somebody has said how many accounts it covers, as it is told by its plan: a hundredth
    may have come or gone meanwhile."""
    return said is not None and abs(said - effect.accounts) <= effect.accounts // 100
