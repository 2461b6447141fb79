"""Customers, accounts, facts and the contact ledger."""

from alembic import op

revision = "0001"
down_revision = None

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE customers (
        customer_id text PRIMARY KEY,
        name text NOT NULL,
        locale text NOT NULL,
        country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
        region text,
        postal_code text,
        zones_stated text[] NOT NULL DEFAULT '{}',
        zones text[] NOT NULL CHECK (cardinality(zones) > 0),
        preferred_channel text,
        facts bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON COLUMN customers.zones IS 'candidate IANA zones: lawful means lawful in all'",
    "COMMENT ON COLUMN customers.facts IS 'counts everything that may change a plan; an attempt "
    "reserved under one count is not dispatched under another'",
    """
    CREATE TABLE contact_points (
        contact_point_id text PRIMARY KEY,
        customer_id text NOT NULL REFERENCES customers,
        channel text NOT NULL,
        kind text NOT NULL,
        address text NOT NULL,
        consented boolean NOT NULL DEFAULT false,
        current boolean NOT NULL DEFAULT true,
        suppressed text,
        suppressed_at timestamptz,
        UNIQUE (customer_id, channel, address)
    )
    """,
    "COMMENT ON COLUMN contact_points.current IS 'false once a snapshot no longer lists it'",
    "CREATE INDEX contact_points_by_address ON contact_points (channel, address)",
    """
    CREATE TABLE accounts (
        creditor text NOT NULL,
        account_id text NOT NULL,
        customer_id text NOT NULL,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        balance numeric(18, 2) NOT NULL,
        balance_as_of timestamptz NOT NULL,
        oldest_due_date date NOT NULL,
        strategy text NOT NULL DEFAULT 'default',
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
        close_reason text,
        closed_at timestamptz,
        since timestamptz,
        hold_until timestamptz,
        hold_reason text,
        snapshot_id text,
        phase text,
        state text,
        next_kind text,
        next_at timestamptz,
        next_summary text,
        planned_at timestamptz,
        plans bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (creditor, account_id)
    )
    """,
    "COMMENT ON COLUMN accounts.customer_id IS "
    "'no foreign key: an upstream system may start an account before intake brings the customer'",
    "COMMENT ON COLUMN accounts.next_at IS 'projection of the workflow''s step, for operations'",
    "CREATE INDEX accounts_by_customer ON accounts (customer_id)",
    "CREATE INDEX accounts_by_next ON accounts (next_at) WHERE status = 'open'",
    """
    CREATE TABLE messages (
        creditor text NOT NULL,
        account_id text NOT NULL,
        message_id text NOT NULL,
        kind text NOT NULL,
        body jsonb NOT NULL,
        at timestamptz NOT NULL,
        refused text,
        PRIMARY KEY (creditor, account_id, message_id)
    )
    """,
    "COMMENT ON TABLE messages IS 'every signal and update once; the second arrival of an id "
    "finds its row'",
    """
    CREATE TABLE payments (
        creditor text NOT NULL,
        account_id text NOT NULL,
        payment_id text NOT NULL,
        amount numeric(18, 2) NOT NULL CHECK (amount > 0),
        paid_at timestamptz NOT NULL,
        PRIMARY KEY (creditor, account_id, payment_id)
    )
    """,
    """
    CREATE TABLE promises (
        creditor text NOT NULL,
        account_id text NOT NULL,
        promise_id text NOT NULL,
        amount numeric(18, 2) NOT NULL CHECK (amount > 0),
        due_on date NOT NULL,
        made_at timestamptz NOT NULL,
        state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'broken')),
        settled_at timestamptz,
        PRIMARY KEY (creditor, account_id, promise_id)
    )
    """,
    """
    CREATE TABLE law_events (
        event_id text PRIMARY KEY,
        customer_id text NOT NULL,
        kind text NOT NULL,
        at timestamptz NOT NULL,
        channel text,
        account text,
        detail jsonb NOT NULL DEFAULT '{}'
    )
    """,
    "CREATE INDEX law_events_by_customer ON law_events (customer_id, at)",
    """
    CREATE TABLE inbound (
        provider text NOT NULL,
        inbound_id text NOT NULL,
        channel text NOT NULL,
        customer_id text,
        contact_point_id text,
        address text NOT NULL,
        text text NOT NULL,
        intent text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (provider, inbound_id)
    )
    """,
    "CREATE INDEX inbound_by_customer ON inbound (customer_id, at)",
    """
    CREATE TABLE attempts (
        attempt_id text PRIMARY KEY,
        creditor text NOT NULL,
        account_id text NOT NULL,
        customer_id text NOT NULL,
        covers text[] NOT NULL,
        step integer NOT NULL CHECK (step > 0),
        touch integer NOT NULL,
        phase text NOT NULL,
        purpose text NOT NULL,
        channel text NOT NULL,
        provider text NOT NULL,
        contact_point_id text NOT NULL REFERENCES contact_points,
        state text NOT NULL,
        execution text,
        jurisdictions text[] NOT NULL,
        zones text[] NOT NULL,
        not_before timestamptz NOT NULL,
        not_after timestamptz NOT NULL,
        facts_seen bigint NOT NULL,
        reserved_at timestamptz NOT NULL,
        dispatched_at timestamptz,
        settled_at timestamptz,
        refusal text,
        code text,
        detail text,
        provider_message_id text,
        content_digest text,
        reconcile_at timestamptz,
        rule text,
        cite text,
        trace_id text,
        UNIQUE (creditor, account_id, step)
    )
    """,
    "CREATE INDEX attempts_by_customer ON attempts (customer_id, reserved_at)",
    "CREATE INDEX attempts_by_provider_message ON attempts (provider, provider_message_id) "
    "WHERE provider_message_id IS NOT NULL",
    "CREATE INDEX attempts_in_doubt ON attempts (reserved_at) "
    "WHERE state IN ('dispatching', 'unknown')",
    """
    CREATE TABLE attempt_moves (old text NOT NULL, new text NOT NULL, PRIMARY KEY (old, new))
    """,
    """
    INSERT INTO attempt_moves (old, new) VALUES
        ('reserved', 'dispatching'), ('reserved', 'released'),
        ('dispatching', 'accepted'), ('dispatching', 'refused'), ('dispatching', 'unknown'),
        ('dispatching', 'delivered'), ('dispatching', 'undelivered'),
        ('unknown', 'accepted'), ('unknown', 'refused'), ('unknown', 'delivered'),
        ('unknown', 'undelivered'),
        ('accepted', 'delivered'), ('accepted', 'undelivered'),
        ('delivered', 'undelivered')
    """,
    """
    CREATE FUNCTION attempts_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'reserved' THEN
                RAISE EXCEPTION 'an attempt begins as reserved, not as %', NEW.state
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'attempts_move';
            END IF;
        ELSIF NEW.state <> OLD.state AND NOT EXISTS (
            SELECT FROM attempt_moves m WHERE m.old = OLD.state AND m.new = NEW.state
        ) THEN
            RAISE EXCEPTION 'an attempt cannot go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'attempts_move';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER attempts_guard BEFORE INSERT OR UPDATE OF state ON attempts
        FOR EACH ROW EXECUTE FUNCTION attempts_guard()
    """,
    """
    CREATE TABLE provider_events (
        provider text NOT NULL,
        event_id text NOT NULL,
        attempt_id text,
        status text NOT NULL,
        at timestamptz NOT NULL,
        applied boolean NOT NULL DEFAULT false,
        told boolean NOT NULL DEFAULT false,
        PRIMARY KEY (provider, event_id)
    )
    """,
    "COMMENT ON TABLE provider_events IS 'every callback once; told: the workflow knows'",
    """
    CREATE TABLE intake_runs (
        run_id text PRIMARY KEY,
        started_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        snapshot boolean NOT NULL,
        rows_read bigint NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE intake_pending (
        run_id text NOT NULL REFERENCES intake_runs,
        creditor text NOT NULL,
        account_id text NOT NULL,
        message_id text NOT NULL,
        action text NOT NULL CHECK (action IN ('start', 'update', 'recall')),
        PRIMARY KEY (run_id, creditor, account_id)
    )
    """,
    "COMMENT ON TABLE intake_pending IS 'workflows still to be started or told; empty when done'",
)

# Whatever may change a plan bumps the customer's counter of facts, here and not in every writer,
# so that no writer can forget it. The row lock it takes is the one that reserving takes.
_BUMP = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE customers SET facts = facts + 1 WHERE customer_id = {customer};
        RETURN NEW;
    END $$
"""
_OWNER = (
    "(SELECT a.customer_id FROM accounts a "
    "WHERE a.creditor = NEW.creditor AND a.account_id = NEW.account_id)"
)

GUARDS = (
    """
    CREATE FUNCTION bump_itself() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.facts = OLD.facts + 1;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER bump BEFORE UPDATE ON customers FOR EACH ROW
        WHEN ((OLD.country, OLD.region, OLD.zones) IS DISTINCT FROM
            (NEW.country, NEW.region, NEW.zones))
        EXECUTE FUNCTION bump_itself()
    """,
    _BUMP.format(name="bump_by_row", customer="NEW.customer_id"),
    _BUMP.format(name="bump_by_account", customer=_OWNER),
    "CREATE TRIGGER bump AFTER INSERT ON law_events FOR EACH ROW EXECUTE FUNCTION bump_by_row()",
    "CREATE TRIGGER bump AFTER INSERT ON inbound FOR EACH ROW EXECUTE FUNCTION bump_by_row()",
    "CREATE TRIGGER bump AFTER INSERT ON promises FOR EACH ROW EXECUTE FUNCTION bump_by_account()",
    """
    CREATE TRIGGER bump AFTER UPDATE ON accounts FOR EACH ROW
        WHEN ((OLD.balance, OLD.status, OLD.hold_until, OLD.oldest_due_date)
            IS DISTINCT FROM (NEW.balance, NEW.status, NEW.hold_until, NEW.oldest_due_date))
        EXECUTE FUNCTION bump_by_row()
    """,
    """
    CREATE TRIGGER bump AFTER UPDATE ON contact_points FOR EACH ROW
        WHEN ((OLD.consented, OLD.current, OLD.suppressed)
            IS DISTINCT FROM (NEW.consented, NEW.current, NEW.suppressed))
        EXECUTE FUNCTION bump_by_row()
    """,
)


def upgrade() -> None:
    for statement in (*STATEMENTS, *GUARDS):
        op.execute(statement)
