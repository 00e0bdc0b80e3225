from __future__ import annotations

import subprocess
import sys

import pytest

from dbops.sql.nodes import kind
from dbops.sql.split import CopyFromStdin, PsqlCommand, SqlSyntaxError, split


def texts(sql: str) -> list[str]:
    return [statement.text for statement in split(sql)]


def refusal(sql: str) -> SqlSyntaxError:
    with pytest.raises(SqlSyntaxError) as caught:
        split(sql)
    return caught.value


def test_a_statement_knows_its_text_and_place():
    first, second = split("-- head\n  SELECT 1 ; /* é */\n SELECT 'é'\n -- tail\n ;")
    assert (first.text, first.start, first.line, first.column, first.index) == ("SELECT 1", 10, 2, 3, 0)
    assert (second.text, second.start, second.line, second.column, second.index) == ("SELECT 'é'", 30, 3, 2, 1)
    assert kind(first.node) == "SelectStmt"


@pytest.mark.parametrize("sql", ["", " \n\t", "-- only a note", "/* a /* b */ */", ";;;", "; -- x\n;"])
def test_a_text_without_statements_has_none(sql: str):
    assert split(sql) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ';'",
        "SELECT E'\\';'",
        "SELECT U&'\\003b;'",
        "SELECT $$;$$, $a$ $$;$$ $a$",
        'SELECT 1 AS "a;b"',
        "SELECT 1 /* ; /* ; */ ; */ + 1",
        "SELECT 1 -- ;\n + 1",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM v)",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END; $$",
        "SELECT größe FROM имя",
    ],
)
def test_a_semicolon_inside_a_statement_does_not_end_it(statement: str):
    assert texts(f"SELECT 0; {statement}; SELECT 'ü'") == ["SELECT 0", statement, "SELECT 'ü'"]


def test_a_no_break_space_is_a_letter_of_a_name_as_for_postgresql():
    assert texts("SELECT a\u00a0;") == ["SELECT a\u00a0"]


@pytest.mark.parametrize(
    "deep", ["SELECT " + "f(" * 60 + "1" + ")" * 60, " UNION ".join(["SELECT 1"] * 200)], ids=["calls", "unions"]
)
def test_a_tree_too_deep_to_read_has_no_node_but_its_neighbours_have(deep: str):
    before, found, after = split(f"/* {deep[:8]} é */ SELECT 0; {deep} -- é\n;; SELECT 2")
    assert (before.text, found.text, after.text) == ("SELECT 0", deep, "SELECT 2")
    assert found.node is None
    assert kind(before.node) == kind(after.node) == "SelectStmt"
    assert (found.line, after.line) == (1, 2)


def test_a_tree_that_would_overflow_the_parsers_stack_is_cut_all_the_same():
    deep = "'SELECT 1' + '+1' * 200000 + '; SELECT 2'"
    program = f"from dbops.sql.split import split; deep, other = split({deep}); assert deep.node is None"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_long_flat_statement_is_read():
    (insert,) = split("INSERT INTO t VALUES " + ",".join(["(1, 'text', NULL)"] * 20_000))
    assert kind(insert.node) == "InsertStmt"


@pytest.mark.parametrize(
    ("sql", "message", "place"),
    [
        ("SELECT 1;\nSELEC 2", 'syntax error at or near "SELEC"', (10, 2, 1)),
        ("SELECT 'ü', 'ö';\n é x", 'syntax error at or near "é"', (18, 2, 2)),
        ("SELECT (1", "syntax error at end of input", (9, 1, 10)),
        ("SELECT 1;\n 'open; SELECT", "unterminated quoted string", (11, 2, 2)),
        ("SELECT $a$ open", "unterminated dollar-quoted string", (7, 1, 8)),
        ('SELECT "open', "unterminated quoted identifier", (7, 1, 8)),
        ("SELECT 1 /* a /* b */", "unterminated /* comment", (9, 1, 10)),
        ("SELECT 1,\0 2", "NUL character in the text", (9, 1, 10)),
        ("SELECT '\udc80'", "a character that UTF-8 cannot encode", (8, 1, 9)),
    ],
)
def test_a_syntax_error_says_what_and_where(sql: str, message: str, place: tuple[int, int, int]):
    error = refusal(sql)
    assert (error.message, str(error)) == (message, message)
    assert (error.offset, error.line, error.column) == place
    assert type(error) is SqlSyntaxError


@pytest.mark.parametrize(
    "sql", ["CREATE ROLE r PASSWORD 'hunter2' 'hunter2'", "ALTER ROLE r PASSWORD 'hunter2", "SELECT $$hunter2"]
)
def test_an_error_does_not_repeat_literals(sql: str):
    assert "hunter2" not in refusal(sql).message


def test_an_error_shortens_a_long_token():
    assert len(refusal("SELECT 1 " + "x" * 1000 + " y z").message) < 100


@pytest.mark.parametrize(
    ("sql", "command", "offset"),
    [
        ("\\restrict abc\nSELECT 1", "\\restrict", 0),
        ("SELECT 'ü';\n\\d t\n", "\\d", 12),
        ("SELECT 1 \\gset\n", "\\gset", 9),
        ("\\copy t from 'it''s'", "\\copy", 0),
        ("CREATE TABLE t (a int)\n\\echo don't", "\\echo", 23),
    ],
)
def test_a_command_of_psql_is_named(sql: str, command: str, offset: int):
    error = refusal(sql)
    assert isinstance(error, PsqlCommand)
    assert (error.command, error.offset) == (command, offset)


@pytest.mark.parametrize(
    "sql", ["SELECT '\n\\d'", "SELECT $$\n\\d$$", "SELECT 1 -- \n/*\n\\d\n*/", 'SELECT 1 AS "\n\\d"']
)
def test_a_backslash_within_quotes_or_comments_is_no_command(sql: str):
    assert len(split(sql)) == 1


def test_a_wrong_escape_in_a_literal_is_no_command():
    assert type(refusal(r"SELECT U&'\zz'")) is SqlSyntaxError


@pytest.mark.parametrize(
    "data",
    ["", "\n", "1\tx\n\\.\n", "\\N\t\\N\n\\.\n", "it's\n\\.\n", "\\.\n", "1; SELECT 2;\n\\.\n", "$a$\n\\.\n"],
)
def test_copy_from_stdin_is_pointed_at_with_and_without_its_data(data: str):
    error = refusal(f"SELECT 'ü';\n  COPY t (a, b) FROM stdin;{data}")
    assert isinstance(error, CopyFromStdin)
    assert (error.offset, error.line, error.column) == (14, 2, 3)


@pytest.mark.parametrize("sql", ["COPY t FROM '/tmp/file'", "COPY t FROM PROGRAM 'cat'", "COPY t TO stdout"])
def test_other_copies_are_statements(sql: str):
    assert texts(sql) == [sql]


def test_an_error_before_a_copy_is_told_first():
    assert type(refusal("SELEC 1;\nCOPY t FROM stdin;\n1\n\\.\n")) is SqlSyntaxError


def test_statements_with_the_same_text_and_place_are_equal_and_hashable():
    assert split("SELECT 1") == split("SELECT 1")
    assert len({*split("SELECT 1"), *split("SELECT 1")}) == 1
