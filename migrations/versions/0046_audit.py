"""Who did what: entries that are only ever added, chained by digests, without anything personal.

Sixteen chains, of which each transaction takes one that is free: writers do not queue behind one
lock, and an entry is chained in the transaction of what it tells. What is personal stands in it as
a digest with a key of the person, and in words beside it; an erasure takes key and words away, and
the chain still holds.

Only adds: processes that know nothing of it go on, and write no entry.
"""

from alembic import op

revision = "0046"
down_revision = "0045"

_TABLES = (
    """
    CREATE TABLE audit (
        lane smallint NOT NULL,
        place bigint NOT NULL,
        at timestamptz NOT NULL,
        act text NOT NULL,
        actor text NOT NULL,
        what text NOT NULL,
        stage text NOT NULL CHECK (stage IN ('began', 'asked', 'changed', 'caused', 'looked',
            'failed', 'loaded', 'forgot')),
        person uuid,
        account text,
        message text,
        reason text,
        told jsonb NOT NULL,
        digest bytea NOT NULL,
        PRIMARY KEY (lane, place)
    )
    """,
    "COMMENT ON TABLE audit IS 'who did what; rows are only added'",
    "COMMENT ON COLUMN audit.lane IS 'which of the chains'",
    "COMMENT ON COLUMN audit.act IS 'one command or call, with all that it did'",
    "COMMENT ON COLUMN audit.person IS 'whom it is about, as audit_persons has them'",
    "COMMENT ON COLUMN audit.account IS 'digest of creditor/account_id, with the person''s key'",
    "COMMENT ON COLUMN audit.message IS 'digest of the id of a message to the account''s workflow'",
    "COMMENT ON COLUMN audit.reason IS 'digest of the words in audit_words'",
    "COMMENT ON COLUMN audit.digest IS 'sha256 of the digest before it in the lane, and this row'",
    "CREATE INDEX audit_by_person ON audit (person) WHERE person IS NOT NULL",
    "CREATE INDEX audit_by_account ON audit (account) WHERE account IS NOT NULL",
    "CREATE INDEX audit_by_message ON audit (message) WHERE message IS NOT NULL",
    "CREATE INDEX audit_by_time ON audit (at)",
    """
    CREATE TABLE audit_lanes (
        lane smallint PRIMARY KEY,
        place bigint NOT NULL,
        digest bytea NOT NULL
    ) WITH (fillfactor = 10)
    """,
    "COMMENT ON TABLE audit_lanes IS 'the last entry of each chain'",
    "INSERT INTO audit_lanes SELECT n, 0, '' FROM generate_series(0, 15) AS n",
    """
    CREATE TABLE audit_words (
        lane smallint NOT NULL,
        place bigint NOT NULL,
        salt bytea NOT NULL,
        words text NOT NULL,
        PRIMARY KEY (lane, place)
    )
    """,
    "COMMENT ON TABLE audit_words IS 'the reason of an entry, in words; an erasure takes it away'",
    """
    CREATE TABLE audit_persons (
        customer_id text PRIMARY KEY,
        person uuid NOT NULL UNIQUE,
        key bytea NOT NULL
    )
    """,
    "COMMENT ON TABLE audit_persons IS 'under which name, and with which key, the audit speaks of "
    "a customer; an erasure takes it away'",
)

# They may what whoever asks may not: add to the audit, and nothing else.
_DEFINER = "SECURITY DEFINER SET search_path FROM CURRENT"

_FUNCTIONS = (
    """
    CREATE FUNCTION audit_mark(key bytea, said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT left(encode(sha256(key || sha256(key || convert_to(said, 'UTF8'))), 'hex'), 32) $$
    """,
    """
    CREATE FUNCTION audit_person(of_customer text) RETURNS audit_persons LANGUAGE plpgsql
    %DEFINER% AS $$
    DECLARE
        known audit_persons;
    BEGIN
        SELECT * INTO known FROM audit_persons WHERE customer_id = of_customer;
        IF NOT FOUND AND of_customer IS NOT NULL THEN
            INSERT INTO audit_persons SELECT of_customer, gen_random_uuid(),
                sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                    || uuid_send(gen_random_uuid()))
            WHERE EXISTS (SELECT FROM customers WHERE customer_id = of_customer)
                OR EXISTS (SELECT FROM accounts WHERE customer_id = of_customer)
            ON CONFLICT DO NOTHING;
            SELECT * INTO known FROM audit_persons WHERE customer_id = of_customer;
        END IF;
        RETURN known;
    END $$
    """,
    # The lane that this transaction has already, or one that nobody holds, or else whichever.
    """
    CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql %DEFINER% AS $$
    DECLARE
        mine smallint := nullif(current_setting('contrapunto.audit_lane', true), '');
        head audit_lanes;
    BEGIN
        IF mine IS NULL THEN
            SELECT * INTO head FROM audit_lanes ORDER BY (lane + pg_backend_pid()) % 16
            LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                INSERT INTO audit_lanes SELECT n, 0, '' FROM generate_series(0, 15) AS n
                ON CONFLICT DO NOTHING;
                mine := pg_backend_pid() % 16;
            END IF;
        END IF;
        IF mine IS NOT NULL THEN
            SELECT * INTO STRICT head FROM audit_lanes WHERE lane = mine FOR UPDATE;
        END IF;
        PERFORM set_config('contrapunto.audit_lane', head.lane::text, true);
        NEW.lane := head.lane;
        NEW.place := head.place + 1;
        NEW.at := clock_timestamp();
        NEW.digest := sha256(head.digest || convert_to(jsonb_build_array(NEW.lane, NEW.place,
            to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), NEW.act, NEW.actor,
            NEW.what, NEW.stage, NEW.person, NEW.account, NEW.message, NEW.reason, NEW.told)::text,
            'UTF8'));
        UPDATE audit_lanes SET place = NEW.place, digest = NEW.digest WHERE lane = NEW.lane;
        RETURN NEW;
    END $$
    """,
    # An account is named creditor/account_id, or as somebody typed it.
    """
    CREATE FUNCTION audit_write(of_act text, by_actor text, of_what text, at_stage text,
        of_customer text, of_account text, of_message text, why text, was text, became text,
        saying jsonb) RETURNS void LANGUAGE plpgsql %DEFINER% AS $$
    DECLARE
        who audit_persons;
        named text := of_account;
        whose text := of_customer;
        salt bytea;
        one record;
        wrote record;
    BEGIN
        IF named IS NOT NULL THEN
            SELECT a.creditor || '/' || a.account_id AS key, a.customer_id INTO one
            FROM accounts a
            WHERE a.creditor = split_part(named, '/', 1)
                AND a.account_id = substr(named, strpos(named, '/') + 1);
            IF NOT FOUND THEN
                SELECT min(a.creditor || '/' || a.account_id) AS key, min(a.customer_id)
                    AS customer_id INTO one
                FROM accounts a WHERE spelt(a.account_id) = spelt(named) HAVING count(*) = 1;
            END IF;
            IF FOUND THEN
                named := one.key;
                whose := coalesce(whose, one.customer_id);
            END IF;
        END IF;
        who := audit_person(whose);
        IF why IS NOT NULL THEN
            salt := uuid_send(gen_random_uuid());
        END IF;
        INSERT INTO audit (act, actor, what, stage, person, account, message, reason, told)
        VALUES (of_act, by_actor, of_what, at_stage, who.person, audit_mark(who.key, named),
            audit_mark(who.key, of_message), encode(sha256(salt || convert_to(why, 'UTF8')), 'hex'),
            coalesce(saying, '{}') || CASE WHEN was IS NULL AND became IS NULL THEN '{}'
                ELSE jsonb_build_object('before', audit_mark(who.key, was),
                    'after', audit_mark(who.key, became)) END)
        RETURNING lane, place INTO wrote;
        IF why IS NOT NULL THEN
            INSERT INTO audit_words VALUES (wrote.lane, wrote.place, salt, why);
        END IF;
    END $$
    """,
    # Arguments: the column that says which row; the columns told as they are; the column that says
    # why, if there is one. All others are told by a digest with the key of the person.
    """
    CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql %DEFINER% AS $$
    DECLARE
        act jsonb := current_setting('contrapunto.act', true);
        was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
        became jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
        one jsonb := coalesce(became, was);
        plain text[] := string_to_array(TG_ARGV[1], ' ');
        whose text := one->>'customer_id';
        named text := (one->>'creditor') || '/' || (one->>'account_id');
        who audit_persons;
        told jsonb[];
        side jsonb;
        why text;
    BEGIN
        IF whose IS NULL AND named IS NOT NULL THEN
            SELECT a.customer_id INTO whose FROM accounts a
            WHERE a.creditor = one->>'creditor' AND a.account_id = one->>'account_id';
        ELSIF one ? 'attempt_id' AND whose IS NULL THEN
            SELECT t.customer_id, t.creditor || '/' || t.account_id INTO whose, named
            FROM attempts t WHERE t.attempt_id = one->>'attempt_id';
        ELSIF one ? 'inbound_id' AND whose IS NULL THEN
            SELECT i.customer_id INTO whose FROM inbound i
            WHERE i.provider = one->>'provider' AND i.inbound_id = one->>'inbound_id';
        END IF;
        who := audit_person(whose);
        FOREACH side IN ARRAY ARRAY[was, became] LOOP
            told := told || (
                SELECT jsonb_object_agg(c.key, CASE
                    WHEN c.value = 'null' OR c.key = ANY (plain) THEN c.value
                    WHEN who.key IS NULL THEN '"?"'
                    ELSE to_jsonb('#' || audit_mark(who.key, c.value #>> '{}')) END)
                FROM jsonb_each(side) AS c
                WHERE c.key NOT IN ('customer_id', 'account_id')
                    AND (TG_OP = 'UPDATE' OR c.value <> 'null')
                    AND (TG_OP <> 'UPDATE' OR c.key = TG_ARGV[0]
                        OR was->c.key IS DISTINCT FROM became->c.key));
        END LOOP;
        IF TG_OP <> 'UPDATE' OR was->TG_ARGV[2] IS DISTINCT FROM became->TG_ARGV[2] THEN
            why := one->>TG_ARGV[2];
        END IF;
        PERFORM audit_write(act->>'act', act->>'actor', act->>'what', 'changed', whose, named, NULL,
            coalesce(why, act->>'reason'), NULL, NULL, jsonb_build_object('table', TG_TABLE_NAME,
                'did', lower(TG_OP), 'before', told[1], 'after', told[2]));
        RETURN NULL;
    END $$
    """,
    # What was asked of a workflow is done by a worker: whoever asked is the actor of what follows
    # in the transaction in which the message is recorded.
    """
    CREATE FUNCTION audit_cause() RETURNS trigger LANGUAGE plpgsql %DEFINER% AS $$
    DECLARE
        asked record;
        act jsonb := nullif(current_setting('contrapunto.act', true), '');
    BEGIN
        SELECT e.act, e.actor, e.what, a.customer_id INTO asked
        FROM accounts a JOIN audit_persons p USING (customer_id)
            JOIN audit e ON e.message = audit_mark(p.key, NEW.message_id) AND e.stage = 'asked'
        WHERE a.creditor = NEW.creditor AND a.account_id = NEW.account_id
        ORDER BY e.at DESC LIMIT 1;
        IF FOUND THEN
            PERFORM set_config('contrapunto.act', jsonb_build_object('act', asked.act, 'actor',
                asked.actor, 'what', asked.what, 'caused', true)::text, true);
            PERFORM audit_write(asked.act, asked.actor, asked.what, 'caused', asked.customer_id,
                NEW.creditor || '/' || NEW.account_id, NEW.message_id, NEW.refused, NULL, NULL,
                jsonb_build_object('message', NEW.kind, 'refused', NEW.refused IS NOT NULL));
        ELSIF act ? 'caused' THEN
            PERFORM set_config('contrapunto.act', '', true);
        END IF;
        RETURN NULL;
    END $$
    """,
    # The keys and words of people are taken away; that it was done is an entry, without their ids.
    """
    CREATE FUNCTION audit_forget(customers text[], of_act text, by_actor text, of_what text)
    RETURNS integer LANGUAGE plpgsql %DEFINER% AS $$
    DECLARE
        gone audit_persons;
        count integer := 0;
    BEGIN
        PERFORM set_config('contrapunto.forgetting', 'on', true);
        FOR gone IN SELECT * FROM audit_persons WHERE customer_id = ANY (customers)
            ORDER BY customer_id FOR UPDATE
        LOOP
            INSERT INTO audit (act, actor, what, stage, person, told)
            VALUES (of_act, by_actor, of_what, 'forgot', gone.person, '{}');
            DELETE FROM audit_words w USING audit e
            WHERE e.person = gone.person AND w.lane = e.lane AND w.place = e.place;
            DELETE FROM audit_persons WHERE customer_id = gone.customer_id;
            count := count + 1;
        END LOOP;
        PERFORM set_config('contrapunto.forgetting', '', true);
        RETURN count;
    END $$
    """,
    """
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('contrapunto.forgetting', true) = 'on'
            AND TG_TABLE_NAME IN ('audit_words', 'audit_persons') THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION audit_forget FROM PUBLIC",
    "REVOKE ALL ON audit, audit_lanes, audit_words, audit_persons FROM PUBLIC",
)

_GUARDS = (
    "CREATE TRIGGER audit_chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_chain()",
    *(
        f"CREATE TRIGGER audit_refuse BEFORE {what} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        for table, what in {
            "audit": "UPDATE OR DELETE OR TRUNCATE",
            "audit_words": "UPDATE OR DELETE OR TRUNCATE",
            "audit_persons": "UPDATE OR DELETE OR TRUNCATE",
            "audit_lanes": "DELETE OR TRUNCATE",
        }.items()
    ),
)

_UNDER_AN_ACT = "current_setting('contrapunto.act', true) <> ''"

_AGREED = "UPDATE OR INSERT"
# table: when, which row, columns told as they are, why
ROWS: dict[str, tuple[str, str, str, str]] = {
    "settlements": ("INSERT", "attempt_id", "outcome settled_by settled_at", "note"),
    "settlement_offers": (
        _AGREED,
        "offer_id",
        "creditor balance amount offered_at offered_by offered_as authorized approved_by "
        "approved_as approved_at expires_on pay_within_days grace_days accepted_at accepted_how "
        "due_on state ended_at",
        "ended_why",
    ),
    "payment_plans": (
        _AGREED,
        "plan_id",
        "creditor instalments grace_days broken_after reaged_after agreed_at state ended_at",
        "ended_why",
    ),
    "promises": (
        _AGREED,
        "promise_id",
        "creditor amount due_on made_at state settled_at parts recorded_by",
        "",
    ),
    "payments": ("INSERT", "payment_id", "creditor amount paid_at", ""),
    "disputes": (
        _AGREED,
        "dispute_id",
        "creditor reason opened_at answer_due asked state resolved_at corrected_at",
        "resolved_why",
    ),
    "hardships": (
        _AGREED,
        "hardship_id",
        "creditor began_at review_date review_asked person_asked state ended_at",
        "ended_why",
    ),
    "law_events": ("INSERT", "event_id", "kind at channel recorded_at recorded_by", ""),
    "consent_proofs": ("INSERT", "event_id", "channel given_at told_by recorded_at", ""),
    "preferences": ("INSERT", "preference_id", "said_at recorded_at recorded_by", ""),
    "persons_only": (_AGREED, "since", "since told_by asked_at ended_at ended_by", ""),
    "work_items": (
        _AGREED,
        "work_id",
        "work_id reason priority opened_at due_at claimed_by claim_ends outcome done_by done_at "
        "lacking",
        "note",
    ),
    "manual_contacts": (
        _AGREED,
        "contact_id",
        "action creditor channel direction began_at state result outcome callback_at "
        "promised_amount promised_for ended_at by_whom against_rule recorded_at",
        "note",
    ),
    "person_messages": (
        _AGREED,
        "message_id",
        "creditor channel template by_whom at refused_at rule next_allowed_at",
        "why",
    ),
    "documents": (
        _AGREED,
        "document_id",
        "kind creditor media_type bytes valid_from valid_until recorded_at withdrawn_at",
        "",
    ),
    "account_parties": (_AGREED, "role", "role creditor since until told_by as_of", ""),
    "reading_corrections": (_AGREED, "inbound_id", "provider corrected_by corrected_at", ""),
    "report_findings": (
        "UPDATE",
        "finding_id",
        "finding_id kind first_day last_day opened_at seen done_by done_at",
        "note",
    ),
    "experiments": ("INSERT", "experiment", "experiment registered_at", ""),
    "experiment_findings": (
        _AGREED,
        "experiment",
        "experiment arm kind found_at verdict figures",
        "why",
    ),
    "strategy_choices": (
        "INSERT",
        "choice",
        "choice strategy creditor segment chosen_by arm before segment_before at",
        "",
    ),
    "ledger_resumptions": (
        "INSERT",
        "resumed_at",
        "resumed_at halted_at halted_why resumed_by",
        "note",
    ),
    "webhook_endpoints": (
        "UPDATE",
        "endpoint",
        "endpoint seen_at disabled_at disabled_why",
        "",
    ),
}

# Of accounts what people change; never what planning writes after each contact.
_ACCOUNT = (
    "status close_reason closed_at hold_until strategy segment chosen_by pinned pinned_as_of "
    "balance balance_as_of oldest_due_date since currency score_as_of attributes_as_of creditor"
)
_OF_ACCOUNT = ("status", "hold_until", "hold_reason", "pinned", "balance", "oldest_due_date")
_OF_POINT = ("consented", "suppressed", "current")


def _trigger(table: str, when: str, row: str, plain: str, why: str, only: str = "") -> str:
    return (
        f"CREATE TRIGGER audit_row AFTER {when} ON {table} FOR EACH ROW "
        f"WHEN ({_UNDER_AN_ACT}{only}) EXECUTE FUNCTION audit_row('{row}', '{plain}', '{why}')"
    )


def _of(table: str, columns: tuple[str, ...], row: str, plain: str, why: str) -> str:
    old, new = (", ".join(f"{one}.{name}" for name in columns) for one in ("OLD", "NEW"))
    only = f" AND ({old}) IS DISTINCT FROM ({new})"
    return _trigger(table, f"UPDATE OF {', '.join(columns)}", row, plain, why, only)


_WATCHED = (
    *(_trigger(table, *told) for table, told in ROWS.items()),
    _of("accounts", _OF_ACCOUNT, "creditor", _ACCOUNT, "hold_reason"),
    _of(
        "contact_points",
        _OF_POINT,
        "contact_point_id",
        "channel kind consented current suppressed suppressed_at",
        "",
    ),
    "CREATE TRIGGER audit_cause AFTER INSERT ON messages FOR EACH ROW "
    "EXECUTE FUNCTION audit_cause()",
)


def upgrade() -> None:
    # One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
    for statement in (*_TABLES, *_FUNCTIONS, *_GUARDS, *_WATCHED):
        op.execute(statement.replace("%DEFINER%", _DEFINER))
