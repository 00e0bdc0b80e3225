"""Limits that CI sets on a plan."""

import pytest

from dbops.errors import UsageError
from dbops.explain.limits import Forbidden, Limits, broken
from explain.documents import node, plan


def names(limits, a_plan, **more):
    return [each.limit for each in broken(a_plan, limits, **more)]


SLOW = plan(node("Hash Join", plans=[node("Seq Scan", table="orders", rows=10), node("Hash")], ms=80.0), ms=100.0)


def test_a_time_above_the_limit_breaks_it_and_one_below_does_not():
    assert names(Limits(max_ms=99.0), SLOW) == ["--max-ms"]
    assert names(Limits(max_ms=100.0), SLOW) == []


def test_a_query_that_did_not_end_in_time_breaks_a_limit_below_that_time():
    planned = plan(node("Seq Scan", table="orders"))
    assert names(Limits(max_ms=500.0), planned, timed_out_after=1.0) == ["--max-ms"]


def test_a_cost_above_the_limit_breaks_it():
    assert names(Limits(max_cost=10.0), plan(node("Result", cost=10.5))) == ["--max-cost"]
    assert names(Limits(max_cost=11.0), plan(node("Result", cost=10.5))) == []


@pytest.mark.parametrize("text", ["seq-scan", "seq-scan:orders", "SEQ-SCAN:public.orders", "hash"])
def test_a_forbidden_node_is_found(text):
    assert names(Limits(forbidden=(Forbidden.read(text),)), SLOW) == [f"--forbid {text}"]


@pytest.mark.parametrize("text", ["seq-scan:customers", "index-scan:orders", "sort"])
def test_a_forbidden_node_that_is_not_there_is_not(text):
    assert names(Limits(forbidden=(Forbidden.read(text),)), SLOW) == []


def test_a_node_that_does_not_exist_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError) as raised:
        Forbidden.read("seqscan:orders")
    assert raised.value.hint == "did you mean seq-scan?"
