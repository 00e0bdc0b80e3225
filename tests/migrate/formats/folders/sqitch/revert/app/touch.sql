-- Revert shop:app/touch to pg

BEGIN;

CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    NEW.updated_at := now(); -- the time of the change; not of the commit
    RETURN NEW;
END;
$body$;

COMMIT;
