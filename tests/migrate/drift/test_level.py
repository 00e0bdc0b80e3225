"""What differs by the versions of two servers alone, and what else does: no server."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.migrate.drift.level import leveled
from dbops.schema.differences import compare
from dbops.schema.snapshot import snapshot

Row = dict[str, Any]


def row(kind: str, name: str, parent: tuple[str, str] | None = None, **attributes: Any) -> Row:
    return {"kind": kind, "name": name, "parent": parent and [*parent], "attributes": attributes}


def told(expected: list[Row], ours: int, actual: list[Row], theirs: int) -> list[str]:
    """Return the differences between what a server of the version ``ours`` has and one of the version ``theirs``."""
    both = leveled(snapshot(ours * 10000, expected), snapshot(theirs * 10000, actual))
    return [each.words() for each in compare(*both)]


T = ("table", "public.t")
V = ("view", "public.v")
PART = row(*T, partition_bound="DEFAULT")
NOT_NULL = row("constraint", "public.t.was_not_null", T, definition="NOT NULL a NO INHERIT")
EXTRACT = "CREATE INDEX t_extract_idx ON public.t USING btree (EXTRACT(year FROM d))"
DATE_PART = "CREATE INDEX t_date_part_idx ON public.t USING btree (date_part('year'::text, d))"
VIEW_OF_EXTRACT = row(*V, definition=" SELECT EXTRACT(year FROM now()) AS y;")
VIEW_OF_DATE_PART = row(*V, definition=" SELECT date_part('year'::text, now()) AS y;")


def granted(*privileges: str, name: str = "on table public.t to you") -> Row:
    return row("grant", name, grantee="you", privileges=[*privileges])


BY_VERSION = {
    "a constraint that is NOT NULL": (17, [row(*T), NOT_NULL], [row(*T)]),
    "what MAINTAIN adds to ALL": (16, [granted("INSERT", "MAINTAIN")], [granted("INSERT")]),
    "MAINTAIN alone": (16, [granted("MAINTAIN")], []),
    "a partition's identity": (
        16, [PART, row("column", "public.t.a", T, identity="always")],
        [PART, row("column", "public.t.a", T, identity=None)],
    ),
    "an unlogged sequence": (
        14, [row("sequence", "public.s", persistence="unlogged")],
        [row("sequence", "public.s", persistence="permanent")],
    ),
    "schema public, which was open": (14, [], [granted("CREATE", name="on schema public from PUBLIC")]),
    "a multirange": (13, [row("range type", "r", multirange="mr")], [row("range type", "r", multirange=None)]),
    "an index that is named after its function": (
        13, [row("index", "public.t_extract_idx", T, definition=EXTRACT)],
        [row("index", "public.t_date_part_idx", T, definition=DATE_PART)],
    ),
    "the type of a view's column": (
        13, [VIEW_OF_EXTRACT, row("column", "public.v.y", V, type="numeric")],
        [VIEW_OF_DATE_PART, row("column", "public.v.y", V, type="double precision")],
    ),
    "a CHECK with EXTRACT": (
        13, [row("constraint", "c", definition="CHECK ((EXTRACT(year FROM d) > (2000)::numeric))")],
        [row("constraint", "c", definition="CHECK ((date_part('year'::text, d) > (2000)::double precision))")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BY_VERSION)
def test_what_another_version_has_otherwise_is_no_difference_there_and_one_here(what: str) -> None:
    version, expected, actual = BY_VERSION[what]
    assert told(expected, 18, actual, version) == []
    assert told(actual, version, expected, 18) == []
    assert told(expected, 18, actual, 18)


def test_what_else_differs_is_told_between_versions_too() -> None:
    assert told([granted("INSERT", "MAINTAIN")], 18, [granted("UPDATE")], 13)
    assert told([granted("USAGE", name="on schema public to PUBLIC")], 18, [], 13)
    assert told([row(*T), row("column", "public.t.a", T, type="numeric")], 18,
                [row(*T), row("column", "public.t.a", T, type="double precision")], 13)  # fmt: skip
    lower = DATE_PART.replace("year", "month")
    assert len(told([row("index", "public.t_extract_idx", T, definition=EXTRACT)], 18,
                    [row("index", "public.t_date_part_idx", T, definition=lower)], 13)) == 2  # fmt: skip


def test_a_database_that_was_upgraded_has_calls_where_a_new_one_has_sql() -> None:
    def defaults(text: str) -> list[Row]:
        return [row(*T), row("column", "public.t.a", T, default=text)]

    assert told(defaults("(now() AT TIME ZONE 'utc'::text)"), 18, defaults("timezone('utc'::text, now())"), 18) == []
    assert told(defaults("(now() AT TIME ZONE 'utc'::text)"), 18, defaults("timezone('cet'::text, now())"), 18)


def test_a_database_that_was_upgraded_to_18_has_other_names_for_not_null() -> None:
    def constraint(name: str, definition: str = "NOT NULL a", **attributes: Any) -> list[Row]:
        return [row(*T), row("constraint", f"public.t.{name}", T, definition=definition, **attributes)]

    assert told(constraint("old_a_not_null"), 18, [row(*T)], 18) == []
    assert told(constraint("n", comment="why"), 18, constraint("n"), 18)
    assert told(constraint("n", "NOT NULL a NOT VALID"), 18, constraint("n"), 18)
