-- A function with semicolons in its body, and a trigger: nothing here needs markers around it.

-- migrate:up
CREATE TABLE order_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL,
    what text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION note_order_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_events (order_id, what) VALUES (NEW.id, OLD.status || ' → ' || NEW.status);
    RETURN NEW;
END
$$;

CREATE TRIGGER order_status_changed AFTER UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION note_order_status();

-- migrate:down
DROP TRIGGER order_status_changed ON orders;
DROP FUNCTION note_order_status();
DROP TABLE order_events;
