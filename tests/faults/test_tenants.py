"""Many tenants at once: what a signal, a lost server and a second run leave in each."""

from __future__ import annotations

import signal

import pytest

from faults.scene import eventually

pytestmark = pytest.mark.fault

TENANTS = ("tenant_a", "tenant_b", "tenant_c")
SLOW = "CREATE TABLE made (a int); SELECT pg_sleep(600);"
ALL = ("up", "--schemas", "tenant_*", "--canary", "0", "--jobs", "2")


@pytest.fixture
def tenants(project):
    for name in TENANTS:
        project.execute(f"CREATE SCHEMA {name}")
    return project


def states(rows):
    return {tenant["name"]: tenant["state"] for tenant in rows}


def made(project):
    return set(project.column("SELECT schemaname FROM pg_tables WHERE tablename = 'made'"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_rolls_back_what_is_under_way_and_begins_no_more(tenants, number):
    tenants.write("0001", SLOW)
    running = tenants.start(*ALL)
    eventually(lambda: len(tenants.workers("wait_event = 'PgSleep'")) == 2, "two tenants are not under way")
    running.signal(number)
    ran = running.finish(timeout=20)
    assert ran.status == 130, ran.explain()
    assert ran.error["code"] == "INTERRUPTED"
    assert states(ran.error["tenants"]) == {
        "tenant_a": "interrupted", "tenant_b": "interrupted", "tenant_c": "not_started"
    }  # fmt: skip
    assert "Traceback" not in ran.stderr
    assert made(tenants) == set()
    eventually(lambda: not tenants.workers(), "a backend is left")
    tenants.write("0001", "CREATE TABLE made (a int);")
    assert tenants.run(*ALL).status == 0
    assert made(tenants) == set(TENANTS)


def test_a_tenant_whose_backend_is_ended_fails_alone_and_is_made_up_for(tenants):
    tenants.write("0001", SLOW)
    running = tenants.start(*ALL, "--max-failures", "9")
    eventually(lambda: len(tenants.workers("wait_event = 'PgSleep'")) == 2, "two tenants are not under way")
    tenants.write("0001", "CREATE TABLE made (a int);")
    for pid in tenants.workers("wait_event = 'PgSleep'"):
        tenants.execute(f"SELECT pg_terminate_backend({pid})")
    ran = running.finish()
    assert ran.status == 2, ran.explain()
    assert states(ran.data["tenants"]) == {"tenant_a": "failed", "tenant_b": "failed", "tenant_c": "done"}
    assert made(tenants) == {"tenant_c"}
    assert tenants.run(*ALL).status == 0
    assert made(tenants) == set(TENANTS)


def test_two_runs_at_once_apply_each_tenant_once(tenants):
    tenants.write("0001", "CREATE TABLE made (a int); SELECT pg_sleep(0.3);")
    runs = [tenants.start(*ALL) for _ in range(3)]
    for running in runs:
        ran = running.finish()
        assert ran.status == 0, ran.explain()
    assert made(tenants) == set(TENANTS)
