"""What an account, and a contact of one, take in PostgreSQL: rows and their indexes."""

import asyncio
from dataclasses import dataclass
from typing import Final

import asyncpg

from lab.bench.ledger import EACH, GENERATE, Books
from lab.local.postgres import LocalPostgres
from store.database import connect
from workers.migrate import migrate

# Of each contact two callbacks (sent, delivered), and the plan that follows it; of each account a
# consent for its address, and an e-mail address beside the telephone.
BESIDE: Final = (
    """
    INSERT INTO provider_events (provider, event_id, attempt_id, status, at, applied, told)
    SELECT 'twilio', t.attempt_id || s, t.attempt_id, s, t.settled_at, true, true
    FROM attempts t, unnest(ARRAY['sent', 'delivered']) s
    WHERE substr(t.account_id, 2)::int BETWEEN $1::int AND $2::int
    """,
    """
    INSERT INTO plan_changes (creditor, account_id, plan, at, kind, why, state, next_at, summary,
        channel, purpose, rule, cite, decided_by)
    SELECT t.creditor, t.account_id, t.step, t.settled_at, 'contact', 'touch', 'collecting',
        t.settled_at, 'SMS reminder ' || t.touch
            || ', opens Sat 05 Dec 07:50 America/Bogota, Ley 2300 de 2023, art. 3',
        'sms', 'reminder', t.rule, 'Ley 2300 de 2023, art. 3',
        ARRAY[md5('a' || t.attempt_id), md5('b' || t.attempt_id), md5('c' || t.attempt_id)]
    FROM attempts t WHERE substr(t.account_id, 2)::int BETWEEN $1::int AND $2::int
    """,
    """
    INSERT INTO law_events (event_id, customer_id, kind, at, channel)
    SELECT 'intake:C' || n || '/sms', 'C' || n, 'opt_in', '2026-01-01', 'sms'
    FROM generate_series($1::int, $2::int) n
    """,
    """
    INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, address, consented)
    SELECT 'M' || n, 'C' || n, 'email', 'email', 'c' || n || '@example.com', true
    FROM generate_series($1::int, $2::int) n
    """,
)
OF_ACCOUNT: Final = ("customers", "contact_points", "accounts", "law_events")
OF_CONTACT: Final = ("attempts", "provider_events", "plan_changes")
_SIZE: Final = "SELECT pg_total_relation_size($1::text::regclass)"


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Bytes with indexes, by table: of an account, and of a contact."""

    attempts: int
    account: dict[str, float]
    contact: dict[str, float]


async def measure(postgres: LocalPostgres, attempts: int) -> Rows:
    """A ledger of so many attempts, in a database of its own on this server."""
    server = await asyncpg.connect(postgres.url)
    await server.execute("CREATE DATABASE capacity")
    await server.close()
    url = postgres.database_url("capacity")
    await asyncio.to_thread(migrate, url)
    async with connect(url, 1) as pool:
        books = Books(pool, url, attempts, (*GENERATE, *BESIDE))
        await books.fill()
        sizes = {name: await pool.fetchval(_SIZE, name) for name in (*OF_ACCOUNT, *OF_CONTACT)}
    accounts = books.customers
    return Rows(
        attempts=accounts * EACH,
        account={name: sizes[name] / accounts for name in OF_ACCOUNT},
        contact={name: sizes[name] / (accounts * EACH) for name in OF_CONTACT},
    )
