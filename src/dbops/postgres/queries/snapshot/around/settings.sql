-- How everything is to be spelt: qualified, quoted only where needed, and independent of role and database.
SELECT to_json(set_config('statement_timeout', :'statement_timeout', true)),
    set_config('lock_timeout', :'lock_timeout', true),
    set_config('search_path', 'pg_catalog', true),
    set_config('quote_all_identifiers', 'off', true),
    set_config('DateStyle', 'ISO', true),
    set_config('IntervalStyle', 'postgres', true),
    set_config('TimeZone', 'UTC', true),
    set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true)
