-- Verify shop:app/index on pg

BEGIN;

-- XXX Add verifications here.

ROLLBACK;
