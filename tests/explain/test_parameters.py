"""Values for parameters that nobody gave."""

import pytest

from dbops.errors import UsageError
from dbops.explain.parameters.bound import bind, given
from dbops.explain.parameters.chosen import LIMIT_ROWS, choose
from dbops.explain.parameters.compared import Compared, compared
from dbops.explain.statement import Source, find
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY
from dbops.sql.nodes import Relation
from dbops.sql.normalized import readable
from dbops.sql.split import split

ORDERS = Relation("public", "orders")
CUSTOMERS = Relation("public", "customers")
DDL = """
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text, placed_at timestamptz, tags text[]);
CREATE TABLE customers (id bigint PRIMARY KEY, email text, name text);
"""
SCHEMA = EMPTY
for _statement in split(DDL):
    SCHEMA = fold(SCHEMA, _statement.node)


def query(text):
    return find(Source(text, "query"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM orders WHERE status = $1", {1: Compared(ORDERS, "status", "=")}),
        ("SELECT * FROM orders WHERE $1 < placed_at", {1: Compared(ORDERS, "placed_at", ">")}),
        ("SELECT * FROM orders WHERE status IN ($1, $2)", dict.fromkeys((1, 2), Compared(ORDERS, "status", "="))),
        ("SELECT * FROM orders WHERE id = ANY ($1)", {1: Compared(ORDERS, "id", "=", "array")}),
        (
            "SELECT * FROM orders WHERE placed_at BETWEEN $1 AND $2",
            {
                1: Compared(ORDERS, "placed_at", "BETWEEN", "low"),
                2: Compared(ORDERS, "placed_at", "BETWEEN", "high"),
            },
        ),
        ("SELECT * FROM customers WHERE lower(email) = lower($1)", {1: Compared(CUSTOMERS, "email", "=")}),
        ("SELECT * FROM customers WHERE name LIKE $1", {1: Compared(CUSTOMERS, "name", "LIKE", "pattern")}),
        ("SELECT * FROM customers WHERE name LIKE '%' || $1", {1: Compared(CUSTOMERS, "name", "LIKE", "within")}),
        (
            "SELECT * FROM orders o WHERE (o.placed_at, o.id) < ($1, $2) LIMIT $3 OFFSET $4",
            {
                1: Compared(ORDERS, "placed_at", "<"),
                2: Compared(ORDERS, "id", "<"),
                3: "LIMIT",
                4: "OFFSET",
            },
        ),
        (
            "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = $1",
            {1: Compared(CUSTOMERS, "email", "=")},
        ),
        (
            "UPDATE orders SET status = $1 WHERE id = $2",
            {1: Compared(ORDERS, "status", "="), 2: Compared(ORDERS, "id", "=")},
        ),
        ("SELECT $1::int", {}),
    ],
)
def test_it_is_known_which_column_a_parameter_is_compared_with(text, expected):
    assert compared(text, SCHEMA) == expected


STATISTICS = {
    (ORDERS, "status"): {"common": ["done", "paid", "new"], "frequencies": [0.9, 0.06, 0.04], "histogram": []},
    (ORDERS, "customer_id"): {"common": ["7"], "frequencies": [0.3], "histogram": ["1", "50", "99"]},
    (ORDERS, "placed_at"): {"common": [], "frequencies": [], "histogram": [f"{day:02}" for day in range(101)]},
    (CUSTOMERS, "name"): {"common": [], "frequencies": [], "histogram": ["Ada", "Grace 100%", "Zuse"]},
}


@pytest.mark.parametrize(
    ("what", "values"),
    [
        (Compared(ORDERS, "status", "="), ("done", "paid", "new")),
        (Compared(ORDERS, "customer_id", "="), ("7", "50", "50")),
        (Compared(ORDERS, "placed_at", "="), ("50", "50", "50")),
        (Compared(ORDERS, "placed_at", ">"), ("10", "50", "99")),
        (Compared(ORDERS, "placed_at", "<"), ("90", "50", "01")),
        (Compared(ORDERS, "placed_at", "BETWEEN", "low"), ("10", "45", "50")),
        (Compared(ORDERS, "placed_at", "BETWEEN", "high"), ("90", "55", "51")),
        (Compared(ORDERS, "status", "=", "array"), ('{"done"}', '{"paid"}', '{"new"}')),
        (Compared(CUSTOMERS, "name", "LIKE", "pattern"), ("Gra%", "Gra%", "Gra%")),
        ("LIMIT", (LIMIT_ROWS,) * 3),
        ("OFFSET", ("0",) * 3),
    ],
)
def test_values_come_from_the_statistics(what, values):
    assert choose(what, STATISTICS) == values


def test_without_statistics_there_is_no_value():
    assert choose(Compared(ORDERS, "id", "="), STATISTICS) is None


def test_a_value_is_put_in_as_a_constant_of_the_parameters_type():
    bound = bind(query("SELECT $1, '$1' FROM t WHERE a = $2"), {1: "it's", 2: None}, ("text", "bigint"), name="given")
    assert bound.sql == "SELECT ('it''s'::text), '$1' FROM t WHERE a = (NULL::bigint)"
    assert bound.scenario.values == {"1": "it's", "2": None}


def test_a_place_in_what_is_sent_leads_back_to_what_was_given():
    made = query("SELECT :a FROM t WHERE b = %s")
    bound = bind(made, {1: "long enough to move all", 2: "1"}, (), name="given")
    assert made.source.text[bound.offsets.source(bound.sql.index("WHERE")) :] == "WHERE b = %s"


def test_values_are_given_by_name_or_number():
    made = query("SELECT :status, :limit")
    assert given(made, {"status": "new", "2": "5"}) == {1: "new", 2: "5"}
    with pytest.raises(UsageError, match="no parameter 'state' \\(it has: status, limit\\)"):
        given(made, {"state": "new"})


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("a > now() - interval $1", "a > now() - ($1::interval)"),
        ("a > date $1 AND b = $2", "a > ($1::date) AND b = $2"),
        ("date = $1", "date = $1"),
        ("SELECT 'date $1'", "SELECT 'date $1'"),
    ],
)
def test_a_constant_with_its_type_before_it_is_a_cast_once_it_is_a_parameter(text, sql):
    assert readable(text) == sql
