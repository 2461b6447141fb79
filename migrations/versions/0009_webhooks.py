"""Webhooks: pending events are found by an index, and what cannot be stored yet is kept."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # Built beside running gateways: the plain statement would hold up every callback while it
    # reads a table of millions. It is no part of a transaction, so one that was broken off leaves
    # an invalid index behind, which goes first; and it waits for all older transactions, which
    # lock_timeout must not cut short.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS provider_events_pending")
        op.execute(
            "CREATE INDEX CONCURRENTLY provider_events_pending ON provider_events (at) "
            "WHERE NOT told"
        )
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
    op.execute(
        """
        CREATE TABLE webhook_backlog (
            provider text NOT NULL,
            event_id text NOT NULL,
            kind text NOT NULL,
            body jsonb NOT NULL,
            at timestamptz NOT NULL,
            why text NOT NULL,
            kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            done_at timestamptz,
            PRIMARY KEY (provider, event_id)
        )
        """
    )
    op.execute(
        "COMMENT ON TABLE webhook_backlog IS 'what a webhook brought and could not be stored; "
        "report and message are taken in again by the gateway, unread waits for a person'"
    )
    op.execute(
        "CREATE INDEX webhook_backlog_waiting ON webhook_backlog (kept_at) WHERE done_at IS NULL"
    )
