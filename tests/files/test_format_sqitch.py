"""sqitch's plans and scripts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.files.migration import Migration, version_key
from files.reading import read, recognised, refused

TOOL = "sqitch"
HEAD = "%syntax-version=1.0.0\n%project=shop\n%uri=https://example.org/shop/\n\n"
WHO = "2026-01-02T03:04:05Z Ann Planner <ann@example.org>"


def _texts(plan: str, *scripts: str) -> dict[str, str]:
    texts = {"sqitch.plan": HEAD + plan}
    for script in scripts:
        texts[f"deploy/{script}.sql"] = f"BEGIN;\nSELECT '{script}';\nCOMMIT;\n"
        texts[f"revert/{script}.sql"] = f"BEGIN;\nSELECT 'not {script}';\nCOMMIT;\n"
    return texts


def _versions(migrations: Sequence[Migration]) -> list[str]:
    return [migration.version for migration in migrations]


def test_the_plan_tells_order_and_scripts() -> None:
    plan = f"b {WHO} # first; with a [bracket]\n\n# a note\n@v1 {WHO} # tagged\na/c [b @v1] {WHO}\n"
    migrations = read(TOOL, _texts(plan, "a/c", "b"))
    assert _versions(migrations) == ["b", "a/c"]
    last = migrations[1]
    assert (last.path, last.up.sql) == ("dir/deploy/a/c.sql", "BEGIN;\nSELECT 'a/c';\nCOMMIT;\n")
    assert last.down is not None
    assert last.down.path == "dir/revert/a/c.sql"


@pytest.mark.parametrize("line", ["a", "+a", f"a {WHO}", f"a [] {WHO}", "  a  ", "a # note", "a [!b] # [c]", "ä-ü.1_x"])
def test_lines_of_changes_are_read(line: str) -> None:
    assert len(read(TOOL, _texts(line, "a", "ä-ü.1_x"))) == 1


def test_a_reworked_change_is_in_the_order_several_times() -> None:
    plan = "a\n@v1\n@v1.1\nb [a]\na [a@v1 b]\n@v2\nc [a @v2]\na [a@v2]\n"
    migrations = read(TOOL, _texts(plan, "a@v1.1", "a@v2", "a", "b", "c"))
    assert _versions(migrations) == ["a@v1.1", "b", "a@v2", "c", "a"]


def test_without_a_script_or_with_an_empty_one_there_is_no_way_back() -> None:
    texts = _texts("a", "a")
    assert read(TOOL, {**texts, "revert/a.sql": "-- Revert\n\nBEGIN;\n\n-- XXX\n\nCOMMIT;\n"})[0].down is None
    del texts["revert/a.sql"]
    assert read(TOOL, texts)[0].down is None


def test_what_another_project_has_is_not_looked_for() -> None:
    assert _versions(read(TOOL, _texts("b\na [other:x !other:y shop:b]", "a", "b"))) == ["b", "a"]


def test_scripts_that_the_plan_does_not_name_are_not_run() -> None:
    assert _versions(read(TOOL, _texts("a", "a", "b"))) == ["a"]


def test_it_is_told_by_its_plan() -> None:
    assert recognised({"sqitch.plan": ""}) == [TOOL]
    assert recognised({"deploy/a.sql": ""}) == []


WRONG = {
    "a script is missing": (_texts("a\nb", "a"), 6, "b has no deploy/b.sql"),
    "a reworked script is missing": (_texts("a\n@v1\na", "a"), 5, "a has no deploy/a@v1.sql"),
    "a change twice": (_texts("a\nb\na", "a", "b"), 7, "a second a, and no tag since line 5"),
    "a need that comes later": (_texts("a [b]\nb", "a", "b"), 5, "it needs b, which doesn't come before it"),
    "a tag that comes later": (_texts("a\nb [a@v1]\n@v1", "a", "b"), 6, "it needs a@v1"),
    "a conflict": (_texts("a\nb [!a]", "a", "b"), 6, "it conflicts with a"),
    "no need at all": (_texts("a [:]", "a"), 5, "[:] names no change"),
    "a revert": (_texts("a\n-a", "a"), 6, "-a reverts a change within the plan"),
    "a tag first": (_texts("@v1\na", "a"), 5, "@v1 stands before the first change"),
    "a tag twice": (_texts("a\n@v1\n@v1", "a"), 7, "a second @v1"),
    "nonsense": (_texts("a\n!!! what", "a"), 6, "!!! is neither a change"),
    "another syntax": ({"sqitch.plan": "%syntax-version=2.0.0\n"}, 1, "the plan's syntax is 2.0.0"),
    "not UTF-8": ({"sqitch.plan": b"\n\n\xe4"}, 3, "byte 0xe4 is not UTF-8"),
}


@pytest.mark.parametrize(("texts", "line", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_plan_is_refused_with_its_line(texts, line: int, message: str) -> None:
    refused(TOOL, texts, f"sqitch.plan:{line}", message)


def test_scripts_without_a_plan_are_refused() -> None:
    refused(TOOL, {"deploy/a.sql": ""}, "deploy/a.sql:1", "there is no sqitch.plan")


NAME = st.from_regex(r"[a-z0-9_]([a-z0-9_./+-]{0,6}[a-z0-9_])?", fullmatch=True)


@given(st.lists(NAME, unique_by=version_key, max_size=6))
def test_a_plan_of_any_names_is_read_in_its_order(names: list[str]) -> None:
    plan = "\n".join(f"{name} [{' '.join(names[:i])}] {WHO} # {name}" for i, name in enumerate(names))
    assert _versions(read(TOOL, _texts(plan, *names))) == names
