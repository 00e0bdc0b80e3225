-- All there is to know of what was applied, in the order it was applied; and the last failure of each version.
SELECT json_build_object(
    'rows', (SELECT coalesce(json_agg(json_build_object(
            'version', version, 'name', name, 'checksum', checksum, 'state', state,
            'applied_at', to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'execution_ms', execution_ms, 'transactional', transactional
        ) ORDER BY applied_order), '[]') FROM :"schema".schema_migrations),
    'steps', (SELECT coalesce(json_agg(json_build_object(
            'version', version, 'direction', direction, 'step', step, 'statement_hash', statement_hash,
            'state', state, 'backend_pid', backend_pid, 'backend_start', backend_start,
            'target_existed', target_existed
        ) ORDER BY version, step), '[]') FROM :"schema".migration_steps),
    'failures', (SELECT coalesce(json_agg(json_build_object(
            'version', l.version, 'at', to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'action', l.action, 'error_code', l.error_code, 'error', l.error)), '[]')
        FROM (SELECT DISTINCT ON (version) * FROM :"schema".migration_log ORDER BY version, id DESC) AS l
        WHERE l.outcome = 'failed')
)
