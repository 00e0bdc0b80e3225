DROP VIEW spending;
