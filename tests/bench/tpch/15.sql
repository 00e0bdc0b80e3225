-- The supplier with the most revenue in a quarter.
WITH revenue AS (
    SELECT l_suppkey AS supplier, sum(l_extendedprice * (1 - l_discount)) AS total
    FROM lineitem
    WHERE l_shipdate >= date '1996-01-01' AND l_shipdate < date '1996-04-01'
    GROUP BY l_suppkey
)
SELECT s.s_suppkey, s.s_name, s.s_address, s.s_phone, r.total
FROM supplier s
JOIN revenue r ON r.supplier = s.s_suppkey
WHERE r.total = (SELECT max(total) FROM revenue)
ORDER BY s.s_suppkey;
