-- The export needs every column, so the finding is silenced, with the reason.
-- dbops: ignore select-star the archive keeps whatever the table has
SELECT * FROM orders WHERE id = $1;

UPDATE orders SET status = 'cancelled' WHERE status = 'new' AND placed_at < now() - interval '30 days';
