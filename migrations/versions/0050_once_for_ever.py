"""What was moved into the history is never added again, whoever adds it; and nothing holds it back.

Four foreign keys go, which would hold a row where it is: what belongs to an attempt or a message
that has moved is still found by its id.

Each statement here locks tables of which every contact needs some. So each is a transaction of its
own, waits half a second for its locks, gives way, and comes again. Workers, gateways and commands
of the version before go on beside it: what they say to the database is answered as before.
"""

import time
from typing import Final

from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0050"
down_revision = "0049"

# Each may be run again: whoever was broken off half-way begins anew.
_IN_TURN: Final = (
    "CREATE OR REPLACE TRIGGER once AFTER INSERT ON attempts FOR EACH ROW "
    "EXECUTE FUNCTION attempts_once()",
    *(
        f"CREATE OR REPLACE TRIGGER once_{when} {when} INSERT ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION {function}()"
        for table, function in (("provider_events", "events_once"), ("messages", "messages_once"))
        for when in ("before", "after")
    ),
    *(
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_{columns}_fkey"
        for table, columns in (
            ("settlements", "attempt_id"),
            ("person_messages", "attempt_id"),
            ("readings", "provider_inbound_id"),
            ("reading_corrections", "provider_inbound_id"),
        )
    ),
)

_TRIES: Final = 60


def _in_turn(statement: str) -> None:
    """Once all others are out of the way; who comes meanwhile waits half a second at most."""
    for left in reversed(range(_TRIES)):
        try:
            op.execute(statement)
        except DBAPIError as error:
            if left == 0 or getattr(error.orig, "sqlstate", None) != "55P03":  # lock_not_available
                raise
            time.sleep(0.25)
        else:
            return


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '500ms'")
        for statement in _IN_TURN:
            _in_turn(statement)
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
