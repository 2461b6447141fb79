"""Orders in bulk: a hold, a cease, a plan anew for many accounts, told by one row.

The row is read in every reservation and before every dispatch, so that it holds from its commit on,
however many accounts it covers. Whom workflows still have to tell stands apart: that is written
every second for hours, and what reservations read must stay small.

Only adds. Workers of before neither read nor heed it: give no order before all are of this version.
"""

from alembic import op

revision = "0045"
down_revision = "0044"

_TABLES = (
    """
    CREATE TABLE bulk_orders (
        order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('hold', 'cease', 'replan')),
        creditor text,
        countries text[],
        regions text[],
        phases text[],
        segments text[],
        strategies text[],
        products text[],
        attributes jsonb,
        reason text NOT NULL CHECK (reason <> ''),
        ordered_by text NOT NULL,
        ordered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        starts_at timestamptz,
        until timestamptz CHECK (until IS NULL OR kind = 'hold'),
        lifted_at timestamptz,
        lifted_by text,
        lifted_why text,
        rate integer NOT NULL CHECK (rate > 0),
        accounts bigint NOT NULL,
        over_at timestamptz NOT NULL
            GENERATED ALWAYS AS (least(until, lifted_at, timestamptz 'infinity')) STORED,
        CHECK (num_nulls(lifted_at, lifted_by, lifted_why) IN (0, 3))
    )
    """,
    "COMMENT ON TABLE bulk_orders IS 'what many accounts are told by one row; of each field of its "
    "scope that is given, an account must be'",
    # By which a reservation finds those that stand, however many there ever were.
    "CREATE INDEX bulk_orders_over_at ON bulk_orders (over_at)",
    "COMMENT ON COLUMN bulk_orders.over_at IS 'when it was lifted, or is over by itself'",
    "COMMENT ON COLUMN bulk_orders.starts_at IS 'null: from its commit on, whatever a clock says'",
    "COMMENT ON COLUMN bulk_orders.accounts IS 'how many it covered when it was given'",
    """
    CREATE TABLE bulk_wakes (
        order_id bigint NOT NULL REFERENCES bulk_orders,
        occasion text NOT NULL CHECK (occasion IN ('start', 'lift')),
        total bigint NOT NULL,
        told bigint NOT NULL DEFAULT 0,
        not_running bigint NOT NULL DEFAULT 0,
        passes integer NOT NULL DEFAULT 0,
        found_in_pass bigint NOT NULL DEFAULT 0,
        after_creditor text NOT NULL DEFAULT '',
        after_account text NOT NULL DEFAULT '',
        begun_at timestamptz,
        done_at timestamptz,
        lease uuid,
        leased_until timestamptz,
        PRIMARY KEY (order_id, occasion)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE bulk_wakes IS 'how far the workflows have been told that an order has begun, "
    "or is lifted: up to this account, in the order of their ids'",
)

_FUNCTIONS = (
    # One expression without a query, so that PostgreSQL puts it into the statement that asks.
    """
    CREATE FUNCTION bulk_covers(
        b bulk_orders, creditor text, strategy text, segment text, attributes jsonb, country text,
        regions text[]
    ) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
        SELECT (b.creditor IS NULL OR b.creditor = creditor)
            AND (b.strategies IS NULL OR strategy = ANY (b.strategies))
            AND (b.segments IS NULL OR coalesce(segment = ANY (b.segments), false))
            AND (b.products IS NULL
                OR coalesce(attributes ->> 'product' = ANY (b.products), false))
            AND (b.attributes IS NULL OR coalesce(attributes @> b.attributes, false))
            AND (b.countries IS NULL OR country = ANY (b.countries))
            AND (b.regions IS NULL OR b.regions && regions)
    $$
    """,
    # Where somebody may be; who may be anywhere in a country, may be in each of its regions: then
    # the country itself stands for all of them, and stands among an order's regions, too.
    """
    CREATE FUNCTION bulk_regions(
        country text, region text, of_address text[], of_phones text[]
    ) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN region IS NULL AND coalesce(cardinality(of_address), 0) = 0
                AND coalesce(cardinality(of_phones), 0) = 0
            THEN ARRAY[country]
            ELSE coalesce(of_address, '{}') || coalesce(of_phones, '{}') || region END
    $$
    """,
    # Volatile, so that what was committed while the statement waited for a lock is seen.
    """
    CREATE FUNCTION bulk_stops(attempt text, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM bulk_orders b WHERE b.over_at > at) THEN
            RETURN false;
        END IF;
        RETURN EXISTS (
            SELECT FROM attempts t
            CROSS JOIN unnest(t.covers) AS spoken (key)
            JOIN accounts a ON a.creditor = split_part(spoken.key, '/', 1)
                AND a.account_id = substr(spoken.key, strpos(spoken.key, '/') + 1)
            JOIN customers c ON c.customer_id IN (a.customer_id, t.customer_id)
            JOIN bulk_orders b ON bulk_covers(b, a.creditor, a.strategy, a.segment, a.attributes,
                c.country, bulk_regions(c.country, c.region, c.regions_of_address,
                    c.regions_of_phones))
            WHERE t.attempt_id = attempt AND b.over_at > at AND b.lifted_at IS NULL
                AND (b.starts_at IS NULL OR b.starts_at <= at)
                AND (b.phases IS NULL OR (CASE WHEN (a.creditor, a.account_id) =
                    (t.creditor, t.account_id) THEN t.phase ELSE a.phase END) = ANY (b.phases))
                AND CASE b.kind WHEN 'cease' THEN true
                    WHEN 'hold' THEN NOT {answers}
                    ELSE t.reserved_at < coalesce(b.starts_at, b.ordered_at) END);
    END $$
    """,
)

# As domain/bulk/order.py has it on the day of this migration.
_ANSWERS = (
    "t.purpose IN ('promise_confirmation', 'promise_question', 'payment_question', "
    "'preference_confirmation', 'balance_answer', 'identity_answer', 'crisis_answer', "
    "'opt_out_confirmation')"
)

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (*_TABLES, *(one.replace("{answers}", _ANSWERS) for one in _FUNCTIONS))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
