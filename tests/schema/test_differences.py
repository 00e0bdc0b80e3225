"""How two snapshots differ: what is told, in which order, and what goes without saying."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.results.schema import Change, Difference
from dbops.schema.differences import compare
from dbops.schema.snapshot import MIGRATING, Snapshot, relative, snapshot

Row = dict[str, Any]


def schema(name: str = "public") -> Row:
    return {"kind": "schema", "name": name, "parent": None, "attributes": {"owner": None}}


def table(name: str = "public.t", **attributes: Any) -> Row:
    parent = ["schema", name.split(".", maxsplit=1)[0]]
    return {"kind": "table", "name": name, "parent": parent, "attributes": {"owner": "me", **attributes}}


def column(name: str, position: int, of: str = "public.t", **attributes: Any) -> Row:
    attributes = {"position": position, "type": "integer", **attributes}
    return {"kind": "column", "name": f"{of}.{name}", "parent": ["table", of], "attributes": attributes}


def taken(*rows: Row) -> Snapshot:
    return snapshot(180000, rows)


def words(expected: Snapshot, actual: Snapshot, **options: bool) -> list[str]:
    return [each.words("after down") for each in compare(expected, actual, **options)]


T = (schema(), table(), column("a", 1), column("b", 2), column("c", 3))


def test_the_same_has_no_differences() -> None:
    assert compare(taken(*T), taken(*reversed(T))) == ()


def test_what_is_missing_unexpected_and_different_is_said_in_words() -> None:
    actual = taken(
        schema(), table(options=["fillfactor=70"]), column("a", 1), column("b", 2, type="text"), column("d", 3)
    )
    assert words(taken(*T), actual) == [
        "table public.t differs after down: options fillfactor=70, should be none",
        "column public.t.b differs after down: type text, should be integer",
        "column public.t.c is missing after down",
        "column public.t.d should not be there after down",
    ]


def test_a_difference_has_only_the_attributes_that_differ() -> None:
    (found,) = compare(taken(schema(), column("a", 1)), taken(schema(), column("a", 1, type="text", default="'x'")))
    assert found == Difference(
        "column",
        "public.t.a",
        Change.DIFFERENT,
        {"type": "integer", "default": None},
        {"type": "text", "default": "'x'"},
    )


def test_what_is_missing_or_unexpected_has_all_its_attributes_on_the_side_where_it_is() -> None:
    (missing,) = compare(taken(*T), taken(*T[:4]))
    (unexpected,) = compare(taken(*T[:4]), taken(*T))
    assert (missing.change, missing.expected, missing.actual) == (Change.MISSING, T[4]["attributes"], None)
    assert (unexpected.change, unexpected.expected, unexpected.actual) == (Change.UNEXPECTED, None, T[4]["attributes"])


def test_what_belongs_to_a_missing_object_goes_without_saying() -> None:
    assert words(taken(*T), taken(schema())) == ["table public.t is missing after down"]
    assert words(taken(schema()), taken(*T)) == ["table public.t should not be there after down"]
    assert words(taken(*T), taken()) == ["schema public is missing after down"]


def test_an_object_after_what_it_belongs_to_and_else_by_kind_and_name() -> None:
    view = {"kind": "view", "name": "public.a", "parent": ["schema", "public"], "attributes": {}}
    cast = {"kind": "cast", "name": "(a AS b)", "parent": None, "attributes": {}}
    expected = taken(*T, view, cast, table("public.s"), column("z", 1, of="public.s"))
    actual = taken(schema(), table(owner="you"), table("public.s", owner="you"))
    assert [each.object for each in compare(expected, actual)] == [
        "(a AS b)",
        "public.s",
        "public.s.z",
        "public.t",
        "public.t.a",
        "public.t.b",
        "public.t.c",
        "public.a",
    ]


def test_another_order_of_columns_is_a_difference_of_the_table() -> None:
    actual = taken(schema(), table(), column("b", 1), column("a", 2), column("c", 3))
    assert words(taken(*T), actual) == ["table public.t differs after down: column_order b, a, c, should be a, b, c"]
    assert words(taken(*T), actual, ignore_column_order=True) == []


def test_another_order_is_told_together_with_what_else_is_different() -> None:
    (found,) = compare(taken(*T), taken(schema(), table(owner="you"), column("b", 1), column("a", 2), column("c", 3)))
    assert found.expected == {"owner": "me", "column_order": ["a", "b", "c"]}
    assert found.actual == {"owner": "you", "column_order": ["b", "a", "c"]}


def test_columns_that_only_one_side_has_leave_the_others_in_order() -> None:
    actual = taken(schema(), table(), column("z", 1), column("b", 2), column("c", 3))
    assert words(taken(*T), actual) == [
        "column public.t.a is missing after down",
        "column public.t.z should not be there after down",
    ]


def test_an_attribute_that_is_absent_is_none() -> None:
    assert compare(taken(table(comment=None)), taken(table())) == ()


def test_an_object_that_belongs_to_another_one_differs() -> None:
    index = {"kind": "index", "name": "public.i", "attributes": {}}
    one, other = ({**index, "parent": ["table", f"public.{name}"]} for name in ("t", "s"))
    assert words(taken(*T, table("public.s"), one), taken(*T, table("public.s"), other)) == [
        "index public.i differs after down: parent table public.s, should be table public.t"
    ]


@pytest.mark.parametrize("role", ["me", "Odd role", 'with"quote'])
def test_the_migrating_role_is_the_same_under_any_name(role: str) -> None:
    written = role if role == "me" else '"' + role.replace('"', '""') + '"'
    granted = {
        "kind": "grant",
        "name": f"on table public.t to {written}",
        "parent": ["table", "public.t"],
        "attributes": {"grantee": written, "privileges": ["SELECT", f"UPDATE BY {written}", "INSERT BY other"]},
    }
    mapped = {"kind": "user mapping", "name": f"s.{written}", "parent": ["server", "s"], "attributes": {}}
    policy = {"kind": "policy", "name": "public.t.p", "parent": ["table", "public.t"]}
    policy["attributes"] = {"roles": ["other", written]}
    found = relative(
        taken(schema(), table(owner="you"), table("public.u", owner=written), granted, mapped, policy), role
    )
    assert found.entries["table", "public.u"].attributes["owner"] == MIGRATING
    assert found.entries["policy", "public.t.p"].attributes["roles"] == sorted(["other", MIGRATING])
    assert ("user mapping", f"s.{MIGRATING}") in found.entries
    grant = found.entries["grant", f"on table public.t to {MIGRATING}"]
    assert grant.attributes["privileges"] == ["SELECT", f"UPDATE BY {MIGRATING}", "INSERT BY other"]


def test_what_the_migrating_role_is_granted_on_what_it_owns_goes_without_saying() -> None:
    column = {"kind": "column", "name": "public.t.a", "parent": ["table", "public.t"], "attributes": {}}
    grants = [
        {
            "kind": "grant",
            "name": f"on {kind} {name} to me",
            "parent": [kind, name],
            "attributes": {"grantee": "me", "privileges": ["SELECT"]},
        }
        for kind, name in (("table", "public.t"), ("column", "public.t.a"))
    ]
    own, other = (relative(taken(schema(), table(owner=owner), column, *grants), "me", "x") for owner in ("x", "you"))
    assert [kind for kind, _ in own.entries].count("grant") == 0
    assert [kind for kind, _ in other.entries].count("grant") == 2


def test_other_roles_stay_as_they_are() -> None:
    granted = {
        "kind": "grant",
        "name": "on table public.t to you",
        "parent": ["table", "public.t"],
        "attributes": {"grantee": "you", "privileges": ["SELECT"]},
    }
    before = taken(schema(), table(owner="you"), granted)
    assert relative(before, "me") == before


_NAMES = st.sampled_from("abcdef")
_COLUMNS = st.dictionaries(_NAMES, st.sampled_from(["integer", "text"]), max_size=5).flatmap(
    lambda types: st.permutations(sorted(types)).map(lambda order: {name: types[name] for name in order})
)
_TABLES = st.dictionaries(_NAMES, _COLUMNS, max_size=4)


def _of(tables: dict[str, dict[str, str]]) -> Snapshot:
    rows = [schema()]
    for name, columns in tables.items():
        rows.append(table(f"public.{name}"))
        rows += (column(each, at, f"public.{name}", type=columns[each]) for at, each in enumerate(columns, start=1))
    return taken(*rows)


@given(one=_TABLES, other=_TABLES)
def test_two_schemas_differ_in_nothing_only_when_they_are_the_same(
    one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]
) -> None:
    same = {name: list(columns.items()) for name, columns in one.items()} == {
        name: list(columns.items()) for name, columns in other.items()
    }
    found = compare(_of(one), _of(other))
    assert (found == ()) == same
    opposite = {Change.MISSING: Change.UNEXPECTED, Change.UNEXPECTED: Change.MISSING}
    back = {
        (each.kind, each.object, opposite.get(each.change, each.change), str(each.actual), str(each.expected))
        for each in compare(_of(other), _of(one))
    }
    assert back == {(each.kind, each.object, each.change, str(each.expected), str(each.actual)) for each in found}
    assert found == compare(_of(one), _of(other))
