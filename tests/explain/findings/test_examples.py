"""Every finding's examples on a real server: the bad ones show it, the good ones don't, and remedies mend."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import sql

from conftest import SESSION
from dbops.explain.findings import every, examine, finding
from dbops.explain.findings.example import Example, read
from dbops.explain.findings.finding import Check
from dbops.explain.knowledge import subject
from dbops.explain.plan.tree import plan_of
from dbops.postgres import statement
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.explain import Options, explain
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.results.explain import PlanFinding
from dbops.sql.split import split
from explain.findings.remedies import SQL
from servers.server import SharedServer

EXPERIMENT = "to compare, not to keep"
ATTEMPTS = 5  # what a node waited for, and for how long, is another each time
SPREAD = "Gather"  # how rows are spread over processes differs from one execution to the next


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the examples that the lane's server can show."""
    (side,) = {"bad", "good"} & set(metafunc.fixturenames)
    session = metafunc.config.stash[SESSION]
    with closing(psycopg.connect(session.shared().dsn(), connect_timeout=10)) as connection:
        version = connection.info.server_version // 10000
        (compiles,) = connection.execute("SELECT pg_jit_available()").fetchone() or (False,)
    found = [
        pytest.param(check, example, id=f"{check.slug}-{number}")
        for check in every()
        for number, example in enumerate(map(read, getattr(check, side)))
        if (example.pg or 0) <= version and (compiles or not example.jit)
    ]
    metafunc.parametrize(("check", side), found)


@pytest.fixture(scope="module")
def session(server: SharedServer, admin: psycopg.Connection) -> Iterator[Session]:
    """A session of the superuser's in a database of the module's own."""
    database = f"findings_{os.getpid()}"
    name = sql.Identifier(database)
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
    session = connect(Dsn(server.dsn(database), "the tests"), "dbops tests", Interrupt())
    yield session
    session.close()
    admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def prepare(session: Session, example: Example) -> None:
    session.run("DISCARD ALL")
    session.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    for each in (*example.setup, *(f"SET {setting}" for setting in example.settings)):
        session.run(each)


def found(session: Session, check: Check, example: Example) -> tuple[list[PlanFinding], bool]:
    """Explain the example, and return what the check finds, and whether several processes ran it."""
    version = session.json("SELECT to_json(current_setting('server_version_num')::int)")
    plan = plan_of(explain(session, example.query, version, Options(analyze=example.analyze, writes=True)))
    findings = examine(subject(session, version, statement.settings(session), plan))
    spread = any(node.kind.startswith(SPREAD) for node in plan.nodes())
    return [each for each in findings if each.finding == check.slug], spread


def test_a_bad_example_is_found_and_its_remedy_mends_it(
    session: Session, check: Check, bad: Example, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finding, "LEAST_MS", 0.05)  # the examples are small, and machines differ
    for _ in range(ATTEMPTS):
        prepare(session, bad)
        findings, spread = found(session, check, bad)
        if findings:
            break
    assert findings
    remedies = [each.remedy for each in findings if each.remedy and SQL.match(each.remedy)]
    for each in remedies:
        assert not re.search("…", each)
        for one in split(each):
            session.run(one.text)
    if remedies and not spread and not any(EXPERIMENT in each for each in remedies):
        again, _ = found(session, check, bad)
        assert not [each for each in again if each.remedy in remedies or str(each.remedy).startswith("SET ")]


def test_a_good_example_is_not_found(session: Session, check: Check, good: Example):
    prepare(session, good)
    assert found(session, check, good)[0] == []
