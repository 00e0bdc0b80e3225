-- A customer's orders, the newest first, page by page: the last row's values name the page's end, and no row is
-- read twice. The index orders_customer_id_placed_at gives the order.
SELECT o.id, o.status, o.total_cents, o.placed_at
FROM orders o
WHERE o.customer_id = $1 AND (o.placed_at, o.id) < ($2, $3)
ORDER BY o.placed_at DESC, o.id DESC
LIMIT 50;
