DROP INDEX CONCURRENTLY orders_updated;
DROP INDEX CONCURRENTLY orders_by_customer;
