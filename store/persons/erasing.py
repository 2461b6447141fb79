"""Erasing a person: in one transaction, with what has to stay under an id that says nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.failures import BadInput, NotFound
from store.audit.act import Act, current
from store.audit.writing import forget
from store.database import Connection, Pool
from store.history.kept import ATTEMPTS
from store.intake.run import LOCK as ONE_AT_A_TIME
from store.persons.held import HELD, SPOKEN, Held
from store.persons.whose import THEIRS, Whose, whose

ALONE: Final = "SELECT pg_advisory_xact_lock($1)"
LOCK: Final = """
SELECT FROM customers c WHERE c.customer_id IN (SELECT s.customer_id FROM same_person($1) s)
ORDER BY c.customer_id FOR UPDATE OF c
"""
SELECT_ERASED: Final = "SELECT erased_at FROM erasures WHERE customer_id = $1"

# What has to be over first: else it would go on with nobody, or come back into what is empty.
SELECT_OPEN: Final = """
SELECT a.creditor || '/' || a.account_id FROM accounts a
WHERE a.customer_id = ANY ($1) AND a.status = 'open' ORDER BY 1
"""
SELECT_STANDING: Final = """
SELECT a.creditor || '/' || a.account_id FROM account_parties p
JOIN accounts a ON a.creditor = p.creditor AND a.account_id = now_called(p.creditor, p.account_id)
WHERE p.customer_id = ANY ($1) AND a.status = 'open'
    AND coalesce(p.until >= $2::timestamptz::date, true)
ORDER BY 1
"""
SELECT_UNSETTLED: Final = """
SELECT attempt_id FROM attempts
WHERE customer_id = ANY ($1) AND state IN ('reserved', 'dispatching', 'unknown') ORDER BY 1
"""
SELECT_WORK: Final = """
SELECT work_id::text FROM work_items WHERE customer_id = ANY ($1) AND done_at IS NULL ORDER BY 1
"""
SELECT_HELD: Final = """
SELECT h.hold_id FROM legal_holds h WHERE h.lifted_at IS NULL AND (h.customer_id = ANY ($1)
    OR EXISTS (SELECT FROM accounts a WHERE a.customer_id = ANY ($1) AND a.creditor = h.creditor
        AND (h.account_id IS NULL OR h.account_id = a.account_id OR h.account_id = ANY (a.formerly))
        AND h.customer_id IS NULL))
ORDER BY 1
"""
SELECT_BEGUN: Final = """
SELECT contact_id FROM manual_contacts WHERE customer_id = ANY ($1) AND state = 'begun' ORDER BY 1
"""
SELECT_WAITING: Final = (
    f"{THEIRS} SELECT t.provider || '/' || t.event_id FROM webhook_backlog t "  # noqa: S608
    f"WHERE t.done_at IS NULL AND {SPOKEN} ORDER BY 1"
)

SALT: Final = """
INSERT INTO erasure_salt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text)
ON CONFLICT DO NOTHING
"""
KEEP_DIGESTS: Final = """
INSERT INTO erased_addresses (digest, erased_at)
SELECT erased_digest(key), $2 FROM unnest($1::text[]) AS key ON CONFLICT DO NOTHING
"""
# Of an address that somebody else has, too: a stop without an address was of all that they had
# (store/situations.py), and what was found out of the address is true of it.
KEEP_STOPS: Final = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, address_key, recorded_at,
    recorded_by)
SELECT 'erasure-kept:' || md5(e.event_id || key), NULL, 'opt_out', e.at,
    CASE WHEN e.kind = 'opt_out' THEN e.channel END, key, e.recorded_at, 'erasure'
FROM law_events e, unnest($2::text[]) AS key
WHERE e.customer_id = ANY ($1) AND e.account IS NULL
    AND (e.kind = 'cease' OR e.kind = 'opt_out' AND e.address_key IS NULL
        AND e.detail->>'contact_point_id' IS NULL)
ON CONFLICT DO NOTHING
"""
KEEP_SUPPRESSED: Final = """
UPDATE contact_points o SET suppressed = p.suppressed, suppressed_at = p.suppressed_at
FROM contact_points p
WHERE p.customer_id = ANY ($1) AND p.suppressed IS NOT NULL AND o.address_key = p.address_key
    AND o.channel = p.channel AND o.customer_id <> ALL ($1) AND o.suppressed IS NULL
"""
FORGET_AT_ADDRESS: Final = """
UPDATE law_events SET address_key = NULL WHERE address_key = ANY ($1)
"""
STOP: Final = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, recorded_at, recorded_by)
SELECT 'erasure:' || id, id, 'opt_out', $2, NULL, $2, 'erasure' FROM unnest($1::text[]) AS id
ON CONFLICT DO NOTHING
"""
DROP_POINTS: Final = "DELETE FROM contact_points WHERE contact_point_id = ANY ($1)"
COUNT_POINTS: Final = "SELECT count(*) FROM contact_points WHERE contact_point_id = ANY ($1)"
RECORD: Final = """
INSERT INTO erasures (customer_id, erased_at, erased_by, reason, told)
SELECT id, $2, $3, $4, $5 FROM unnest($1::text[]) AS id
"""
SELECT_FILES: Final = """
SELECT coalesce(url, file) FROM documents WHERE customer_id = ANY ($1) ORDER BY 1
"""
SELECT_PROVIDERS: Final = f"""
SELECT provider, count(*) AS messages FROM {ATTEMPTS} AS a
WHERE customer_id = ANY ($1) AND provider_message_id IS NOT NULL GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - a table of ours


class Erased(NamedTuple):
    """What became of what was held on a person."""

    ids: tuple[str, ...]
    perhaps: tuple[str, ...]
    """Ids that may be theirs, and were left as they are."""
    tables: Mapping[str, Mapping[str, Any]]
    """By table: `rows`, whether they were `deleted`, which columns were `emptied`, and `why`."""
    accounts: tuple[str, ...]
    files: tuple[str, ...]
    providers: Mapping[str, int]
    """Messages that each provider has on record."""
    shared: int
    """Addresses that somebody else has, too, and so stay on record with them."""


async def open_accounts(pool: Pool, customer_id: str) -> list[str]:
    """The open accounts of a person. Raises NotFound."""
    async with pool.acquire() as connection:
        theirs = await _known(connection, customer_id)
        return [one[0] for one in await connection.fetch(SELECT_OPEN, theirs.ids)]


async def erase(
    pool: Pool, customer_id: str, by: str, reason: str, now: datetime, *, dry: bool = False
) -> Erased:
    """Erase a person, under every id that is surely theirs.

    ``dry``: say what would become of everything, and change nothing. Raises NotFound, and BadInput
    while anything of theirs goes on.
    """
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            done = await _erase(connection, customer_id, by, reason, now)
        except BaseException:
            await transaction.rollback()
            raise
        await (transaction.rollback() if dry else transaction.commit())
        return done


async def _known(connection: Connection, customer_id: str) -> Whose:
    theirs = await whose(connection, customer_id)
    if theirs is None:
        raise NotFound(f"no customer {customer_id}")
    return theirs


async def _erase(
    connection: Connection, customer_id: str, by: str, reason: str, now: datetime
) -> Erased:
    # A file or a put that has looked whether they were erased is merged first.
    await connection.execute(ALONE, ONE_AT_A_TIME)
    # As a reservation does: what is reserved now is settled first, and nothing is reserved beside.
    await connection.execute(LOCK, customer_id)
    theirs = await _known(connection, customer_id)
    before = await connection.fetchval(SELECT_ERASED, customer_id)
    if before is not None:
        raise BadInput(f"customer {customer_id} was erased at {before:%Y-%m-%d %H:%M} UTC already")
    await _refuse_what_goes_on(connection, theirs, now)
    files = [one[0] for one in await connection.fetch(SELECT_FILES, theirs.ids)]
    providers = await connection.fetch(SELECT_PROVIDERS, theirs.ids)
    shared = [key for key in theirs.addresses if key not in theirs.only_theirs]
    await connection.execute(SALT)
    await connection.execute(KEEP_STOPS, theirs.ids, shared)
    await connection.execute(KEEP_SUPPRESSED, theirs.ids)
    await _copy_points(connection, theirs)
    tables = {table.table: await _table(connection, table, theirs) for table in HELD}
    await connection.execute(DROP_POINTS, theirs.points)
    await connection.execute(FORGET_AT_ADDRESS, theirs.only_theirs)
    await connection.execute(KEEP_DIGESTS, theirs.only_theirs, now)
    await connection.execute(STOP, theirs.ids, now)
    await forget(connection, current() or Act(by, "customer erase"), theirs.ids)
    told = {name: dict(one) for name, one in tables.items() if one["rows"]}
    await connection.execute(RECORD, theirs.ids, now, by, reason, told)
    return Erased(
        theirs.ids,
        theirs.perhaps,
        told,
        tuple(f"{creditor}/{name}" for creditor, name in theirs.accounts),
        tuple(files),
        {one["provider"]: one["messages"] for one in providers},
        len(shared),
    )


async def _refuse_what_goes_on(connection: Connection, theirs: Whose, now: datetime) -> None:
    ids = (theirs.ids,)
    questions: tuple[tuple[str, tuple[Any, ...], str], ...] = (
        (
            SELECT_OPEN,
            ids,
            "an account is open: {}. What is owed is a reason to keep; where it is "
            "owed no more, close it, or run this with --close-accounts",
        ),
        (
            SELECT_STANDING,
            (*ids, now),
            "they stand for an open account: {}. Let that end first, "
            "with `until` in a file of parties",
        ),
        (
            SELECT_HELD,
            ids,
            "a legal hold stands: {}. Lift it first (contrapunto retention lift)",
        ),
        (SELECT_WORK, ids, "work is open: {}. End it first (contrapunto work done)"),
        (
            SELECT_BEGUN,
            ids,
            "a person has begun to contact them: {}. End that first (contrapunto contact end)",
        ),
        (
            SELECT_UNSETTLED,
            ids,
            "a contact is under way, or nobody knows what became of it: {}. "
            "Wait, or settle it (contrapunto ledger settle)",
        ),
        (
            SELECT_WAITING,
            theirs.arguments(),
            "a webhook from an address of theirs has still to be "
            "taken in: {}. Wait until the gateway has",
        ),
    )
    for question, arguments, rule in questions:
        found = [one[0] for one in await connection.fetch(question, *arguments)]
        if found:
            named = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
            raise BadInput(rule.format(named))


async def _copy_points(connection: Connection, theirs: Whose) -> None:
    """Their addresses again, under other ids and without an address: attempts refer to them."""
    [points] = [one for one in HELD if one.table == "contact_points"]
    given = {**points.emptied, **{name: f"t.{name}" for name in points.kept.split()}}
    del given["address_key"]  # PostgreSQL makes it
    await connection.execute(
        f"{THEIRS} INSERT INTO contact_points ({', '.join(given)}) "  # noqa: S608 - names of ours
        f"SELECT {', '.join(given.values())} FROM contact_points t WHERE {points.where}",
        *theirs.arguments(),
    )


async def _table(connection: Connection, table: Held, theirs: Whose) -> dict[str, Any]:
    """Delete or empty the rows of a table, or count them."""
    arguments = theirs.arguments(theirs.only_theirs)
    if table.table == "contact_points":
        rows = await connection.fetchval(COUNT_POINTS, theirs.points)
    elif table.deleted and not table.by_audit:
        done = f"DELETE FROM {table.table} t WHERE {table.where} RETURNING 1"  # noqa: S608
        rows = len(await connection.fetch(THEIRS + done, *arguments))
    elif table.emptied:
        to = ", ".join(f"{name} = {value}" for name, value in table.emptied.items())
        done = f"UPDATE {table.table} t SET {to} WHERE {table.where} RETURNING 1"  # noqa: S608
        rows = len(await connection.fetch(THEIRS + done, *arguments))
    else:
        count = f"SELECT count(*) FROM {table.table} t WHERE {table.where}"  # noqa: S608
        rows = await connection.fetchval(THEIRS + count, *arguments)
    return {
        "rows": rows,
        "deleted": table.deleted,
        "emptied": sorted(table.emptied),
        "why": table.why,
    }
