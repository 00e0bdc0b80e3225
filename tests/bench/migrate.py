"""Benchmarks, side by side with their peers in one run on one server; printed as ratios, never asserted.

    make bench                     all of them, five rounds
    python tests/bench/migrate.py --rounds 3 --migrations 500

Every round runs each tool once, in turn, on a fresh database, so that a machine that gets slower does so for all of
them. Times are of whole processes, start-up included. Needs npm for dbmate, psql (an installed one, or the embedded
server's) and the bench extra for alembic.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from compare import Tool, nothing, report

import dbops
from dbops.postgres.binaries import find
from dbops.postgres.embedded import EmbeddedServer
from dbops.postgres.embedded.temporary import temporary_folder

NPM_PACKAGE = "@dbmate/linux-x64"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--migrations", type=int, default=500)
    options = parser.parse_args()
    # pip compiles what it installs; an editable checkout is compiled here, so that neither side does it while timed.
    compileall.compile_dir(str(Path(dbops.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as folder, temporary_folder() as home:
        server = EmbeddedServer.create(home / "primary", durable=True)  # commits reach the disk, as in production
        server.start()
        bench = Bench(Path(folder), server, options.rounds, options.migrations)
        bench.start_up()
        bench.up()
        bench.status()


class Bench:
    def __init__(self, folder: Path, server: EmbeddedServer, rounds: int, count: int) -> None:
        self.folder = folder
        self.server = server
        self.rounds = rounds
        self.count = count
        self.migrations = folder / "migrations"
        write_migrations(self.migrations, count)

    def start_up(self) -> None:
        click = Tool("python -c 'import click'", [sys.executable, "-c", "import click"], nothing)
        for words, goal in (("--version", 3.0), ("--help", 3.0)):
            tool = Tool(f"dbops {words}", [sys.executable, "-m", "dbops", words], nothing)
            report(self.rounds, f"dbops {words}", [tool, click], {click.name: goal})

    def up(self) -> None:
        dbops = Tool("dbops", [sys.executable, "-m", "dbops", "migrate", "up"], self.fresh)
        psql = Tool("psql", [self.psql(), "-qX", "-v", "ON_ERROR_STOP=1", "-f", str(self.one_file())], self.fresh)
        alembic = Tool(
            "alembic", [sys.executable, "-m", "alembic", "-c", str(self.alembic()), "upgrade", "head"], self.fresh
        )
        tools = [dbops, psql, alembic]
        goals = {"psql": 1.25}
        binary = dbmate(self.folder)
        if binary:
            arguments = ["--migrations-dir", str(self.migrations), "--no-dump-schema", "up"]
            tools.insert(1, Tool("dbmate", [str(binary), *arguments], self.fresh))
            goals["dbmate"] = 1.0
        else:
            print(f"dbmate is left out: npm could not install {NPM_PACKAGE}")
        report(self.rounds, f"up, {self.count} small migrations, each its own transaction", tools, goals)

    def status(self) -> None:
        environment = self.fresh("status")
        subprocess.run(
            [sys.executable, "-m", "dbops", "migrate", "up"], env=environment, check=True, capture_output=True
        )
        connect = "import click, psycopg; psycopg.connect().close()"
        floor = Tool("python -c 'import click, psycopg' and one connection", [sys.executable, "-c", connect], nothing)
        tool = Tool("dbops migrate status", [sys.executable, "-m", "dbops", "migrate", "status"], nothing)
        tools = [Tool(t.name, t.command, lambda _name: environment) for t in (tool, floor)]
        report(self.rounds, f"status, {self.count} applied", tools, {floor.name: 1.5})

    def fresh(self, name: str) -> dict[str, str]:
        """Make a database, and an environment in which each tool finds it."""
        database = "bench_" + "".join(letter for letter in name if letter.isalnum())
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")  # type: ignore[arg-type]
            connection.execute(f"CREATE DATABASE {database}")  # type: ignore[arg-type]
            connection.execute("CHECKPOINT")
        socket = str(self.server.socket_dir)
        return {
            **os.environ,
            "PGHOST": socket,
            "PGUSER": "postgres",
            "PGDATABASE": database,
            "DBOPS_DATABASE_URL": self.server.dsn(database),
            "DBOPS_MIGRATE_DIR": str(self.migrations),
            "DATABASE_URL": f"postgres://postgres@/{database}?socket={socket}&sslmode=disable",
        }

    def psql(self) -> str:
        binaries = find()
        return str(binaries.path("psql")) if binaries.has("psql") else shutil.which("psql") or "psql"

    def one_file(self) -> Path:
        """Write the same SQL for psql: every migration in a transaction, with a row in a version table."""
        path = self.folder / "all.sql"
        with path.open("w") as file:
            file.write("CREATE TABLE schema_migrations (version text PRIMARY KEY);\n")
            for number in range(1, self.count + 1):
                insert = f"INSERT INTO schema_migrations VALUES ('{number:04}');"
                file.write(f"BEGIN;\n{up_sql(number)}\n{insert}\nCOMMIT;\n")
        return path

    def alembic(self) -> Path:
        """Write an alembic project with the same migrations, each in its own transaction."""
        project = self.folder / "alembic"
        versions = project / "versions"
        versions.mkdir(parents=True)
        (project / "env.py").write_text(ALEMBIC_ENV)
        for number in range(1, self.count + 1):
            before = f"'{number - 1:04}'" if number > 1 else "None"
            (versions / f"{number:04}_step.py").write_text(
                f"from alembic import op\nrevision = '{number:04}'\ndown_revision = {before}\n"
                f"def upgrade():\n    op.execute('''{up_sql(number)}''')\n"
                f"def downgrade():\n    op.execute('''{down_sql(number)}''')\n"
            )
        ini = self.folder / "alembic.ini"
        ini.write_text(f"[alembic]\nscript_location = {project}\npath_separator = os\n")
        return ini


ALEMBIC_ENV = """\
from alembic import context
from sqlalchemy import create_engine

with create_engine("postgresql+psycopg://").connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


def up_sql(number: int) -> str:
    return f"CREATE TABLE t{number} (id bigint PRIMARY KEY, name text NOT NULL);"


def down_sql(number: int) -> str:
    return f"DROP TABLE t{number};"


def write_migrations(folder: Path, count: int) -> None:
    """Write migrations in the format that dbops and dbmate share."""
    folder.mkdir()
    for number in range(1, count + 1):
        text = f"-- migrate:up\n{up_sql(number)}\n\n-- migrate:down\n{down_sql(number)}\n"
        (folder / f"{number:04}_make_t{number}.sql").write_text(text)


def dbmate(folder: Path) -> Path | None:
    """Install dbmate from npm and return its binary, or None without npm."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    command = [npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder / "npm"), NPM_PACKAGE]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return None
    return next((folder / "npm" / "node_modules" / NPM_PACKAGE).glob("**/dbmate"), None)


if __name__ == "__main__":
    main()
