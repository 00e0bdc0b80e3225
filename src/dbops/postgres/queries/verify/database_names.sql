-- The databases of the server.
SELECT json_agg(datname) FROM pg_database
