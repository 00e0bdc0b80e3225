"""``migrate verify --data``: rows must outlive up and down, and what had no rows is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.migrate.options import Options
from dbops.migrate.verify.contents import Content, alike, lost
from dbops.migrate.verify.rows import Column, Table, in_turn, inserts, tables_of
from dbops.migrate.verify.verify import Choice, verify
from dbops.results.verify import Outcome, VerifyResult
from migrate.scene import Folder

KINDS = """
id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint REFERENCES kinds, t text UNIQUE NOT NULL,
v varchar(6) NOT NULL, c char(3) NOT NULL, n numeric(5, 2) NOT NULL, s smallint NOT NULL, f float8 NOT NULL,
b boolean NOT NULL, d date NOT NULL, ts timestamptz NOT NULL, ti time NOT NULL, i interval NOT NULL, u uuid NOT NULL,
j jsonb NOT NULL, by bytea NOT NULL, a int[] NOT NULL, net inet NOT NULL, mac macaddr NOT NULL,
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
        "CREATE TABLE picky (n int CHECK (n > 100)); CREATE TYPE pair AS (a int, b int);"
        "CREATE TABLE states (state text NOT NULL CHECK (state IN ('new', 'it''s')), both_of pair, "
        "one boolean UNIQUE);"
        "CREATE TABLE days (at date NOT NULL, region text, n int) PARTITION BY RANGE (at);"
        "CREATE TABLE days_20 PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') "
        "PARTITION BY LIST (region); CREATE TABLE days_20_a PARTITION OF days_20 FOR VALUES IN ('a''b', 'c');"
        "CREATE TABLE few PARTITION OF days FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY RANGE (n);"
        "CREATE TABLE few_n PARTITION OF few FOR VALUES FROM (-50) TO (-40);",
        "DROP TABLE child, kinds, picky, states, days; DROP TYPE mood, pair; DROP DOMAIN positive;",
    )
    folder.write("0002_rename", "ALTER TABLE child RENAME note TO remark;", "ALTER TABLE child RENAME remark TO note;")
    folder.write("0003_added", "ALTER TABLE child ADD extra int;", "ALTER TABLE child DROP extra;")
    folder.write("0004_dropped", "ALTER TABLE child DROP old;", "ALTER TABLE child ADD old int;")
    folder.write("0005_emptied", "SELECT 1;", "TRUNCATE kinds CASCADE;")
    folder.write("0006_changed", "SELECT 1;", "UPDATE kinds SET t = t || '!';")
    folder.write("0007_needs", "ALTER TABLE child ADD must int NOT NULL;", "ALTER TABLE child DROP must;")
    folder.write("0009_stuck", "SELECT 1;", "ALTER TABLE kinds ADD CONSTRAINT stuck CHECK (s < 3);")
    folder.write("0010_mixed", "SELECT 1;", "UPDATE kinds SET n = 4 - n;")
    folder.write("0011_added_to", "INSERT INTO kid SELECT * FROM kid;", "SELECT 1;")
    folder.write("0008_moved", "ALTER TABLE child RENAME TO kid;", "ALTER TABLE kid RENAME TO child;")
    return verify(Options(directory=folder.path), Choice(data=True, ignore_column_order=True))


def _outcomes(result: VerifyResult) -> dict[str, Outcome]:
    return {each.name: each.result for each in result.migrations}


def _texts(result: VerifyResult, name: str) -> list[str]:
    return [text.text for each in result.migrations if each.name == name for text in each.differences]


def test_only_what_loses_rows_or_values_is_not_restored(verified: VerifyResult) -> None:
    lossy = {"dropped", "emptied", "changed", "mixed"}
    expected = {
        each.name: Outcome.NOT_RESTORED if each.name in lossy else Outcome.RESTORED for each in verified.migrations
    }
    assert _outcomes(verified) == {**expected, "stuck": Outcome.DOWN_FAILED}


def test_what_was_lost_is_named(verified: VerifyResult) -> None:
    assert "column public.child.old: 3 of 3 values are lost after down" in _texts(verified, "dropped")
    assert _texts(verified, "emptied") == [
        "table public.kinds: 3 of 3 rows are lost after down",
        "table public.child: 3 of 3 rows are lost after down",
    ]
    assert _texts(verified, "changed") == ["column public.kinds.t: its values are others after down"]
    assert _texts(verified, "mixed") == ["table public.kinds: 2 of 3 rows are lost or have other values after down"]


def test_a_down_that_rows_stop_has_failed(verified: VerifyResult) -> None:
    (stuck,) = (each for each in verified.migrations if each.name == "stuck")
    assert stuck.error is not None
    assert stuck.error.startswith("down fails where tables have rows: ")
    assert "stuck" in stuck.error


def test_what_goes_with_down_is_noted(verified: VerifyResult) -> None:
    notes = {each.name: each.notes for each in verified.migrations}
    assert notes["added"] == ("down drops column public.child.extra with all that was written to it since",)
    assert notes["rename"] == notes["moved"] == (), "what was there before under another name is no new thing"
    assert notes["emptied"] == ()


def test_an_up_that_rows_stop_is_said(verified: VerifyResult) -> None:
    (said,) = [each for each in verified.unsure if "fails where tables have rows" in each]
    assert said.startswith("0007 needs: up fails")
    assert "contains null values" in said
    assert [each.name for each in verified.migrations if each.rows_stop_up] == ["needs"]


def test_tables_and_columns_without_rows_are_named_and_every_type_has_a_value(verified: VerifyResult) -> None:
    untried = {each.partition(": ")[2].partition(":")[0] for each in verified.unsure if "up fails" not in each}
    assert untried == {"no rows could be written to public.picky", "public.states"}
    assert any(each.endswith("public.states: no values for both_of") for each in verified.unsure)


NAMES = st.sampled_from("abcdef")


def _table(number: int, name: str, references: list[str]) -> Table:
    columns = tuple(Column(f"c{i}", "int", "N", references=(to, "id")) for i, to in enumerate(references))
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


def _content(name: str, *rows: str, **columns: tuple[int, str]) -> Content:
    return Content(name, columns, rows)


def test_rows_that_were_added_are_no_loss_unless_they_took_the_place_of_others() -> None:
    before = {7: _content("public.a", "one", "two", n=(2, "x"))}
    assert list(lost(before, {7: _content("public.a", "two", "more", "one", n=(3, "y"))})) == []
    (replaced,) = lost(before, {7: _content("public.a", "one", "more", "other", n=(3, "y"))})
    assert replaced.words() == "table public.a: 1 of 2 rows are lost or have other values"


def test_a_table_that_is_gone_has_lost_its_rows() -> None:
    (gone,) = lost({7: _content("public.a", "one", "two")}, {})
    assert (gone.expected, gone.actual) == ({"rows": 2}, {"rows": 0})


def test_a_table_is_known_by_its_oid_or_its_name_and_asked_for_the_columns_it_had() -> None:
    a, b, c = (Column(name, "integer", "N") for name in "abc")
    before = [Table(1, "public.renamed", (b, a)), Table(2, "public.again", (a,))]
    now = [Table(1, "public.named", (a, b, c)), Table(9, "public.again", (c, a)), Table(3, "public.new", (a,))]
    assert alike(now, before) == (Table(1, "public.named", (b, a)), Table(9, "public.again", (a,)))


@pytest.mark.parametrize(
    "check",
    ["CHECK ((state = ANY (ARRAY['new'::text, 'it''s'::text])))",
     "CHECK (((state)::text = ANY ((ARRAY['new'::character varying, 'it''s'::character varying])::text[])))"],
)  # fmt: skip
def test_values_are_among_those_that_a_check_lists(check: str) -> None:
    column = {
        "name": "state", "type": "text", "category": "S", "labels": None, "checks": [check], "given": False,
        "references": None, "bound": None, "number": 1,
    }  # fmt: skip
    (table,) = tables_of([{"oid": 1, "name": "public.t", "columns": [column]}])
    assert [row.partition("VALUES ")[2] for row in inserts(table)] == [
        "('new'::text)", "('it''s'::text)", "('new'::text)"
    ]  # fmt: skip


def test_triggers_do_not_fire_as_a_superuser(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "m")
    folder.write(
        "0001_a",
        "CREATE TABLE a (n int); CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RAISE 'as a superuser'; END IF; "
        "RETURN NEW; END $$; CREATE TRIGGER spy BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION spy();",
        "DROP TABLE a; DROP FUNCTION spy();",
    )
    folder.write("0002_b", "ALTER TABLE a ADD m int;", "ALTER TABLE a DROP m;")
    result = verify(Options(directory=folder.path), Choice(data=True))
    assert _outcomes(result) == {"a": Outcome.RESTORED, "b": Outcome.RESTORED}
    assert result.unsure == ()  # the rows were written


def test_rows_that_row_security_hides_are_not_said_to_be_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "m")
    secure = "ALTER TABLE a ENABLE ROW LEVEL SECURITY; ALTER TABLE a FORCE ROW LEVEL SECURITY;"
    folder.write("0001_a", f"CREATE TABLE a (n int); {secure}", "DROP TABLE a;")
    folder.write("0002_b", "SELECT 1;", "SELECT 1;")
    result = verify(Options(directory=folder.path), Choice(data=True))
    assert [each.partition(": ")[2].partition(":")[0] for each in result.unsure] == [
        "no rows could be written to public.a", "the rows of public.a could not be read"
    ]  # fmt: skip
