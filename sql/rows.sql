-- Rows for the worked example, as a shop has after two years: 20,000 customers and 300,000 orders, few of them unpaid.
-- The same rows each time, so that a plan can be compared with the one before.
INSERT INTO customers (email, name, created_at)
SELECT 'customer' || i || '@example.com', 'Customer ' || i, timestamptz '2024-01-01 00:00 UTC' + i * interval '52 minutes'
FROM generate_series(1, 20000) AS i;

INSERT INTO orders (customer_id, status, total_cents, placed_at, note)
SELECT
    1 + (i * 7919) % 20000,
    (CASE WHEN i % 50 = 0 THEN 'new' WHEN i % 11 = 0 THEN 'cancelled' WHEN i % 3 = 0 THEN 'paid' ELSE 'shipped' END)
        ::order_status,
    100 + (i * 104729) % 50000,
    timestamptz '2024-01-01 00:00 UTC' + ((i * 65537) % 300000) * interval '210 seconds',
    repeat('n', (i % 60)::int)
FROM generate_series(1::bigint, 300000) AS i;

ANALYZE customers, orders;
