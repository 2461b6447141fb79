"""Every region a customer may be in, by address and by phone: whose law holds."""

from alembic import op

revision = "0005"
down_revision = "0004"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    ALTER TABLE customers
        ADD COLUMN regions_of_address text[] NOT NULL DEFAULT '{}',
        ADD COLUMN regions_of_phones text[] NOT NULL DEFAULT '{}'
    """,
    "COMMENT ON COLUMN customers.regions_of_address IS 'ISO 3166-2 codes and cities with law of "
    "their own, from region and ZIP code'",
    "COMMENT ON COLUMN customers.regions_of_phones IS 'the same, from the area codes'",
    # Whoever is on file already: the rest comes with the next intake of the customer.
    "UPDATE customers SET regions_of_address = ARRAY[region] WHERE region IS NOT NULL",
    "DROP TRIGGER bump ON customers",
    """
    CREATE TRIGGER bump BEFORE UPDATE ON customers FOR EACH ROW
        WHEN ((OLD.country, OLD.region, OLD.zones, OLD.regions_of_address, OLD.regions_of_phones)
            IS DISTINCT FROM (NEW.country, NEW.region, NEW.zones, NEW.regions_of_address,
                NEW.regions_of_phones))
        EXECUTE FUNCTION bump_itself()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
