"""Settlement offers, and accounts that end by one.

What an offer may be is held here too: within the authority under which it stands, approved by
another person than who made it, one that stands for each account.

Only adds: workers that know nothing of it go on working beside it. They go on contacting an account
whose settlement is accepted: offer settlements only once every worker is of this version.
"""

from alembic import op

revision = "0034"
down_revision = "0033"

MOVES = (
    """
    INSERT INTO state_moves (machine, old, new) VALUES
        ('account', 'open', 'settled'), ('account', 'settled', 'open'), ('account', '', 'settled'),
        ('offer', '', 'proposed'), ('offer', '', 'offered'),
        ('offer', 'proposed', 'offered'), ('offer', 'proposed', 'declined'),
        ('offer', 'proposed', 'withdrawn'), ('offer', 'proposed', 'replaced'),
        ('offer', 'proposed', 'lapsed'),
        ('offer', 'offered', 'accepted'), ('offer', 'offered', 'withdrawn'),
        ('offer', 'offered', 'replaced'), ('offer', 'offered', 'lapsed'),
        ('offer', 'accepted', 'paid'), ('offer', 'accepted', 'unpaid'),
        ('offer', 'accepted', 'withdrawn'), ('offer', 'accepted', 'replaced'),
        ('offer', 'accepted', 'lapsed'),
        -- Carried over from an earlier number of the debt, as it stood there.
        ('offer', '', 'accepted'), ('offer', '', 'paid'), ('offer', '', 'unpaid'),
        ('offer', '', 'lapsed'), ('offer', '', 'declined'), ('offer', '', 'withdrawn'),
        ('offer', '', 'replaced')
    """,
)

OFFERS = (
    """
    CREATE TABLE settlement_offers (
        creditor text NOT NULL,
        account_id text NOT NULL,
        offer_id text NOT NULL,
        balance numeric(18, 2) NOT NULL,
        amount numeric(18, 2) NOT NULL CHECK (amount > 0 AND amount < balance),
        offered_at timestamptz NOT NULL,
        offered_by text NOT NULL,
        offered_as text NOT NULL,
        authorized numeric(5, 2),
        approved_by text,
        approved_as text,
        approved_at timestamptz,
        expires_on date NOT NULL,
        pay_within_days integer NOT NULL CHECK (pay_within_days >= 0),
        grace_days integer NOT NULL CHECK (grace_days >= 0),
        accepted_at timestamptz,
        accepted_how text,
        due_on date,
        state text NOT NULL,
        ended_at timestamptz,
        ended_why text,
        PRIMARY KEY (creditor, account_id, offer_id),
        CONSTRAINT settlement_offers_authority CHECK (
            (state NOT IN ('offered', 'accepted', 'paid', 'unpaid') AND accepted_at IS NULL)
            OR ((balance - amount) * 100 <= balance * authorized) IS TRUE),
        CONSTRAINT settlement_offers_two_people CHECK (lower(approved_by) <> lower(offered_by)),
        CHECK ((approved_by IS NULL) = (approved_as IS NULL)
            AND (approved_by IS NULL) = (approved_at IS NULL)),
        CHECK ((accepted_at IS NULL) = (due_on IS NULL)
            AND (accepted_at IS NULL) = (accepted_how IS NULL)),
        CHECK (state NOT IN ('accepted', 'paid', 'unpaid') OR accepted_at IS NOT NULL),
        CHECK ((state IN ('proposed', 'offered', 'accepted')) = (ended_at IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX settlement_offers_standing ON settlement_offers (creditor, account_id) "
    "WHERE state IN ('proposed', 'offered', 'accepted')",
    "COMMENT ON TABLE settlement_offers IS 'less than the balance that ends the debt if it is paid "
    "in one sum; one that stands for each account, under the terms and the authority of its day'",
    "COMMENT ON COLUMN settlement_offers.authorized IS 'the largest discount, in percent of the "
    "balance, of who offered it or of who approved it; null: nobody''s yet'",
    "COMMENT ON COLUMN settlement_offers.due_on IS 'the last day on which it is paid in time; what "
    "is paid of it follows from payments since accepted_at'",
    "CREATE TRIGGER moves BEFORE INSERT OR UPDATE OF state ON settlement_offers "
    "FOR EACH ROW EXECUTE FUNCTION hold_to_moves('offer')",
    "CREATE TRIGGER bump AFTER INSERT ON settlement_offers "
    "FOR EACH ROW EXECUTE FUNCTION bump_by_account()",
    # A word that was reserved is of an offer that is no more, or asks for the whole of a debt that
    # is settled. What is paid, unpaid or lapsed raises nothing: a payment did, or time.
    "CREATE TRIGGER bump_changed AFTER UPDATE OF state ON settlement_offers FOR EACH ROW "
    "WHEN (OLD.state <> NEW.state AND NEW.state NOT IN ('paid', 'unpaid', 'lapsed')) "
    "EXECUTE FUNCTION bump_by_account()",
)


def upgrade() -> None:
    for statement in (*MOVES, *OFFERS):
        op.execute(statement)
