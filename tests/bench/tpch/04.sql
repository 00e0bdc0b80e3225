-- Orders of a quarter that had a line received late, counted by priority.
SELECT o.o_orderpriority, count(*) AS orders
FROM orders o
WHERE o.o_orderdate >= date '1993-07-01' AND o.o_orderdate < date '1993-10-01'
  AND EXISTS (SELECT FROM lineitem l WHERE l.l_orderkey = o.o_orderkey AND l.l_commitdate < l.l_receiptdate)
GROUP BY o.o_orderpriority
ORDER BY o.o_orderpriority;
