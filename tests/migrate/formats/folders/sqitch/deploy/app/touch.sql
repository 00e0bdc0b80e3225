-- Deploy shop:app/touch to pg
-- requires: app/touch@v1.0

BEGIN;

CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    NEW.updated_at := date_trunc('second', now());
    RETURN NEW;
END;
$body$;

COMMIT;
