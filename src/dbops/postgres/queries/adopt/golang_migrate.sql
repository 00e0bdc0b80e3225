SELECT coalesce(json_agg(json_build_object('version', version::text, 'dirty', dirty)), '[]') FROM :"schema".:"table"
