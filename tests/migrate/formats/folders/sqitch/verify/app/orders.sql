-- Verify shop:app/orders on pg

BEGIN;

-- XXX Add verifications here.

ROLLBACK;
