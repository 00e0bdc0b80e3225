-- depends: 20260104_01_PqRsT-touch-orders
-- transactional: false

CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer_id);
