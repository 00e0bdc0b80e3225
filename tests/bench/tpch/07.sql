-- What was shipped between two nations, by year and direction.
SELECT supplied.n_name AS supplier_nation, bought.n_name AS customer_nation, extract(year FROM l.l_shipdate) AS year,
    sum(l.l_extendedprice * (1 - l.l_discount)) AS volume
FROM supplier s
JOIN lineitem l ON l.l_suppkey = s.s_suppkey
JOIN orders o ON o.o_orderkey = l.l_orderkey
JOIN customer c ON c.c_custkey = o.o_custkey
JOIN nation supplied ON supplied.n_nationkey = s.s_nationkey
JOIN nation bought ON bought.n_nationkey = c.c_nationkey
WHERE (supplied.n_name, bought.n_name) IN (('FRANCE', 'GERMANY'), ('GERMANY', 'FRANCE'))
  AND l.l_shipdate BETWEEN date '1995-01-01' AND date '1996-12-31'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
