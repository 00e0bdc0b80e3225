-- Who may log in, as the file now is, in the order in which rules are tried (16 and newer: with the files it includes).
-- Needs SELECT on pg_hba_file_rules and EXECUTE on its function.
SELECT json_agg(json_build_object(
    'line', line_number, 'kind', type, 'databases', database, 'users', user_name,
    'address', address, 'netmask', netmask, 'method', auth_method, 'error', error,
    'file', to_jsonb(r) ->> 'file_name'
) ORDER BY (to_jsonb(r) ->> 'rule_number')::int4, line_number) FROM pg_hba_file_rules r
