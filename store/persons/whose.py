"""Whose rows: the ids, accounts and addresses of one person, by which every table is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from store.database import Connection

THEIRS: Final = """
WITH theirs AS MATERIALIZED (
    SELECT $1::text[] AS ids, $2::text[] AS creditors, $3::text[] AS accounts, $4::text[] AS keys,
        $5::text[] AS points, $6::text[] AS renamed, $7::text[] AS addresses,
        $8::text[] AS only_theirs, $9::text[] AS spellings
)
"""

SHORTEST: Final = 7
"""Characters: what is shorter stands in other texts, too."""

SELECT_IDS: Final = "SELECT customer_id, surely FROM same_person($1) ORDER BY customer_id"
SELECT_KNOWN: Final = "SELECT EXISTS (SELECT FROM customers WHERE customer_id = $1)"
SELECT_ACCOUNTS: Final = """
SELECT a.creditor, name AS account_id, a.account_id AS now, a.status
FROM accounts a, unnest(a.account_id || a.formerly) AS name
WHERE a.customer_id = ANY ($1) ORDER BY 1, 2
"""
# An address of somebody else, too, is not erased with one of them: it is the other's.
SELECT_POINTS: Final = """
SELECT p.contact_point_id, left(md5(gen_random_uuid()::text), 16) AS renamed, p.address,
    p.address_key, NOT EXISTS (
    SELECT FROM contact_points o
    WHERE o.address_key = p.address_key AND o.customer_id <> ALL ($1)) AS only_theirs
FROM contact_points p WHERE p.customer_id = ANY ($1) ORDER BY p.contact_point_id
"""


@dataclass(frozen=True)
class Whose:
    """One person, under every id that is surely theirs."""

    ids: tuple[str, ...]
    perhaps: tuple[str, ...]
    """Ids that an account shows to be theirs, and name and address do not."""
    accounts: tuple[tuple[str, str], ...]
    """Creditor and id, under all ids that each has had."""
    points: tuple[str, ...]
    renamed: tuple[str, ...]
    """Other ids for these, which say nothing."""
    addresses: tuple[str, ...]
    """As keys."""
    only_theirs: tuple[str, ...]
    """Those of them that nobody else has."""
    spellings: tuple[str, ...]
    """Addresses that nobody else has as a provider may write them, in small letters."""

    def arguments(self, addresses: Sequence[str] | None = None) -> tuple[list[str], ...]:
        """What ``THEIRS`` takes; ``addresses``: those by which rows are found."""
        by = self.addresses if addresses is None else addresses
        creditors = [creditor for creditor, _ in self.accounts]
        names = [name for _, name in self.accounts]
        keys = [f"{creditor}/{name}" for creditor, name in self.accounts]
        lists = (self.ids, creditors, names, keys, self.points, self.renamed)
        return tuple(map(list, (*lists, by, self.only_theirs, self.spellings)))


async def whose(connection: Connection, customer_id: str) -> Whose | None:
    """Whose the rows of a customer are; None: nobody has this id."""
    if not await connection.fetchval(SELECT_KNOWN, customer_id):
        return None
    found = await connection.fetch(SELECT_IDS, customer_id)
    ids = tuple(one["customer_id"] for one in found if one["surely"])
    accounts = await connection.fetch(SELECT_ACCOUNTS, ids)
    points = await connection.fetch(SELECT_POINTS, ids)
    only = [point for point in points if point["only_theirs"]]
    return Whose(
        ids,
        tuple(one["customer_id"] for one in found if not one["surely"]),
        tuple((one["creditor"], one["account_id"]) for one in accounts),
        tuple(point["contact_point_id"] for point in points),
        tuple(point["renamed"] for point in points),
        tuple(dict.fromkeys(point["address_key"] for point in points)),
        tuple(dict.fromkeys(point["address_key"] for point in only)),
        tuple(dict.fromkeys(filter(None, map(_spelt, only)))),
    )


def _spelt(point: Any) -> str:
    """So that it is found however it is quoted: of a number its digits; empty where it is short."""
    address: str = point["address"].lower()
    told = address if "@" in address else "".join(one for one in address if one.isdigit())
    return told if len(told) >= SHORTEST else ""
