-- The twenty customers that lost most to returns in a quarter.
SELECT c.c_custkey, c.c_name, sum(l.l_extendedprice * (1 - l.l_discount)) AS revenue, c.c_acctbal, n.n_name, c.c_address,
    c.c_phone, c.c_comment
FROM customer c
JOIN orders o ON o.o_custkey = c.c_custkey
JOIN lineitem l ON l.l_orderkey = o.o_orderkey
JOIN nation n ON n.n_nationkey = c.c_nationkey
WHERE o.o_orderdate >= date '1993-10-01' AND o.o_orderdate < date '1994-01-01' AND l.l_returnflag = 'R'
GROUP BY c.c_custkey, n.n_name
ORDER BY revenue DESC
LIMIT 20;
