from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sql.test_split_generated import COMMENT, STATEMENTS, joined

from dbops.sql.nodes import kind
from dbops.sql.recover import LONGEST_STATEMENT, Recovered, statements
from dbops.sql.split import split


def texts(found: Recovered) -> list[str]:
    return [statement.text for statement in found.statements]


def whats(found: Recovered) -> list[str]:
    return [each.what for each in found.skipped]


def test_a_text_that_can_be_read_is_read_as_split_does():
    sql = "SELECT 1;\n-- note\nSELECT 2"
    assert statements(sql) == Recovered(sql, split(sql))


def test_what_cannot_be_read_is_said_and_the_rest_is_read():
    sql = "SELECT 1;\nSELCT é, 2;\n  SELECT 'é', 3;\nDROP TABLE (;SELECT 4"
    found = statements(sql)
    assert texts(found) == ["SELECT 1", "SELECT 'é', 3", "SELECT 4"]
    assert [statement.index for statement in found.statements] == [0, 1, 2]
    assert [(statement.line, statement.column) for statement in found.statements] == [(1, 1), (3, 3), (4, 14)]
    first, second = found.unreadable
    assert sql[first.start : first.end] == "SELCT é, 2;"
    assert first.message == 'syntax error at or near "SELCT"'
    assert sql[second.offset] == "("


def test_a_nodes_location_leads_to_the_text_also_behind_what_cannot_be_read():
    sql = "SELCT 'é';\nSELECT 'é', nothing FROM t"
    (statement,) = statements(sql).statements
    target = statement.node.target_list[1].res_target
    assert sql[statement.offset(target.location) :].startswith("nothing FROM")


@settings(deadline=None)
@given(STATEMENTS, st.sampled_from([";SELCT;", ";SELECT FROM WHERE;", "; ) ;", ";CREATE TABLE;"]))
def test_statements_around_an_unreadable_one_are_those_of_the_text_without_it(
    parts: list[tuple[str, str, str]], bad: str
):
    before = joined(parts)
    sql = before + bad + before
    found = statements(sql)
    assert texts(found) == [statement for _, statement, _ in parts] * 2
    assert len(found.unreadable) == 1
    lines = sql.split("\n")
    for index, statement in enumerate(found.statements):
        assert statement.index == index
        assert sql[statement.start : statement.start + len(statement.text)] == statement.text
        assert sum(len(line) + 1 for line in lines[: statement.line - 1]) + statement.column - 1 == statement.start


FOR_PSQL = ("\\", "\\i x", "\\.", "\\copy t from stdin", "\\gset", "COPY t FROM stdin")
SIGNS = ("SELECT 1", ";", "'", '"', "$$", "/*", "--", "(", ")", "||", "\n", "\0", "\ud800", "é")
BODY = ("CREATE FUNCTION f()", "BEGIN ATOMIC", "END")
ANYTHING = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(st.sampled_from(FOR_PSQL + SIGNS + BODY), COMMENT), max_size=12).map(" ".join),
)


@settings(deadline=None)
@given(ANYTHING)
def test_no_text_is_too_strange(sql: str):
    found = statements(sql)
    assert len(found.sql) == len(sql)
    assert found.sql.count("\n") == sql.count("\n")
    for statement in found.statements:
        assert found.sql[statement.start : statement.start + len(statement.text)] == statement.text
    for bad in found.unreadable:
        assert 0 <= bad.start <= bad.offset <= bad.end <= len(sql)
        assert bad.message
    for each in found.skipped:
        assert 0 <= each.start < each.end <= len(sql)


def test_a_function_body_is_not_cut():
    body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END"
    assert texts(statements(f"{body}; SELCT; SELECT 1")) == [body, "SELECT 1"]


def test_a_rule_with_several_actions_is_not_cut():
    rule = "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)"
    assert texts(statements(f"{rule}; SELCT; SELECT 1")) == [rule, "SELECT 1"]


def test_commands_of_psql_are_skipped_and_said():
    sql = "\\set x 'y'\n\\echo don't\n\\if :x\nSELECT 1 \\gset\nSELECT 2 \\; SELECT 3;\n\\endif\n\\i a.sql"
    found = statements(sql)
    assert texts(found) == ["SELECT 1", "SELECT 2", "SELECT 3"]
    assert whats(found) == ["\\set", "\\echo", "\\if", "\\gset", "\\;", "\\endif", "\\i"]
    assert [sql[each.start : each.end] for each in found.skipped][:2] == ["\\set x 'y'", "\\echo don't"]
    assert found.unreadable == ()


def test_a_backslash_in_a_literal_is_no_command():
    sql = "SELECT E'\\i', '\\copy', $$\\d$$, \"\\c\"; -- \\i\nSELCT"
    found = statements(sql)
    assert found.skipped == ()
    assert len(found.statements) == 1


def test_data_of_copy_is_skipped_and_the_statement_stays():
    sql = "COPY t (a, b) FROM stdin;\n1\tdon't\n2\t$$\\N;\n\\.\nSELECT 1;"
    found = statements(sql)
    assert texts(found) == ["COPY t (a, b) FROM stdin", "SELECT 1"]
    assert whats(found) == ["data of COPY"]
    assert found.statements[1].line == 5
    assert found.unreadable == ()


def test_copy_without_data_is_a_statement():
    assert [kind(each.node) for each in statements("COPY t FROM STDIN; SELECT 1").statements] == [
        "CopyStmt",
        "SelectStmt",
    ]


def test_data_of_psqls_own_copy_is_skipped():
    found = statements("\\copy t from stdin\nit's\n\\.\nSELECT 1")
    assert texts(found) == ["SELECT 1"]
    assert whats(found) == ["\\copy"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT 'x", "unterminated quoted string"),
        ("SELECT 1 /* x", "unterminated /* comment"),
        ('SELECT "x', "unterminated quoted identifier"),
        ("SELECT $$x", "unterminated dollar-quoted string"),
        ("SELECT '\0'", "NUL character in the text"),
        ("SELECT '\ud800'", "a character that UTF-8 cannot encode"),
        ("SELECT " + "(" * 10_000 + "1" + ")" * 10_000, "it is nested too deeply"),
        ("SELECT " + "(" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(sql: str, reason: str):
    found = statements("SELECT 1;" + sql)
    assert texts(found) == ["SELECT 1"]
    assert reason in found.unreadable[0].message


def test_a_tree_that_is_too_deep_is_a_statement_without_a_node():
    (statement,) = statements("SELECT 1" + "+1" * 30_000).statements
    assert statement.node is None


def test_a_statement_of_many_megabytes_is_unreadable_and_the_next_one_is_read():
    long = "INSERT INTO t VALUES " + "('some longer text'),\n" * (LONGEST_STATEMENT // 22 + 10) + "('x');\n"
    found = statements("SELECT 1;\n" + long + "SELECT 2;\n")
    assert texts(found) == ["SELECT 1", "SELECT 2"]
    (bad,) = found.unreadable
    assert (bad.start, bad.end) == (10, 10 + len(long) - 1)
    assert bad.message == "the statement is longer than 4 million characters"


def test_a_long_text_is_read_to_its_end_around_what_cannot_be_read():
    row = "INSERT INTO t VALUES (1, 'it''s; é');\n"
    sql = row * 30_000 + "SELCT;\n" + row
    found = statements(sql)
    assert len(found.statements) == 30_001
    assert found.statements[-1].line == 30_002
    assert len(found.unreadable) == 1
