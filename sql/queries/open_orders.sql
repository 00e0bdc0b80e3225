-- What a first version of a page tends to look like: `dbops lint` tells what will hurt when there are many orders.
SELECT * FROM orders WHERE status = 'new';

SELECT o.id, o.placed_at, c.name
FROM orders o JOIN customers c ON c.id = o.customer_id
WHERE lower(c.email) = lower($1)
ORDER BY o.placed_at DESC
LIMIT 20 OFFSET $2;

SELECT id, name FROM customers WHERE name LIKE '%' || $1 ORDER BY name LIMIT 20;
