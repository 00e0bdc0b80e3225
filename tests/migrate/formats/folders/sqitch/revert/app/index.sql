-- Revert shop:app/index from pg

DROP INDEX CONCURRENTLY orders_by_customer;
