-- What a repeatable migration made may be gone with what was reverted: `up` runs it again, behind the others.
DELETE FROM :"schema".schema_migrations WHERE version LIKE 'R\_\_%' AND state = 'applied'
