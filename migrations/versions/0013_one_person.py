"""Who has held an account, and which customer ids may be one person's.

An upstream system may give a customer another id; what they said, and what was said of the account,
was said all the same. Only adds: workers that know nothing of it go on working beside it, and what
they change is noticed, too.
"""

from alembic import op

revision = "0013"
down_revision = "0012"

INDEX = (
    "DROP INDEX CONCURRENTLY IF EXISTS law_events_by_account",
    "CREATE INDEX CONCURRENTLY law_events_by_account ON law_events (account) "
    "WHERE account IS NOT NULL",
)

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
HOLDERS = (
    """
    CREATE TABLE account_holders (
        creditor text NOT NULL,
        account_id text NOT NULL,
        customer_id text NOT NULL,
        PRIMARY KEY (creditor, account_id, customer_id)
    )
    """,
    "COMMENT ON TABLE account_holders IS 'the customer ids that an account has had, of accounts "
    "that have had more than one'",
    "CREATE INDEX account_holders_by_customer ON account_holders (customer_id)",
    """
    CREATE FUNCTION note_holders() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO account_holders (creditor, account_id, customer_id)
        SELECT NEW.creditor, NEW.account_id, unnest(ARRAY[OLD.customer_id, NEW.customer_id])
        ON CONFLICT DO NOTHING;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER holders AFTER UPDATE OF customer_id ON accounts FOR EACH ROW
        WHEN (OLD.customer_id <> NEW.customer_id) EXECUTE FUNCTION note_holders()
    """,
    # Earlier changes left no trace but the contacts made under the former id.
    """
    INSERT INTO account_holders (creditor, account_id, customer_id)
    SELECT DISTINCT a.creditor, a.account_id, unnest(ARRAY[a.customer_id, t.customer_id])
    FROM attempts t JOIN accounts a USING (creditor, account_id)
    WHERE t.customer_id <> a.customer_id
    """,
)

PERSONS = (
    # As domain/entry/ids.py has it, to which a test holds this.
    r"""
    CREATE FUNCTION one_person(first text, second text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        WITH words AS (
            SELECT nth, ARRAY(
                -- First without accents: not every locale of a database has small letters for them.
                SELECT word FROM regexp_split_to_table(lower(regexp_replace(
                    normalize(name, NFKD), '[\u0300-\u036f]', '', 'g')), '[^[:alnum:]_]+') AS word
                WHERE word <> '') AS list
            FROM (VALUES (1, first), (2, second)) AS names (nth, name)
        ), sized AS (
            SELECT array_agg(nth ORDER BY cardinality(list), nth) AS places FROM words
        )
        SELECT NOT EXISTS (
            SELECT FROM unnest(fewer.list) AS one WHERE NOT EXISTS (
                SELECT FROM unnest(more.list) AS other
                WHERE one = other OR length(one) <= 3 AND starts_with(other, one)
                    OR length(other) <= 3 AND starts_with(one, other)))
        FROM sized, words fewer, words more
        WHERE fewer.nth = places[1] AND more.nth = places[2]
    $$
    """,
    # Two ids that one account has had are one person's by default: an id is changed far more often
    # than a debt goes to somebody else. They are two people's only where all that is known says so:
    # no address in common, and names that one person cannot have. Surely one person's, so that
    # what gives leave holds, too, are they only where all that is known says that: an address in
    # common, and names that one person can have.
    """
    CREATE FUNCTION same_person(customer text)
    RETURNS TABLE (customer_id text, surely boolean) LANGUAGE plpgsql STABLE AS $$
    #variable_conflict use_column
    BEGIN
        -- Hardly anybody's id has ever changed.
        IF NOT EXISTS (SELECT FROM account_holders h WHERE h.customer_id = customer) THEN
            RETURN QUERY SELECT customer, true;
            RETURN;
        END IF;
        RETURN QUERY
        WITH RECURSIVE one (customer_id, surely) AS (
            VALUES (customer, true)
            UNION
            SELECT o.customer_id, one.surely AND alike.address AND alike.name
            FROM one
            JOIN account_holders h USING (customer_id)
            JOIN account_holders o USING (creditor, account_id)
            CROSS JOIN LATERAL (
                SELECT
                    EXISTS (SELECT FROM contact_points p JOIN contact_points q USING (address_key)
                        WHERE p.customer_id = h.customer_id AND q.customer_id = o.customer_id)
                        AS address,
                    coalesce((SELECT one_person(c.name, d.name) FROM customers c, customers d
                        WHERE c.customer_id = h.customer_id AND d.customer_id = o.customer_id),
                        true) AS name,
                    EXISTS (SELECT FROM contact_points p WHERE p.customer_id = h.customer_id)
                        AND EXISTS (SELECT FROM contact_points q
                            WHERE q.customer_id = o.customer_id) AS told
            ) AS alike
            WHERE o.customer_id <> h.customer_id
                AND (alike.address OR alike.name OR NOT alike.told)
        )
        SELECT one.customer_id, bool_or(one.surely) FROM one GROUP BY one.customer_id;
    END $$
    """,
)

# What a fact may change for others: for who has the address it speaks of, for the same person under
# another id, for who holds the account now; and a stop that names no address is heard at all that
# were the person's.
FACTS = (
    """
    CREATE FUNCTION bump_by_fact() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        concerned text[];
    BEGIN
        concerned = ARRAY[NEW.customer_id] || ARRAY(
            SELECT p.customer_id FROM contact_points p WHERE p.address_key = NEW.address_key);
        -- A consent that a file lists gives leave, and to nobody else.
        IF NEW.event_id NOT LIKE 'intake:%' THEN
            concerned = concerned || ARRAY(
                SELECT s.customer_id FROM same_person(NEW.customer_id) s
                UNION ALL
                SELECT a.customer_id FROM accounts a
                WHERE a.creditor = split_part(NEW.account, '/', 1)
                    AND a.account_id = substr(NEW.account, strpos(NEW.account, '/') + 1)
                UNION ALL
                SELECT q.customer_id
                FROM contact_points p JOIN contact_points q USING (address_key)
                WHERE p.customer_id = NEW.customer_id AND NEW.kind IN ('opt_out', 'cease'));
        END IF;
        -- In order, so that two of these never wait for each other.
        PERFORM FROM customers c WHERE c.customer_id = ANY (concerned)
        ORDER BY c.customer_id FOR NO KEY UPDATE;
        UPDATE customers c SET facts = facts + 1 WHERE c.customer_id = ANY (concerned);
        RETURN NEW;
    END $$
    """,
    "DROP TRIGGER bump ON law_events",
    """
    CREATE TRIGGER bump AFTER INSERT ON law_events
        FOR EACH ROW EXECUTE FUNCTION bump_by_fact()
    """,
)


def upgrade() -> None:
    # Built beside running workers and gateways, as in 0009.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for statement in INDEX:
            op.execute(statement)
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
    for statement in (*HOLDERS, *PERSONS, *FACTS):
        op.execute(statement)
