"""All open accounts as they stand, for who tries what would come of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from domain.channels import Channel
from domain.situation import Situation
from store.database import Connection
from store.situations import read_situation

OPEN: Final = """
SELECT creditor, account_id FROM accounts WHERE status = 'open'
ORDER BY customer_id, creditor, account_id
"""


async def open_situations(
    connection: Connection, now: datetime, served: Mapping[Channel, Sequence[str]]
) -> AsyncIterator[Situation]:
    """The situation of each, a customer's one after the other; those without a customer left away.

    Within a transaction, so that all are of one moment.
    """
    for row in await connection.fetch(OPEN):
        read = await read_situation(connection, row["creditor"], row["account_id"], now, served)
        if read is not None:
            yield read[0]
