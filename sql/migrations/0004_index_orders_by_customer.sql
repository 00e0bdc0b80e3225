-- Outside a transaction, because it is CONCURRENTLY: journalled, and resumed if it fails.

-- migrate:up
CREATE INDEX CONCURRENTLY orders_customer_id_placed_at ON orders (customer_id, placed_at DESC);

-- migrate:down
DROP INDEX CONCURRENTLY orders_customer_id_placed_at;
