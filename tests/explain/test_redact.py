"""Literals go, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.redact import Redactor
from dbops.sql.split import split


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("SELECT * FROM t WHERE a = 'secret' AND b > 42", "SELECT * FROM t WHERE a = $1 AND b > $2"),
        ("a = 'x' OR b = 'x' OR c = 'y'", "a = $1 OR b = $1 OR c = $2"),
        ("a = $1 AND b = 'x'", "a = $1 AND b = $2"),
        ("(status = 'new'::order_status)", "(status = $1::order_status)"),
        ("a::numeric(10,2) > 1.5", "a::numeric(10,2) > $1"),
        ("a = ('x'::character varying(20))", "a = ($1::character varying(20))"),
        ("(a = (InitPlan 1).col1)", "(a = (InitPlan 1).col1)"),
        ("NOT (hashed SubPlan 2)", "NOT (hashed SubPlan 2)"),
        ("col1 = t1.c2", "col1 = t1.c2"),
        ('"1" = 1', '"1" = $1'),
        ("E'a\\'b' = $tag$c$tag$", "$1 = $2"),
        ("SELECT 1 -- the customer 4711", "SELECT $1 "),
        ("x IS TRUE AND y IS NULL", "x IS TRUE AND y IS NULL"),
    ],
)
def test_literals_become_numbered_parameters(text, redacted):
    assert Redactor(text).sql(text) == redacted


def test_one_literal_has_one_number_in_query_and_plan():
    redactor = Redactor("SELECT 1")
    assert redactor.sql("WHERE a = 'x'") == "WHERE a = $1"
    document = redactor.document({"Plan": {"Node Type": "Seq Scan", "Filter": "(a = 'x'::text)", "Plan Rows": 5}})
    assert document == {"Plan": {"Node Type": "Seq Scan", "Filter": "(a = $1::text)", "Plan Rows": 5}}


def test_values_that_were_put_in_go_back_to_their_parameters():
    redactor = Redactor("a = $1 AND b = $2 AND d = $3 AND c = 'own'", values={1: "it's", 2: "5", 3: None})
    assert redactor.sql("(a = 'it''s'::text) AND (b = 5) AND (c = 'own')") == "(a = $1::text) AND (b = $2) AND (c = $4)"


def test_a_sentence_loses_the_literals_that_were_seen():
    redactor = Redactor("")
    redactor.sql("a = 'new' AND b = 42")
    said = "it doesn't help: orders (a) WHERE a = 'new' AND b = 42, which 42 rows match"
    assert redactor.prose(said) == "it doesn't help: orders (a) WHERE a = $1 AND b = $2, which 42 rows match"


def test_names_in_a_plan_stay():
    node = {"Relation Name": "orders 2024", "Alias": "o'", "Subplan Name": "InitPlan 1 (returns $0)", "Schema": "1"}
    assert Redactor().document(node) == node


@given(st.text(alphabet="abc0123456789", min_size=6, max_size=12).filter(lambda text: not text[0].isdigit()))
def test_no_string_survives(secret):
    text = f"SELECT a FROM t WHERE b = '{secret}' AND c LIKE '%' || E'{secret}' LIMIT 5"
    redacted = Redactor(text).sql(text)
    assert secret not in redacted
    assert split(redacted)
