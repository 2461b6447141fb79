"""Who was erased, and the addresses that nobody may be contacted at because of it.

Of an address only a digest stays. Where it comes again, with another customer or the same one, it
comes with a stop, which a trigger writes; while nobody was erased the trigger does nothing.

Only adds, but for the guard of what people wrote: it no longer looks at updates that leave an
attempt and a refusal as they are, which erasing words does.
"""

from alembic import op

revision = "0047"
down_revision = "0046"

STATEMENTS = (
    """
    CREATE TABLE erasures (
        customer_id text PRIMARY KEY,
        erased_at timestamptz NOT NULL,
        erased_by text NOT NULL,
        reason text NOT NULL,
        told jsonb NOT NULL
    )
    """,
    "COMMENT ON TABLE erasures IS 'a person of whom all was erased that need not be kept; a file "
    "or an API that brings them again is refused'",
    "COMMENT ON COLUMN erasures.told IS 'what was deleted, emptied and kept, by table, and why'",
    """
    CREATE TABLE erased_addresses (
        digest text PRIMARY KEY,
        erased_at timestamptz NOT NULL
    )
    """,
    "COMMENT ON TABLE erased_addresses IS 'addresses of erased people that nobody else had, as "
    "digests: where one comes again it comes with a stop'",
    """
    CREATE TABLE erasure_salt (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        salt text NOT NULL
    )
    """,
    """
    CREATE FUNCTION erased_digest(key text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT encode(sha256(convert_to(s.salt || key, 'UTF8')), 'hex') FROM erasure_salt s
    $$
    """,
    """
    CREATE FUNCTION stop_at_erased_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM erased_addresses) THEN
            RETURN NULL;
        END IF;
        INSERT INTO law_events (event_id, customer_id, kind, at, channel, address_key, recorded_at,
            recorded_by)
        SELECT DISTINCT ON (e.digest) 'erased-address:' || e.digest, NULL, 'opt_out', e.erased_at,
            NULL, n.address_key, e.erased_at, 'erasure'
        FROM added n JOIN erased_addresses e ON e.digest = erased_digest(n.address_key)
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER stop_at_erased AFTER INSERT ON contact_points REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION stop_at_erased_addresses()
    """,
    "DROP TRIGGER once ON person_messages",
    """
    CREATE TRIGGER once BEFORE UPDATE ON person_messages FOR EACH ROW
        WHEN (OLD.attempt_id IS DISTINCT FROM NEW.attempt_id
            OR OLD.refused_at IS DISTINCT FROM NEW.refused_at)
        EXECUTE FUNCTION person_messages_guard()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
