-- Revert shop:app/touch to pg

BEGIN;

DROP TRIGGER orders_touch ON orders;
DROP FUNCTION touch();

COMMIT;
