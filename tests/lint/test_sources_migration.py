from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.command import dbops
from dbops.files.formats.own import parse
from dbops.files.migration import Migration, SourceFile
from dbops.lint.script import Origin
from dbops.lint.sources.migration import read
from dbops.lint.sources.variables import readable
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation


def migration(text: str) -> Migration:
    (found,) = parse([SourceFile("m/0001_a.sql", "0001_a.sql", text.encode())])
    return found


UP_AND_DOWN = "-- migrate:up\nCREATE TABLE é (a int);\n-- migrate:down\nDROP TABLE é;\n"


def test_up_and_down_are_scripts_of_their_own_with_the_files_places():
    up, down = read(migration(UP_AND_DOWN)).scripts
    assert (up.direction, down.direction) == ("up", "down")
    assert {up.origin, down.origin} == {Origin.MIGRATION}
    for script, said in ((up, "CREATE TABLE é (a int)"), (down, "DROP TABLE é")):
        (statement,) = script.statements
        assert UP_AND_DOWN[script.offsets.source(statement.start) :].startswith(said)
        assert script.first_line + statement.line - 1 == UP_AND_DOWN[: UP_AND_DOWN.index(said)].count("\n") + 1
        assert script.bounded


def test_a_down_knows_what_its_up_made_and_what_was_before():
    up, down = read(migration(UP_AND_DOWN)).scripts
    assert down.schema.table(Relation(None, "é")) is not None
    assert down.base is not None
    assert down.base.table(Relation(None, "é")) is None
    assert up.base is None
    assert down.after.table(Relation(None, "é")) is None


@pytest.mark.parametrize(
    ("text", "transactional", "insists"),
    [
        ("-- migrate:up\nSELECT 1;", True, False),
        ("-- migrate:up transaction:true\nSELECT 1;", True, True),
        ("-- migrate:up transaction:false\nSELECT 1;", False, False),
        ("-- migrate:up\nBEGIN; SELECT 1; COMMIT;", True, True),
        ("-- migrate:up\nCREATE INDEX CONCURRENTLY i ON t (a);", False, False),
        ("-- migrate:up transaction:true\nCREATE INDEX CONCURRENTLY i ON t (a);", True, True),
    ],
)
def test_the_transaction_is_the_one_that_dbops_begins(text: str, transactional: bool, insists: bool):
    (script,) = read(migration(text)).scripts
    assert (script.transactional, script.insists) == (transactional, insists)
    assert len(script.statements) == 1
    assert script.statements[0].index == 0


def test_a_statement_that_cannot_be_read_leaves_the_others():
    text = "-- migrate:up\n\\i x.sql\nSELCT;\nSELECT 1;\n-- migrate:down\nDROP (;\n"
    reading = read(migration(text))
    up, down = reading.scripts
    assert len(up.statements) == 1
    assert down.statements == ()
    psql, first, second = reading.problems
    assert (text[psql.start : psql.end], psql.severity) == ("\\i x.sql", Severity.WARNING)
    assert text[first.start :].startswith("SELCT")
    assert text[second.start :].startswith("(;")


def test_a_colon_is_no_parameter_for_dbops_sends_the_text_as_it_is():
    assert read(migration("-- migrate:up\nDELETE FROM t WHERE a = :a;")).problems


def test_a_variable_in_the_code_is_read_as_a_name_of_its_length():
    text = (
        "-- migrate:up\nALTER TABLE ${tenant.name}.orders ADD n int CHECK (n < ${max}) DEFAULT '${tenant}'; -- ${x}\n"
        "SELECT * FROM app_${env}_t;\n"
    )
    (script,) = read(migration(text)).scripts
    assert len(script.statements) == 2
    assert {word: shown for word, shown in script.holes.items() if len(word) != len(shown)} == {}
    assert set(script.holes.values()) == {"${tenant.name}", "${max}", "${env}"}
    assert "'${tenant}'" in script.sql
    assert [text[script.offsets.source(each.start) :][:13] for each in script.statements] == [
        "ALTER TABLE $",
        "SELECT * FROM",
    ]
    assert not script.mendable


@given(st.text(alphabet="${}abx_.:-'\"-/*; \n", max_size=60))
def test_any_text_with_variables_keeps_its_length(sql: str):
    made, words = readable(sql)
    assert len(made) == len(sql)
    assert all(shown in sql for shown in words.values())


def test_findings_name_the_variable_and_not_the_word_for_it(tmp_path):
    (tmp_path / "0001_a.sql").write_text("-- migrate:up\nALTER TABLE ${tenant}.orders ADD note text NOT NULL;\n")
    ran = dbops("lint", tmp_path)
    assert "fails if ${tenant}.orders has a row" in ran.out
    assert "_tenant__" not in ran.everything
