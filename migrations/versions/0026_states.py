"""Accounts and work items are held to the moves between their states, as promises and plans are.

Where what decides does not change, nothing is looked up: the planning of an account costs what it
did.

Only adds: workers that know nothing of it go on working beside it, but for one case: whoever plans
a closed account whose customer is not known wrote another end over its first. That is refused.
"""

from alembic import op

revision = "0026"
down_revision = "0025"

MOVES = (
    """
    INSERT INTO state_moves (machine, old, new) VALUES
        ('account', '', 'open'), ('account', '', 'cured'), ('account', '', 'closed'),
        ('account', '', 'recalled'), ('account', '', 'handed_off'),
        ('account', 'open', 'cured'), ('account', 'open', 'closed'),
        ('account', 'open', 'recalled'), ('account', 'open', 'handed_off'),
        ('account', 'cured', 'open'), ('account', 'closed', 'open'),
        ('account', 'recalled', 'open'), ('account', 'handed_off', 'open'),
        ('work', '', 'open'), ('work', 'open', 'claimed'), ('work', 'claimed', 'open'),
        ('work', 'open', 'done'), ('work', 'claimed', 'done')
    """,
    """
    CREATE FUNCTION refuse_other_moves(machine_ text, before text, after text) RETURNS void
    LANGUAGE plpgsql STABLE AS $$
    BEGIN
        IF before <> after AND NOT EXISTS (SELECT FROM state_moves m
                WHERE m.machine = machine_ AND m.old = before AND m.new = after) THEN
            RAISE EXCEPTION 'a % cannot go from % to %', machine_,
                CASE before WHEN '' THEN 'nothing' ELSE before END, after
                USING ERRCODE = 'check_violation', CONSTRAINT = 'state_moves';
        END IF;
    END $$
    """,
    "COMMENT ON FUNCTION refuse_other_moves IS 'raises check_violation for what is not in "
    "state_moves'",
)

ACCOUNTS = (
    """
    CREATE FUNCTION hold_account() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM refuse_other_moves('account',
            CASE WHEN TG_OP = 'INSERT' THEN '' WHEN OLD.status = 'open' THEN 'open'
                ELSE coalesce(OLD.close_reason, 'closed') END,
            CASE NEW.status WHEN 'open' THEN 'open' ELSE coalesce(NEW.close_reason, 'closed') END);
        RETURN NEW;
    END $$
    """,
    # Files bring thousands that are open.
    "CREATE TRIGGER moves_begin BEFORE INSERT ON accounts FOR EACH ROW "
    "WHEN (NEW.status <> 'open') EXECUTE FUNCTION hold_account()",
    # A number that gets a debt from under another stands as that stood.
    """
    CREATE TRIGGER moves BEFORE UPDATE OF status, close_reason ON accounts FOR EACH ROW
        WHEN ((OLD.status, OLD.close_reason) IS DISTINCT FROM (NEW.status, NEW.close_reason)
            AND OLD.formerly IS NOT DISTINCT FROM NEW.formerly)
        EXECUTE FUNCTION hold_account()
    """,
)

WORK = (
    """
    CREATE FUNCTION hold_work() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM refuse_other_moves('work',
            CASE WHEN TG_OP = 'INSERT' THEN '' WHEN OLD.done_at IS NOT NULL THEN 'done'
                WHEN OLD.claimed_by IS NOT NULL THEN 'claimed' ELSE 'open' END,
            CASE WHEN NEW.done_at IS NOT NULL THEN 'done'
                WHEN NEW.claimed_by IS NOT NULL THEN 'claimed' ELSE 'open' END);
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER moves BEFORE INSERT OR UPDATE OF claimed_by, done_at ON work_items "
    "FOR EACH ROW EXECUTE FUNCTION hold_work()",
)


def upgrade() -> None:
    for statement in (*MOVES, *ACCOUNTS, *WORK):
        op.execute(statement)
