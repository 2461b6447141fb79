"""What was said from an address stays with it, whoever has it; what reached a person stays.

Two records of one handset are one handset: `address_key` gives every spelling of a telephone number
or mailbox the same text. It is made by PostgreSQL, so that no writer can forget it.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
KEY = (
    # WhatsApp names senders in Mexico with a 1 after +52, in Argentina with a 9 after +54, and in
    # most of Brazil without the 9 that mobiles have: files and providers write the same subscriber
    # either way. Two subscribers under one key would share a stop; one subscriber under two keys
    # would be written to after it.
    r"""
    CREATE FUNCTION address_key(channel text, address text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
        CASE
            WHEN channel = 'email' THEN lower(btrim(address))
            WHEN channel IN ('sms', 'whatsapp', 'voice') THEN
                regexp_replace(regexp_replace(regexp_replace(
                    '+' || regexp_replace(address, '\D', '', 'g'),
                    '^\+521(\d{10})$', '+52\1'),
                    '^\+549(\d{10})$', '+54\1'),
                    '^\+55(\d{2})9(\d{8})$', '+55\1\2')
            ELSE channel || ':' || address
        END
    """,
    """
    ALTER TABLE contact_points
        ADD COLUMN address_key text GENERATED ALWAYS AS (address_key(channel, address)) STORED
    """,
    "COMMENT ON COLUMN contact_points.address_key IS 'one text for all spellings of an address'",
    "CREATE INDEX contact_points_by_key ON contact_points (address_key)",
    "DROP INDEX contact_points_by_address",
)

EVENTS = (
    "ALTER TABLE law_events ALTER COLUMN customer_id DROP NOT NULL",
    "ALTER TABLE law_events ADD COLUMN address_key text",
    "COMMENT ON COLUMN law_events.address_key IS 'of what was said from, or of, an address: it "
    "holds for whoever has the address, also where no customer had it yet'",
    """
    UPDATE law_events e SET address_key = p.address_key FROM contact_points p
    WHERE p.contact_point_id = e.detail ->> 'contact_point_id' AND e.event_id NOT LIKE 'intake:%'
    """,
    """
    CREATE INDEX law_events_by_address ON law_events (address_key) WHERE address_key IS NOT NULL
    """,
    # A file repeats old consents every day: what it says is no word from the address.
    """
    CREATE FUNCTION law_events_address() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.address_key IS NULL AND NEW.event_id NOT LIKE 'intake:%' THEN
            NEW.address_key = (SELECT p.address_key FROM contact_points p
                WHERE p.contact_point_id = NEW.detail ->> 'contact_point_id');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER address BEFORE INSERT ON law_events
        FOR EACH ROW EXECUTE FUNCTION law_events_address()
    """,
)

ATTEMPTS = (
    "CREATE INDEX attempts_by_contact_point ON attempts (contact_point_id, reserved_at)",
    "CREATE INDEX attempts_by_covers ON attempts USING gin (covers)",
    # A receipt that comes late still shows that the person has it: nothing more must follow.
    "INSERT INTO attempt_moves (old, new) VALUES ('undelivered', 'delivered')",
)

# Whatever a message rests on counts as a fact: an attempt reserved under other facts is released.
FACTS = (
    """
    CREATE FUNCTION bump_by_address() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- In order, so that two of these never wait for each other.
        PERFORM FROM customers c
        WHERE c.customer_id = NEW.customer_id OR c.customer_id IN (
            SELECT p.customer_id FROM contact_points p WHERE p.address_key = NEW.address_key)
        ORDER BY c.customer_id FOR NO KEY UPDATE;
        UPDATE customers c SET facts = facts + 1
        WHERE c.customer_id = NEW.customer_id OR c.customer_id IN (
            SELECT p.customer_id FROM contact_points p WHERE p.address_key = NEW.address_key);
        RETURN NEW;
    END $$
    """,
    "DROP TRIGGER bump ON law_events",
    """
    CREATE TRIGGER bump AFTER INSERT ON law_events
        FOR EACH ROW EXECUTE FUNCTION bump_by_address()
    """,
    "DROP TRIGGER bump ON contact_points",
    """
    CREATE TRIGGER bump AFTER UPDATE ON contact_points FOR EACH ROW
        WHEN ((OLD.consented, OLD.current, OLD.kind)
            IS DISTINCT FROM (NEW.consented, NEW.current, NEW.kind))
        EXECUTE FUNCTION bump_by_row()
    """,
    """
    CREATE TRIGGER bump_all AFTER UPDATE ON contact_points FOR EACH ROW
        WHEN (OLD.suppressed IS DISTINCT FROM NEW.suppressed)
        EXECUTE FUNCTION bump_by_address()
    """,
    """
    CREATE FUNCTION bump_both() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM customers c WHERE c.customer_id IN (OLD.customer_id, NEW.customer_id)
        ORDER BY c.customer_id FOR NO KEY UPDATE;
        UPDATE customers c SET facts = facts + 1
        WHERE c.customer_id IN (OLD.customer_id, NEW.customer_id);
        RETURN NEW;
    END $$
    """,
    "DROP TRIGGER bump ON accounts",
    """
    CREATE TRIGGER bump AFTER UPDATE ON accounts FOR EACH ROW
        WHEN ((OLD.customer_id, OLD.balance, OLD.currency, OLD.status, OLD.hold_until,
                OLD.oldest_due_date, OLD.strategy)
            IS DISTINCT FROM (NEW.customer_id, NEW.balance, NEW.currency, NEW.status,
                NEW.hold_until, NEW.oldest_due_date, NEW.strategy))
        EXECUTE FUNCTION bump_both()
    """,
    "DROP TRIGGER bump ON customers",
    """
    CREATE TRIGGER bump BEFORE UPDATE ON customers FOR EACH ROW
        WHEN ((OLD.name, OLD.locale, OLD.country, OLD.region, OLD.zones, OLD.regions_of_address,
                OLD.regions_of_phones, OLD.preferred_channel)
            IS DISTINCT FROM (NEW.name, NEW.locale, NEW.country, NEW.region, NEW.zones,
                NEW.regions_of_address, NEW.regions_of_phones, NEW.preferred_channel))
        EXECUTE FUNCTION bump_itself()
    """,
)


def upgrade() -> None:
    for statement in (*KEY, *EVENTS, *ATTEMPTS, *FACTS):
        op.execute(statement)
