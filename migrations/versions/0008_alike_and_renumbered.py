"""Ids that differ only by zeros a spreadsheet drops, and accounts under a new id.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "CREATE INDEX accounts_by_bare_id ON accounts (creditor, ltrim(account_id, '0'))",
    "CREATE INDEX customers_by_bare_id ON customers (ltrim(customer_id, '0'))",
    # A constant default is kept in the catalogue: no row is rewritten, whatever the table's size.
    "ALTER TABLE accounts ADD COLUMN formerly text[] NOT NULL DEFAULT '{}'",
    "COMMENT ON COLUMN accounts.formerly IS 'earlier ids of this debt at the same creditor: what "
    "was said of it under those, was said of this account'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
