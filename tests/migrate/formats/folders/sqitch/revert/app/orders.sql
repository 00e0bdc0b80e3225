-- Revert shop:app/orders to pg

BEGIN;

DROP TABLE orders;

COMMIT;
