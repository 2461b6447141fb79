"""What upstream systems put over the API: their idempotency keys, and how a consent is proved.

Only adds: workers and gateways that know nothing of it go on beside it.
"""

from alembic import op

revision = "0043"
down_revision = "0042"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE request_keys (
        sender text NOT NULL,
        key text NOT NULL,
        request text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        status integer,
        headers jsonb,
        answer text,
        PRIMARY KEY (sender, key)
    )
    """,
    "CREATE INDEX request_keys_at ON request_keys (at)",
    "COMMENT ON TABLE request_keys IS 'an Idempotency-Key of a sender, what was asked under it and "
    "what was answered'",
    "COMMENT ON COLUMN request_keys.request IS 'digest of method, address, conditions and body'",
    "COMMENT ON COLUMN request_keys.status IS 'of the answer; null while the request is under way'",
    """
    CREATE TABLE consent_proofs (
        event_id text PRIMARY KEY,
        customer_id text NOT NULL,
        channel text,
        source text NOT NULL,
        proof text NOT NULL,
        given_at timestamptz NOT NULL,
        told_by text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX consent_proofs_customer ON consent_proofs (customer_id)",
    "COMMENT ON TABLE consent_proofs IS 'where a consent was given, when, and what proves it; by "
    "the id of its event'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
