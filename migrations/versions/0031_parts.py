"""Promises of several dates, and what fell due when, by which part payments move days past due.

Only adds: workers that know nothing of it go on working beside it, and refuse what they cannot
read; of a promise of several dates they see its last date and all of its amount. Record such, and
tell what fell due, only once every worker is of this version.
"""

from alembic import op

revision = "0031"
down_revision = "0029"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE promises ADD COLUMN parts jsonb",
    # Nothing that was there has any: it is not read for this.
    "ALTER TABLE promises ADD CONSTRAINT promises_parts_check "
    "CHECK (jsonb_array_length(parts) > 1) NOT VALID",
    "COMMENT ON COLUMN promises.parts IS 'due_on and amount of each, by date, where there are "
    "several; what is paid of them follows from payments since made_at, the oldest first'",
    "ALTER TABLE promises ADD COLUMN recorded_by text",
    "COMMENT ON COLUMN promises.recorded_by IS 'the person who recorded it, where one did by the "
    "command'",
    "ALTER TABLE manual_contacts ADD COLUMN promised_parts jsonb",
    "COMMENT ON COLUMN manual_contacts.promised_parts IS 'due_on and amount of each, where several "
    "dates were promised: promised_amount is all of it, promised_for the last date'",
    """
    CREATE TABLE due_schedules (
        creditor text NOT NULL,
        account_id text NOT NULL,
        as_of timestamptz NOT NULL,
        instalments jsonb NOT NULL CHECK (jsonb_array_length(instalments) > 0),
        PRIMARY KEY (creditor, account_id)
    )
    """,
    "COMMENT ON TABLE due_schedules IS 'what fell due when and was unpaid, as it was last told; "
    "since when days past due count follows from it and the payments since as_of'",
    "CREATE TRIGGER bump AFTER INSERT OR UPDATE ON due_schedules "
    "FOR EACH ROW EXECUTE FUNCTION bump_by_account()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
