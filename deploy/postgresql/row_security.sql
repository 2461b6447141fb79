-- Whose rows the API sees: those of the creditors of whoever asks, which it tells with each
-- connection that it takes (contrapunto.creditors; * for everybody's). Told nothing it sees nothing.
--
-- All other roles see every row, by a policy that PostgreSQL plans away; the owner needs none. By
-- whoever owns the tables, after grants.sql. Doing it again changes nothing.
DO $$
DECLARE
    everybody constant text := '(SELECT current_setting(''contrapunto.creditors'', true)) = ''*''';
    listed constant text :=
        '((SELECT string_to_array(current_setting(''contrapunto.creditors'', true), ''/''))::text[])';
    others constant text := 'contrapunto_worker, contrapunto_gateway, contrapunto_relay, '
        'contrapunto_operator, contrapunto_readonly';
    of_creditor constant text := 'creditor = ANY ' || listed;
    -- A contact that speaks of several accounts is seen by the creditor of each.
    of_any constant text := of_creditor || ' OR EXISTS (SELECT FROM unnest(covers) AS c (key) '
        'WHERE split_part(c.key, ''/'', 1) = ANY ' || listed || ')';
    -- Whoever has or had an account of theirs, or stands for one.
    of_customer constant text := 'EXISTS (SELECT FROM accounts a WHERE a.customer_id = %1$I.customer_id) '
        'OR EXISTS (SELECT FROM account_holders h WHERE h.customer_id = %1$I.customer_id) '
        'OR EXISTS (SELECT FROM account_parties p WHERE p.customer_id = %1$I.customer_id)';
    one record;
BEGIN
    FOR one IN
        SELECT t.name, of_creditor AS seen FROM unnest(ARRAY['accounts', 'account_holders',
            'account_parties', 'attempt_keys', 'disputes', 'documents', 'due_schedules', 'event_outbox', 'events',
            'experiment_people', 'failures', 'hardships', 'messages', 'payment_plans', 'payments',
            'messages_history', 'person_messages', 'plan_changes', 'plan_changes_history', 'promises',
            'settlement_offers', 'strategy_choices']) AS t (name)
        UNION ALL
        SELECT t.name, of_any FROM unnest(ARRAY['attempts', 'attempts_history', 'manual_contacts']) AS t (name)
        UNION ALL
        SELECT t.name, format(of_customer, t.name)
        FROM unnest(ARRAY['consent_proofs', 'contact_points', 'customers']) AS t (name)
    LOOP
        -- Each of these waits for whoever uses the table: not where it has been done.
        CONTINUE WHEN EXISTS (SELECT FROM pg_policies p
            WHERE p.schemaname = 'public' AND p.tablename = one.name AND p.policyname = 'of_creditor');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one.name);
        EXECUTE format('CREATE POLICY everybodys ON %I TO %s USING (true) WITH CHECK (true)', one.name,
            others);
        EXECUTE format('CREATE POLICY of_creditor ON %I TO contrapunto_api USING (%s OR %s)', one.name,
            everybody, one.seen);
    END LOOP;
END $$;
