"""Databases that the tools themselves built: dbmate and yoyo are adopted, Alembic's is told from them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from cli.command import Ran, dbops
from migrate.adopt.scene import scene
from migrate.scene import Folder, query

Migrate = Callable[..., Ran]


def _url(dsn: str, scheme: str, socket: str, **more: str) -> str:
    """Return a DSN as a URL; ``socket`` is what the tool calls the parameter for a Unix socket's folder."""
    parts = conninfo_to_dict(dsn)
    login = quote(str(parts["user"])) + (f":{quote(str(parts['password']))}" if parts.get("password") else "")
    host, port = str(parts["host"]), str(parts.get("port", 5432))
    if host.startswith("/"):
        return f"{scheme}://{login}@/{parts['dbname']}?{urlencode({socket: host, 'port': port, **more})}"
    return f"{scheme}://{login}@{host}:{port}/{parts['dbname']}?{urlencode(more)}"


def _run(program: str, *arguments: object) -> None:
    command = [str(Path(sys.executable).parent / program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def _dbmate(dsn: str, folder: Path) -> None:
    url = _url(dsn, "postgres", "socket", sslmode="disable")
    _run("dbmate", "--url", url, "--migrations-dir", folder, "--no-dump-schema", "up")


def _yoyo(dsn: str, folder: Path) -> None:
    _run("yoyo", "apply", "--batch", "--no-config-file", "--database", _url(dsn, "postgresql+psycopg", "host"), folder)


@pytest.mark.parametrize(("tool", "run"), [("dbmate", _dbmate), ("yoyo", _yoyo)])
def test_a_database_that_the_tool_built_is_taken_over(
    tool: str, run: Callable[[str, Path], None], folder: Folder, migrate: Migrate, database: str
) -> None:
    there = scene(tool)
    there.write(folder.path)
    run(database, folder.path)
    before = query(database, f"SELECT t.*, xmin::text FROM {there.table} AS t")
    ran = migrate("adopt")
    assert ran.status == 0, ran.everything
    assert ran.data["origin"] == {"tool": tool, "table": there.table}
    assert [each["version"] for each in ran.data["adopted"]] == list(there.versions)
    assert migrate("status").status == 0
    assert migrate("adopt").data["adopted"] == []
    assert [each["version"] for each in migrate("down", "--all").data["reverted"]] == [*reversed(there.versions)]
    assert len(migrate("up").data["applied"]) == len(there.versions)
    assert query(database, f"SELECT t.*, xmin::text FROM {there.table} AS t") == before


ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """\
from alembic import op

revision = "3f2a"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE a (x int)")
"""


def _alembic_project(folder: Path, database: str) -> None:
    """Make a project of one revision, and let Alembic run it."""
    project = folder / "project"
    (project / "versions").mkdir(parents=True)
    (project / "env.py").write_text(ENVIRONMENT)
    (project / "versions" / "3f2a_a.py").write_text(REVISION)
    url = _url(database, "postgresql+psycopg", "host").replace("%", "%%")
    ini = folder / "alembic.ini"
    ini.write_text(f"[alembic]\nscript_location = {project}\npath_separator = os\nsqlalchemy.url = {url}\n")
    _run("alembic", "-c", ini, "upgrade", "head")


def test_a_database_that_alembic_built_is_alembic_s(
    folder: Folder, migrate: Migrate, database: str, tmp_path: Path
) -> None:
    _alembic_project(tmp_path, database)
    refused = migrate("adopt")
    assert refused.error["code"] == "ORIGIN_UNCLEAR"
    assert "public.alembic_version is Alembic's (at 3f2a)" in refused.error["message"]
    assert query(database, "SELECT to_regnamespace('dbops')") == [(None,)]


def test_an_alembic_project_is_taken_over_as_it_is(migrate: Migrate, database: str, tmp_path: Path) -> None:
    _alembic_project(tmp_path, database)
    later = REVISION.replace('"3f2a"', '"4b1c"').replace("None", '"3f2a"').replace("TABLE a", "TABLE b")
    (tmp_path / "project" / "versions" / "4b1c_b.py").write_text(later)
    for _ in range(2):
        ran = dbops("migrate", "adopt", "--dsn", database, "--dir", tmp_path, "-o", "json")
        assert (ran.status, ran.data["origin"]) == (0, {"tool": "alembic", "table": "alembic_version"})
        assert (ran.data["adopted"], ran.data["unknown"]) == ([], [])
        assert (ran.data["already"], ran.data["pending"]) == (["3f2a"], ["4b1c"])
    told = dbops("migrate", "adopt", "--dsn", database, "--dir", tmp_path).out
    assert (
        "Nothing to copy from alembic (alembic_version), which stays the history: 1 recorded before, 1 pending" in told
    )
    up = dbops("migrate", "up", "--dsn", database, "--dir", tmp_path, "-o", "json")
    assert [each["version"] for each in up.data["applied"]] == ["4b1c"]
    assert query(database, "SELECT version_num FROM alembic_version") == [("4b1c",)]
