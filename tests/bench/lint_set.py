"""SQL to lint, generated: migrations as a growing service writes them, and its queries. The same for the same seed."""

from __future__ import annotations

import random
from pathlib import Path

NOUNS = (
    "account", "address", "article", "basket", "booking", "campaign", "category", "channel", "comment", "contract",
    "coupon", "customer", "delivery", "device", "document", "employee", "event", "invoice", "item", "ledger",
    "message", "order", "payment", "product", "project", "refund", "report", "review", "session", "shipment",
    "store", "subscription", "supplier", "task", "team", "ticket", "transfer", "user", "voucher", "warehouse",
)  # fmt: skip
TYPES = (
    "bigint", "text", "timestamptz NOT NULL DEFAULT now()", "integer", "varchar(80)", "boolean NOT NULL DEFAULT false",
    "numeric(12, 2)", "jsonb", "json", "timestamp", "uuid", "date", "char(2)", "smallint",
)  # fmt: skip


def write(folder: Path, *, migrations: int = 342, queries: int = 60, seed: int = 3) -> None:
    """Write ``migrations`` files in dbmate's format into ``folder/migrations`` and ``queries`` into the other one."""
    chance = random.Random(seed)
    service = Service(chance)
    for number in range(1, migrations + 1):
        name, up, down = service.migration(number)
        _put(folder / "migrations" / f"{number:04}_{name}.sql", f"-- migrate:up\n{up}\n-- migrate:down\n{down}\n")
    for number in range(queries):
        _put(folder / "queries" / f"query_{number:03}.sql", "\n".join(service.query() for _ in range(6)))


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


class Service:
    """A schema that grows: tables with their columns, so that what is written fits together."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.tables: dict[str, list[str]] = {}

    def migration(self, number: int) -> tuple[str, str, str]:
        """Return a name, an up and a down."""
        parts = [self.step(100 * number + part) for part in range(self.chance.randint(1, 9))]
        name = parts[0][0]
        return name, "\n\n".join(up for _, up, _ in parts), "\n".join(down for _, _, down in reversed(parts) if down)

    def step(self, number: int) -> tuple[str, str, str]:
        """Return one change of the schema: a name, its SQL, and what undoes it."""
        if len(self.tables) < 4 or self.chance.random() < 0.15:
            return self.create(number)
        table = self.chance.choice(list(self.tables))
        make = self.chance.choice(
            (self.add_column, self.add_column, self.index, self.index_concurrently, self.constraint, self.foreign_key,
             self.retype, self.not_null, self.backfill, self.rename, self.drop_column, self.view)
        )  # fmt: skip
        return make(number, table)

    def create(self, number: int) -> tuple[str, str, str]:
        table = f"{self.chance.choice(NOUNS)}s_{number}"
        columns = [f"c{index}_{self.chance.choice(NOUNS)}" for index in range(self.chance.randint(3, 14))]
        lines = [f"    {column} {self.chance.choice(TYPES)}" for column in columns]
        key = self.chance.choice(("bigint GENERATED ALWAYS AS IDENTITY", "bigserial", "serial", "uuid"))
        body = ",\n".join([f"    id {key} PRIMARY KEY", *lines])
        self.tables[table] = columns
        index = f"CREATE INDEX {table}_first ON {table} ({columns[0]});"
        return f"create_{table}", f"CREATE TABLE {table} (\n{body}\n);\n{index}\n", f"DROP TABLE {table};"

    def add_column(self, number: int, table: str) -> tuple[str, str, str]:
        column = f"a{number}"
        extra = self.chance.choice(("", " NOT NULL DEFAULT 0", " DEFAULT 0", " NOT NULL"))
        self.tables[table].append(column)
        return (
            f"add_{column}", f"ALTER TABLE {table} ADD COLUMN {column} bigint{extra};\n"
            f"COMMENT ON COLUMN {table}.{column} IS 'what it''s for; said in a sentence';",
            f"ALTER TABLE {table} DROP COLUMN {column};",
        )  # fmt: skip

    def index(self, number: int, table: str) -> tuple[str, str, str]:
        column = self.chance.choice(self.tables[table])
        return f"index_{number}", f"CREATE INDEX i{number} ON {table} ({column}, id);", f"DROP INDEX i{number};"

    def index_concurrently(self, number: int, table: str) -> tuple[str, str, str]:
        column = self.chance.choice(self.tables[table])
        return (
            f"index_{number}",
            f"CREATE INDEX CONCURRENTLY i{number} ON {table} ({column});",
            f"DROP INDEX CONCURRENTLY i{number};",
        )

    def constraint(self, number: int, table: str) -> tuple[str, str, str]:
        column = self.chance.choice(self.tables[table])
        valid = self.chance.choice((" NOT VALID", ""))
        return (
            f"check_{number}",
            f"ALTER TABLE {table} ADD CONSTRAINT k{number} CHECK ({column} IS NOT NULL){valid};",
            f"ALTER TABLE {table} DROP CONSTRAINT k{number};",
        )

    def foreign_key(self, number: int, table: str) -> tuple[str, str, str]:
        other = self.chance.choice(list(self.tables))
        self.tables[table].append(f"f{number}")
        return (
            f"reference_{number}",
            f"ALTER TABLE {table} ADD COLUMN f{number} bigint;\n"
            f"ALTER TABLE {table} ADD CONSTRAINT r{number} FOREIGN KEY (f{number}) REFERENCES {other} (id);",
            f"ALTER TABLE {table} DROP COLUMN f{number};",
        )

    def retype(self, number: int, table: str) -> tuple[str, str, str]:
        column = self.chance.choice(self.tables[table])
        return (
            f"retype_{number}", f"ALTER TABLE {table} ALTER COLUMN {column} TYPE text USING {column}::text;", ""
        )  # fmt: skip

    def not_null(self, number: int, table: str) -> tuple[str, str, str]:
        column = self.chance.choice(self.tables[table])
        return (
            f"require_{number}",
            f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;",
            f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;",
        )

    def backfill(self, number: int, table: str) -> tuple[str, str, str]:
        column = self.chance.choice(self.tables[table])
        return (
            f"backfill_{number}", f"UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL AND id > 0;", ""
        )  # fmt: skip

    def rename(self, number: int, table: str) -> tuple[str, str, str]:
        column = self.tables[table].pop()
        self.tables[table].append(f"n{number}")
        return (
            f"rename_{number}",
            f"ALTER TABLE {table} RENAME COLUMN {column} TO n{number};",
            f"ALTER TABLE {table} RENAME COLUMN n{number} TO {column};",
        )

    def drop_column(self, number: int, table: str) -> tuple[str, str, str]:
        if len(self.tables[table]) < 3:
            return self.add_column(number, table)
        column = self.tables[table].pop()
        return f"drop_{number}", f"ALTER TABLE {table} DROP COLUMN IF EXISTS {column};", ""

    def view(self, number: int, table: str) -> tuple[str, str, str]:
        columns = ", ".join(self.tables[table][:3])
        return (
            f"view_{number}",
            f"CREATE VIEW v{number} AS\nSELECT id, {columns}\nFROM {table}\nWHERE id > 100;",
            f"DROP VIEW v{number};",
        )

    def query(self) -> str:
        """Return a query: some good, some bad."""
        table, other = self.chance.sample(list(self.tables), 2)
        column, second = self.chance.choice(self.tables[table]), self.chance.choice(self.tables[other])
        return self.chance.choice(
            (
                f"SELECT * FROM {table} WHERE {column} = 1;",
                f"SELECT id, {column} FROM {table} WHERE id > 10 ORDER BY id LIMIT 50;",
                f"SELECT t.id, o.{second} FROM {table} t JOIN {other} o ON o.id = t.id WHERE t.{column} IS NULL;",
                f"SELECT count(*) FROM {table};",
                f"UPDATE {table} SET {column} = NULL;",
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {other} ORDER BY id LIMIT 100);",
                f"SELECT id FROM {table} ORDER BY {column} LIMIT 20 OFFSET 100;",
                f"SELECT id FROM {table} WHERE lower({column}::text) LIKE '%x' ORDER BY random();",
                f"WITH recent AS (SELECT id FROM {table} ORDER BY id DESC LIMIT 10)\n"
                f"SELECT r.id, count(*) FROM recent r JOIN {other} o ON o.id = r.id GROUP BY r.id;",
                f"SELECT id FROM {table} WHERE id NOT IN (SELECT {second} FROM {other});",
            )
        )
