-- Deploy shop:app/index to pg
-- requires: app/orders
-- requires: app/touch@v1.0

CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer_id);
