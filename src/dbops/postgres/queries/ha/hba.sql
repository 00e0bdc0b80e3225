-- Who may log in, as the file now is. Needs SELECT on pg_hba_file_rules and EXECUTE on its function.
SELECT json_agg(json_build_object(
    'line', line_number, 'kind', type, 'databases', database, 'users', user_name,
    'address', address, 'netmask', netmask, 'method', auth_method, 'error', error
) ORDER BY line_number) FROM pg_hba_file_rules
