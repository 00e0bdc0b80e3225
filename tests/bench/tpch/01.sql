-- What was billed, shipped and returned up to a day near the end of the data, by flag and status.
SELECT l_returnflag, l_linestatus, sum(l_quantity) AS quantity, sum(l_extendedprice) AS list_price,
    sum(l_extendedprice * (1 - l_discount)) AS discounted, sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS charged,
    avg(l_quantity) AS average_quantity, avg(l_extendedprice) AS average_price, avg(l_discount) AS average_discount,
    count(*) AS lines
FROM lineitem
WHERE l_shipdate <= date '1998-09-02'
GROUP BY l_returnflag, l_linestatus
ORDER BY l_returnflag, l_linestatus;
