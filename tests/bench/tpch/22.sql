-- Customers of some countries with a good balance who have never ordered.
SELECT left(c.c_phone, 2) AS country, count(*) AS customers, sum(c.c_acctbal) AS balance
FROM customer c
WHERE left(c.c_phone, 2) IN ('13', '31', '23', '29', '30', '18', '17')
  AND c.c_acctbal > (
    SELECT avg(c_acctbal) FROM customer
    WHERE c_acctbal > 0 AND left(c_phone, 2) IN ('13', '31', '23', '29', '30', '18', '17')
  )
  AND NOT EXISTS (SELECT FROM orders o WHERE o.o_custkey = c.c_custkey)
GROUP BY 1
ORDER BY 1;
