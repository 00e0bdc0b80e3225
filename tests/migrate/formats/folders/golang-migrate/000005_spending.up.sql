CREATE OR REPLACE VIEW spending AS
SELECT customer_id, sum("total; in cents") AS cents /* all; of /* them */ */
FROM orders
GROUP BY customer_id;
