"""The server of this run prints what is read here: a new version that breaks the formats is noticed."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.types.string import TextLoader

from dbops.explain.plan.label import label
from dbops.explain.plan.reading import documents
from explain.plan.captures import differences, node_lines, nodes
from explain.plan.corpus.cases import CASES, SCHEMA, Case

PREPARED = {"subplans_removed", "temporary_table"}
HERE = [case for case in CASES if not (case.only or case.needs or case.name in PREPARED)]


@pytest.fixture
def connection(database: str):
    with psycopg.connect(database, autocommit=True) as opened:
        opened.adapters.register_loader("json", TextLoader)
        opened.execute(SCHEMA)
        yield opened


def said(connection: psycopg.Connection, case: Case, options: str) -> str:
    with connection.transaction(force_rollback=True):
        for setting in case.settings.items():
            connection.execute("SELECT set_config(name, %s, true) FROM pg_settings WHERE name = %s", setting[::-1])
        return "\n".join(line for (line,) in connection.execute(f"EXPLAIN ({options}) {case.sql}".encode()))


def test_both_formats_of_every_planned_query_say_the_same(connection: psycopg.Connection):
    version = connection.info.server_version // 10000
    for case in (each for each in HERE if each.since <= version):
        text = said(connection, case, "VERBOSE, SETTINGS")
        (from_text,) = documents(text, case.name)
        (from_json,) = documents(said(connection, case, "VERBOSE, SETTINGS, FORMAT JSON"), case.name)
        assert differences(from_text, from_json) == [], case.name
        assert [label(node, verbose=True) for node in nodes(from_json["Plan"])] == node_lines(text)


def test_the_text_of_every_query_that_is_run_is_read(connection: psycopg.Connection):
    version = connection.info.server_version // 10000
    more = ", MEMORY, SERIALIZE" if version >= 17 else ""
    for case in (each for each in HERE if each.since <= version):
        text = said(connection, case, f"ANALYZE, VERBOSE, BUFFERS, WAL, SETTINGS{more}")
        (document,) = documents(text, case.name)
        assert all("Actual Loops" in node for node in nodes(document["Plan"])), case.name
        assert {"Planning Time", "Execution Time"} <= document.keys()
        assert len(list(nodes(document["Plan"]))) == len(node_lines(text))
