"""Which database a command works on: --dsn, then the environment, then the configuration, then libpq's variables."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from threading import Timer

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.command import Ran, dbops
from dbops.errors import ConnectionFailed
from dbops.migrate.inspect import status
from dbops.migrate.options import Options
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import Report, ServerError
from dbops.results.progress import Event

LEVELS = [
    "--dsn",
    "DBOPS_DATABASE_URL",
    "DATABASE_URL",
    "dbops.toml [env.staging]",
    "dbops.toml",
    "pyproject.toml [tool.dbops]",
    "PG*",
]


def _named(level: str, monkeypatch: pytest.MonkeyPatch, dsn: str) -> list[str]:
    """Name the database on one level; return the command line's part of it."""
    quoted = f'database_url = "{dsn}"\n'
    match level:
        case "--dsn":
            return ["--dsn", dsn]
        case "DBOPS_DATABASE_URL" | "DATABASE_URL":
            monkeypatch.setenv(level, dsn)
        case "dbops.toml [env.staging]":
            _append("dbops.toml", f"[env.staging]\n{quoted}")
        case "dbops.toml":
            _append("dbops.toml", quoted, first=True)
        case "pyproject.toml [tool.dbops]":
            _append("pyproject.toml", f"[tool.dbops]\n{quoted}")
        case "PG*":
            names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
            for key, value in conninfo_to_dict(dsn).items():
                monkeypatch.setenv(names.get(key, f"PG{key.upper()}"), str(value))
    return []


def _append(name: str, text: str, *, first: bool = False) -> None:
    path = Path(name)
    before = path.read_text() if path.exists() else ""
    path.write_text(text + before if first else before + text)


def _nobody(port: int) -> str:
    """Return the DSN of a server that isn't there; its port tells which DSN was taken."""
    return f"host=127.0.0.1 port={port} dbname=x user=x"


def _status(*arguments: str) -> Ran:
    root = ["--env", "staging"] if "staging" in Path("dbops.toml").read_text() else []
    return dbops(*root, "migrate", "status", "--connect-wait", 0, "-o", "json", *arguments)


@pytest.mark.parametrize("stronger", [0, 1, 3, 4, 5])  # between 2 and 3 it is a contradiction, see below
def test_the_stronger_of_two_neighbours_is_taken(stronger: int, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("dbops.toml").write_text("")
    arguments = _named(LEVELS[stronger + 1], monkeypatch, _nobody(2))
    arguments += _named(LEVELS[stronger], monkeypatch, _nobody(1))
    ran = _status(*arguments)
    assert ran.error["code"] == "CONNECTION_FAILED"
    assert "port=1" in ran.error["message"]


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_connects(level: str, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("dbops.toml").write_text("")
    ran = _status(*_named(level, monkeypatch, database))
    assert (ran.status, ran.meta["target"]["database"]) == (0, conninfo_to_dict(database)["dbname"])


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DBOPS_DATABASE_URL"])
def test_an_environment_and_a_variable_that_contradict_each_other_are_refused(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("dbops.toml").write_text(f'[env.staging]\ndatabase_url = "{_nobody(1)}"\n')
    monkeypatch.setenv(variable, _nobody(2))
    ran = _status()
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR")
    assert "dbops.toml [env.staging]" in ran.error["message"]
    assert variable in ran.error["message"]
    assert variable in ran.error["hint"]


@pytest.mark.parametrize("key", ["database_url", "direct_url"])
def test_an_environment_and_a_direct_url_of_another_place_are_refused(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("dbops.toml").write_text(f'[env.staging]\n{key} = "{_nobody(1)}"\n')
    monkeypatch.setenv("DBOPS_DIRECT_URL", _nobody(2))
    ran = _status()
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR")
    assert "dbops.toml [env.staging] names one database" in ran.error["message"]
    assert "DBOPS_DIRECT_URL" in ran.error["hint"]
    monkeypatch.setenv("DBOPS_DIRECT_URL", _nobody(1))
    assert _status().error["code"] == "CONNECTION_FAILED"


def test_an_environments_own_two_urls_are_no_contradiction() -> None:
    Path("dbops.toml").write_text(f'[env.staging]\ndatabase_url = "{_nobody(1)}"\ndirect_url = "{_nobody(2)}"\n')
    assert "port=2" in _status().error["message"]


def test_an_environment_and_a_variable_that_agree_are_no_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("dbops.toml").write_text(f'[env.staging]\ndatabase_url = "{_nobody(1)}"\n')
    monkeypatch.setenv("DATABASE_URL", _nobody(1))
    assert _status().error["code"] == "CONNECTION_FAILED"


def test_the_flag_settles_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("dbops.toml").write_text(f'[env.staging]\ndatabase_url = "{_nobody(1)}"\n')
    monkeypatch.setenv("DATABASE_URL", _nobody(2))
    assert "port=3" in _status("--dsn", _nobody(3)).error["message"]


def test_a_database_that_nobody_named_is_an_error_and_no_default() -> None:
    ran = dbops("migrate", "up", "-o", "json")
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR")
    assert "DBOPS_DATABASE_URL" in ran.error["hint"]


def test_an_empty_dsn_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", _nobody(1))
    ran = dbops("migrate", "up", "--dsn", "", "-o", "json")
    assert (ran.status, ran.error["code"]) == (64, "USAGE")


def test_of_two_names_of_the_same_database_the_direct_one_is_used(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBOPS_DATABASE_URL", _nobody(1))
    monkeypatch.setenv("DBOPS_DIRECT_URL", database)
    assert dbops("migrate", "status").status == 0


def test_a_direct_url_of_a_weaker_place_is_refused_because_it_may_be_another_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("dbops.toml").write_text(f'direct_url = "{_nobody(1)}"\n[env.staging]\ndatabase_url = "{_nobody(2)}"\n')
    ran = dbops("--env", "staging", "migrate", "status", "-o", "json")
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR")
    assert "direct_url" in ran.error["message"]
    monkeypatch.setenv("DATABASE_URL", _nobody(2))
    assert dbops("migrate", "status", "-o", "json").error["code"] == "CONFIG_ERROR"
    monkeypatch.setenv("DBOPS_DIRECT_URL", _nobody(3))
    ran = dbops("migrate", "status", "--connect-wait", 0, "-o", "json")
    assert "port=3" in ran.error["message"]


PASSWORDS = {
    "plain": ("hunter2secret", "hunter2secret"),
    "percent-encoded": ("hunter2%40s%2Fecret", "hunter2@s/ecret"),
}


def _forms(encoded: str, plain: str, dsn: str) -> dict[str, str]:
    parts = conninfo_to_dict(dsn)
    place = f"{parts['host']}:{parts['port']}/{parts['dbname']}"
    return {
        "url": f"postgresql://{parts['user']}:{encoded}@{place}",
        "url parameter": f"postgresql://{place}?user={parts['user']}&password={encoded}",
        "key=value": make_conninfo(dsn, password=plain),
        "quoted": make_conninfo(dsn, password="") + f" password = '{plain}'",
    }


@pytest.mark.parametrize("form", ["url", "url parameter", "key=value", "quoted"])
@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS.keys())
@pytest.mark.parametrize("way", ["--dsn", "DATABASE_URL", "dbops.toml"])
def test_a_password_is_never_shown(
    way: str, password: tuple[str, str], form: str, folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the login is refused, the server is not there, or the string is malformed."""
    encoded, plain = password
    (folder / "0001_first.sql").write_text("-- migrate:up\nSELECT 1;\n")
    strings = [
        _forms(encoded, plain, database)[form],
        _forms(encoded, plain, make_conninfo(database, port=1))[form],
        _forms(encoded, plain, database)[form] + " nonsense here",
        _forms(encoded, plain, database)[form].replace("postgresql://", "postgresql//", 1) + "'",
    ]
    for string in strings:
        arguments: list[str] = []
        match way:
            case "--dsn":
                arguments = ["--dsn", string]
            case "DATABASE_URL":
                monkeypatch.setenv(way, string)
            case _:
                Path(way).write_text(f"database_url = '''{string}'''\n".replace("''''", "' '''"))
        for output in ("json", "table"):
            for debug in ([], ["--debug"]):
                ran = dbops(*debug, "migrate", "up", "--connect-wait", 0, "-o", output, *arguments)
                assert plain not in ran.everything
                assert encoded not in ran.everything


@pytest.mark.parametrize(
    "string", ["postgresql://me:hunter2secret@127.0.0.1:1/d", "host=127.0.0.1 port=1 password=hunter2secret"]
)
def test_a_password_is_not_in_what_a_library_user_catches_or_is_told(string: str) -> None:
    told: list[Event] = []
    with pytest.raises(ConnectionFailed) as caught:
        status(Dsn(string, "a test"), Options(connect_wait=0.7, emit=told.append))
    assert told
    assert "hunter2secret" not in str([caught.value.to_dict(), *told])


def test_a_password_of_the_environment_is_never_shown(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in conninfo_to_dict(make_conninfo(database, password="hunter2secret")).items():
        monkeypatch.setenv({"dbname": "PGDATABASE"}.get(key, f"PG{key.upper()}"), str(value))
    for output in ("json", "table"):
        assert "hunter2secret" not in dbops("--debug", "migrate", "up", "-o", output).everything


def test_a_password_that_works_is_not_shown_either(
    folder: Path, database: str, role, admin: psycopg.Connection
) -> None:
    (folder / "0001_first.sql").write_text("-- migrate:up\nSELECT 1;\n")
    login = role("SUPERUSER")
    admin.execute(f"ALTER ROLE {login.name} PASSWORD 'hunter2secret'")
    dsn = make_conninfo(login.dsn(database), password="hunter2secret")
    for command in ("up", "status", "down"):
        for output in ("json", "table"):
            ran = dbops("--debug", "migrate", command, "--dsn", dsn, "-o", output)
            assert ran.status in {0, 2}
            assert "hunter2secret" not in ran.everything


@pytest.mark.parametrize(
    "arguments",
    [
        ["migrate", "up", "postgresql://me:hunter2secret@h/d"],
        ["migrate", "up", "host=h password=hunter2secret"],
        ["postgresql://me:hunter2secret@h/d"],
        ["migrate", "up", "--lock-wait", "postgresql://me:hunter2secret@h/d"],
        ["migrate", "mark", "applied", "postgresql://me:hunter2secret@h/d", "--dsn", "host=127.0.0.1 port=1"],
        ["migrate", "up", "--dns=postgresql://me:hunter2secret@h/d"],
        ["migrate", "up", "-o", "postgresql://me:hunter2secret@h/d"],
        ["--env", "postgresql://me:hunter2secret@h/d", "migrate", "up"],
    ],
)
def test_a_connection_string_in_the_wrong_place_does_not_show_its_password(arguments: list[str]) -> None:
    for json in ([], ["-o", "json"]):
        ran = dbops(*arguments, *json)
        assert ran.status in {2, 3, 64}
        assert "hunter2secret" not in ran.everything


def test_a_password_in_a_migration_is_blanked(folder: Path, database: str) -> None:
    (folder / "0001_role.sql").write_text("-- migrate:up\nALTER ROLE nobody_here PASSWORD 'hunter2secret';\n")
    for command in (["plan"], ["up"], ["up", "--dry-run"], ["status"]):
        for output in ("json", "table"):
            ran = dbops("migrate", *command, "--dsn", database, "-o", output)
            assert "hunter2secret" not in ran.everything
    shown = dbops("migrate", "plan", "--dsn", database, "--show-data", "-o", "json")
    assert "hunter2secret" in shown.data["migrations"][0]["statements"][0]["sql"]


def test_a_server_that_is_full_is_waited_for(database: str, role) -> None:
    """And told apart from a refused login: trying again is right."""
    dsn = role("CONNECTION LIMIT 1").dsn(database)
    with closing(psycopg.connect(dsn, autocommit=True)) as occupied:
        ran = dbops("migrate", "status", "--dsn", dsn, "--connect-wait", 0, "-o", "json")
        assert (ran.error["code"], ran.error["retryable"]) == ("CONNECTION_FAILED", True)
        assert "max_connections" in ran.error["hint"]
        assert "CONNECTION LIMIT" in ran.error["hint"]
        freed = Timer(1.0, occupied.close)
        freed.start()
        ran = dbops("migrate", "status", "--dsn", dsn, "--connect-wait", 20, "-o", "json")
        freed.join()
    assert ran.status == 0


def test_the_bound_on_the_whole_run_is_one_on_connecting_too(folder: Path) -> None:
    (folder / "0001_first.sql").write_text("-- migrate:up\nSELECT 1;\n")
    started = time.monotonic()
    ran = dbops("migrate", "up", "--dsn", _nobody(1), "--connect-wait", "30s", "--max-duration", "1s", "-o", "json")
    assert ran.error["code"] == "CONNECTION_FAILED"
    assert time.monotonic() - started < 10


def test_a_server_that_fails_doctors_questions_is_unknown_and_no_defect(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ServerError(Report("ERROR", "57014", "canceling statement due to statement timeout"), [])

    monkeypatch.setattr("dbops.postgres.target.identify", fail)
    ran = dbops("doctor", "--dsn", database, "-o", "json")
    assert ran.status == 3
    check = next(check for check in ran.data["checks"] if check["name"] == "server")
    assert check["verdict"] == "unknown"
    assert "statement timeout" in str(check)


def test_a_failed_connection_names_the_database_where_it_came_from_and_why_readably() -> None:
    ran = dbops("migrate", "status", "--dsn", "host=127.0.0.1 port=9 user=u password=hunter2", "--connect-wait", 0)
    said = "can't connect to host=127.0.0.1 port=9 user=u password=*** (--dsn): connection to server at"
    assert said in ran.err, ran.err
