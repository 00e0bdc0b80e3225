-- The share of a month's revenue that promoted parts made.
SELECT 100.0 * sum(l.l_extendedprice * (1 - l.l_discount)) FILTER (WHERE p.p_type LIKE 'PROMO%')
    / sum(l.l_extendedprice * (1 - l.l_discount)) AS share
FROM lineitem l
JOIN part p ON p.p_partkey = l.l_partkey
WHERE l.l_shipdate >= date '1995-09-01' AND l.l_shipdate < date '1995-10-01';
