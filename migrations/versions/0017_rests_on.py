"""Whatever a reservation rests on raises the count of facts of everybody who it concerns.

Added to what raised it before: an address that gets another holder; what an earlier message has
come to, for all whom it spoke of and all who have the address; a payment that the balance has
already; a new account beside; what is told of a debt under a former number; and two ids that turn
out to be one person's, for those who share an address with either.

What only gives freedom back raises nothing: a refused attempt, a promise that is broken.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

# Hardly any account has ever had another number. Without the list of new entries that an index of
# this kind keeps otherwise, and reads at every question (as in 0014).
INDEX = (
    "DROP INDEX CONCURRENTLY IF EXISTS accounts_by_former_id",
    "CREATE INDEX CONCURRENTLY accounts_by_former_id ON accounts USING gin (formerly) "
    "WITH (fastupdate = off) WHERE formerly <> '{}'",
)

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
WHO = (
    """
    CREATE FUNCTION raise_facts(concerned text[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        -- In order, so that two of these never wait for each other.
        PERFORM FROM customers c WHERE c.customer_id = ANY (concerned)
        ORDER BY c.customer_id FOR NO KEY UPDATE;
        UPDATE customers c SET facts = facts + 1 WHERE c.customer_id = ANY (concerned);
    END $$
    """,
    # By index each, whatever the planner believes of a table that was empty a moment ago.
    """
    CREATE FUNCTION holders_of(account text) RETURNS SETOF text LANGUAGE plpgsql STABLE AS $$
    DECLARE
        of_creditor text = split_part(account, '/', 1);
        called text = substr(account, strpos(account, '/') + 1);
    BEGIN
        IF account IS NULL THEN
            RETURN;
        END IF;
        RETURN QUERY SELECT a.customer_id FROM accounts a
            WHERE a.creditor = of_creditor AND a.account_id = called;
        RETURN QUERY SELECT a.customer_id FROM accounts a
            WHERE a.creditor = of_creditor AND a.formerly <> '{}'
                AND a.formerly @> ARRAY[called];
    END $$
    """,
    "COMMENT ON FUNCTION holders_of IS 'who has an account (creditor/account_id), also under the "
    "number that its debt has now'",
    # Of an account that is over, the one that has followed it: an open one, or else the latest.
    """
    CREATE FUNCTION now_called(of_creditor text, called text) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
        latest text;
    BEGIN
        IF EXISTS (SELECT FROM accounts a WHERE a.creditor = of_creditor
                AND a.account_id = called AND a.status = 'open') THEN
            RETURN called;
        END IF;
        SELECT a.account_id INTO latest FROM accounts a
        WHERE a.creditor = of_creditor AND a.formerly <> '{}' AND a.formerly @> ARRAY[called]
        ORDER BY a.status <> 'open', EXISTS (SELECT FROM accounts b
            WHERE b.creditor = of_creditor AND b.formerly <> '{}'
                AND b.formerly @> ARRAY[a.account_id]), a.account_id
        LIMIT 1;
        RETURN coalesce(latest, called);
    END $$
    """,
    "COMMENT ON FUNCTION now_called IS 'the id that the debt of an account has by now'",
    # By arrays: joined to what a function answers, PostgreSQL reads all addresses there are.
    """
    CREATE FUNCTION around(who text[]) RETURNS SETOF text LANGUAGE plpgsql STABLE AS $$
    DECLARE
        theirs text[] = ARRAY(
            SELECT p.address_key FROM contact_points p WHERE p.customer_id = ANY (who));
    BEGIN
        RETURN QUERY SELECT unnest(who);
        RETURN QUERY SELECT q.customer_id FROM contact_points q WHERE q.address_key = ANY (theirs);
    END $$
    """,
    "COMMENT ON FUNCTION around IS 'these customers, and whoever has an address of theirs'",
    """
    CREATE FUNCTION persons(who text[]) RETURNS text[] LANGUAGE sql STABLE AS $$
        SELECT ARRAY(SELECT DISTINCT s.customer_id FROM unnest(who) AS one, same_person(one) s)
    $$
    """,
    "COMMENT ON FUNCTION persons IS 'all ids of the persons who have these'",
)

EVENTS = (
    # As of 0013, and now also for whoever has the debt under another number by now, and for who
    # shares an address with any id of the person who said stop.
    """
    CREATE OR REPLACE FUNCTION bump_by_fact() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM raise_facts(ARRAY[NEW.customer_id] || ARRAY(
            SELECT p.customer_id FROM contact_points p WHERE p.address_key = NEW.address_key
            UNION ALL
            SELECT s.customer_id FROM same_person(NEW.customer_id) s
            UNION ALL
            SELECT holders_of(NEW.account)
            UNION ALL
            SELECT around(persons(ARRAY[NEW.customer_id]))
            WHERE NEW.kind IN ('opt_out', 'cease')));
        RETURN NEW;
    END $$
    """,
)

# Once for a statement: a file brings thousands in one. Who has no account, as all whom a first
# import brings, has no reservation either.
ADDRESSES = (
    """
    CREATE FUNCTION bump_by_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        concerned text[] = ARRAY(
            SELECT o.customer_id FROM added n JOIN contact_points o USING (address_key)
            WHERE o.customer_id <> n.customer_id
            UNION
            SELECT n.customer_id FROM added n
            WHERE EXISTS (SELECT FROM accounts a WHERE a.customer_id = n.customer_id)
            UNION
            SELECT around(persons(ARRAY[n.customer_id])) FROM added n
            WHERE EXISTS (SELECT FROM account_holders h WHERE h.customer_id = n.customer_id));
    BEGIN
        IF concerned <> '{}' THEN
            PERFORM raise_facts(concerned);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER bump_holders AFTER INSERT ON contact_points
        REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION bump_by_addresses()
    """,
)

# Whose account has changed between two ids is raised by that already. Hardly anybody else is
# concerned, even where a whole portfolio gets new ids.
PERSONS = (
    """
    CREATE FUNCTION bump_by_holders() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        these text[] = ARRAY(SELECT n.customer_id FROM added n);
        linked text[] = ARRAY(
            SELECT DISTINCT o.customer_id
            FROM account_holders h JOIN account_holders o USING (creditor, account_id)
            WHERE h.customer_id = ANY (these));
        concerned text[];
    BEGIN
        IF NOT linked <@ these THEN
            linked = persons(linked);
        END IF;
        concerned = ARRAY(SELECT around(linked) EXCEPT SELECT unnest(these));
        IF concerned <> '{}' THEN
            PERFORM raise_facts(concerned);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER bump_persons AFTER INSERT ON account_holders
        REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION bump_by_holders()
    """,
    """
    CREATE FUNCTION bump_by_name() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        linked text[] = ARRAY(
            SELECT DISTINCT o.customer_id
            FROM account_holders h JOIN account_holders o USING (creditor, account_id)
            WHERE h.customer_id = NEW.customer_id);
    BEGIN
        IF linked <> '{}' THEN
            PERFORM raise_facts(ARRAY(SELECT around(persons(linked))));
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER bump_persons AFTER UPDATE OF name ON customers FOR EACH ROW
        WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION bump_by_name()
    """,
)

ACCOUNTS = (
    """
    CREATE OR REPLACE TRIGGER bump AFTER UPDATE ON accounts FOR EACH ROW
        WHEN ((OLD.customer_id, OLD.balance, OLD.currency, OLD.status, OLD.close_reason,
                OLD.hold_until, OLD.oldest_due_date, OLD.strategy, OLD.since, OLD.formerly)
            IS DISTINCT FROM (NEW.customer_id, NEW.balance, NEW.currency, NEW.status,
                NEW.close_reason, NEW.hold_until, NEW.oldest_due_date, NEW.strategy, NEW.since,
                NEW.formerly))
        EXECUTE FUNCTION bump_both()
    """,
    """
    CREATE FUNCTION bump_beside() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        concerned text[] = ARRAY(
            SELECT DISTINCT n.customer_id FROM added n JOIN accounts a USING (customer_id)
            WHERE NOT EXISTS (SELECT FROM added o
                WHERE o.creditor = a.creditor AND o.account_id = a.account_id));
    BEGIN
        IF concerned <> '{}' THEN
            PERFORM raise_facts(concerned);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER bump_beside AFTER INSERT ON accounts
        REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION bump_beside()
    """,
    """
    CREATE TRIGGER bump AFTER INSERT ON payments
        FOR EACH ROW EXECUTE FUNCTION bump_by_account()
    """,
)

# What has reached a person may count where what was only sent did not, and a late receipt takes a
# failure back, after which another channel was to be tried.
CONTACTS = (
    """
    CREATE FUNCTION bump_by_contact() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM raise_facts(ARRAY[NEW.customer_id] || ARRAY(
            SELECT q.customer_id FROM contact_points p JOIN contact_points q USING (address_key)
            WHERE p.contact_point_id = NEW.contact_point_id
            UNION ALL
            SELECT holders_of(about)
            FROM unnest(NEW.covers || (NEW.creditor || '/' || NEW.account_id)) AS about));
        RETURN NEW;
    END $$
    """,
    "DROP TRIGGER bump_by_conversation ON attempts",
    """
    CREATE TRIGGER bump AFTER UPDATE OF state, outcome ON attempts FOR EACH ROW
        WHEN (OLD.outcome IS DISTINCT FROM NEW.outcome
            OR OLD.state <> NEW.state AND NEW.state IN ('delivered', 'undelivered'))
        EXECUTE FUNCTION bump_by_contact()
    """,
)


def upgrade() -> None:
    # Built beside running workers and gateways, as in 0009.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for statement in INDEX:
            op.execute(statement)
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
    for statement in (*WHO, *EVENTS, *ADDRESSES, *PERSONS, *ACCOUNTS, *CONTACTS):
        op.execute(statement)
