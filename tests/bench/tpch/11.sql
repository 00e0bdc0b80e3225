-- Parts that make up a notable share of the stock's value in one nation.
SELECT ps.ps_partkey, sum(ps.ps_supplycost * ps.ps_availqty) AS value
FROM partsupp ps
JOIN supplier s ON s.s_suppkey = ps.ps_suppkey
JOIN nation n ON n.n_nationkey = s.s_nationkey
WHERE n.n_name = 'GERMANY'
GROUP BY ps.ps_partkey
HAVING sum(ps.ps_supplycost * ps.ps_availqty) > (
    SELECT sum(other.ps_supplycost * other.ps_availqty) * 0.001
    FROM partsupp other
    JOIN supplier os ON os.s_suppkey = other.ps_suppkey
    JOIN nation ons ON ons.n_nationkey = os.s_nationkey
    WHERE ons.n_name = 'GERMANY'
)
ORDER BY value DESC;
