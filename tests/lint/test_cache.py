from __future__ import annotations

from pathlib import Path

import pytest

from dbops.lint.report import FileReport
from dbops.lint.rule import Edit
from dbops.lint.run import cache
from dbops.lint.run.cache import Cache
from dbops.results.lint import Finding, Severity
from schema.scene import folded

FINDING = Finding("select-star", Severity.WARNING, "m", "h", "a.sql", 1, 8, 1, 9, "SELECT *", fixable=True)
REPORT = FileReport("a.sql", (FINDING,), ((Edit(7, 8, "id"),),), 1, 0, 0)


def test_a_report_comes_back_as_it_was(tmp_path: Path) -> None:
    first = Cache(tmp_path / "c.json")
    first.put("k", REPORT)
    first.close()
    assert Cache(tmp_path / "c.json").get("k", "a.sql") == REPORT


def test_a_report_is_named_for_the_file_that_asks(tmp_path: Path) -> None:
    first = Cache(tmp_path / "c.json")
    first.put("k", REPORT)
    first.close()
    report = Cache(tmp_path / "c.json").get("k", "b.sql")
    assert report is not None
    assert (report.path, report.findings[0].file) == ("b.sql", "b.sql")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"k": 1}', '{"k": {"path": "a"}}', "\x00"])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "c.json").write_text(content)
    broken = Cache(tmp_path / "c.json")
    assert broken.get("k", "a.sql") is None
    broken.put("k", REPORT)
    broken.close()
    assert Cache(tmp_path / "c.json").get("k", "a.sql") == REPORT


def test_where_nothing_can_be_written_it_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    impossible = Cache(tmp_path / "file" / "c.json")
    impossible.put("k", REPORT)
    impossible.close()


def test_what_one_run_does_not_use_is_kept_for_the_next(tmp_path: Path) -> None:
    for name in ("k1", "k2"):
        each = Cache(tmp_path / "c.json")
        each.put(name, REPORT)
        each.close()
    assert Cache(tmp_path / "c.json").get("k1", "a.sql") == REPORT


def test_the_folder_follows_the_environment() -> None:
    assert cache.folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/dbops/lint")
    assert cache.folder({"HOME": "/h"}) == Path("/h/.cache/dbops/lint")


def test_parts_of_a_key_cannot_run_together() -> None:
    assert cache.key("ab", "c") != cache.key("a", "bc")
    assert cache.key("a") == cache.key(b"a")
    assert cache.key("\udc80")


def test_a_schema_is_kept_until_there_is_another_for_its_place(tmp_path: Path) -> None:
    one, other = folded("CREATE TABLE t (id bigint)"), folded("CREATE TABLE u (id bigint)")
    first = Cache(tmp_path / "c.json")
    first.put_schema("some of a", "k1", one)
    first.put_schema("all of a", "k1", other)
    second = Cache(tmp_path / "c.json")
    assert second.schema("some of a", "k1") == one
    assert second.schema("all of a", "k1") == other
    second.put_schema("some of a", "k2", other)
    assert second.schema("some of a", "k1") is None
    assert second.schema("some of a", "k2") == other
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"k1", b"k1\n", b"k1\n{}", b"k1\n[[[1]],[],[],true]", b"\xff\n[]"])
def test_a_broken_schema_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    kept = Cache(tmp_path / "c.json")
    kept.put_schema("a", "k1", folded("CREATE TABLE t (id bigint)"))
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert kept.schema("a", "k1") is None


def test_without_a_file_no_schema_is_kept() -> None:
    Cache(None).put_schema("a", "k1", folded("CREATE TABLE t (id bigint)"))
    assert Cache(None).schema("a", "k1") is None


@pytest.mark.parametrize("room", ["lint", "schema", "sql", "files"])
def test_what_is_kept_is_dropped_when_a_file_of_dbops_changes(
    room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / room / "inner" / "rule.py"
    module.parent.mkdir(parents=True)
    module.write_text("a = 1\n")
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path)
    before = cache.code_version()
    assert cache.code_version() == before
    module.write_text("a = 10\n")
    assert cache.code_version() != before


def test_the_files_of_dbops_are_where_they_are_looked_for() -> None:
    assert all((cache._PACKAGE / room / "__init__.py").exists() for room in cache._ROOMS)
