"""How the last sends of each provider went, shared by all workers."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    CREATE TABLE provider_health (
        channel text NOT NULL,
        provider text NOT NULL,
        at timestamptz NOT NULL,
        sign text NOT NULL CHECK (sign IN ('failed', 'worked', 'probe')),
        attempt_id text NOT NULL,
        due timestamptz,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (attempt_id, sign),
        UNIQUE (channel, provider, due),
        CHECK ((sign = 'probe') = (due IS NOT NULL))
    )
    """,
    "COMMENT ON TABLE provider_health IS 'what sends said of their provider; empty while all is "
    "well: a success is written only after a failure'",
    "COMMENT ON COLUMN provider_health.at IS 'on the clock of the account, as all of the ledger'",
    "COMMENT ON COLUMN provider_health.due IS 'of a probe: the instant from which the circuit "
    "allowed one; unique, so that one send probes and no more'",
    "CREATE INDEX provider_health_latest ON provider_health (channel, provider, at DESC)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
