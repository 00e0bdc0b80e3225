-- Rows that are to be written again are taken out first, so that unique constraints hold.
CREATE TEMPORARY TABLE dbops_rows ON COMMIT DROP AS
SELECT * FROM ONLY :"schema".:"table" WHERE ctid >= :'place'::tid ORDER BY ctid;
DELETE FROM ONLY :"schema".:"table" WHERE ctid >= :'place'::tid
