-- Version 1 of the history's own tables.
CREATE TABLE :"schema".history_version (
    version integer PRIMARY KEY,
    dbops_version text NOT NULL,
    upgraded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE :"schema".history_version IS 'dbops: which version these tables themselves have';

CREATE TABLE :"schema".schema_migrations (
    version text PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    state text NOT NULL CHECK (state IN ('applied', 'applying', 'reverting')),
    transactional boolean NOT NULL,
    applied_order bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_by text NOT NULL DEFAULT session_user,
    execution_ms bigint,
    run_id text NOT NULL
);
COMMENT ON TABLE :"schema".schema_migrations IS 'dbops: the migrations that are applied';
COMMENT ON COLUMN :"schema".schema_migrations.state IS 'applying, reverting: non-transactional and not finished; migration_steps says how far';
COMMENT ON COLUMN :"schema".schema_migrations.execution_ms IS 'NULL when it was marked, not run';

CREATE TABLE :"schema".migration_steps (
    version text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    step integer NOT NULL,
    statement_hash text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'failed', 'done')),
    backend_pid integer NOT NULL,
    backend_start timestamptz,
    target_existed boolean,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (version, direction, step)
);
COMMENT ON TABLE :"schema".migration_steps IS 'dbops: the statements of non-transactional migrations that are not finished';

CREATE TABLE :"schema".migration_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('ok', 'failed')),
    version text,
    name text,
    checksum text,
    execution_ms bigint,
    run_id text NOT NULL,
    change_id text,
    reason text,
    db_user text NOT NULL DEFAULT session_user,
    db_role text NOT NULL DEFAULT current_user,
    os_user text,
    host text,
    application text,
    dbops_version text NOT NULL,
    error_code text,
    sqlstate text,
    error text
);
COMMENT ON TABLE :"schema".migration_log IS 'dbops: everything that was done or failed; rows are only ever added';

CREATE FUNCTION :"schema".refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$body$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON :"schema".migration_log
    FOR EACH STATEMENT EXECUTE FUNCTION :"schema".refuse_change();
