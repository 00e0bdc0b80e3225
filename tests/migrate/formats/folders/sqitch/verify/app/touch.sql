-- Verify shop:app/touch on pg

BEGIN;

-- XXX Add verifications here.

ROLLBACK;
