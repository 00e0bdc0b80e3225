-- Suppliers of a nation who alone kept orders of several suppliers waiting.
SELECT s.s_name, count(*) AS waiting
FROM supplier s
JOIN lineitem l ON l.l_suppkey = s.s_suppkey
JOIN orders o ON o.o_orderkey = l.l_orderkey
JOIN nation n ON n.n_nationkey = s.s_nationkey
WHERE n.n_name = 'SAUDI ARABIA' AND o.o_orderstatus = 'F' AND l.l_receiptdate > l.l_commitdate
  AND EXISTS (SELECT FROM lineitem x WHERE x.l_orderkey = l.l_orderkey AND x.l_suppkey <> l.l_suppkey)
  AND NOT EXISTS (
    SELECT FROM lineitem x
    WHERE x.l_orderkey = l.l_orderkey AND x.l_suppkey <> l.l_suppkey AND x.l_receiptdate > x.l_commitdate
  )
GROUP BY s.s_name
ORDER BY waiting DESC, s.s_name
LIMIT 100;
