-- What each role may do, by whoever owns the tables; `contrapunto migrate` does it after each
-- migration, once roles.sql has been. Doing it again changes nothing.
--
-- Tests run every statement of each process as its role, and its real work.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, contrapunto_worker, contrapunto_gateway,
    contrapunto_api, contrapunto_relay, contrapunto_operator, contrapunto_readonly;
GRANT SELECT ON alembic_version, attempt_moves, state_moves TO contrapunto_worker,
    contrapunto_gateway, contrapunto_api, contrapunto_relay;

-- Worker: reads what planning looks at, keeps the ledger and the facts that it is told.
GRANT SELECT ON account_holders, account_parties, accounts, attached, attempts, calls,
    capacity_counts, capacity_taken, contact_points, customers, deciders, disputes, documents,
    due_schedules, event_creditors, event_outbox, events, experiment_findings, experiment_people,
    experiments, failures, hardships, inbound, law_events, ledger_mark, ledger_resumptions,
    manual_contacts, messages, payment_plans, payments, person_messages, persons_only,
    plan_changes, preferences, promises, provider_events, provider_health, readings,
    report_findings, settlement_offers, strategy_choices, untold, webhook_backlog, work_items,
    attempt_keys, event_keys, message_keys, attempts_history, provider_events_history,
    messages_history, inbound_history, plan_changes_history, attempts_history_default,
    provider_events_history_default, messages_history_default, inbound_history_default,
    plan_changes_history_default, bulk_orders, event_stream, intake_pending, intake_runs
    TO contrapunto_worker;
GRANT INSERT ON account_holders, accounts, attached, attempts, calls, capacity_counts,
    capacity_taken, deciders, disputes, due_schedules, event_outbox, experiment_findings,
    experiment_people, experiments, failures, hardships, law_events, ledger_mark, messages,
    payment_plans, payments, persons_only, plan_changes, promises, provider_health,
    report_findings, settlement_offers, strategy_choices, untold, work_items
    TO contrapunto_worker;
GRANT UPDATE ON accounts, attempts, capacity_counts, disputes, due_schedules, failures,
    hardships, ledger_mark, messages, payment_plans, person_messages, persons_only, promises,
    report_findings, settlement_offers, work_items TO contrapunto_worker;
GRANT UPDATE (facts) ON customers TO contrapunto_worker;
GRANT UPDATE (suppressed, suppressed_at) ON contact_points TO contrapunto_worker;
GRANT DELETE ON capacity_taken, law_events, provider_health, untold TO contrapunto_worker;

-- Gateway: what providers and customers say. It may neither begin a contact nor change a debt.
GRANT SELECT ON account_holders, account_parties, accounts, attempts, calls, capacity_counts,
    capacity_taken, contact_points, customers, disputes, event_creditors, inbound, law_events,
    ledger_mark, manual_contacts, payment_plans, person_messages, persons_only, preferences,
    promises, provider_events, reading_corrections, readings, settlement_offers, webhook_backlog,
    work_items, documents, attached, payments, due_schedules, hardships, attempt_keys, event_keys,
    message_keys, attempts_history, provider_events_history, messages_history, inbound_history,
    bulk_orders TO contrapunto_gateway;
GRANT INSERT ON event_outbox, inbound, law_events, preferences, provider_events, readings,
    webhook_backlog, work_items TO contrapunto_gateway;
GRANT UPDATE ON capacity_counts, provider_events, webhook_backlog, work_items
    TO contrapunto_gateway;
GRANT UPDATE (state, settled_at, reconcile_at, provider_message_id, refusal, code, outcome)
    ON attempts TO contrapunto_gateway;
GRANT UPDATE (facts) ON customers TO contrapunto_gateway;
GRANT UPDATE (suppressed, suppressed_at) ON contact_points TO contrapunto_gateway;
GRANT DELETE ON capacity_taken, law_events TO contrapunto_gateway;

-- API: what upstream systems bring, and what people do. It sends nothing, so it makes no attempt.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO contrapunto_api;
REVOKE SELECT ON webhook_dead, webhook_endpoints, audit, audit_lanes, audit_words, audit_persons,
    legal_holds FROM contrapunto_api;
GRANT INSERT ON account_holders, account_parties, accounts, bulk_orders, bulk_wakes, consent_proofs, contact_points,
    customers, disputes, due_schedules, event_outbox, hardships, inbound, intake_pending,
    intake_runs, law_events, manual_contacts, messages, payment_plans, payments, person_messages,
    persons_only, preferences, promises, reading_corrections, readings, report_findings,
    request_keys, settlement_offers, strategy_choices, untold, work_items TO contrapunto_api;
GRANT UPDATE ON account_parties, accounts, bulk_orders, bulk_wakes, contact_points, customers, disputes, due_schedules,
    hardships, intake_pending, intake_runs, manual_contacts, messages, payment_plans,
    person_messages, persons_only, promises, report_findings, request_keys, settlement_offers,
    work_items TO contrapunto_api;
GRANT DELETE ON intake_pending, intake_runs, law_events, request_keys, settlement_offers, untold
    TO contrapunto_api;

-- Relay: numbers events and delivers them; words only where an endpoint asks for them.
GRANT SELECT ON account_holders, accounts, contact_points, customers, event_creditors,
    event_outbox, event_stream, events, inbound, webhook_dead, webhook_endpoints, webhook_lanes
    TO contrapunto_relay;
GRANT INSERT ON event_creditors, event_stream, events, webhook_dead, webhook_endpoints,
    webhook_lanes TO contrapunto_relay;
GRANT UPDATE ON event_stream, webhook_dead, webhook_endpoints, webhook_lanes TO contrapunto_relay;
GRANT DELETE ON event_creditors, event_outbox, events, webhook_dead, webhook_lanes
    TO contrapunto_relay;

-- Operator: the commands, intake and erasure among them. No schema.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO contrapunto_operator;
REVOKE INSERT, UPDATE, DELETE ON alembic_version, attempt_moves, state_moves, audit, audit_lanes,
    audit_words, audit_persons FROM contrapunto_operator;
GRANT EXECUTE ON FUNCTION audit_forget TO contrapunto_operator;
-- Intake counts what it has just written (ANALYZE); without the right PostgreSQL warns, and does not.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        EXECUTE 'GRANT MAINTAIN ON customers, contact_points, accounts, law_events, intake_pending '
            'TO contrapunto_operator, contrapunto_api';
    END IF;
END $$;

-- Read-only: reports of a replica, auditors, dashboards.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO contrapunto_readonly;
