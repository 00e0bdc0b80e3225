SELECT to_json(EXISTS (SELECT FROM pg_enum WHERE enumtypid = to_regtype(:'type') AND enumlabel = :'value'))
