"""What is read to reserve one contact does not grow with what was contacted before."""

import asyncpg

from lab.bench.ledger import EACH, GENERATE, Books
from store.database import Pool

CUSTOMERS = 1_000


async def test_a_reservation_reads_as_much_of_a_ledger_that_has_doubled(
    pool: Pool, database_url: str
) -> None:
    books = Books(pool, database_url, CUSTOMERS * EACH)
    await books.fill()
    before = await books.pages()
    # Written as reservations are, beside the indexes, and no vacuum has come by since.
    connection = await asyncpg.connect(database_url)
    await connection.execute("SET session_replication_role = replica")
    for statement in GENERATE:
        await connection.execute(statement, CUSTOMERS + 1, 2 * CUSTOMERS)
    await connection.close()

    assert await books.pages() < 1.5 * before
    assert before < 100
