"""Disputes and hardships of accounts, and customers whom nobody but persons may contact.

Each move between states that is not in `state_moves` is refused, whoever writes it.

Only adds: workers that know nothing of it go on working beside it. They go on contacting an account
in hardship and a customer who is for persons alone, read no `disputed` of a step, and cannot plan
with a dispute that is withdrawn: use all of it only once every worker is of this version.
"""

from alembic import op

revision = "0033"
down_revision = "0032"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
MOVES = (
    """
    INSERT INTO state_moves (machine, old, new) VALUES
        ('dispute', '', 'open'), ('dispute', 'open', 'resolved_for'),
        ('dispute', 'open', 'resolved_against'), ('dispute', 'open', 'withdrawn'),
        ('dispute', 'resolved_for', 'corrected'),
        ('hardship', '', 'active'), ('hardship', 'active', 'ended'),
        -- Carried over from an earlier number of the debt, as it stood there.
        ('dispute', '', 'resolved_for'), ('dispute', '', 'resolved_against'),
        ('dispute', '', 'withdrawn'), ('dispute', '', 'corrected'), ('hardship', '', 'ended')
    """,
)

DISPUTES = (
    """
    CREATE TABLE disputes (
        creditor text NOT NULL,
        account_id text NOT NULL,
        dispute_id text NOT NULL,
        reason text NOT NULL,
        documents text[] NOT NULL DEFAULT '{}',
        note text,
        opened_at timestamptz NOT NULL,
        answer_due date NOT NULL,
        asked boolean NOT NULL DEFAULT false,
        state text NOT NULL DEFAULT 'open',
        resolved_at timestamptz,
        resolved_why text,
        corrected_at timestamptz,
        PRIMARY KEY (creditor, account_id, dispute_id),
        CHECK ((state = 'open') = (resolved_at IS NULL)),
        CHECK ((state = 'corrected') = (corrected_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX disputes_standing ON disputes (creditor, account_id) "
    "WHERE state IN ('open', 'resolved_for')",
    "COMMENT ON TABLE disputes IS 'what customers say is wrong with a debt, and how it was "
    "resolved; one that is open, or resolved for the customer, stands for each account'",
    "COMMENT ON COLUMN disputes.documents IS 'what they sent, by reference'",
    "COMMENT ON COLUMN disputes.answer_due IS 'the last day, on the customer''s calendar, on which "
    "it is answered in time'",
    "COMMENT ON COLUMN disputes.asked IS 'a person was asked because that day was over'",
    "CREATE TRIGGER moves BEFORE INSERT OR UPDATE OF state ON disputes "
    "FOR EACH ROW EXECUTE FUNCTION hold_to_moves('dispute')",
    "CREATE TRIGGER bump AFTER INSERT ON disputes FOR EACH ROW EXECUTE FUNCTION bump_by_account()",
)

HARDSHIPS = (
    """
    CREATE TABLE hardships (
        creditor text NOT NULL,
        account_id text NOT NULL,
        hardship_id text NOT NULL,
        reason text NOT NULL,
        began_at timestamptz NOT NULL,
        review_date date NOT NULL,
        review_asked boolean NOT NULL DEFAULT false,
        person_asked boolean NOT NULL DEFAULT false,
        state text NOT NULL DEFAULT 'active',
        ended_at timestamptz,
        ended_why text,
        PRIMARY KEY (creditor, account_id, hardship_id),
        CHECK ((state = 'active') = (ended_at IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX hardships_active ON hardships (creditor, account_id) "
    "WHERE state = 'active'",
    "COMMENT ON TABLE hardships IS 'accounts whose customers cannot pay as agreed; one active for "
    "each account'",
    "COMMENT ON COLUMN hardships.review_date IS 'the day, on the customer''s calendar, on which a "
    "person looks again'",
    "COMMENT ON COLUMN hardships.review_asked IS 'a person was asked to'",
    "COMMENT ON COLUMN hardships.person_asked IS 'a person was asked to speak with the customer "
    "before anything else is said'",
    "CREATE TRIGGER moves BEFORE INSERT OR UPDATE OF state ON hardships "
    "FOR EACH ROW EXECUTE FUNCTION hold_to_moves('hardship')",
    # A touch that was reserved may be too much.
    "CREATE TRIGGER bump AFTER INSERT ON hardships FOR EACH ROW EXECUTE FUNCTION bump_by_account()",
)

PERSONS_ONLY = (
    """
    CREATE TABLE persons_only (
        customer_id text NOT NULL REFERENCES customers,
        since timestamptz NOT NULL,
        told_by text NOT NULL,
        asked_at timestamptz,
        ended_at timestamptz,
        ended_by text,
        PRIMARY KEY (customer_id, since),
        CHECK ((ended_at IS NULL) = (ended_by IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX persons_only_now ON persons_only (customer_id) WHERE ended_at IS NULL",
    "COMMENT ON TABLE persons_only IS 'vulnerable customers: nobody but persons contacts them. It "
    "never leaves this database for Temporal'",
    "COMMENT ON COLUMN persons_only.asked_at IS 'when a person was last asked to, in the place of "
    "a touch'",
    "CREATE TRIGGER bump AFTER INSERT ON persons_only FOR EACH ROW "
    "EXECUTE FUNCTION bump_by_preference()",
)


def upgrade() -> None:
    for statement in (*MOVES, *DISPUTES, *HARDSHIPS, *PERSONS_ONLY):
        op.execute(statement)
