"""Ids that another system spells otherwise: in another case, without zeros or marks.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

INDEXES = {
    "accounts_by_plain_id": "accounts (creditor, ltrim(lower(account_id), '0'))",
    "customers_by_plain_id": "customers (ltrim(lower(customer_id), '0'))",
    "customers_by_spelling": "customers (ltrim(translate(lower(customer_id), "
    + r"""E' \t-_.,''"', ''), '0'))""",
}
"""As ``store/intake/findings.py`` and ``store/law_events.py`` ask."""


def upgrade() -> None:
    # Built beside running workers and gateways, as in 0009.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for name, of in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {of}")
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
