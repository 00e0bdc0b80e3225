-- Verify shop:app/customers on pg

BEGIN;

-- XXX Add verifications here.

ROLLBACK;
