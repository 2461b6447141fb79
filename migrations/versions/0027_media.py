"""Files by reference: those that customers send, and those that go with our messages.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0027"
down_revision = "0026"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE inbound ADD COLUMN media jsonb",
    "COMMENT ON COLUMN inbound.media IS 'files that came with the message, in order: url (where "
    "the provider keeps it) and type; nothing of them is fetched'",
    """
    CREATE TABLE documents (
        document_id text PRIMARY KEY,
        creditor text NOT NULL,
        account_id text,
        customer_id text NOT NULL REFERENCES customers,
        kind text NOT NULL,
        url text,
        file text,
        media_type text NOT NULL,
        name text NOT NULL,
        bytes bigint NOT NULL CHECK (bytes > 0),
        sha256 text NOT NULL,
        valid_from timestamptz,
        valid_until timestamptz,
        recorded_at timestamptz NOT NULL,
        withdrawn_at timestamptz,
        CHECK ((url IS NULL) <> (file IS NULL))
    )
    """,
    "CREATE INDEX documents_by_customer ON documents (customer_id, creditor)",
    "COMMENT ON TABLE documents IS 'files that may go with messages, by reference: where they are, "
    "never what is in them'",
    "COMMENT ON COLUMN documents.document_id IS 'of the choosing of whoever lists it'",
    "COMMENT ON COLUMN documents.account_id IS 'null: it is about all that the customer owes the "
    "creditor'",
    "COMMENT ON COLUMN documents.customer_id IS 'for whom it was listed: it goes to nobody else'",
    "COMMENT ON COLUMN documents.url IS 'below CONTRAPUNTO_DOCUMENTS_URL; or'",
    "COMMENT ON COLUMN documents.file IS 'within CONTRAPUNTO_DOCUMENTS_FOLDER'",
    "COMMENT ON COLUMN documents.sha256 IS 'what is sent must have it'",
    # No reference to attempts: the row of one is written where no other table is waited for.
    """
    CREATE TABLE attached (
        attempt_id text NOT NULL,
        place integer NOT NULL,
        kind text NOT NULL,
        document_id text,
        media_type text,
        bytes bigint,
        sha256 text,
        left_away text,
        PRIMARY KEY (attempt_id, place)
    )
    """,
    "COMMENT ON TABLE attached IS 'files that a strategy wanted with an attempt, written before "
    "it was dispatched: what went along, and what did not'",
    "COMMENT ON COLUMN attached.document_id IS 'null: it was made for this message, or there is "
    "none'",
    "COMMENT ON COLUMN attached.left_away IS 'why it did not go along; null: it did'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
