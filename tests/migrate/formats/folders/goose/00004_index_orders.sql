-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer_id);
CREATE INDEX CONCURRENTLY orders_updated ON orders (updated_at) WHERE updated_at IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS orders_updated;
DROP INDEX CONCURRENTLY IF EXISTS orders_by_customer;
