"""What is over, kept by the month: a history beside what contacts are decided by.

``attempts``, ``provider_events``, ``messages``, ``inbound`` and ``plan_changes`` grow for years,
and every contact reads and writes some of them. Here nothing of them moves: each has a history in
partitions of a month beside it, empty until ``contrapunto maintain`` moves there what nothing is
decided by any more (``store/history/moving.py``). What must be unique for ever stays so by narrow
tables of keys, written in the statement that moves a row.

Only adds. The triggers come with 0050.
"""

from typing import Final

from alembic import op

revision = "0049"
down_revision = "0048"

PARTS: Final = {
    "attempts": "reserved_at",
    "provider_events": "at",
    "messages": "at",
    "inbound": "at",
    "plan_changes": "at",
}
"""By which instant each is parted."""

_INDEXES: Final = {
    "attempts": ("customer_id", "creditor, account_id, step", "attempt_id"),
    "provider_events": ("attempt_id", "provider, event_id"),
    "messages": ("creditor, account_id",),
    "inbound": ("customer_id", "provider, inbound_id"),
    "plan_changes": ("creditor, account_id",),
}

_KEYS: Final = (
    """
    CREATE TABLE attempt_keys (
        attempt_id text PRIMARY KEY,
        creditor text NOT NULL,
        account_id text NOT NULL,
        step integer NOT NULL,
        customer_id text NOT NULL,
        channel text NOT NULL,
        provider text NOT NULL,
        contact_point_id text NOT NULL,
        state text NOT NULL,
        UNIQUE (creditor, account_id, step)
    )
    """,
    "COMMENT ON TABLE attempt_keys IS 'an attempt that is in the history, or was: it is never made "
    "again, and a link in a message of old still says whose it was'",
    "CREATE TABLE event_keys (key uuid PRIMARY KEY)",
    "COMMENT ON TABLE event_keys IS 'of a provider event that is in the history, or was'",
    "CREATE TABLE message_keys (key uuid PRIMARY KEY)",
    "COMMENT ON TABLE message_keys IS 'of a message that is in the history, or was'",
    """
    CREATE TABLE legal_holds (
        hold_id text PRIMARY KEY,
        creditor text,
        account_id text,
        customer_id text,
        why text NOT NULL,
        by_whom text NOT NULL,
        since timestamptz NOT NULL,
        lifted_at timestamptz,
        lifted_by text,
        CHECK (creditor IS NOT NULL OR customer_id IS NOT NULL),
        CHECK (account_id IS NULL OR creditor IS NOT NULL)
    )
    """,
    "COMMENT ON TABLE legal_holds IS 'retention removes nothing of whom it names: of an account, "
    "a creditor, a customer'",
)

_FUNCTIONS: Final = (
    # Of an array as PostgreSQL writes it: quoted, so that no other parts have the same text.
    """
    CREATE FUNCTION key_of(VARIADIC parts text[]) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT md5(parts::text)::uuid
    $$
    """,
    # After the row is in, and not before: whoever adds what is just being moved has waited for that
    # in the index, and only now sees the key.
    """
    CREATE FUNCTION attempts_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM attempt_keys k WHERE k.attempt_id = NEW.attempt_id)
            OR EXISTS (SELECT FROM attempt_keys k WHERE k.creditor = NEW.creditor
                AND k.account_id = NEW.account_id AND k.step = NEW.step)
        THEN
            RAISE EXCEPTION 'attempt % was made before: it is in the history', NEW.attempt_id
                USING ERRCODE = 'unique_violation', CONSTRAINT = 'attempt_keys_pkey';
        END IF;
        RETURN NULL;
    END $$
    """,
    # Before: what is in the history is not added, as what is in the table itself is not. After: see
    # above; tried again, it is not added.
    """
    CREATE FUNCTION events_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM event_keys k WHERE k.key = key_of(NEW.provider, NEW.event_id))
        THEN
            RETURN NEW;
        ELSIF TG_WHEN = 'AFTER' THEN
            RAISE EXCEPTION 'the event has just been moved into the history: try again'
                USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION messages_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM message_keys k
            WHERE k.key = key_of(NEW.creditor, NEW.account_id, NEW.message_id))
        THEN
            RETURN NEW;
        ELSIF TG_WHEN = 'AFTER' THEN
            RAISE EXCEPTION 'the message has just been moved into the history: try again'
                USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NULL;
    END $$
    """,
)


def _history(table: str, instant: str) -> tuple[str, ...]:
    """A history as its table is, the months to be made by ``contrapunto maintain``."""
    of = f"{table}_history"
    return (
        f"CREATE TABLE {of} (LIKE {table} INCLUDING DEFAULTS) PARTITION BY RANGE ({instant})",
        *(f"CREATE INDEX ON {of} ({columns})" for columns in _INDEXES[table]),
        f"CREATE TABLE {of}_default PARTITION OF {of} DEFAULT",
        f"COMMENT ON TABLE {of}_default IS 'must stay empty: what no month was made for'",
    )


# By which a month is found without reading the table; they grow by a few bytes for each hundred
# pages. Attempts and provider events have theirs since 0039.
_BY_DAY: Final = tuple(
    statement
    for table in ("messages", "inbound", "plan_changes")
    for statement in (
        f"DROP INDEX CONCURRENTLY IF EXISTS {table}_by_day",
        f"CREATE INDEX CONCURRENTLY {table}_by_day ON {table} USING brin (at) "
        "WITH (autosummarize = on)",
    )
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for statement in _BY_DAY:
            op.execute(statement)
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
    for statement in (*_KEYS, *_FUNCTIONS):
        op.execute(statement)
    for table, instant in PARTS.items():
        for statement in _history(table, instant):
            op.execute(statement)
