-- Late lines of a year by two ways of shipping, and how many were of urgent orders.
SELECT l.l_shipmode, count(*) FILTER (WHERE o.o_orderpriority IN ('1-URGENT', '2-HIGH')) AS urgent,
    count(*) FILTER (WHERE o.o_orderpriority NOT IN ('1-URGENT', '2-HIGH')) AS others
FROM orders o
JOIN lineitem l ON l.l_orderkey = o.o_orderkey
WHERE l.l_shipmode IN ('MAIL', 'SHIP') AND l.l_commitdate < l.l_receiptdate AND l.l_shipdate < l.l_commitdate
  AND l.l_receiptdate >= date '1994-01-01' AND l.l_receiptdate < date '1995-01-01'
GROUP BY l.l_shipmode
ORDER BY l.l_shipmode;
