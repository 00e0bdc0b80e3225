-- How many customers have placed how many orders, those with none too.
SELECT orders, count(*) AS customers
FROM (
    SELECT c.c_custkey, count(o.o_orderkey) AS orders
    FROM customer c
    LEFT JOIN orders o ON o.o_custkey = c.c_custkey AND o.o_comment NOT LIKE '%special%requests%'
    GROUP BY c.c_custkey
) AS counted
GROUP BY orders
ORDER BY customers DESC, orders DESC;
