-- What a failed REINDEX CONCURRENTLY of this index or table leaves: INVALID copies named …_ccnew and …_ccold.
SELECT json_agg(quote_ident(n.nspname) || '.' || quote_ident(i.relname))
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_namespace AS n ON n.oid = i.relnamespace
WHERE NOT x.indisvalid AND i.relname ~ '_cc(new|old)[0-9]*$'
  AND (x.indrelid = to_regclass(:'relation')
       OR x.indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(:'relation')))
