"""What is in tables, and what of it was lost. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dbops.migrate.verify.rows import Table
from dbops.results.schema import Change, Difference
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier, literal


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a table: a digest of each (of the columns that were asked for, in that order).

    ``columns`` are, by name, how many rows have a value there, with a digest of all of them.
    """

    name: str
    columns: Mapping[str, tuple[int, str]]
    rows: tuple[str, ...]

    @property
    def without_values(self) -> tuple[str, ...]:
        """Return the columns that have only NULL, where there are rows."""
        return tuple(name for name, (filled, _) in self.columns.items() if self.rows and not filled)


@dataclass(frozen=True, slots=True)
class Loss(Difference):
    """What is not in a table any more, in words of its own."""

    said: str

    def words(self, after: str = "") -> str:
        """Say it: ``table public.orders: 3 of 3 rows are lost after down``."""
        return f"{self.kind} {self.object}: {self.said}{after and f' {after}'}"


def query(tables: Sequence[Table]) -> str:
    """Return the query for what is in the tables: one JSON object, by oid; NULL for no tables."""
    if not tables:
        return "SELECT NULL"
    rows = ", ".join(f"({table.oid}, {_content(table)})" for table in tables)
    return f"SELECT json_object_agg(oid, content) FROM (VALUES {rows}) AS found (oid, content)"


def _content(table: Table) -> str:
    """Return the expression for one table; values are put in order, so that theirs on disk doesn't matter."""
    names = [identifier(column.name) for column in table.columns]
    filled = ", ".join(f"count(each.{name})" for name in names)
    digests = ", ".join(_digest(f"each.{name}::text") for name in names)
    row = f"ROW({', '.join(f'each.{name}' for name in names)})::text"
    return (
        f"(SELECT json_build_object('name', {literal(table.name)}, 'filled', ARRAY[{filled}]::bigint[], "
        f"'digests', ARRAY[{digests}]::text[], 'rows', array_agg(md5({row}))) "
        f"FROM ONLY {table.name} AS each)"
    )


def _digest(expression: str) -> str:
    return f"md5(string_agg({expression}, ',' ORDER BY {expression} COLLATE \"C\"))"


def contents(tables: Sequence[Table], document: Mapping[str, Any] | None) -> dict[int, Content]:
    """Return what the query for these tables said, by oid."""
    names = {table.oid: [column.name for column in table.columns] for table in tables}
    return {
        int(oid): Content(
            said["name"],
            {
                name: (filled, digest or "")
                for name, filled, digest in zip(names[int(oid)], said["filled"], said["digests"], strict=True)
            },
            tuple(said["rows"] or ()),
        )
        for oid, said in (document or {}).items()
    }


def alike(tables: Sequence[Table], before: Sequence[Table]) -> tuple[Table, ...]:
    """Return those of the tables that were there ``before``, with the columns that they had then, in that order.

    A table that was renamed is known by its oid, one that was dropped and made again by its name.
    """
    by_oid, by_name = {table.oid: table for table in before}, {table.name: table for table in before}
    found = ((table, by_oid.get(table.oid) or by_name.get(table.name)) for table in tables)
    return tuple(_with_columns_of(table, then) for table, then in found if then is not None)


def _with_columns_of(table: Table, then: Table) -> Table:
    now = {column.name: column for column in table.columns}
    return replace(table, columns=tuple(now[column.name] for column in then.columns if column.name in now))


def lost(before: Mapping[int, Content], after: Mapping[int, Content]) -> Iterator[Loss]:
    """Yield the rows and values that were there ``before``, and aren't after; ``after`` is that of :func:`alike`."""
    by_name = {content.name: content for content in after.values()}
    for oid, content in before.items():
        now = after.get(oid) or by_name.get(content.name) or Content(content.name, {}, ())
        count, left = len(content.rows), len(now.rows)
        if left < count:
            yield _loss("table", content.name, "rows", count, left)
            continue
        losses = tuple(_of_columns(content, now))
        yield from losses
        missing = (Counter(content.rows) - Counter(now.rows)).total()
        if missing and not losses:
            said = f"{missing} of {count} rows are lost or have other values"
            yield Loss("table", content.name, Change.DIFFERENT, {"rows": count}, {"rows": count - missing}, said)


def _of_columns(content: Content, now: Content) -> Iterator[Loss]:
    for name, (filled, digest) in content.columns.items():
        left, changed = now.columns.get(name, (0, ""))
        column = f"{content.name}.{Relation(None, name)}"
        if left < filled:
            yield _loss("column", column, "values", filled, left)
        elif changed != digest and len(now.rows) == len(content.rows):
            yield Loss("column", column, Change.DIFFERENT, None, None, "its values are others")


def _loss(kind: str, name: str, of_what: str, expected: int, actual: int) -> Loss:
    said = f"{expected - actual} of {expected} {of_what} are lost"
    return Loss(kind, name, Change.DIFFERENT, {of_what: expected}, {of_what: actual}, said)
