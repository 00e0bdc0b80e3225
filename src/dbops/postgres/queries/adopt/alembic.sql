SELECT coalesce(json_agg(json_build_object('version', version_num) ORDER BY version_num), '[]') FROM :"schema".:"table"
