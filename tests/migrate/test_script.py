"""A direction of a migration as it will be run. No server needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import InvalidMigration
from dbops.files.formats.own import parse
from dbops.files.migration import Migration, SourceFile
from dbops.files.variables import expand
from dbops.migrate.script import DOWN, UP, Script, build
from migrate.scene import migration


def _up(sql: str, options: str = "") -> Script:
    """Return the script of an up whose first line is the file's line 2."""
    return build(_file(f"-- migrate:up{options}\n{sql}\n"), UP)


def _file(text: str) -> Migration:
    return parse([SourceFile("dir/0001_x.sql", "0001_x.sql", text.encode())])[0]


def _refused(sql: str, options: str = "") -> InvalidMigration:
    with pytest.raises(InvalidMigration) as caught:
        _up(sql, options)
    detail = caught.value.details[0]
    place = f"dir/0001_x.sql:{detail['line']}"
    assert caught.value.message.startswith(place)
    assert detail["file"] == "dir/0001_x.sql"
    assert caught.value.hint
    return caught.value


def test_a_migration_is_one_transaction_by_default() -> None:
    script = _up("CREATE TABLE a ();\nCREATE TABLE b ();")
    assert script.transactional
    assert [script.line(statement) for statement in script.statements] == [2, 3]


def test_each_direction_is_read_by_itself() -> None:
    file = _file("-- migrate:up\nCREATE INDEX CONCURRENTLY i ON t (a);\n-- migrate:down\nDROP INDEX i;\n")
    assert not build(file, UP).transactional
    down = build(file, DOWN)
    assert down.transactional
    assert down.line(down.statements[0]) == 4


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX CONCURRENTLY i ON t (a);",
        "DROP INDEX CONCURRENTLY i;",
        "REINDEX TABLE CONCURRENTLY t;",
        "REINDEX SCHEMA s;",
        "VACUUM t;",
        "ALTER SYSTEM SET work_mem = '1MB';",
        "CREATE DATABASE d;",
        "ALTER TABLE p DETACH PARTITION c CONCURRENTLY;",
        "DROP SUBSCRIPTION s;",
    ],
)
def test_what_cannot_run_in_a_transaction_is_recognised(sql: str) -> None:
    script = _up(f"CREATE TABLE a ();\n{sql}")
    assert not script.transactional
    assert list(script.alone) == [1]


def test_the_words_alone_are_not_taken_for_the_statement() -> None:
    assert _up("-- CREATE INDEX CONCURRENTLY\nSELECT 'VACUUM t;', $$DROP INDEX CONCURRENTLY i$$;").transactional


def test_transaction_false_is_obeyed() -> None:
    script = _up("SELECT 1;", " transaction:false")
    assert not script.transactional
    assert script.alone == {}


def test_transaction_true_is_obeyed_or_refused() -> None:
    assert _up("SELECT 1;", " transaction:true").transactional
    error = _refused("SELECT 1;\nVACUUM t;", " transaction:true")
    assert error.details[0]["line"] == 3
    assert "VACUUM cannot run inside a transaction, and the marker says transaction:true" in error.message


@pytest.mark.parametrize(
    ("begin", "commit"),
    [("BEGIN;", "COMMIT;"), ("begin transaction;", "end;"), ("START TRANSACTION;", "COMMIT"), ("BEGIN\n;", "COMMIT;")],
)
def test_one_outer_begin_and_commit_are_taken_off_and_lines_stay_right(begin: str, commit: str) -> None:
    script = _up(f"-- why\n{begin}\nCREATE TABLE a ();\n\nCREATE TABLE b ();\n{commit}")
    assert script.transactional
    assert [statement.text for statement in script.statements] == ["CREATE TABLE a ()", "CREATE TABLE b ()"]
    more = begin.count("\n")
    assert [script.line(statement) for statement in script.statements] == [4 + more, 6 + more]
    assert "BEGIN" not in script.sql.upper()
    assert len(script.sql) == len(script.section.sql)


def test_begin_and_commit_ask_for_a_transaction_whatever_the_marker_says() -> None:
    assert _up("BEGIN;\nSELECT 1;\nCOMMIT;", " transaction:false").transactional


def test_begin_and_commit_around_what_cannot_be_in_a_transaction_are_refused() -> None:
    error = _refused("BEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT;")
    assert error.details[0]["line"] == 3
    assert "between BEGIN and COMMIT" in error.message


@pytest.mark.parametrize(
    ("sql", "line", "what"),
    [
        ("SELECT 1;\nCOMMIT;", 3, "COMMIT"),
        ("SELECT 1;\n\nROLLBACK;\nSELECT 2;", 4, "ROLLBACK"),
        ("SAVEPOINT a;", 2, "SAVEPOINT"),
        ("SELECT 1;\nROLLBACK TO a;", 3, "ROLLBACK TO SAVEPOINT"),
        ("BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;", 2, "BEGIN"),
        ("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;", 2, "BEGIN"),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;", 2, "BEGIN"),
        ("BEGIN;\nSELECT 1;", 2, "BEGIN"),
        ("PREPARE TRANSACTION 'x';", 2, "PREPARE TRANSACTION"),
        ("SELECT 1;\nEND;", 3, "COMMIT"),
        ("SELECT 1;\nABORT;", 3, "ROLLBACK"),
    ],
)
def test_other_transaction_control_is_refused_with_its_line(sql: str, line: int, what: str) -> None:
    error = _refused(sql)
    assert error.details[0]["line"] == line
    assert f": {what} inside a migration" in error.message


@pytest.mark.parametrize(
    ("sql", "line", "column", "message"),
    [
        ("SELECT 1;\nSELEC 2;", 3, 1, 'syntax error at or near "SELEC"'),
        ("SELECT 'ä→😀', 1 +;", 2, 18, "syntax error"),
        ("SELECT 'never closed;", 2, 8, "unterminated quoted string"),
        ("SELECT 1;\n  \\connect other", 3, 3, "\\connect is a command of psql"),
        ("\\i other.sql", 2, 1, "\\i is a command of psql"),
        ("CREATE TABLE t (a int);\n\nCOPY t FROM stdin;\n1\n\\.\n", 4, 1, "COPY … FROM STDIN"),
    ],
)
def test_what_is_not_sql_is_refused_with_line_and_column(sql: str, line: int, column: int, message: str) -> None:
    error = _refused(sql)
    assert error.message.startswith(f"dir/0001_x.sql:{line}:{column}: ")
    assert error.details[0].items() >= {"line": line, "column": column}.items()
    assert message in error.message


def test_a_new_enum_value_that_is_used_later_cannot_be_in_a_transaction() -> None:
    script = _up("ALTER TYPE mood ADD VALUE 'so-so';\nUPDATE t SET m = 'so-so';")
    assert not script.transactional
    assert list(script.alone) == [0]


def test_a_new_enum_value_with_a_quote_is_recognised_too() -> None:
    assert not _up("ALTER TYPE mood ADD VALUE 'it''s';\nUPDATE t SET m = 'it''s';").transactional


def test_a_new_enum_value_that_nothing_uses_is_transactional() -> None:
    assert _up("UPDATE t SET m = 'old';\nALTER TYPE mood ADD VALUE 'so-so';\nSELECT 'other';").transactional


def test_an_up_without_a_statement_is_transactional_and_empty() -> None:
    script = _up("-- nothing")
    assert (script.transactional, script.statements) == (True, ())


def test_places_are_the_files() -> None:
    script = build(migration("1", up="SELECT 'é';\n  SELECT 2;"), UP)
    second = script.statements[1]
    assert script.place(second.start) == (3, 3)
    assert script.statement_at(second.start + 2) == second
    assert script.statement_at(0) is None


BLANK = st.text(" \n\t", min_size=1, max_size=3)


@given(st.lists(BLANK, min_size=5, max_size=5))
def test_a_statements_hash_ignores_how_blanks_are_set(blanks: list[str]) -> None:
    words = ["ALTER", "TABLE", "t", "ADD", "a", "int"]
    laid_out = "".join(word + blank for word, blank in zip(words, [*blanks, ""], strict=True))
    assert _hash(" ".join(words)) == _hash(laid_out)


@given(st.sampled_from(["ALTER TABLE t ADD b int", "ALTER TABLE u ADD a int", "ALTER TABLE t ADD a int8"]))
def test_a_statements_hash_tells_an_edit(other: str) -> None:
    assert _hash("ALTER TABLE t ADD a int") != _hash(other)


def test_a_statements_hash_is_of_what_the_file_says_and_not_of_a_variables_value() -> None:
    (one,) = expand([migration("1", up="SET role ${who};")], {"who": "secret_one"})
    (other,) = expand([migration("1", up="SET role ${who};")], {"who": "another"})
    first, second = build(one, UP), build(other, UP)
    assert first.statements[0].text != second.statements[0].text
    assert first.hash(first.statements[0]) == second.hash(second.statements[0])


def _hash(sql: str) -> str:
    script = build(migration("1", up=f"{sql};"), UP)
    return script.hash(script.statements[0])
