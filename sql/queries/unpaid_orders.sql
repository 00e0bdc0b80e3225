-- The oldest orders that nobody paid, for the mail that reminds of them. `dbops explain` tells why it is slow.
SELECT o.id, o.placed_at, o.total_cents, c.email
FROM orders o JOIN customers c ON c.id = o.customer_id
WHERE o.status = 'new' AND o.placed_at < timestamptz '2025-12-01 00:00 UTC'
ORDER BY o.placed_at
LIMIT 100;
