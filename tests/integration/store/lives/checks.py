"""What has to hold of the rows of a life, and of what a person is shown of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from store.database import Pool
from store.views.records import Records
from tests.integration.store.lives.life import Life
from tests.integration.store.lives.words import QUESTIONS, REST, SILENCING

_ANYWHERE: Final = frozenset({"accepted", "refused", "unknown", "delivered", "undelivered"})
FOLLOWS: Final[Mapping[str, frozenset[str]]] = {
    "reserved": _ANYWHERE | {"released", "dispatching"},
    "released": frozenset(),
    "dispatching": _ANYWHERE,
    "refused": frozenset(),
    "unknown": _ANYWHERE,
    "accepted": frozenset({"delivered", "undelivered"}),
    "delivered": frozenset({"undelivered"}),
    "undelivered": frozenset({"delivered"}),
}
"""The diagram of docs/never-twice.md, and whatever lies on the way."""
_ASKED: Final = {words.text: words.asks for words in (*QUESTIONS, *REST)}
_COUNTS: Final = {
    "contact": "SELECT coalesce(dispatched_at, reserved_at) AS at FROM attempts "
    "WHERE customer_id = $1",
    "party": "SELECT coalesce(t.dispatched_at, t.reserved_at) AS at FROM attempts t "
    "JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1 AND t.customer_id <> $1",
    "asked": "SELECT opened_at AS at FROM work_items WHERE customer_id = $1",
    "done": "SELECT done_at AS at FROM work_items WHERE customer_id = $1 AND done_at IS NOT NULL",
    "paid": "SELECT paid_at AS at FROM payments JOIN accounts USING (creditor, account_id) "
    "WHERE customer_id = $1",
    "promised": "SELECT made_at AS at FROM promises JOIN accounts USING (creditor, account_id) "
    "WHERE customer_id = $1",
    "planned": "SELECT at FROM plan_changes JOIN accounts USING (creditor, account_id) "
    "WHERE customer_id = $1",
    "ended": "SELECT closed_at AS at FROM accounts "
    "WHERE customer_id = $1 AND closed_at IS NOT NULL",
    "prefers": "SELECT said_at AS at FROM preferences WHERE customer_id = $1",
    "disputed": "SELECT opened_at AS at FROM disputes JOIN accounts USING (creditor, account_id) "
    "WHERE customer_id = $1",
    "dispute over": "SELECT unnest(array_remove(ARRAY[resolved_at, corrected_at], NULL)) AS at "
    "FROM disputes JOIN accounts USING (creditor, account_id) WHERE customer_id = $1",
    "hardship over": "SELECT ended_at AS at FROM hardships JOIN accounts "
    "USING (creditor, account_id) WHERE customer_id = $1 AND ended_at IS NOT NULL",
    "offered a settlement": "SELECT offered_at AS at FROM settlement_offers JOIN accounts "
    "USING (creditor, account_id) WHERE customer_id = $1",
    "settlement approved": "SELECT approved_at AS at FROM settlement_offers JOIN accounts "
    "USING (creditor, account_id) WHERE customer_id = $1 AND approved_at IS NOT NULL",
    "settlement accepted": "SELECT accepted_at AS at FROM settlement_offers JOIN accounts "
    "USING (creditor, account_id) WHERE customer_id = $1 AND accepted_at IS NOT NULL",
    "in hardship": "SELECT began_at AS at FROM hardships JOIN accounts "
    "USING (creditor, account_id) WHERE customer_id = $1",
}
"""When each event was, by the rows in which it is kept."""
_FIRST: Final = ("wrote", "asked", "planned")
"""Of what is of one instant: the cause comes first."""

CAPS: Final[Mapping[str, int]] = {"day": 1, "week": 2, "month": 7}
"""The operator's, of the strategy of these lives."""
_DAYS: Final = {"day": 1, "week": 7, "month": 30}
_CONTACTS: Final = """
SELECT customer_id, attempt_id, purpose, zones, coalesce(dispatched_at, reserved_at) AS at
FROM attempts WHERE state NOT IN ('released', 'refused')
    AND purpose !~ '_(answer|confirmation|question)$'
ORDER BY 5, attempt_id
"""


class Rows:
    """The rows of a life, held to what they were before."""

    def __init__(self, life: Life) -> None:
        self.life, self.pool = life, life.pool
        self.states: dict[str, str] = {}
        self.promises: dict[tuple[Any, ...], str] = {}
        self.items: dict[int, dict[str, Any]] = {}

    async def wrong(self) -> list[str]:
        """All that is wrong with them now."""
        return [
            *self.life.wrong,
            *await self._attempts(),
            *await self._capped(),
            *await self._promises(),
            *await self._items(),
            *await self._heard(),
            *[one for who in self.life.points for one in await self._timeline(who)],
        ]

    async def _attempts(self) -> list[str]:
        found = []
        for row in await self.pool.fetch("SELECT attempt_id, state, dispatched_at FROM attempts"):
            name, state = row["attempt_id"], row["state"]
            before = self.states.get(name, "reserved")
            if state != before and state not in FOLLOWS[before]:
                found.append(f"attempt {name} went from {before} to {state}")
            if (row["dispatched_at"] is None) != (state in ("reserved", "released")):
                found.append(f"attempt {name} is {state}, dispatched at {row['dispatched_at']}")
            self.states[name] = state
        return found

    async def _capped(self) -> list[str]:
        """No person has had more contacts than the operator lets, by any of their clocks; what
        people write is not held, and counts."""
        found = []
        people: dict[str, list[dict[str, Any]]] = {}
        for row in map(dict, await self.pool.fetch(_CONTACTS)):
            before = people.setdefault(row["customer_id"], [])
            for name, most in CAPS.items():
                inside = [one for one in before if _days_apart(one, row) < _DAYS[name]]
                if len(inside) >= most and row["purpose"] != "person":
                    found.append(f"{row['attempt_id']} is one more than {most} in a {name}")
            before.append(row)
        return found

    async def _promises(self) -> list[str]:
        found = []
        for row in await self.pool.fetch(
            "SELECT p.*, (SELECT coalesce(sum(y.amount), 0) FROM payments y "
            "WHERE y.creditor = p.creditor AND y.account_id = p.account_id "
            "AND y.paid_at >= p.made_at) AS paid FROM promises p"
        ):
            name, state = (row["creditor"], row["account_id"], row["promise_id"]), row["state"]
            before = self.promises.get(name, "open")
            ends = ("open", "kept", "broken", "replaced")
            if state not in ends or before not in ("open", state):
                found.append(f"promise {name} went from {before} to {state}")
            if state == "kept" and row["paid"] < row["amount"]:
                found.append(f"promise {name} is kept, and {row['paid']} was paid")
            if (row["settled_at"] is None) != (state == "open"):
                found.append(f"promise {name} is {state}, settled at {row['settled_at']}")
            self.promises[name] = state
        return found

    async def _items(self) -> list[str]:
        found, waiting = [], Counter[tuple[str, str]]()
        rows = {
            row["work_id"]: dict(row) for row in await self.pool.fetch("SELECT * FROM work_items")
        }
        found += [f"work {gone} is lost" for gone in self.items.keys() - rows.keys()]
        for name, row in rows.items():
            before = self.items.get(name)
            if before is not None and before["done_at"] not in (None, row["done_at"]):
                found.append(f"work {name} was done, and is done again or open")
            if before is not None and list(row["messages"])[: len(before["messages"])] != list(
                before["messages"]
            ):
                found.append(f"work {name} has lost a message")
            if row["done_at"] is not None and row["claimed_by"] is not None:
                found.append(f"work {name} is done and held")
            if len(set(row["messages"])) < len(row["messages"]):
                found.append(f"work {name} names a message twice")
            if row["done_at"] is None:
                waiting[row["customer_id"], row["reason"]] += 1
            elif row["done_by"] == "contrapunto" and not await self._answered(row):
                found.append(f"work {name} is done by itself, and nothing was answered")
        found += [
            f"{who}: {many} items of {why}" for (who, why), many in waiting.items() if many > 1
        ]
        self.items = rows
        return found

    async def _answered(self, row: Mapping[str, Any]) -> bool:
        """Whether what closes an item by itself came after it was opened."""
        since = (row["customer_id"], row["opened_at"])
        if row["outcome"] == "promised":
            return bool(
                await self.pool.fetchval(
                    "SELECT EXISTS (SELECT FROM promises JOIN accounts "
                    "USING (creditor, account_id) WHERE customer_id = $1 AND made_at >= $2)",
                    *since,
                )
            )
        return bool(
            await self.pool.fetchval(
                "SELECT EXISTS (SELECT FROM attempts WHERE customer_id = $1 "
                "AND dispatched_at >= $2 AND purpose = $3)",
                *(*since, f"{row['reason']}_answer"),
            )
        )

    async def _heard(self) -> list[str]:
        """Each message is on record once, and has somebody asked what it asks for."""
        found = []
        asked: dict[str, set[tuple[str, str]]] = {}
        for item in self.items.values():
            for name in item["messages"]:
                asked.setdefault(name, set()).add((item["customer_id"], item["reason"]))
        kept = await self.pool.fetch("SELECT provider, inbound_id, text, address FROM inbound")
        if len(kept) != len(self.life.messages):
            found.append(f"{len(kept)} messages are on record of {len(self.life.messages)}")
        for row in kept:
            reason, holders = _ASKED[row["text"]], self.life.journal.holders[row["address"]]
            shared = len(holders) > 1
            if reason is None or (reason == "preference" and not shared):
                continue
            wanted = reason if reason in SILENCING or not shared else "shared_address"
            name = f"{row['provider']}/{row['inbound_id']}"
            if asked.get(name, set()) != {(who, wanted) for who in holders}:
                found.append(f"{name} ({row['text']}): asked {asked.get(name)}")
        return found

    async def _timeline(self, customer: str) -> list[str]:
        """Each event stands in it once, and in order."""
        told = await Records(self.pool).timeline(customer)
        found = [
            f"{customer}'s timeline: {after} after {before}"
            for before, after in pairwise(told)
            if _place(before) > _place(after)
        ]
        shown = Counter((row["kind"], row["at"]) for row in told)
        kept = await self._kept(customer)
        for one, many in (kept - shown).items():
            found.append(f"{customer}'s timeline lacks {many} of {one}")
        for one, many in (shown - kept).items():
            found.append(f"{customer}'s timeline has {many} more of {one}")
        return found

    async def _kept(self, customer: str) -> Counter[tuple[str, datetime]]:
        kept = Counter[tuple[str, datetime]]()
        for kind, query in _COUNTS.items():
            kept.update((kind, row["at"]) for row in await self.pool.fetch(query, customer))
        for row in await self.pool.fetch("SELECT at, address FROM inbound"):
            if customer in self.life.journal.holders[row["address"]]:
                kept["wrote", row["at"]] += 1
        for row in await self.pool.fetch(
            "SELECT o.state, o.ended_at FROM settlement_offers o "
            "JOIN accounts USING (creditor, account_id) "
            "WHERE customer_id = $1 AND o.ended_at IS NOT NULL",
            customer,
        ):
            kept[f"settlement {row['state']}", row["ended_at"]] += 1
        query = "SELECT kind, at FROM law_events WHERE customer_id = $1"
        kept.update((row["kind"], row["at"]) for row in await self.pool.fetch(query, customer))
        for row in await self.pool.fetch(
            "SELECT m.at, m.kind, m.refused FROM messages m "
            "JOIN accounts USING (creditor, account_id) WHERE customer_id = $1",
            customer,
        ):
            if row["refused"] is not None or row["kind"] in ("hold", "resume", "close"):
                kept[row["kind"].replace("_", " "), row["at"]] += 1
        return kept


def _days_apart(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    first: datetime = before["at"]
    last: datetime = after["at"]
    zones = [ZoneInfo(name) for name in {*before["zones"], *after["zones"]}]
    return min((last.astimezone(z).date() - first.astimezone(z).date()).days for z in zones)


def _place(row: Mapping[str, Any]) -> tuple[datetime, int]:
    kind = row["kind"]
    return row["at"], _FIRST.index(kind) if kind in _FIRST else _FIRST.index("asked")


async def steps(pool: Pool) -> Counter[str]:
    """What a life has seen, so that none of these tests passes on nothing."""
    return Counter(row["what"] for row in await pool.fetch(_SEEN))


_SEEN: Final = """
SELECT purpose AS what FROM attempts WHERE dispatched_at IS NOT NULL
UNION ALL SELECT 'offer ' || state FROM settlement_offers
UNION ALL SELECT 'offer approved' FROM settlement_offers WHERE approved_at IS NOT NULL
UNION ALL SELECT 'dispute ' || state FROM disputes
UNION ALL SELECT 'hardship ' || state FROM hardships
UNION ALL SELECT 'parts ' || state FROM promises WHERE parts IS NOT NULL
UNION ALL SELECT 'what fell due' FROM due_schedules
"""
