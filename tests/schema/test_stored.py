from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.schema.model import EMPTY, Schema
from dbops.schema.stored import dumped, loaded
from schema.scene import folded
from schema.scripts import SCRIPTS

KITCHEN_SINK = """
CREATE SCHEMA s CREATE TABLE inner_one (id bigint PRIMARY KEY);
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE p (id bigint, at date NOT NULL, m mood DEFAULT 'good', PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE "Ünïcode" (id int GENERATED ALWAYS AS IDENTITY, s text CHECK (s <> ''),
    n int GENERATED ALWAYS AS (1) STORED);
CREATE UNIQUE INDEX i ON "Ünïcode" (lower(s), id) INCLUDE (n) NULLS NOT DISTINCT WHERE id > 0;
ALTER TABLE "Ünïcode" ADD FOREIGN KEY (id) REFERENCES s.inner_one (id) NOT VALID;
CREATE VIEW v AS SELECT id, s FROM "Ünïcode";
SET search_path = s, public;
"""


@pytest.mark.parametrize("schema", [EMPTY, Schema(complete=True), folded(KITCHEN_SINK), *map(folded, SCRIPTS)])
def test_a_schema_comes_back_as_it_was_and_in_its_order(schema: Schema) -> None:
    again = loaded(dumped(schema))
    assert again == schema
    assert (list(again.tables), list(again.types)) == (list(schema.tables), list(schema.types))


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_what_follows_is_folded_into_it_as_into_the_first(seed: int) -> None:
    statements = [statement for script in SCRIPTS for statement in script.split(";\n") if statement.strip()]
    first, second = (";\n".join(random.Random(seed + part).choices(statements, k=20)) for part in (0, 1))
    before = folded(first)
    assert folded(second, loaded(dumped(before))) == folded(second, before)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "1", "[[1], [], [], true, null]", '[[["a"]], [], [], true, null]']
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        loaded(text)
