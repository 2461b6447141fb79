"""Payment plans, and the states that things may go through.

Each move between states that is not in `state_moves` is refused, whoever writes it.

Only adds: workers that know nothing of it go on working beside it. They go on contacting an account
with a payment plan: agree plans only once every worker is of this version.
"""

from alembic import op

revision = "0024"
down_revision = "0023"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
MOVES = (
    """
    CREATE TABLE state_moves (
        machine text NOT NULL,
        old text NOT NULL,
        new text NOT NULL,
        PRIMARY KEY (machine, old, new)
    )
    """,
    "COMMENT ON TABLE state_moves IS 'how things may go from state to state; all else is refused. "
    "An empty old state: as what a thing may begin'",
    """
    INSERT INTO state_moves (machine, old, new) VALUES
        ('promise', '', 'open'),
        ('promise', 'open', 'kept'), ('promise', 'open', 'broken'), ('promise', 'open', 'replaced'),
        ('plan', '', 'active'),
        ('plan', 'active', 'kept'), ('plan', 'active', 'broken'), ('plan', 'active', 'cancelled'),
        -- Carried over from an earlier number of the debt, as it stood there.
        ('promise', '', 'kept'), ('promise', '', 'broken'), ('promise', '', 'replaced'),
        ('plan', '', 'kept'), ('plan', '', 'broken'), ('plan', '', 'cancelled')
    """,
    """
    CREATE FUNCTION hold_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        before text = CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END;
    BEGIN
        IF before <> NEW.state AND NOT EXISTS (
            SELECT FROM state_moves m
            WHERE m.machine = TG_ARGV[0] AND m.old = before AND m.new = NEW.state
        ) THEN
            RAISE EXCEPTION 'a % cannot go from % to %', TG_ARGV[0],
                CASE before WHEN '' THEN 'nothing' ELSE before END, NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'state_moves';
        END IF;
        RETURN NEW;
    END $$
    """,
    "COMMENT ON FUNCTION hold_to_moves IS 'refuses a state that does not follow the one before in "
    "state_moves; its argument is the machine'",
)

PLANS = (
    """
    CREATE TABLE payment_plans (
        creditor text NOT NULL,
        account_id text NOT NULL,
        plan_id text NOT NULL,
        instalments jsonb NOT NULL CHECK (jsonb_array_length(instalments) > 0),
        grace_days integer NOT NULL CHECK (grace_days >= 0),
        broken_after integer NOT NULL CHECK (broken_after > 0),
        reaged_after integer CHECK (reaged_after >= 0),
        agreed_at timestamptz NOT NULL,
        state text NOT NULL DEFAULT 'active',
        ended_at timestamptz,
        ended_why text,
        PRIMARY KEY (creditor, account_id, plan_id),
        CHECK ((state = 'active') = (ended_at IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX payment_plans_active ON payment_plans (creditor, account_id) "
    "WHERE state = 'active'",
    "COMMENT ON TABLE payment_plans IS 'what was agreed to be paid in parts, under the terms of "
    "that day; one active plan for each account'",
    "COMMENT ON COLUMN payment_plans.instalments IS 'due_on and amount of each, by date; what is "
    "paid of them follows from payments since agreed_at, the oldest first'",
    "COMMENT ON COLUMN payment_plans.broken_after IS 'how many instalments have to be missed "
    "and unpaid at a time; or the last one'",
    "COMMENT ON COLUMN payment_plans.reaged_after IS 'after how many paid instalments days past "
    "due count from the next unpaid one; null: never'",
    "CREATE TRIGGER moves BEFORE INSERT OR UPDATE OF state ON payment_plans "
    "FOR EACH ROW EXECUTE FUNCTION hold_to_moves('plan')",
    "CREATE TRIGGER bump AFTER INSERT ON payment_plans "
    "FOR EACH ROW EXECUTE FUNCTION bump_by_account()",
    # A reminder that was reserved is of a plan that is no more. What is kept or broken raises
    # nothing: the payment did, and the rest only gives freedom back.
    "CREATE TRIGGER bump_cancelled AFTER UPDATE OF state ON payment_plans FOR EACH ROW "
    "WHEN (OLD.state <> NEW.state AND NEW.state = 'cancelled') "
    "EXECUTE FUNCTION bump_by_account()",
)

# What was written before has kept the narrower rule: it is not read for this.
PROMISES = (
    "ALTER TABLE promises DROP CONSTRAINT promises_state_check",
    "ALTER TABLE promises ADD CONSTRAINT promises_state_check "
    "CHECK (state IN ('open', 'kept', 'broken', 'replaced')) NOT VALID",
    "CREATE TRIGGER moves BEFORE INSERT OR UPDATE OF state ON promises "
    "FOR EACH ROW EXECUTE FUNCTION hold_to_moves('promise')",
)


def upgrade() -> None:
    for statement in (*MOVES, *PLANS, *PROMISES):
        op.execute(statement)
