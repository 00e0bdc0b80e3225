"""How pg_dump is run: with nothing secret on its command line, and ended when it should stop."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import closing

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dbops.errors import ConfigError, ConnectionFailed, Interrupted, LockTimeout, PermissionDenied
from dbops.postgres import binaries, dump
from dbops.postgres.binaries import Binaries
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.embedded.process import exists
from dbops.postgres.interrupt import Interrupt
from dbops.sql.nodes import Relation


@pytest.fixture
def interrupt():
    with Interrupt() as made:
        yield made


@pytest.fixture
def program(tmp_path):
    """Make a pg_dump of a shell script."""

    def make(script: str) -> Binaries:
        path = tmp_path / "bin" / "pg_dump"
        path.parent.mkdir()
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return Binaries(path.parent, "18.0", "a test")

    return make


def session_of(dsn, interrupt):
    return closing(connect(Dsn(dsn, "a test"), "a test", interrupt))


# It writes where --file says, as pg_dump does: the arguments, the environment, and who may read the file's folder.
TELL = 'for last; do true; done; { printf "%s\\n" "$@"; env; stat -c "mode %a" "$(dirname "$last")"; } >"$last"'


def test_the_password_is_in_the_environment_and_not_in_the_arguments(database, role, interrupt, program, monkeypatch):
    reader = role()
    with session_of(reader.dsn(database), interrupt) as session:
        monkeypatch.setenv("PGSERVICE", "elsewhere")
        lines = dump.relations(session, program(TELL), [Relation("a", 'b"c')], interrupt).splitlines()
    arguments = lines[: next(place for place, line in enumerate(lines) if "=" in line and not line.startswith("--"))]
    assert '--table="a"."b""c"' in arguments
    assert not any(reader.password in line for line in arguments)
    assert f"PGPASSWORD={reader.password}" in lines
    assert f"PGUSER={reader.name}" in lines
    assert "PGAPPNAME=dbops pg_dump" in lines
    assert not any(line.startswith("PGSERVICE=") for line in lines)
    assert "mode 700" in lines


def test_of_several_hosts_it_gets_the_one_that_answered(database, interrupt, program):
    port = conninfo_to_dict(database)["port"]
    several = make_conninfo(database, host="127.0.0.1,127.0.0.1", port=f"1,{port}")
    with session_of(several, interrupt) as session:
        lines = dump.all_but_relations(session, program(TELL), interrupt).splitlines()
    assert f"PGPORT={port}" in lines
    assert "PGHOST=127.0.0.1" in lines


def test_a_secret_without_a_variable_is_refused(database, interrupt):
    with (
        session_of(make_conninfo(database, sslpassword="hidden"), interrupt) as session,
        pytest.raises(ConfigError) as e,
    ):
        session.environment()
    assert "sslpassword" in e.value.message
    assert "hidden" not in e.value.message


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ("error: query failed: ERROR:  permission denied for table t", PermissionDenied),
        ("error: query failed: ERROR:  canceling statement due to lock timeout", LockTimeout),
        (
            r"error: query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: "
            "LOCK TABLE public.o IN ACCESS SHARE MODE",
            LockTimeout,
        ),
        (
            r"error: query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: "
            "SELECT 1",
            ConnectionFailed,
        ),
        ("error: connection to server failed: no route", ConnectionFailed),
    ],
)
def test_its_complaint_becomes_an_error(database, interrupt, program, complaint, kind):
    script = f"printf 'pg_dump: {complaint}' >&2; exit 1"
    with session_of(database, interrupt) as session, pytest.raises(kind) as caught:
        dump.all_but_relations(session, program(script), interrupt)
    first = complaint.split(r"\n")[0].removeprefix("error: ")
    assert caught.value.message == f"pg_dump failed: {first}"


def test_a_request_to_stop_ends_it(database, interrupt, program, tmp_path):
    pid_file = tmp_path / "pid"
    script = f"echo $$ >{pid_file}; exec sleep 600"

    def stop() -> None:
        while not (pid_file.exists() and pid_file.read_text()):
            time.sleep(0.01)
        interrupt.request(signal.SIGINT.name)

    stopper = threading.Thread(target=stop)
    with session_of(database, interrupt) as session:
        stopper.start()
        with pytest.raises(Interrupted):
            dump.all_but_relations(session, program(script), interrupt)
    stopper.join()
    assert not exists(int(pid_file.read_text()))


def test_names_are_taken_as_they_are(lent, interrupt):
    lent.execute('CREATE TABLE "a.*" (x int)', 'CREATE TABLE "a.b" (x int)', 'CREATE TABLE "$t?" (x int)')
    programs = dump.programs(180000)
    names = [Relation("public", "a.*"), Relation("public", "$t?")]
    with session_of(lent.dsn, interrupt) as session:
        text = dump.relations(session, programs, names, interrupt)
    assert [line for line in text.splitlines() if line.startswith("CREATE TABLE")] == [
        'CREATE TABLE public."$t?" (',
        'CREATE TABLE public."a.*" (',
    ]


def test_its_folder_is_gone_afterwards(lent, interrupt, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with session_of(lent.dsn, interrupt) as session:
        assert "PostgreSQL database dump" in dump.all_but_relations(session, dump.programs(180000), interrupt)
    assert not list(tmp_path.glob("dbops-dump-*"))


def test_programs_of_the_targets_major_version_are_found_where_there_are_any():
    first = binaries.find()
    assert binaries.of_major(first.major).major == first.major
    assert binaries.of_major(7) is None


def test_named_programs_leave_no_choice(monkeypatch):
    first = binaries.find()
    monkeypatch.setenv(binaries.VARIABLE, str(first.bin_dir))
    assert binaries.of_major(first.major).bin_dir == first.bin_dir
    assert binaries.of_major(first.major - 1) is None
