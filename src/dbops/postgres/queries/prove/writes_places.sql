-- For each row that dbops_written lists, the value that another one has.
CREATE TEMPORARY TABLE dbops_places ON COMMIT DROP AS
SELECT place, lead(value, 1, value) OVER (ORDER BY hashtext(place::text)) AS value FROM dbops_written;
ANALYZE dbops_places
