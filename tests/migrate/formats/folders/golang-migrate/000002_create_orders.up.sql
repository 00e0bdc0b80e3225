BEGIN;

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id),
    "total; in cents" bigint NOT NULL CHECK ("total; in cents" >= 0),
    updated_at timestamptz
);

COMMIT;
