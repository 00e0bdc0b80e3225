"""Which statement is meant, what it would write, and what is said of a text that holds none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import DbopsError, InvalidQuery, UsageError
from dbops.explain.statement import Source, find


def found(text, number=None):
    return find(Source(text, "query.sql"), number)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("SELECT 1;", "SELECT 1"),
        ("  -- why\nSELECT 1 -- because\n;\n", "SELECT 1"),
        ("EXPLAIN (ANALYZE, BUFFERS) SELECT 1", "SELECT 1"),
        ("explain analyze verbose select 1", "select 1"),
        ("PREPARE p (int) AS SELECT $1", "SELECT $1"),
        ("DECLARE c CURSOR FOR SELECT 1", "SELECT 1"),
        ("COPY (SELECT 1) TO STDOUT", "SELECT 1"),
        ("\\timing on\nSELECT 1", "SELECT 1"),
        ("VALUES (1)", "VALUES (1)"),
        ("TABLE orders", "TABLE orders"),
    ],
)
def test_what_stands_around_a_query_is_taken_off(text, sql):
    assert found(text).sql == sql


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("SELECT $2, $1", {2: "2", 1: "1"}),
        ("SELECT %s, %(name)s", {1: "1", 2: "name"}),
        ("SELECT :a, :b, :a", {1: "a", 2: "b"}),
        ("SELECT ?", {1: "1"}),
        ("SELECT '$1', a::int /* $2 */", {}),
    ],
)
def test_parameters_of_any_style_keep_their_names(text, parameters):
    assert found(text).parameters == parameters


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("SELECT 1", None),
        ("INSERT INTO t DEFAULT VALUES", "INSERT"),
        ("UPDATE t SET a = 1", "UPDATE"),
        ("WITH gone AS (DELETE FROM t RETURNING a) SELECT a FROM gone", "DELETE"),
        ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DO NOTHING", "MERGE"),
        ("CREATE TABLE t AS SELECT 1", "CREATE TABLE AS"),
        ("SELECT a INTO t FROM s", "SELECT INTO"),
        ("SELECT a FROM t FOR NO KEY UPDATE", "FOR NO KEY UPDATE"),
        ("SELECT a FROM (SELECT a FROM t FOR SHARE) AS s", "FOR SHARE"),
    ],
)
def test_it_is_known_what_a_statement_would_write(text, writes):
    assert found(text).writes == writes


@pytest.mark.parametrize("text", ["", "  \n", "-- only a comment", ";;", "/* SELECT 1 */"])
def test_a_text_without_a_query_is_a_usage_error(text):
    with pytest.raises(UsageError, match="there is no query"):
        found(text)


def test_a_syntax_error_has_its_line_and_a_caret():
    with pytest.raises(InvalidQuery, match=r"query\.sql:2:14: syntax error") as raised:
        found("SELECT a\nFROM té whre a = 1")
    assert raised.value.details[0]["statement"] == "FROM té whre a = 1\n" + " " * 13 + "^"


def test_of_several_statements_one_must_be_chosen():
    with pytest.raises(InvalidQuery, match="2 statements") as raised:
        found("SELECT 1;\nSELECT 2")
    assert raised.value.hint == "choose one with --statement N: 1 at line 1, 2 at line 2"
    assert found("SELECT 1;\nSELECT 2", 2).sql == "SELECT 2"
    with pytest.raises(UsageError, match="no number 3"):
        found("SELECT 1;\nSELECT 2", 3)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("ALTER TABLE t ADD a int", "ALTER TABLE"),
        ("VACUUM t", "VACUUM"),
        ("CALL p()", "CALL"),
        ("EXECUTE p", "EXECUTE"),
    ],
)
def test_what_has_no_plan_is_refused_by_its_name(text, called):
    with pytest.raises(InvalidQuery, match=f"{called} has no plan"):
        found(text)


def test_offsets_lead_back_to_the_text_that_was_given():
    query = found("EXPLAIN SELECT :first, :second FROM t")
    place = query.sql.index("FROM")
    assert query.source.text[query.offsets.source(place) :] == "FROM t"


def test_a_password_is_not_in_the_excerpt():
    with pytest.raises(InvalidQuery) as raised:
        found("ALTER ROLE r PASSWORD 'hidden'")
    assert "hidden" not in str(raised.value.to_dict())


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_clear_error(text):
    try:
        query = found(text)
    except DbopsError as error:
        assert error.hint
    else:
        assert query.sql
