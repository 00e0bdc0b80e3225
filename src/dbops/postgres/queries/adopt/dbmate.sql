SELECT coalesce(json_agg(json_build_object('version', version::text) ORDER BY version), '[]') FROM :"schema".:"table"
