-- Revert shop:app/customers to pg

BEGIN;

DROP TABLE customers;

COMMIT;
