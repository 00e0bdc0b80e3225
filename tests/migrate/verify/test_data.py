"""``migrate verify --data``: rows must outlive up and down, and what had no rows is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.migrate.options import Options
from dbops.migrate.verify.rows import Column, Content, Table, in_turn, lost
from dbops.migrate.verify.verify import Choice, verify
from dbops.results.verify import Outcome, VerifyResult
from migrate.scene import Folder

KINDS = """
id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint REFERENCES kinds, t text UNIQUE NOT NULL,
v varchar(6) NOT NULL, c char(3) NOT NULL, n numeric(5, 2) NOT NULL, s smallint NOT NULL, f float8 NOT NULL,
b boolean NOT NULL, d date NOT NULL, ts timestamptz NOT NULL, ti time NOT NULL, i interval NOT NULL, u uuid NOT NULL,
j jsonb NOT NULL, x xml, by bytea NOT NULL, a int[] NOT NULL, net inet NOT NULL, mac macaddr NOT NULL,
r int4range NOT NULL, p point NOT NULL, bits bit(3) NOT NULL, vbits bit varying NOT NULL, tsv tsvector NOT NULL,
m mood NOT NULL, "An Odd ""Name" int NOT NULL, pos positive NOT NULL, g int GENERATED ALWAYS AS (1) STORED
"""


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> VerifyResult:
    folder = Folder(Path(tmp_path_factory.mktemp("data")))
    folder.write(
        "0001_kinds",
        f"CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN positive AS int CHECK (VALUE > 0); "
        f"CREATE TABLE kinds ({KINDS}); CREATE TABLE child (kind bigint NOT NULL REFERENCES kinds, note text, old int);"
        "CREATE TABLE picky (n int CHECK (n > 100));",
        "DROP TABLE child, kinds, picky; DROP TYPE mood; DROP DOMAIN positive;",
    )
    folder.write("0002_rename", "ALTER TABLE child RENAME note TO remark;", "ALTER TABLE child RENAME remark TO note;")
    folder.write("0003_added", "ALTER TABLE child ADD extra int;", "ALTER TABLE child DROP extra;")
    folder.write("0004_dropped", "ALTER TABLE child DROP old;", "ALTER TABLE child ADD old int;")
    folder.write("0005_emptied", "SELECT 1;", "TRUNCATE kinds CASCADE;")
    folder.write("0006_changed", "SELECT 1;", "UPDATE kinds SET t = t || '!';")
    folder.write("0007_needs", "ALTER TABLE child ADD must int NOT NULL;", "ALTER TABLE child DROP must;")
    folder.write("0008_moved", "ALTER TABLE child RENAME TO kid;", "ALTER TABLE kid RENAME TO child;")
    return verify(Options(directory=folder.path), Choice(data=True, ignore_column_order=True))


def _outcomes(result: VerifyResult) -> dict[str, Outcome]:
    return {each.name: each.result for each in result.migrations}


def _texts(result: VerifyResult, name: str) -> list[str]:
    return [text.text for each in result.migrations if each.name == name for text in each.differences]


def test_only_what_loses_rows_or_values_is_not_restored(verified: VerifyResult) -> None:
    lossy = {"dropped", "emptied", "changed"}
    expected = {
        each.name: Outcome.NOT_RESTORED if each.name in lossy else Outcome.RESTORED for each in verified.migrations
    }
    assert _outcomes(verified) == expected


def test_what_was_lost_is_named(verified: VerifyResult) -> None:
    assert any("public.child.old" in text and "3 rows" in text for text in _texts(verified, "dropped"))
    assert {text.split()[1] for text in _texts(verified, "emptied")} == {"public.kinds", "public.child"}
    assert [text.split()[1] for text in _texts(verified, "changed")] == ["public.kinds.t"]


def test_an_up_that_rows_stop_is_said(verified: VerifyResult) -> None:
    (said,) = [warning for warning in verified.warnings if "fails where tables have rows" in warning]
    assert said.startswith("0007 needs: up fails")
    assert "contains null values" in said


def test_a_table_without_rows_is_named_and_every_type_has_a_value(verified: VerifyResult) -> None:
    unfilled = {warning.partition(": ")[2] for warning in verified.warnings if "no rows could be written" in warning}
    assert {each.split(" to ")[1].split(":")[0] for each in unfilled} == {"public.picky"}


NAMES = st.sampled_from("abcdef")


def _table(number: int, name: str, references: list[str]) -> Table:
    columns = tuple(Column(f"c{i}", "int", "N", (), False, (to, "id")) for i, to in enumerate(references))
    return Table(number, name, columns)


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3), max_size=6))
def test_what_is_referred_to_comes_first_unless_they_go_round(graph: dict[str, list[str]]) -> None:
    tables = [_table(number, name, references) for number, (name, references) in enumerate(graph.items())]
    order = [table.name for table in in_turn(tables)]
    assert sorted(order) == sorted(graph)
    forward = {name: [to for to in references if to < name] for name, references in graph.items()}
    acyclic = in_turn([_table(number, name, references) for number, (name, references) in enumerate(forward.items())])
    place = {table.name: index for index, table in enumerate(acyclic)}
    assert all(place[to] < place[name] for name, references in forward.items() for to in references if to in place)


def test_rows_that_were_added_are_no_loss_and_a_renamed_table_is_known_by_its_oid() -> None:
    before = {7: Content("public.a", 3, {"n": "x"})}
    assert list(lost(before, {7: Content("public.b", 3, {"n": "x", "m": "y"})})) == []
    (gone,) = lost(before, {})
    assert (gone.expected, gone.actual) == ({"rows": 3}, {"rows": 0})
