"""What happened, told to upstream systems: noted where it happens, numbered and delivered later.

Triggers note an event in the transaction in which it happens, for those creditors alone whose
events somebody wants (``event_creditors``); while that table is empty they do nothing. What is
noted has no number yet: transactions end in another order than they begin, and who reads by number
would pass over one that ends late. So ``contrapunto relay`` numbers what has been committed, one
relay at a time.

Only adds: processes that know nothing of it note events all the same.
"""

from alembic import op

revision = "0044"
down_revision = "0043"

_TABLES = (
    "CREATE TABLE event_creditors (creditor text PRIMARY KEY)",
    "COMMENT ON TABLE event_creditors IS 'whose events are noted; *: everybody''s'",
    """
    CREATE TABLE event_outbox (
        noted bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        type text NOT NULL,
        creditor text NOT NULL,
        account_id text NOT NULL,
        customer_id text,
        at timestamptz NOT NULL,
        key text NOT NULL,
        data jsonb NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now()
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
    """,
    "COMMENT ON COLUMN event_outbox.key IS 'with type and account what tells one happening from "
    "another; the event''s id is made of them'",
    """
    CREATE TABLE event_stream (
        only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
        last bigint NOT NULL DEFAULT 0,
        forgotten bigint NOT NULL DEFAULT 0
    )
    """,
    "COMMENT ON COLUMN event_stream.forgotten IS 'events up to this number are kept no more'",
    """
    CREATE TABLE events (
        position bigint PRIMARY KEY,
        event_id text NOT NULL UNIQUE,
        type text NOT NULL,
        creditor text NOT NULL,
        account_id text NOT NULL,
        customer_id text,
        at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        data jsonb NOT NULL
    )
    """,
    "COMMENT ON COLUMN events.position IS 'in the order in which they were numbered, after their "
    "commit: nobody who has read up to one misses another before it'",
    "CREATE INDEX events_by_account ON events (creditor, account_id, position)",
    "CREATE INDEX events_by_creditor ON events (creditor, position)",
    """
    CREATE TABLE webhook_endpoints (
        endpoint text PRIMARY KEY,
        seen_at timestamptz NOT NULL DEFAULT now(),
        disabled_at timestamptz,
        disabled_why text
    )
    """,
    """
    CREATE TABLE webhook_lanes (
        endpoint text NOT NULL,
        creditor text NOT NULL,
        account_id text NOT NULL,
        done bigint NOT NULL,
        last bigint NOT NULL,
        again bigint[] NOT NULL DEFAULT '{}',
        redriven_at timestamptz,
        due_at timestamptz NOT NULL DEFAULT now(),
        tries integer NOT NULL DEFAULT 0,
        failing_since timestamptz,
        problem text,
        status smallint,
        lease uuid,
        PRIMARY KEY (endpoint, creditor, account_id)
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
    """,
    "COMMENT ON COLUMN webhook_lanes.done IS 'all events of the account up to this number have "
    "been delivered to the endpoint, or given up'",
    "COMMENT ON COLUMN webhook_lanes.last IS 'the newest event that the endpoint wants'",
    "COMMENT ON COLUMN webhook_lanes.again IS 'given up once, and to be delivered all the same'",
    "COMMENT ON COLUMN webhook_lanes.due_at IS 'when to try; while a relay has it, when another "
    "may take it over'",
    "CREATE INDEX webhook_lanes_due ON webhook_lanes (endpoint, due_at)",
    """
    CREATE TABLE webhook_dead (
        endpoint text NOT NULL,
        position bigint NOT NULL REFERENCES events ON DELETE CASCADE,
        tries integer NOT NULL,
        problem text NOT NULL,
        status smallint,
        dead_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (endpoint, position)
    )
    """,
    "CREATE INDEX webhook_dead_by_position ON webhook_dead (position)",
)

_FUNCTIONS = (
    # Accounts of a customer: those that are open, or else all; theirs, and those they stand for.
    """
    CREATE FUNCTION accounts_to_tell(of_customers text[])
    RETURNS TABLE (creditor text, account_id text, customer_id text)
    LANGUAGE sql STABLE AS $$
        WITH theirs AS (
            SELECT a.creditor, a.account_id, a.customer_id, a.status FROM accounts a
            WHERE a.customer_id = ANY (of_customers)
            UNION
            SELECT a.creditor, a.account_id, t.customer_id, a.status
            FROM account_parties t JOIN accounts a ON a.creditor = t.creditor
                AND a.account_id = now_called(t.creditor, t.account_id)
            WHERE t.customer_id = ANY (of_customers)
        )
        SELECT t.creditor, t.account_id, min(t.customer_id) FROM theirs t
        WHERE EXISTS (SELECT FROM event_creditors e WHERE e.creditor IN (t.creditor, '*'))
            AND (t.status = 'open' OR NOT EXISTS (SELECT FROM theirs o WHERE o.status = 'open'))
        GROUP BY 1, 2
    $$
    """,
    # Each account of which the contact spoke is told of it, as its own creditor's.
    """
    CREATE FUNCTION note_contact() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        kinds text[];
    BEGIN
        IF NOT EXISTS (SELECT FROM event_creditors) THEN
            RETURN NULL;
        END IF;
        kinds := CASE
            WHEN OLD.state = NEW.state THEN '{outcome}'::text[]
            WHEN NEW.state = 'accepted' THEN '{made}'
            WHEN NEW.state = 'unknown' THEN '{unknown}'
            WHEN NEW.state = 'delivered' AND OLD.state = 'accepted' THEN '{delivered}'
            WHEN NEW.state = 'delivered' THEN '{made,delivered}'
            ELSE '{failed}' END;
        INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
        SELECT 'contact.' || k.kind, about.creditor, about.account_id, NEW.customer_id,
            CASE WHEN k.kind = 'unknown' THEN coalesce(NEW.dispatched_at, now())
                ELSE coalesce(NEW.settled_at, NEW.dispatched_at, now()) END,
            NEW.attempt_id || CASE WHEN k.kind = 'outcome' THEN '/' || NEW.outcome ELSE '' END,
            jsonb_build_object('contact', NEW.attempt_id, 'channel', NEW.channel,
                'purpose', NEW.purpose, 'phase', NEW.phase, 'touch', NEW.touch,
                'provider', NEW.provider)
                || CASE k.kind
                    WHEN 'failed' THEN jsonb_build_object('state', NEW.state,
                        'refusal', NEW.refusal, 'code', NEW.code)
                    WHEN 'outcome' THEN jsonb_build_object('outcome', NEW.outcome)
                    ELSE '{}'::jsonb END
        FROM unnest(NEW.covers) AS c (key)
        CROSS JOIN LATERAL (SELECT split_part(c.key, '/', 1) AS creditor,
            substr(c.key, strpos(c.key, '/') + 1) AS account_id) AS about
        CROSS JOIN unnest(kinds) WITH ORDINALITY AS k (kind, place)
        WHERE EXISTS (SELECT FROM event_creditors e WHERE e.creditor IN (about.creditor, '*'))
        ORDER BY k.place, c.key;
        RETURN NULL;
    END $$
    """,
    # Of what is an account's and goes from state to state: the prefix, columns of instants, types
    # by state, the column that is its id, and what else is told.
    """
    CREATE FUNCTION note_state() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        kind text := TG_ARGV[1]::jsonb ->> NEW.state;
        known jsonb;
    BEGIN
        IF kind IS NULL OR NOT EXISTS (
            SELECT FROM event_creditors e WHERE e.creditor IN (NEW.creditor, '*')
        ) THEN
            RETURN NULL;
        END IF;
        known := to_jsonb(NEW);
        INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
        SELECT kind, NEW.creditor, NEW.account_id,
            (SELECT a.customer_id FROM accounts a
                WHERE a.creditor = NEW.creditor AND a.account_id = NEW.account_id),
            coalesce((SELECT max((known ->> c)::timestamptz)
                FROM unnest(string_to_array(TG_ARGV[0], ',')) c), now()),
            known ->> TG_ARGV[2],
            jsonb_build_object(split_part(kind, '.', 1), known ->> TG_ARGV[2])
                || (SELECT jsonb_object_agg(f, CASE WHEN jsonb_typeof(known -> f) = 'number'
                        THEN to_jsonb(known ->> f) ELSE known -> f END)
                    FROM unnest(string_to_array(TG_ARGV[3], ',')) f);
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION note_account() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM event_creditors e WHERE e.creditor IN (NEW.creditor, '*')) THEN
            RETURN NULL;
        END IF;
        IF NEW.phase IS DISTINCT FROM OLD.phase AND NEW.phase IS NOT NULL THEN
            INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
            VALUES ('account.phase_changed', NEW.creditor, NEW.account_id, NEW.customer_id,
                coalesce(NEW.planned_at, now()), NEW.phase || '/' || NEW.plans,
                jsonb_build_object('phase', NEW.phase, 'before', OLD.phase));
        END IF;
        IF NEW.status = 'closed' AND OLD.status <> 'closed' THEN
            INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
            VALUES ('account.' || CASE WHEN NEW.close_reason IN ('cured', 'handed_off')
                    THEN NEW.close_reason ELSE 'closed' END,
                NEW.creditor, NEW.account_id, NEW.customer_id, coalesce(NEW.closed_at, now()),
                'closed/' || extract(epoch FROM coalesce(NEW.closed_at, now())),
                jsonb_build_object('reason', NEW.close_reason, 'balance', NEW.balance::text,
                    'currency', NEW.currency));
        ELSIF NEW.status = 'open' AND OLD.status <> 'open' THEN
            INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
            VALUES ('account.reopened', NEW.creditor, NEW.account_id, NEW.customer_id, now(),
                'reopened/' || coalesce(extract(epoch FROM OLD.closed_at)::text, '') || '/'
                    || NEW.plans,
                jsonb_build_object('balance', NEW.balance::text, 'currency', NEW.currency));
        END IF;
        RETURN NULL;
    END $$
    """,
    # A stop is of an address: whoever has it is told of, as planning has it.
    """
    CREATE FUNCTION note_stop() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM event_creditors) THEN
            RETURN NULL;
        END IF;
        INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
        SELECT 'customer.stopped', t.creditor, t.account_id, t.customer_id, NEW.at, NEW.event_id,
            jsonb_build_object('kind', NEW.kind, 'channel', NEW.channel)
        FROM accounts_to_tell(persons(ARRAY[NEW.customer_id] || ARRAY(
            SELECT p.customer_id FROM contact_points p
            WHERE p.address_key = NEW.address_key AND p.current))) t;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION note_reply() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM event_creditors) THEN
            RETURN NULL;
        END IF;
        INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
        SELECT 'customer.replied', t.creditor, t.account_id, t.customer_id, NEW.at,
            NEW.provider || '/' || NEW.inbound_id,
            jsonb_build_object('channel', NEW.channel, 'provider', NEW.provider,
                'message', NEW.inbound_id)
        FROM accounts_to_tell(persons(ARRAY[NEW.customer_id])) t;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION note_work() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ended boolean := NEW.done_at IS NOT NULL;
    BEGIN
        IF NOT EXISTS (SELECT FROM event_creditors) THEN
            RETURN NULL;
        END IF;
        INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
        SELECT CASE WHEN ended THEN 'work.done' ELSE 'work.opened' END,
            t.creditor, t.account_id, t.customer_id, coalesce(NEW.done_at, NEW.opened_at),
            NEW.work_id::text,
            jsonb_build_object('work', NEW.work_id::text, 'reason', NEW.reason)
                || CASE WHEN ended THEN jsonb_build_object('outcome', NEW.outcome)
                    ELSE jsonb_build_object('priority', NEW.priority, 'due_at',
                        to_char(NEW.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) END
        FROM accounts_to_tell(persons(ARRAY[NEW.customer_id])) t;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION note_person() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO event_outbox (type, creditor, account_id, customer_id, at, key, data)
        SELECT 'contact.by_person', about.creditor, about.account_id, NEW.customer_id,
            NEW.began_at, NEW.contact_id,
            jsonb_build_object('contact', NEW.contact_id, 'action', NEW.action,
                'channel', NEW.channel, 'direction', NEW.direction, 'result', NEW.result,
                'outcome', NEW.outcome)
        FROM unnest(NEW.covers) AS c (key)
        CROSS JOIN LATERAL (SELECT split_part(c.key, '/', 1) AS creditor,
            substr(c.key, strpos(c.key, '/') + 1) AS account_id) AS about
        WHERE EXISTS (SELECT FROM event_creditors e WHERE e.creditor IN (about.creditor, '*'));
        RETURN NULL;
    END $$
    """,
)

_OFFER = (
    '{"proposed":"settlement.proposed","offered":"settlement.offered",'
    '"accepted":"settlement.accepted","declined":"settlement.declined",'
    '"withdrawn":"settlement.withdrawn","lapsed":"settlement.lapsed",'
    '"replaced":"settlement.replaced","paid":"settlement.paid","unpaid":"settlement.unpaid"}'
)


def _states(table: str, instants: str, kinds: str, key: str, fields: str) -> tuple[str, str]:
    """A row that begins in a state, and one that goes into another."""
    act = f"EXECUTE FUNCTION note_state('{instants}', '{kinds}', '{key}', '{fields}')"
    moved = "FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)"
    return (
        f"CREATE TRIGGER note_begun AFTER INSERT ON {table} FOR EACH ROW {act}",
        f"CREATE TRIGGER note_moved AFTER UPDATE OF state ON {table} {moved} {act}",
    )


_TRIGGERS = (
    """
    CREATE TRIGGER note_contact AFTER UPDATE OF state, outcome ON attempts FOR EACH ROW WHEN (
        (OLD.state <> NEW.state AND NEW.state NOT IN ('dispatching', 'released'))
        OR (OLD.state = NEW.state AND NEW.outcome IS NOT NULL
            AND OLD.outcome IS DISTINCT FROM NEW.outcome))
    EXECUTE FUNCTION note_contact()
    """,
    *_states(
        "promises",
        "made_at,settled_at",
        '{"open":"promise.made","kept":"promise.kept","broken":"promise.broken",'
        '"replaced":"promise.replaced"}',
        "promise_id",
        "amount,due_on,parts",
    ),
    *_states(
        "payment_plans",
        "agreed_at,ended_at",
        '{"active":"plan.agreed","kept":"plan.kept","broken":"plan.broken",'
        '"cancelled":"plan.cancelled"}',
        "plan_id",
        "instalments",
    ),
    *_states(
        "settlement_offers",
        "offered_at,approved_at,accepted_at,ended_at",
        _OFFER,
        "offer_id",
        "balance,amount,expires_on,due_on",
    ),
    *_states(
        "disputes",
        "opened_at,resolved_at,corrected_at",
        '{"open":"dispute.opened","resolved_for":"dispute.resolved",'
        '"resolved_against":"dispute.resolved","withdrawn":"dispute.withdrawn",'
        '"corrected":"dispute.corrected"}',
        "dispute_id",
        "reason,state,answer_due",
    ),
    *_states(
        "hardships",
        "began_at,ended_at",
        '{"active":"hardship.began","ended":"hardship.ended"}',
        "hardship_id",
        "review_date",
    ),
    """
    CREATE TRIGGER note_account AFTER UPDATE OF phase, status ON accounts FOR EACH ROW
    WHEN (OLD.phase IS DISTINCT FROM NEW.phase OR OLD.status <> NEW.status)
    EXECUTE FUNCTION note_account()
    """,
    """
    CREATE TRIGGER note_stop AFTER INSERT ON law_events FOR EACH ROW
    WHEN (NEW.kind IN ('opt_out', 'cease')) EXECUTE FUNCTION note_stop()
    """,
    """
    CREATE TRIGGER note_reply AFTER INSERT ON inbound FOR EACH ROW
    WHEN (NEW.customer_id IS NOT NULL AND NEW.intent <> 'automatic')
    EXECUTE FUNCTION note_reply()
    """,
    """
    CREATE TRIGGER note_work AFTER INSERT ON work_items FOR EACH ROW
    WHEN (NEW.done_at IS NULL) EXECUTE FUNCTION note_work()
    """,
    """
    CREATE TRIGGER note_work_done AFTER UPDATE OF done_at ON work_items FOR EACH ROW
    WHEN (OLD.done_at IS NULL AND NEW.done_at IS NOT NULL) EXECUTE FUNCTION note_work()
    """,
    """
    CREATE TRIGGER note_person AFTER INSERT ON manual_contacts FOR EACH ROW
    WHEN (NEW.state = 'ended') EXECUTE FUNCTION note_person()
    """,
    """
    CREATE TRIGGER note_person_ended AFTER UPDATE OF state ON manual_contacts FOR EACH ROW
    WHEN (NEW.state = 'ended' AND OLD.state <> 'ended') EXECUTE FUNCTION note_person()
    """,
)

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (*_TABLES, *_FUNCTIONS, *_TRIGGERS)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
