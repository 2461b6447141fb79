"""The files that an operator has listed, by reference."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Final, NamedTuple

from domain.documents.document import Document, DocumentKind
from store.database import Connection
from store.law_events import now_called

HOLDER: Final = "SELECT customer_id FROM accounts WHERE creditor = $1 AND account_id = $2"
OWES: Final = """
SELECT customer_id FROM accounts WHERE creditor = $1 AND customer_id = $2 LIMIT 1
"""
INSERT: Final = """
INSERT INTO documents (document_id, account_id, kind, url, file, media_type, name, bytes, sha256,
    valid_until, creditor, customer_id, valid_from, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT DO NOTHING RETURNING document_id
"""
SELECT_ONE: Final = """
SELECT creditor, account_id, customer_id, kind, url, file, media_type, name, bytes, sha256,
    valid_from, valid_until
FROM documents WHERE document_id = $1
"""
WITHDRAW: Final = """
UPDATE documents SET withdrawn_at = $2 WHERE document_id = $1 AND withdrawn_at IS NULL
RETURNING document_id
"""
KNOWN: Final = "SELECT EXISTS (SELECT FROM documents WHERE document_id = $1)"

# What was listed for somebody goes to nobody else, whoever holds the account by now; and what was
# listed under a former number of the account is about it.
NEWEST: Final = """
SELECT DISTINCT ON (d.kind, d.account) d.document_id, d.account AS account_id, d.kind, d.url,
    d.file, d.media_type, d.name, d.bytes, d.sha256, d.valid_until
FROM (
    SELECT o.*, CASE WHEN o.account_id IS NOT NULL
        THEN now_called(o.creditor, o.account_id) END AS account
    FROM documents o
    WHERE o.creditor = $1 AND o.kind = ANY ($3) AND o.withdrawn_at IS NULL
        AND o.customer_id IN (SELECT s.customer_id FROM same_person($2) s WHERE s.surely)
        AND coalesce(o.valid_from <= $5, true) AND coalesce(o.valid_until > $5, true)
) AS d
WHERE d.account IS NULL OR d.creditor || '/' || d.account = ANY ($4)
ORDER BY d.kind, d.account, coalesce(d.valid_from, d.recorded_at) DESC, d.recorded_at DESC,
    d.document_id
"""


class Listed(Document):
    """A file as it is written down."""

    creditor: str
    customer_id: str
    valid_from: datetime | None


class Became(Enum):
    """What came of writing one down."""

    NEW = auto()
    KNOWN = auto()
    """The same is on record."""
    DIFFERENT = auto()
    """Another one is on record under the id."""


class Whose(NamedTuple):
    """Of whom a file is."""

    account_id: str | None
    """By the number that the debt has now."""
    customer_id: str


async def whose(
    connection: Connection, creditor: str, account_id: str | None, customer_id: str | None
) -> Whose | None:
    """Who holds the account, or the customer if they owe the creditor; None: nobody is known."""
    if account_id is None:
        found = await connection.fetchval(OWES, creditor, customer_id)
    else:
        account_id = await now_called(connection, creditor, account_id)
        found = await connection.fetchval(HOLDER, creditor, account_id)
    return None if found is None else Whose(account_id, found)


async def record(connection: Connection, one: Listed, at: datetime) -> Became:
    """Write a file down, once by its id."""
    said = one.model_dump()  # in the order of its fields, which is that of the statement
    if await connection.fetchval(INSERT, *said.values(), at) is not None:
        return Became.NEW
    row = await connection.fetchrow(SELECT_ONE, one.document_id)
    known = Listed(document_id=one.document_id, **dict(row)) if row else None
    return Became.KNOWN if known == one else Became.DIFFERENT


async def withdraw(connection: Connection, document_id: str, at: datetime) -> Became | None:
    """Take a file back; None: there is none of this id."""
    if await connection.fetchval(WITHDRAW, document_id, at) is not None:
        return Became.NEW
    return Became.KNOWN if await connection.fetchval(KNOWN, document_id) else None


async def newest(
    connection: Connection,
    creditor: str,
    customer_id: str,
    kinds: Sequence[DocumentKind],
    accounts: Sequence[str],
    now: datetime,
) -> list[Document]:
    """Of each kind the latest that is valid, of each of these accounts (by their keys) and of the
    customer."""
    rows = await connection.fetch(NEWEST, creditor, customer_id, kinds, accounts, now)
    return [Document(**dict(row)) for row in rows]
