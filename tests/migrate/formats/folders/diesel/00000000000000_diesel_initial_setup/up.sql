-- This file was automatically created by Diesel to setup helper functions
-- and other internal bookkeeping.
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    NEW.updated_at := now(); -- the time of the change; not of the commit
    RETURN NEW;
END;
$body$;
