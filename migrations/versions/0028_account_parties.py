"""Who else stands for an account: guarantors, co-debtors, and whom a debtor has authorised.

Each is a customer of their own. A contact with one of them rests on what is known of the debtor,
too, and the other way round: they are locked in one order, and their facts are counted together.

Only adds: workers that know nothing of it go on working beside it, and contact debtors alone.
"""

from alembic import op

revision = "0028"
down_revision = "0027"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE account_parties (
        creditor text NOT NULL,
        account_id text NOT NULL,
        customer_id text NOT NULL REFERENCES customers,
        role text NOT NULL CHECK (role IN ('guarantor', 'codebtor', 'authorized')),
        proof text,
        since date NOT NULL,
        until date,
        told_by text NOT NULL,
        as_of timestamptz NOT NULL,
        PRIMARY KEY (creditor, account_id, customer_id),
        CHECK (role <> 'authorized' OR proof IS NOT NULL)
    )
    """,
    "CREATE INDEX account_parties_by_customer ON account_parties (customer_id)",
    "COMMENT ON TABLE account_parties IS 'who stands for an account beside its debtor; a row is "
    "never removed, it ends'",
    "COMMENT ON COLUMN account_parties.proof IS 'the reference of the document by which they do'",
    "COMMENT ON COLUMN account_parties.until IS 'the last day on which they do, on their own "
    "calendar; null: no end is known'",
    "COMMENT ON COLUMN account_parties.told_by IS 'the run of intake that said so'",
    "COMMENT ON COLUMN account_parties.as_of IS 'when the file was written that said so: an older "
    "one changes nothing'",
    # Also those who have ceased to: a sum of facts never falls when somebody leaves.
    """
    CREATE FUNCTION parties_of(of_creditor text, called text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE AS $$
    BEGIN
        -- Hardly any account has one.
        RETURN QUERY SELECT p.customer_id FROM account_parties p
            WHERE p.creditor = of_creditor AND p.account_id = called;
        RETURN QUERY SELECT p.customer_id FROM accounts a JOIN account_parties p
                ON p.creditor = a.creditor AND p.account_id = ANY (a.formerly)
            WHERE a.creditor = of_creditor AND a.account_id = called AND a.formerly <> '{}';
    END $$
    """,
    "COMMENT ON FUNCTION parties_of IS 'who stands or stood for an account, also under its former "
    "numbers'",
    # As of 0019, and now with the parties: whoever reserves for a debtor or a party holds them all.
    """
    CREATE OR REPLACE FUNCTION lock_person(of_creditor text, called text, addresses boolean)
    RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        involved text[];
        person text[];
        held text[] = '{}';
    BEGIN
        LOOP
            involved = ARRAY(
                SELECT a.customer_id FROM accounts a
                WHERE a.creditor = of_creditor AND a.account_id = called
                UNION ALL
                SELECT parties_of(of_creditor, called));
            person = ARRAY(
                SELECT c.customer_id FROM customers c WHERE c.customer_id = ANY (ARRAY(
                    SELECT s.customer_id FROM unnest(involved) AS one, same_person(one) s)));
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
                    WHERE p.customer_id = ANY (involved)
                        AND EXISTS (SELECT FROM contact_points o
                            WHERE o.address_key = p.address_key AND o.customer_id <> p.customer_id)
                    ORDER BY p.address_key) AS shared;
            END IF;
        END LOOP;
        RETURN held <> '{}';
    END $$
    """,
    "COMMENT ON FUNCTION lock_person IS 'serialises with every other account of whoever has this "
    "one or stands for it, under whatever id, and with whoever has one of their addresses, until "
    "the transaction ends; false: customer or account is not known'",
    # Who comes, goes or changes their part changes what may be planned, for both sides.
    """
    CREATE FUNCTION bump_by_party() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM raise_facts(ARRAY[NEW.customer_id] || ARRAY(
            SELECT holders_of(NEW.creditor || '/' || NEW.account_id)));
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER bump AFTER INSERT ON account_parties FOR EACH ROW "
    "EXECUTE FUNCTION bump_by_party()",
    """
    CREATE TRIGGER bump_again AFTER UPDATE ON account_parties FOR EACH ROW
        WHEN ((OLD.role, OLD.since, OLD.until) IS DISTINCT FROM (NEW.role, NEW.since, NEW.until))
        EXECUTE FUNCTION bump_by_party()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
