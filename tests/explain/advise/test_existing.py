"""What the indexes that are there do for a candidate, and it for them."""

from __future__ import annotations

import pytest

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.existing import Existing
from dbops.explain.advise.facts import ExistingIndex
from explain.advise.scenes import ORDERS, SCHEMA, facts


def keys(*columns: str) -> tuple[Key, ...]:
    """Return keys as they are spelled: ``placed_at DESC``."""
    return tuple(
        Key(
            name, name, descending=rest.startswith("DESC"), nulls_first=rest.startswith("DESC") or rest == "NULLS FIRST"
        )
        for name, _, rest in (column.partition(" ") for column in columns)
    )


def expression(sql: str, opclass: str | None = None) -> tuple[Key, ...]:
    return (Key(sql, None, opclass=opclass),)


def holder(candidate: Candidate, *indexes: ExistingIndex) -> str | None:
    return Existing(facts(indexes=indexes), SCHEMA).holder(candidate)


def redundant(candidate: Candidate, *indexes: ExistingIndex) -> tuple[str, ...]:
    return Existing(facts(indexes=indexes), SCHEMA).redundant(candidate)


def candidate(*columns: str, include: tuple[str, ...] = (), where: str | None = None) -> Candidate:
    return Candidate(ORDERS, keys(*columns), include, where)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (candidate("total"), ExistingIndex("i", keys("total"))),
        (candidate("total"), ExistingIndex("i", keys("total", "id"))),
        (candidate("total"), ExistingIndex("i", keys("total DESC"))),
        (candidate("total"), ExistingIndex("i", keys("total"), unique=True, needed=True)),
        (candidate("status", "placed_at DESC"), ExistingIndex("i", keys("status DESC", "placed_at"))),
        (candidate("total", include=("id",)), ExistingIndex("i", keys("total", "id"))),
        (candidate("total", include=("id",)), ExistingIndex("i", keys("total"), include=("note", "id"))),
        (candidate("total", where="status = 'new'"),
         ExistingIndex("i", keys("total"), predicate="status = 'new'::text")),
        (candidate("total", where="customer_id = 1"),
         ExistingIndex("i", keys("total"), predicate="(customer_id = 1)")),
        (Candidate(ORDERS, expression("lower(note)")), ExistingIndex("i", expression("lower(note)"))),
        (Candidate(ORDERS, expression("data ->> 'kind'")), ExistingIndex("i", expression("(data ->> 'kind'::text)"))),
        (Candidate(ORDERS, keys("data"), method="gin"), ExistingIndex("i", keys("data"), method="gin")),
        (Candidate(ORDERS, (Key("note", "note", opclass="ext.gin_trgm_ops"),), method="gin"),
         ExistingIndex("i", (Key("note", "note", opclass="gin_trgm_ops"),), method="gin")),
    ],
)  # fmt: skip
def test_an_index_that_has_all_of_a_candidate_is_named(wanted: Candidate, there: ExistingIndex) -> None:
    assert holder(wanted, ExistingIndex("other", keys("note")), there) == "i"


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (candidate("total"), ExistingIndex("i", keys("id", "total"))),
        (candidate("total", "id"), ExistingIndex("i", keys("total"))),
        (candidate("total"), ExistingIndex("i", keys("total"), valid=False)),
        (candidate("total"), ExistingIndex("i", keys("total"), method="hash")),
        (candidate("total"), ExistingIndex("i", keys("total"), predicate="paid")),
        (candidate("total", where="paid"), ExistingIndex("i", keys("total"))),
        (candidate("total", where="status = 'new'"),
         ExistingIndex("i", keys("total"), predicate="status = 'old'::text")),
        (candidate("total", include=("id",)), ExistingIndex("i", keys("total"))),
        (candidate("status", "placed_at DESC"), ExistingIndex("i", keys("status", "placed_at"))),
        (candidate("placed_at NULLS FIRST"), ExistingIndex("i", keys("placed_at"))),
        (candidate("note"), ExistingIndex("i", keys("note"), collated=True)),
        (Candidate(ORDERS, (Key("note", "note", opclass="text_pattern_ops"),)), ExistingIndex("i", keys("note"))),
        (Candidate(ORDERS, expression("lower(note)")), ExistingIndex("i", expression("upper(note)"))),
        (Candidate(ORDERS, expression("lower(note)")), ExistingIndex("i", expression("((unreadable"))),
    ],
)  # fmt: skip
def test_an_index_that_lacks_something_does_not_stand_in(wanted: Candidate, there: ExistingIndex) -> None:
    assert holder(wanted, there) is None


def test_an_index_that_a_candidate_begins_with_is_redundant() -> None:
    found = redundant(
        candidate("customer_id", "placed_at", include=("total",)),
        ExistingIndex("orders_customer", keys("customer_id")),
        ExistingIndex("down", keys("customer_id DESC")),
        ExistingIndex("with_total", keys("customer_id"), include=("total",)),
        ExistingIndex("invalid", keys("customer_id"), valid=False),
    )
    assert found == ("orders_customer", "down", "with_total", "invalid")


@pytest.mark.parametrize(
    "there",
    [
        ExistingIndex("i", keys("customer_id"), unique=True),
        ExistingIndex("i", keys("customer_id"), needed=True),
        ExistingIndex("i", keys("placed_at")),
        ExistingIndex("i", keys("customer_id", "placed_at", "id")),
        ExistingIndex("i", keys("customer_id"), include=("note",)),
        ExistingIndex("i", keys("customer_id"), predicate="paid"),
        ExistingIndex("i", keys("customer_id"), method="hash"),
        ExistingIndex("i", keys("customer_id"), collated=True),
    ],
)
def test_other_indexes_are_still_needed(there: ExistingIndex) -> None:
    assert redundant(candidate("customer_id", "placed_at"), there) == ()
