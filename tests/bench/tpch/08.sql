-- The market share of a nation's suppliers for one type of part in a region, by year.
SELECT extract(year FROM o.o_orderdate) AS year,
    sum(l.l_extendedprice * (1 - l.l_discount)) FILTER (WHERE supplied.n_name = 'BRAZIL')
        / sum(l.l_extendedprice * (1 - l.l_discount)) AS share
FROM part p
JOIN lineitem l ON l.l_partkey = p.p_partkey
JOIN supplier s ON s.s_suppkey = l.l_suppkey
JOIN orders o ON o.o_orderkey = l.l_orderkey
JOIN customer c ON c.c_custkey = o.o_custkey
JOIN nation bought ON bought.n_nationkey = c.c_nationkey
JOIN region r ON r.r_regionkey = bought.n_regionkey
JOIN nation supplied ON supplied.n_nationkey = s.s_nationkey
WHERE r.r_name = 'AMERICA' AND p.p_type = 'ECONOMY ANODIZED STEEL'
  AND o.o_orderdate BETWEEN date '1995-01-01' AND date '1996-12-31'
GROUP BY 1
ORDER BY 1;
