"""What a server wrote is read alike from each format, whatever was logged; what is damaged costs nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dbops.postgres.embedded import temporary
from dbops.workload.logs.executions import Execution, executions
from dbops.workload.logs.opening import read
from dbops.workload.logs.prefix import KNOWN
from dbops.workload.logs.record import Counted
from faults.scene import eventually

SETTINGS = {
    "logging_collector": "on",
    "log_destination": "stderr,csvlog,jsonlog",
    "log_filename": "server.log",
    "log_min_error_statement": "error",
}
MODES = {
    "durations": {"log_min_duration_statement": "0", "log_statement": "none", "log_duration": "off"},
    "statements": {"log_min_duration_statement": "-1", "log_statement": "all", "log_duration": "off"},
    "both": {"log_min_duration_statement": "-1", "log_statement": "all", "log_duration": "on"},
    "everything": {"log_min_duration_statement": "0", "log_statement": "all", "log_duration": "on"},
}
# What is asked, as psycopg sends it, and what the log must say of it.
ASKED = [
    ("SELECT 1 AS a, 'it''s; \"quoted\"'", None),
    ("SELECT id\n\tFROM items\n -- a comment, with \"quotes\"\nWHERE name = 'x'", None),
    ("SELECT id FROM items WHERE id = %s", (3,)),
    ("SELECT id FROM items WHERE name = %s AND id = %s", ('o\'neill, "x"', 4)),
    ("SELECT $$LOG:  duration: 1.000 ms  statement: SELECT 'no'$$", None),
    ("SELECT id FROM items WHERE name IS NOT DISTINCT FROM %s::text", (None,)),
]


@pytest.fixture(scope="module")
def server() -> Iterator[psycopg.Connection]:
    with temporary(settings=SETTINGS) as server, closing(psycopg.connect(server.dsn(), autocommit=True)) as admin:
        admin.execute("CREATE TABLE items (id int PRIMARY KEY, name text)")
        yield admin


@pytest.fixture
def logs(server: psycopg.Connection, request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    """What the server logs of the statements in a mode and with a prefix, in each format."""
    mode, prefix = request.param
    for name, value in {**MODES[mode], "log_line_prefix": prefix}.items():
        server.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    server.execute("SELECT pg_reload_conf()")
    eventually(lambda: _hold(server, {**MODES[mode], "log_line_prefix": prefix}), "the settings are not those")
    folder = Path(server.execute("SELECT current_setting('data_directory') || '/log'").fetchone()[0])
    files = [folder / f"server.{ending}" for ending in ("log", "csv", "json")]
    before = [file.stat().st_size for file in files]
    with closing(psycopg.connect(server.info.dsn, autocommit=True, application_name="a test")) as client:
        for sql, values in ASKED:
            client.execute(sql, values)
        with pytest.raises(psycopg.Error):
            client.execute("SELECT nothing\nFROM items")
    with closing(psycopg.connect(server.info.dsn, autocommit=True)) as other:
        other.execute("SELECT 'the end'")
    return [_new(file, size, tmp_path) for file, size in zip(files, before, strict=True)]


def _hold(server: psycopg.Connection, settings: dict[str, str]) -> bool:
    """Whether who connects now has these settings; what it asks is told from the statements by its comment."""
    with closing(psycopg.connect(server.info.dsn, autocommit=True)) as client:
        asked = [client.execute(f"SELECT current_setting('{name}') -- pg_reload_conf").fetchone() for name in settings]
    return [value for (value,) in asked] == list(settings.values())


def _new(file: Path, size: int, folder: Path) -> Path:
    """Return what was added to a log since it had this size, when the last statement is in it."""
    for _ in range(600):
        added = file.read_bytes()[size:]
        if b"the end" in added and added.endswith(b"\n"):
            break
        time.sleep(0.05)
    copied = folder / file.name
    copied.write_bytes(added)
    return copied


def _read(file: Path, prefix: str | None = None) -> list[Execution]:
    counted = Counted()
    found = [each for each in executions(read([file], counted, prefix=prefix)) if "the end" not in each.sql]
    assert counted.unreadable == 0
    return [each for each in found if "pg_reload_conf" not in each.sql and "data_directory" not in each.sql]


@pytest.mark.parametrize("logs", [(mode, "%m [%p] %q%u@%d/%a ") for mode in MODES], ids=list(MODES), indirect=True)
def test_each_format_tells_the_same(logs: list[Path]) -> None:
    told = [[(each.sql, each.parameters, each.failed, each.ms is None) for each in _read(file)] for file in logs]
    assert told[0] == told[1] == told[2]
    assert [sql.replace("$1", "%s").replace("$2", "%s") for sql, *_ in told[0]] == [
        *(sql for sql, _ in ASKED),
        "SELECT nothing\nFROM items",
    ]
    assert told[0][3][1] == "$1 = 'o''neill, \"x\"', $2 = '4'"
    assert [failed for *_, failed, _ in told[0]] == [False] * len(ASKED) + [True]
    for file in logs:
        assert {(each.application, each.database) for each in _read(file)} == {("a test", "postgres")}
        assert len({each.session for each in _read(file)}) == 1


@pytest.mark.parametrize("logs", [("durations", prefix) for prefix in KNOWN if "%p" in prefix], indirect=True)
def test_known_prefixes_are_recognised(logs: list[Path]) -> None:
    found = _read(logs[0])
    assert len(found) == len(ASKED) + 1
    assert {each.session for each in found} == {found[0].session} != {""}


@pytest.mark.parametrize("logs", [("durations", "%n|%c|%-8p|%i|%v|%e|%x|%s|100%% %l: ")], indirect=True, ids=["odd"])
def test_any_prefix_is_read_when_it_is_given(logs: list[Path]) -> None:
    found = _read(logs[0], "%n|%c|%-8p|%i|%v|%e|%x|%s|100%% %l: ")
    csv = _read(logs[1])
    assert [(each.sql, each.session) for each in found] == [(each.sql, each.session) for each in csv]
