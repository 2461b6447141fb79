-- The roles of Contrapunto, once for each server, by whoever may make roles (CREATEROLE).
--
-- None of them logs in. Make a user for each process, with a password or a certificate of its own:
--
--     CREATE ROLE worker_1 LOGIN PASSWORD '...' IN ROLE contrapunto_worker;
--     CREATE ROLE migrator LOGIN PASSWORD '...' IN ROLE contrapunto_migrate;
--     ALTER ROLE migrator SET role = contrapunto_migrate;   -- so that the role owns what it makes
--
-- Doing it again changes nothing.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['migrate', 'worker', 'gateway', 'api', 'relay', 'operator',
        'readonly'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'contrapunto_' || name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', 'contrapunto_' || name);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    -- Taking in works in temporary tables, also what is put over the API.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO contrapunto_api, contrapunto_operator',
        current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO contrapunto_migrate, contrapunto_worker, '
        'contrapunto_gateway, contrapunto_api, contrapunto_relay, contrapunto_operator, '
        'contrapunto_readonly', current_database());
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO contrapunto_migrate;
GRANT USAGE ON SCHEMA public TO contrapunto_worker, contrapunto_gateway, contrapunto_api,
    contrapunto_relay, contrapunto_operator, contrapunto_readonly;
