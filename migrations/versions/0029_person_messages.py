"""What people write to customers, to be sent by the door that all messages go through.

Only adds: workers that know nothing of it go on working beside it, but send no person's message.
"""

from alembic import op

revision = "0029"
down_revision = "0028"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE person_messages (
        message_id text PRIMARY KEY,
        customer_id text NOT NULL REFERENCES customers,
        creditor text NOT NULL,
        account_id text NOT NULL,
        channel text NOT NULL,
        contact_point_id text NOT NULL,
        template text,
        subject text,
        words text,
        by_whom text NOT NULL,
        at timestamptz NOT NULL,
        attempt_id text UNIQUE REFERENCES attempts,
        refused_at timestamptz,
        why text,
        rule text,
        cite text,
        next_allowed_at timestamptz,
        CHECK ((template IS NULL) = (words IS NOT NULL)),
        CHECK ((refused_at IS NULL) = (why IS NULL))
    )
    """,
    "CREATE INDEX person_messages_by_account ON person_messages (creditor, account_id, at)",
    "CREATE INDEX person_messages_by_customer ON person_messages (customer_id, at)",
    "COMMENT ON TABLE person_messages IS 'what people wrote to customers; what became of it is its "
    "attempt''s, or why it was refused'",
    "COMMENT ON COLUMN person_messages.message_id IS 'of the choosing of whoever writes: told "
    "again, nothing is sent twice'",
    "COMMENT ON COLUMN person_messages.words IS 'personal: leaves this database to the provider "
    "alone'",
    "COMMENT ON COLUMN person_messages.template IS 'what is said in the operator''s words, in the "
    "place of the person''s own'",
    "COMMENT ON COLUMN person_messages.attempt_id IS 'the attempt by which it goes out; another "
    "only where that was released, before anything was sent'",
    # Never twice, whatever a statement asks for.
    """
    CREATE FUNCTION person_messages_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.refused_at IS NOT NULL OR (OLD.attempt_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM attempts WHERE attempt_id = OLD.attempt_id AND state = 'released'
        )) THEN
            RAISE EXCEPTION 'person''s message %: it is refused, or has an attempt', OLD.message_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'person_messages_once';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER once BEFORE UPDATE ON person_messages FOR EACH ROW
        EXECUTE FUNCTION person_messages_guard()
    """,
    # What the machine had reserved before a person wrote is not sent over their words.
    """
    CREATE FUNCTION bump_by_person_message() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM raise_facts(persons(ARRAY[NEW.customer_id]));
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER bump AFTER INSERT ON person_messages FOR EACH ROW "
    "EXECUTE FUNCTION bump_by_person_message()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
