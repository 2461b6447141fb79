"""Settlements, disputes and hardships of a life: what of them forbids a contact, and which rows
there may be. Read from the docs, by hand; the product is asked nothing but what it has written."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from store.database import Pool

AUTHORITY: Final = {"agent": Decimal(20), "supervisor": Decimal(40)}
"""As ``lab/builders/settlement.py`` gives it."""
LIVE: Final = frozenset({"proposed", "offered", "accepted"})
_ENDS: Final = frozenset({"withdrawn", "replaced"})
MAY_BECOME: Final[Mapping[str, frozenset[str]]] = {
    "proposed": _ENDS | {"offered", "declined", "lapsed"},
    "offered": _ENDS | {"accepted", "lapsed", "paid", "unpaid"},
    "accepted": _ENDS | {"paid", "unpaid"},
}
"""From one look to the next: an offer may be accepted and paid between two."""
_NOT_TOLD: Final = frozenset({"final_notice", "pre_legal"})
"""More serious than `supportive`, the most that a hardship leaves."""
_BESIDE: Final = frozenset({"payment_thanks"})

OFFERS: Final = "SELECT * FROM settlement_offers ORDER BY offered_at, offer_id"
CASES: Final = """
SELECT creditor, account_id, 'dispute' AS what, dispute_id AS name, state FROM disputes
UNION ALL SELECT creditor, account_id, 'hardship', hardship_id, state FROM hardships
"""
DONE: Final = """
SELECT customer_id, done_at FROM work_items WHERE reason = 'person_first' AND done_at IS NOT NULL
"""
PAID: Final = """
SELECT coalesce(sum(amount), 0) FROM payments
WHERE creditor = $1 AND account_id = $2 AND paid_at >= $3
"""
CASE_MOVES: Final[Mapping[str, frozenset[str]]] = {
    "open": frozenset({"resolved_for", "resolved_against", "withdrawn", "corrected"}),
    "resolved_for": frozenset({"corrected"}),
    "active": frozenset({"ended"}),
}


class Agreed:
    """The offers and cases of a life, as they were seen last."""

    def __init__(self, pool: Pool, zone: str) -> None:
        self.pool, self.zone = pool, ZoneInfo(zone)
        self.offers: dict[tuple[str, str], dict[str, Any]] = {}
        self.cases: dict[tuple[str, str, str], str] = {}
        self.done: list[tuple[str, datetime]] = []
        self.told: set[tuple[str, str]] = set()
        """Offers that were told of."""

    async def look(self) -> list[str]:
        """Read the rows anew; what is wrong with them."""
        rows = [dict(row) for row in await self.pool.fetch(OFFERS)]
        found = [one for row in rows for one in self._wrong(row)]
        for row in rows:
            if row["state"] == "paid":
                since = (row["creditor"], row["account_id"], row["accepted_at"])
                if await self.pool.fetchval(PAID, *since) < row["amount"]:
                    found.append(f"{_name(row)} is paid, and its amount has not come")
        live = [_account(row) for row in rows if row["state"] in LIVE]
        found += [f"{one} has two offers" for one in set(live) if live.count(one) > 1]
        gone = self.offers.keys() - {(_account(row), row["offer_id"]) for row in rows}
        found += [f"offer {one} is lost" for one in gone]
        self.offers = {(_account(row), row["offer_id"]): row for row in rows}
        found += await self._look_at_cases()
        self.done = [(row["customer_id"], row["done_at"]) for row in await self.pool.fetch(DONE)]
        return found

    def _wrong(self, row: Mapping[str, Any]) -> Iterable[str]:
        before, name = self.offers.get((_account(row), row["offer_id"])), _name(row)
        state = row["state"]
        if before is not None:
            if state != before["state"] and state not in MAY_BECOME.get(before["state"], ()):
                yield f"{name} went from {before['state']} to {state}"
            for field in ("accepted_at", "approved_at", "ended_at", "amount", "balance"):
                if before[field] not in (None, row[field]):
                    yield f"{name}: its {field} was {before[field]}, and is {row[field]}"
        if (row["ended_at"] is None) != (state in LIVE):
            yield f"{name} is {state}, ended at {row['ended_at']}"
        let_go = (row["balance"] - row["amount"]) * 100 / row["balance"]
        own = AUTHORITY[row["offered_as"]]
        if let_go > max(AUTHORITY.values()):
            yield f"{name} lets {let_go} % go"
        approved = row["approved_by"] is not None
        opened = state in ("offered", "accepted", "paid", "unpaid") or row["accepted_at"]
        if opened and let_go > own:
            by = (row["approved_by"], row["approved_as"])
            if not approved or by[0].lower() == row["offered_by"].lower():
                yield f"{name} is {state} beyond {row['offered_as']}, approved by {by[0]}"
            elif let_go > AUTHORITY[by[1]]:
                yield f"{name} is approved beyond {by[1]}"
        if row["accepted_at"] is not None:
            day = row["accepted_at"].astimezone(self.zone).date()
            if day > row["expires_on"] or row["accepted_at"] < _opened(row):
                yield f"{name} was accepted on {day}, out of its time"

    async def _look_at_cases(self) -> list[str]:
        found, standing = [], []
        for row in map(dict, await self.pool.fetch(CASES)):
            name = (_account(row), row["what"], row["name"])
            before = self.cases.get(name)
            if before not in (None, row["state"]) and row["state"] not in CASE_MOVES[before]:
                found.append(f"{name} went from {before} to {row['state']}")
            if row["state"] in ("open", "resolved_for", "active"):
                standing.append(name[:2])
            self.cases[name] = row["state"]
        return found + [f"{one}: two stand" for one in set(standing) if standing.count(one) > 1]

    def against(
        self,
        row: Mapping[str, Any],
        answers: bool,
        disputed: Mapping[str, datetime],
        hardships: Mapping[str, datetime],
    ) -> str | None:
        """What of it stands against a contact that was dispatched just now.

        ``disputed`` and ``hardships``: accounts in which one stands, since when, as the doors that
        were told of it know.
        """  # fmt: skip
        at, purpose, own = row["dispatched_at"], row["purpose"], _account(row)
        for account in row["covers"]:
            if account in disputed and (account != own or not answers):
                return f"{account} is disputed since {disputed[account]}"
            if account in hardships:
                if account != own:
                    return f"{account} is in hardship, and is spoken of beside another"
                since = hardships[account]
                spoken = any(who == row["customer_id"] and when >= since for who, when in self.done)
                if not answers and purpose not in _BESIDE and not spoken:
                    return f"{account} is in hardship, and no person has spoken with them"
                if purpose in _NOT_TOLD:
                    return f"{purpose} in hardship"
            if (why := self._settles(account, purpose, at, own, answers=answers)) is not None:
                return why
        return self._of_offer(own, purpose, at)

    def _settles(
        self, account: str, purpose: str, at: datetime, own: str, *, answers: bool
    ) -> str | None:
        for (whose, name), row in self.offers.items():
            if whose != account or row["accepted_at"] is None or row["accepted_at"] > at:
                continue
            if row["state"] == "paid" and row["ended_at"] <= at:
                return f"{account} is settled by {name}"
            if self._accepted(row, at):
                if account != own:
                    return f"{account} is settling, and is spoken of beside another"
                if not answers and purpose not in _BESIDE | {"settlement_reminder"}:
                    return f"{account} is settling by {name}"
        return None

    def _of_offer(self, own: str, purpose: str, at: datetime) -> str | None:
        mine = [row for (whose, _), row in self.offers.items() if whose == own]
        if purpose == "settlement_reminder" and not any(self._accepted(row, at) for row in mine):
            return "no offer is accepted, and one is reminded of"
        if purpose == "settlement_offer":
            open_now = [row for row in mine if self._open(row, at)]
            if not open_now:
                return "no offer stands, and one is told of"
            name = (own, open_now[0]["offer_id"])
            if name in self.told:
                return f"{name} is told of twice"
            self.told.add(name)
        return None

    def _open(self, row: Mapping[str, Any], at: datetime) -> bool:
        """Whether the customer could accept it then."""
        over = min(filter(None, (row["accepted_at"], row["ended_at"])), default=None)
        late = self._day(row["expires_on"], 1)
        begun = row["state"] != "proposed" and _opened(row) <= at
        return begun and at < late and (over is None or at < over)

    def _accepted(self, row: Mapping[str, Any], at: datetime) -> bool:
        """Whether its amount was to be paid then."""
        if row["accepted_at"] is None or at < row["accepted_at"]:
            return False
        late = self._day(row["due_on"], row["grace_days"] + 1)
        return at < late and (row["ended_at"] is None or at < row["ended_at"])

    def _day(self, day: date, days: int) -> datetime:
        return datetime.combine(day + timedelta(days=days), datetime.min.time(), self.zone)


def _account(row: Mapping[str, Any]) -> str:
    return f"{row['creditor']}/{row['account_id']}"


def _name(row: Mapping[str, Any]) -> str:
    return f"offer {row['offer_id']} of {_account(row)}"


def _opened(row: Mapping[str, Any]) -> datetime:
    opened: datetime = row["approved_at"] or row["offered_at"]
    return opened
