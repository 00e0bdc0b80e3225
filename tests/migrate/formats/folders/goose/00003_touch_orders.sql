-- +goose up
-- +goose statementbegin
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    NEW.updated_at := now(); -- the time of the change; not of the commit
    RETURN NEW;
END;
$body$
-- +goose statementend

CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();

-- +goose down
DROP TRIGGER orders_touch ON orders;
DROP FUNCTION touch();
