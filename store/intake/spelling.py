"""Whom an id means that another system spells otherwise, among those on record.

`spelt` (of migration 0016) is what ``domain.entry.ids.spelt`` is in Python. Two ids of which it
makes one text are one id to intake, which takes neither for a second account or person. For stops
marks do not count either (``perhaps_one``): what is found too much costs silence, never a message.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from store.database import Connection, Pool

LOOSELY: Final = r"""ltrim(translate(spelt({0}), '-_.,''"', ''), '0')"""
"""An id without its marks, too: as the indexes of 0016 have it, by which all are found."""


def one_spelling(one: str, other: str) -> str:
    """The condition that two expressions are one id, spelt in whichever way."""
    return (
        f"{LOOSELY.format(one)} = {LOOSELY.format(other)} AND spelt({one}) = spelt({other})"
        f" AND spelt({one}) <> ''"
    )


def perhaps_one(one: str, other: str) -> str:
    """The condition that two expressions may be one id also where marks are left away, or others.

    Of two that both have marks these stand in the same places: ``1-12`` is not ``11-2``.
    """
    bare = [LOOSELY.format(each) for each in (one, other)]
    marked = [f"translate(spelt({each}), '_.,''\"', '-----')" for each in (one, other)]
    return (
        f"{bare[0]} = {bare[1]} AND {bare[0]} <> '' AND (spelt({one}) = {bare[0]}"
        f" OR spelt({other}) = {bare[1]} OR {marked[0]} = {marked[1]})"
    )


SAME_ACCOUNT: Final = (
    f"{one_spelling('a.creditor', 'r.creditor')} AND {one_spelling('a.account_id', 'r.account_id')}"
)
"""Of an account ``a`` and a row ``r``."""


def loose_key(key: str) -> str:
    """The expression of an account's key ``<creditor>/<account_id>`` without marks."""
    creditor, account_id = parts(key)
    return f"({LOOSELY.format(creditor)} || '/' || {LOOSELY.format(account_id)})"


def parts(key: str) -> tuple[str, str]:
    """The expressions of creditor and account id in an account's key."""
    return f"split_part({key}, '/', 1)", f"substr({key}, strpos({key}, '/') + 1)"


SELECT_ACCOUNTS_SPELT: Final = f"""
SELECT a.creditor || '/' || a.account_id AS key, a.creditor, a.account_id,
    spelt(a.creditor) = spelt($1) AND spelt(a.account_id) = spelt($2) AS plainly
FROM accounts a
WHERE {perhaps_one("a.creditor", "$1::text")} AND {perhaps_one("a.account_id", "$2::text")}
ORDER BY a.creditor, a.account_id
"""  # noqa: S608 - what is put in is expressions

# One look at the index for each creditor there is: an id alone has none of its own.
SELECT_ACCOUNTS_CALLED: Final = f"""
WITH RECURSIVE creditors AS (
    SELECT min(creditor) AS creditor FROM accounts
    UNION ALL
    SELECT (SELECT min(a.creditor) FROM accounts a WHERE a.creditor > c.creditor)
    FROM creditors c WHERE c.creditor IS NOT NULL
)
SELECT a.creditor || '/' || a.account_id AS key, a.creditor, a.account_id,
    spelt(a.account_id) = spelt($1) AS plainly
FROM creditors c JOIN accounts a ON a.creditor = c.creditor
    AND {LOOSELY.format("a.creditor")} = {LOOSELY.format("c.creditor")}
WHERE {perhaps_one("a.account_id", "$1::text")}
ORDER BY a.account_id <> $1, a.creditor, a.account_id
"""  # noqa: S608 - what is put in is expressions

# Once for all ids of a file.
SELECT_CUSTOMERS_SPELT: Final = f"""
SELECT s.said, c.customer_id AS known, spelt(c.customer_id) = spelt(s.said) AS plainly
FROM unnest($1::text[]) AS s (said) JOIN customers c
    ON {perhaps_one("c.customer_id", "s.said")}
WHERE NOT EXISTS (SELECT FROM customers k WHERE k.customer_id = s.said)
ORDER BY s.said, c.customer_id
"""  # noqa: S608 - what is put in is expressions


class SpeltAccount(NamedTuple):
    """An account on record whose ids are those that were said, but for their spelling."""

    key: str
    creditor: str
    account_id: str
    plainly: bool
    """Marks aside, which only stops leave aside: it is surely meant."""


class SpeltCustomer(NamedTuple):
    """The same of a customer."""

    customer_id: str
    plainly: bool


async def accounts_spelt(
    connection: Connection, creditor: str, account_id: str
) -> list[SpeltAccount]:
    """The accounts on record that an account may be, however it is spelt; also the very one."""
    rows = await connection.fetch(SELECT_ACCOUNTS_SPELT, creditor, account_id)
    return [SpeltAccount(**dict(row)) for row in rows]


async def accounts_called(connection: Connection, account_id: str) -> list[SpeltAccount]:
    """The accounts on record, whoever's they are, that an id alone may mean: those that have it to
    the letter, or else those whose id is spelt otherwise."""
    rows = await connection.fetch(SELECT_ACCOUNTS_CALLED, account_id)
    found = [SpeltAccount(**dict(row)) for row in rows]
    return [one for one in found if one.account_id == account_id] or found


async def customers_spelt(
    connection: "Connection | Pool", said: Sequence[str]
) -> dict[str, list[SpeltCustomer]]:
    """Of ids that no customer has, the customers whose ids differ by their spelling alone."""
    found: dict[str, list[SpeltCustomer]] = {}
    for row in await connection.fetch(SELECT_CUSTOMERS_SPELT, said) if said else ():
        found.setdefault(row["said"], []).append(SpeltCustomer(row["known"], row["plainly"]))
    return found
