"""What a contact and a row of intake cost.

The locks of a contact are taken in one round trip.

Its dispatch writes into no index. PostgreSQL writes the new version of a row into each index of its
table, unless nothing has changed that any of them holds or is limited by; `attempts_in_doubt` was
limited by the state, which each move changes.

What is to be raised for a file is asked once for all that a statement adds.

The indexes by ids without zeros of 0008 and 0015 are asked by nobody since 0016, and each plan of
an account wrote into theirs.

Workers of the version before go on working beside it. Two of its commands read a table whole for
want of an index: `intake`, once a file, and `ledger unknown`.
"""

from alembic import op

revision = "0019"
down_revision = "0018"

UNASKED = (
    "accounts_by_bare_id",
    "customers_by_bare_id",
    "accounts_by_plain_id",
    "customers_by_plain_id",
    "customers_by_spelling",
    "attempts_in_doubt",
)

UNSETTLED = (
    "DROP INDEX CONCURRENTLY IF EXISTS attempts_unsettled",
    "CREATE INDEX CONCURRENTLY attempts_unsettled ON attempts (reserved_at) "
    "WHERE settled_at IS NULL",
)

# Each statement in it sees what was committed before it began, also while it waited.
LOCK = (
    """
    CREATE FUNCTION lock_person(of_creditor text, called text, addresses boolean)
    RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        person text[];
        held text[] = '{}';
    BEGIN
        LOOP
            person = ARRAY(
                SELECT c.customer_id FROM customers c WHERE c.customer_id = ANY (ARRAY(
                    SELECT s.customer_id FROM accounts a, same_person(a.customer_id) s
                    WHERE a.creditor = of_creditor AND a.account_id = called)));
            -- Asked again after a wait: PostgreSQL reads the customer anew then, but not whose the
            -- account is by now. Were it another's, two of that one's accounts would each reserve
            -- without seeing the other.
            EXIT WHEN person <@ held;
            -- In order, so that two of these never wait for each other.
            held = ARRAY(
                SELECT c.customer_id FROM customers c WHERE c.customer_id = ANY (person)
                ORDER BY c.customer_id FOR NO KEY UPDATE);
            -- Two customers with one telephone are serialised, too: the second sees what the first
            -- reserved.
            IF addresses THEN
                PERFORM pg_advisory_xact_lock(hashtextextended(shared.address_key, 0)) FROM (
                    SELECT DISTINCT p.address_key FROM contact_points p
                    WHERE p.customer_id = (SELECT a.customer_id FROM accounts a
                            WHERE a.creditor = of_creditor AND a.account_id = called)
                        AND EXISTS (SELECT FROM contact_points o
                            WHERE o.address_key = p.address_key AND o.customer_id <> p.customer_id)
                    ORDER BY p.address_key) AS shared;
            END IF;
        END LOOP;
        RETURN held <> '{}';
    END $$
    """,
    "COMMENT ON FUNCTION lock_person IS 'serialises with every other account of whoever has this "
    "one, under whatever id, and with whoever has one of their addresses, until the transaction "
    "ends; false: customer or account is not known'",
)

# Asked by arrays, as in 0017: joined to what was added, PostgreSQL reads whole tables while it
# takes them for small. Who has no account, as all whom a first import brings, has no reservation
# either.
CONCERNED = (
    """
    CREATE FUNCTION bump_by_consents() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        these text[] = ARRAY(
            SELECT DISTINCT n.customer_id FROM added n WHERE n.event_id LIKE 'intake:%');
        concerned text[];
    BEGIN
        IF these <> '{}' THEN
            concerned = ARRAY(
                SELECT a.customer_id FROM accounts a WHERE a.customer_id = ANY (these)
                UNION
                SELECT h.customer_id FROM account_holders h WHERE h.customer_id = ANY (these));
        END IF;
        IF concerned <> '{}' THEN
            PERFORM raise_facts(concerned);
        END IF;
        RETURN NULL;
    END $$
    """,
    "DROP TRIGGER bump_by_file ON law_events",
    """
    CREATE TRIGGER bump_by_file AFTER INSERT ON law_events
        REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION bump_by_consents()
    """,
    # Of these two all else is as in 0017.
    """
    CREATE OR REPLACE FUNCTION bump_by_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        keys text[] = ARRAY(SELECT DISTINCT n.address_key FROM added n);
        these text[] = ARRAY(SELECT DISTINCT n.customer_id FROM added n);
        concerned text[] = ARRAY(
            (SELECT o.customer_id FROM contact_points o WHERE o.address_key = ANY (keys)
                EXCEPT SELECT unnest(these))
            UNION
            SELECT a.customer_id FROM accounts a WHERE a.customer_id = ANY (these)
            UNION
            SELECT around(persons(ARRAY[h.customer_id])) FROM account_holders h
            WHERE h.customer_id = ANY (these));
    BEGIN
        IF concerned <> '{}' THEN
            PERFORM raise_facts(concerned);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION bump_beside() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        these text[] = ARRAY(SELECT DISTINCT n.customer_id FROM added n);
        concerned text[] = ARRAY(
            SELECT DISTINCT beside.customer_id FROM (
                SELECT a.customer_id, a.creditor, a.account_id FROM accounts a
                WHERE a.customer_id = ANY (these)
                EXCEPT
                SELECT n.customer_id, n.creditor, n.account_id FROM added n) AS beside);
    BEGIN
        IF concerned <> '{}' THEN
            PERFORM raise_facts(concerned);
        END IF;
        RETURN NULL;
    END $$
    """,
)


def upgrade() -> None:
    # Beside running workers and gateways, as in 0009.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for statement in UNSETTLED:
            op.execute(statement)
        for name in UNASKED:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
    for statement in (*LOCK, *CONCERNED):
        op.execute(statement)
