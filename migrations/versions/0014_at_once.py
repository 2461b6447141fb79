"""What is found at once: what an attempt is about, who a consent concerns, who may have written.

PostgreSQL keeps new entries of such an index in a list and reads that whole list at every question,
up to four megabytes of it: each reservation read all that had been reserved since the last vacuum.

What was written from an address that several have is found by the address.

A consent that a file lists concerns one customer; who else might be concerned is not asked.

Only adds: nothing changes for workers that run.
"""

from alembic import op

revision = "0014"
down_revision = "0013"

INDEX = (
    "DROP INDEX CONCURRENTLY IF EXISTS inbound_of_many",
    "CREATE INDEX CONCURRENTLY inbound_of_many ON inbound (address_key(channel, address), at) "
    "WHERE customer_id IS NULL",
)

STATEMENTS = (
    "ALTER INDEX attempts_by_covers SET (fastupdate = off)",
    "SELECT gin_clean_pending_list('attempts_by_covers')",
    # Of 0013, whose way a fact that no file lists still goes.
    """
    CREATE FUNCTION bump_by_consent() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE customers SET facts = facts + 1 WHERE customer_id = NEW.customer_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER bump_by_file AFTER INSERT ON law_events FOR EACH ROW
        WHEN (NEW.event_id LIKE 'intake:%') EXECUTE FUNCTION bump_by_consent()
    """,
    "DROP TRIGGER bump ON law_events",
    """
    CREATE TRIGGER bump AFTER INSERT ON law_events FOR EACH ROW
        WHEN (NEW.event_id NOT LIKE 'intake:%') EXECUTE FUNCTION bump_by_fact()
    """,
)


def upgrade() -> None:
    # Built beside running workers and gateways, as in 0009.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for statement in INDEX:
            op.execute(statement)
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
    for statement in STATEMENTS:
        op.execute(statement)
