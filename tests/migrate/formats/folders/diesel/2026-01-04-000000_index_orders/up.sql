CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer_id);
CREATE INDEX CONCURRENTLY orders_updated ON orders (updated_at) WHERE updated_at IS NOT NULL;
