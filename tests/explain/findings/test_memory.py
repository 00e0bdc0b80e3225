"""How much memory is there, and how it is asked for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.findings import memory
from dbops.explain.findings.finding import Subject
from explain.documents import node, plan

PLAN = plan(node("Result", ms=1.0), ms=1.0)


def subject(version: int | None = 18, **settings: str) -> Subject:
    return Subject(PLAN, version, settings)


@pytest.mark.parametrize(
    ("setting", "kilobytes"),
    [("4MB", 4096), ("64kB", 64), ("1GB", 1048576), ("1.5GB", 1572864), ("100", 100), ("512B", 0.5), ("1 TB", 2**30)],
)
def test_settings_are_read_as_show_has_them(setting: str, kilobytes: float):
    assert memory.kilobytes(setting) == kilobytes


@pytest.mark.parametrize("setting", ["", "much", "4 mb", "-1", "4MB4"])
def test_what_is_no_memory_is_none(setting: str):
    assert memory.kilobytes(setting) is None


def test_work_mem_is_the_server_s_else_the_plan_s_else_the_default():
    with_plan = plan(node("Result"), Settings={"work_mem": "64kB"})
    assert memory.work_mem(Subject(with_plan, 18, {"work_mem": "8MB"})) == 8192
    assert memory.work_mem(Subject(with_plan)) == 64
    assert memory.work_mem(subject()) == 4096


def test_memory_is_named_with_its_size_where_that_is_known():
    assert memory.shown(subject()) == "work_mem"
    assert memory.shown(subject(work_mem="64kB")) == "work_mem (64 kB)"
    assert memory.shown(subject(work_mem="64kB"), hashed=True) == "work_mem (64 kB, for a hash 2 times that)"
    assert memory.shown(subject(13, work_mem="64kB"), hashed=True) == "work_mem (64 kB)"


@pytest.mark.parametrize(("version", "times"), [(13, 1), (14, 1), (15, 2), (18, 2), (None, 1)])
def test_a_hash_may_take_what_its_version_allows(version: int | None, times: int):
    assert memory.hash_mem(subject(version, work_mem="10MB")) == 10240 * times


def test_a_set_multiplier_counts():
    assert memory.hash_mem(subject(work_mem="1MB", hash_mem_multiplier="4")) == 4096
    assert memory.multiplier(subject(hash_mem_multiplier="what")) == 2


@pytest.mark.parametrize(
    ("needed", "asked"), [(10, "6MB"), (5000, "6MB"), (20_000, "24MB"), (100_000, "128MB"), (900_000, "1024MB")]
)
def test_work_mem_is_asked_for_in_round_figures_above_what_there_is(needed: float, asked: str):
    assert memory.remedy(subject(), needed).startswith(f"SET work_mem = '{asked}';")


def test_a_hash_needs_less_work_mem_for_as_much_memory():
    assert memory.remedy(subject(13), 50_000, hashed=True).startswith("SET work_mem = '64MB';")
    assert memory.remedy(subject(18), 50_000, hashed=True).startswith("SET work_mem = '32MB';")


def test_more_than_a_gigabyte_is_not_asked_for():
    assert "too much for one operation" in memory.remedy(subject(), 5_000_000)


def test_old_versions_sort_and_keep_with_gaps():
    assert memory.to_sort(subject(14), 1000, 0) == 2 * memory.to_sort(subject(15), 1000, 0)
    assert memory.to_keep(subject(17), 1000, 0) == 2 * memory.to_keep(subject(18), 1000, 0)


@given(st.floats(0, 9e5), st.booleans(), st.sampled_from([None, 13, 18]))
def test_what_is_asked_for_suffices(needed: float, hashed: bool, version: int | None):
    known = subject(version)
    match = re.match(r"SET work_mem = '(\d+MB)'", memory.remedy(known, needed, hashed=hashed))
    assert match
    asked = memory.kilobytes(match[1]) or 0.0
    assert asked > memory.work_mem(known)
    assert asked * (memory.multiplier(known) if hashed else 1) >= needed
