-- Where the newest rows begin, and how many they are.
SELECT json_build_object('place', min(newest.ctid)::text, 'rows', count(*))
FROM (SELECT ctid FROM ONLY :"schema".:"table" ORDER BY ctid DESC LIMIT :'rows') AS newest
