"""The contacts that people make: counted as the machine's are, and never made beside one another.

Only adds: workers that know nothing of it go on working beside it, but count no person's contact.
"""

from alembic import op

revision = "0023"
down_revision = "0022"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE manual_contacts (
        contact_id text PRIMARY KEY,
        customer_id text NOT NULL REFERENCES customers,
        creditor text NOT NULL,
        account_id text NOT NULL,
        covers text[] NOT NULL,
        action text NOT NULL,
        channel text NOT NULL,
        direction text NOT NULL CHECK (direction IN ('outbound', 'inbound')),
        contact_point_id text,
        address_key text,
        began_at timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('begun', 'ended')),
        result text,
        outcome text,
        callback_at timestamptz,
        promised_amount numeric(18, 2),
        promised_for date,
        note text,
        ended_at timestamptz,
        by_whom text NOT NULL,
        against text,
        against_rule text,
        recorded_at timestamptz NOT NULL,
        CHECK ((state = 'ended') = (result IS NOT NULL)),
        CHECK ((state = 'ended') = (outcome IS NOT NULL)),
        CHECK ((state = 'ended') = (ended_at IS NOT NULL))
    )
    """,
    # Each by which store/situations.py finds it; the third without a list of new entries, as 0014.
    "CREATE INDEX manual_contacts_by_customer ON manual_contacts (customer_id, began_at)",
    "CREATE INDEX manual_contacts_by_account ON manual_contacts (creditor, account_id)",
    "CREATE INDEX manual_contacts_by_covers ON manual_contacts USING gin (covers) "
    "WITH (fastupdate = off)",
    "CREATE INDEX manual_contacts_by_address ON manual_contacts (address_key) "
    "WHERE address_key IS NOT NULL",
    "CREATE INDEX manual_contacts_begun ON manual_contacts (began_at) WHERE state = 'begun'",
    "COMMENT ON TABLE manual_contacts IS 'contacts that people made, also those that the law "
    "forbade: what happened counts'",
    "COMMENT ON COLUMN manual_contacts.contact_id IS 'of the choosing of whoever records it'",
    "COMMENT ON COLUMN manual_contacts.covers IS 'the accounts that were spoken of, its own "
    "included'",
    "COMMENT ON COLUMN manual_contacts.outcome IS 'what the result was to the law when it was "
    "told, whatever the codes say today'",
    "COMMENT ON COLUMN manual_contacts.note IS 'personal: never leaves this database'",
    "COMMENT ON COLUMN manual_contacts.against IS 'why it should not have been made, as far as was "
    "known when it was recorded; null: nothing stood against it'",
    # Whatever was planned and reserved before it may be one contact too many; what is told of it
    # later may count where what was only begun did not.
    """
    CREATE FUNCTION bump_by_person() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM raise_facts(ARRAY[NEW.customer_id] || ARRAY(
            SELECT q.customer_id FROM contact_points q WHERE q.address_key = NEW.address_key
            UNION ALL
            SELECT holders_of(about)
            FROM unnest(NEW.covers || (NEW.creditor || '/' || NEW.account_id)) AS about));
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER bump AFTER INSERT ON manual_contacts FOR EACH ROW "
    "EXECUTE FUNCTION bump_by_person()",
    """
    CREATE TRIGGER bump_again AFTER UPDATE OF state, outcome ON manual_contacts FOR EACH ROW
        WHEN ((OLD.state, OLD.outcome) IS DISTINCT FROM (NEW.state, NEW.outcome))
        EXECUTE FUNCTION bump_by_person()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
