-- Configurations of text search with the dictionaries of each type of token.
SELECT 'text search configuration' AS kind, 'pg_ts_config' AS class, c.oid,
    'pg_namespace' AS parent_class, c.cfgnamespace AS parent, quote_ident(c.cfgname) AS name,
    quote_ident(pg_get_userbyid(c.cfgowner)) AS owner,
    p.prsnamespace::regnamespace || '.' || quote_ident(p.prsname) AS parser,
    (
        SELECT array_agg(t.alias || ': ' || m.mapdict::regdictionary ORDER BY t.alias, m.mapseqno)
        FROM pg_ts_config_map AS m JOIN ts_token_type(c.cfgparser) AS t ON t.tokid = m.maptokentype
        WHERE m.mapcfg = c.oid
    ) AS mappings
FROM pg_ts_config AS c JOIN pg_ts_parser AS p ON p.oid = c.cfgparser
WHERE c.oid >= 16384
