-- Whether a role has a password.
SELECT 'pg_authid' AS class, r.oid, r.rolpassword IS NOT NULL AS has_password
FROM pg_authid AS r
