-- The cheapest supplier of a region for parts of one size and type.
SELECT s.s_acctbal, s.s_name, n.n_name, p.p_partkey, p.p_mfgr, s.s_address, s.s_phone, s.s_comment
FROM part p
JOIN partsupp ps ON ps.ps_partkey = p.p_partkey
JOIN supplier s ON s.s_suppkey = ps.ps_suppkey
JOIN nation n ON n.n_nationkey = s.s_nationkey
JOIN region r ON r.r_regionkey = n.n_regionkey
WHERE p.p_size = 15 AND p.p_type LIKE '%BRASS' AND r.r_name = 'EUROPE'
  AND ps.ps_supplycost = (
    SELECT min(other.ps_supplycost)
    FROM partsupp other
    JOIN supplier os ON os.s_suppkey = other.ps_suppkey
    JOIN nation ons ON ons.n_nationkey = os.s_nationkey
    JOIN region ore ON ore.r_regionkey = ons.n_regionkey
    WHERE other.ps_partkey = p.p_partkey AND ore.r_name = 'EUROPE'
  )
ORDER BY s.s_acctbal DESC, n.n_name, s.s_name, p.p_partkey
LIMIT 100;
