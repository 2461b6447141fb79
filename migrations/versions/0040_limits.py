"""An account's score, and what is taken of the operation's capacity for a day.

Only adds: workers that know nothing of it go on working beside it, read no score and take nothing.
"""

from alembic import op

revision = "0040"
down_revision = "0039"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN score numeric, ADD COLUMN score_as_of timestamptz",
    "COMMENT ON COLUMN accounts.score IS 'what a model says of the account, on the scale of the "
    "operator; null: unknown'",
    "COMMENT ON COLUMN accounts.score_as_of IS 'the instant that score was true at: an older one "
    "changes nothing'",
    # A day is counted in several rows, each with its part of the number, so that reservations of
    # one channel do not wait for each other's transactions.
    """
    CREATE TABLE capacity_counts (
        zone text NOT NULL, channel text NOT NULL, day date NOT NULL, part smallint NOT NULL,
        taken integer NOT NULL DEFAULT 0 CHECK (taken >= 0),
        PRIMARY KEY (zone, channel, day, part)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE capacity_counts IS 'how many contacts by a channel are reserved in a day of "
    "the operation, in parts that add up to it; only where a strategy names a capacity'",
    "CREATE TABLE capacity_taken (attempt_id text PRIMARY KEY, zone text NOT NULL, "
    "channel text NOT NULL, day date NOT NULL, part smallint NOT NULL)",
    "COMMENT ON TABLE capacity_taken IS 'which attempt has taken of which part of a day; gone once "
    "it was given back, or certainly refused'",
    """
    CREATE FUNCTION give_back_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        WITH given AS (
            DELETE FROM capacity_taken t WHERE t.attempt_id = NEW.attempt_id RETURNING t.*)
        UPDATE capacity_counts c SET taken = c.taken - 1 FROM given
        WHERE (c.zone, c.channel, c.day, c.part)
            = (given.zone, given.channel, given.day, given.part);
        RETURN NULL;
    END $$
    """,
    "COMMENT ON FUNCTION give_back_capacity IS 'what was never made leaves its place to another'",
    """
    CREATE TRIGGER give_back_capacity AFTER UPDATE OF state ON attempts FOR EACH ROW
    WHEN (NEW.state IN ('released', 'refused') AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION give_back_capacity()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
