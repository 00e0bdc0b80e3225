"""Write the corpus: what a PostgreSQL says of the cases, in both formats, and how psql and its log wrap that.

    .venv/bin/python tests/explain/plan/corpus/make.py BIN_FOLDER …

Each argument is a folder with initdb and postgres; without one the embedded server's is taken. A version gives
``15.jsonl.gz`` (a line each) and ``15.txt`` (a section each, below a line that begins with ``###``), in this folder.
One that has psql and auto_explain (15 or newer) also gives ``psql.txt``, ``log.txt``, ``log.csv`` and ``log.json``.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import dropwhile, product
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

sys.path.insert(0, str(Path(__file__).parents[3]))

from dbops.postgres.embedded import EmbeddedServer, temporary
from explain.plan.corpus import cases
from explain.plan.corpus.cases import CASES, Case

VERBOSE = (*cases.SUBQUERIES, *cases.WRITES, *cases.WORKERS)
FOLDER = Path(__file__).parent
SETTINGS = {
    "shared_buffers": "1MB",
    "autovacuum": False,
    "jit": False,
    "max_parallel_workers_per_gather": 0,
    "wal_level": "minimal",
    "max_wal_senders": 0,
}
LOGGING = {"logging_collector": True, "log_destination": "stderr,csvlog,jsonlog", "log_line_prefix": "%m [%p] "}
WRAPPED = "SELECT * FROM shops WHERE city <> 'a,\"b' LIMIT 3"
FOREIGN = """
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', dbname 'postgres'{options});
CREATE SERVER far_too FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', dbname 'postgres'{options});
CREATE USER MAPPING FOR CURRENT_USER SERVER far;
CREATE USER MAPPING FOR CURRENT_USER SERVER far_too;
CREATE FOREIGN TABLE far (id int, city text) SERVER far OPTIONS (table_name 'shops');
CREATE FOREIGN TABLE far_too (id int, city text) SERVER far_too OPTIONS (table_name 'shops');
"""
FILES = """
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE hosts (line text) SERVER files OPTIONS (filename '/etc/hosts');
"""


def main() -> None:
    for folder in [Path(each) for each in sys.argv[1:]] or [None]:
        with temporary(settings=SETTINGS, bin_dir=folder) as server, closing(connect(server)) as connection:
            version = connection.info.server_version // 10000
            prepare(connection, str(server.socket_dir))
            write(version, list(capture(connection, version)))
            psql = server.binaries.bin_dir / "psql"
            if version >= 15 and psql.exists():
                (FOLDER / "psql.txt").write_text("".join(tables(psql, server.dsn())), encoding="utf-8")
                log(folder)


def connect(server: EmbeddedServer) -> psycopg.Connection:
    connection = psycopg.connect(server.dsn(), autocommit=True, prepare_threshold=None)
    connection.adapters.register_loader("json", TextLoader)
    return connection


def prepare(connection: psycopg.Connection, host: str) -> None:
    connection.execute(cases.SCHEMA)
    for extension in available(connection):
        connection.execute(f"CREATE EXTENSION {extension}")
    if "file_fdw" in available(connection):
        connection.execute(FILES)
    if "postgres_fdw" in available(connection):
        options = ", async_capable 'true'" if connection.info.server_version >= 140000 else ""
        connection.execute(FOREIGN.format(host=host, options=options))
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CREATE TEMPORARY TABLE passing AS SELECT generate_series(1, 3000) AS i")
    connection.execute("PREPARE pruned (int) AS SELECT * FROM years WHERE y = $1")


def available(connection: psycopg.Connection) -> set[str]:
    found = connection.execute("SELECT name FROM pg_available_extensions WHERE name IN ('file_fdw', 'postgres_fdw')")
    return {name for (name,) in found}


def capture(connection: psycopg.Connection, version: int) -> Iterator[tuple[str, str, Any]]:
    """Yield name, text and document of each plan."""
    extensions = available(connection)
    for case in CASES:
        if version < case.since or (case.needs and case.needs not in extensions):
            continue
        for name, options in words(case, version):
            text, document = (explain(connection, case, f"{options}, FORMAT {form}") for form in ("TEXT", "JSON"))
            yield name, "\n".join(text), json.loads("\n".join(document))


def words(case: Case, version: int) -> Iterator[tuple[str, str]]:
    if case.only:
        yield case.name, case.only
        return
    yield f"{case.name} planned", "VERBOSE"
    more = ", WAL" if case in cases.WRITES and version >= 13 else ""
    more += ", VERBOSE" if case in VERBOSE else ""
    more += ", SETTINGS" if case.settings else ""
    yield f"{case.name} run", f"ANALYZE, BUFFERS{more}"


def explain(connection: psycopg.Connection, case: Case, options: str) -> list[str]:
    connection.execute("BEGIN")
    try:
        for setting in case.settings.items():
            connection.execute("SELECT set_config(name, %s, true) FROM pg_settings WHERE name = %s", setting[::-1])
        if case.name == "transition_table":
            connection.execute(cases.TRANSITION.format(options=options))
            return [line for (line,) in connection.execute("SELECT line FROM captured")]
        return [line for (line,) in connection.execute(f"EXPLAIN ({options}) {case.sql}".encode())]
    finally:
        connection.execute("ROLLBACK")
        if "ANALYZE" in options and case.writes:
            connection.execute("VACUUM (ANALYZE)")  # for the next to find the tables as they were


def write(version: int, captured: list[tuple[str, str, Any]]) -> None:
    texts = "".join(f"### {name}\n{text}\n" for name, text, _ in captured)
    (FOLDER / f"{version}.txt").write_text(texts, encoding="utf-8")
    lines = (json.dumps({"name": name, "document": document}, ensure_ascii=False) for name, _, document in captured)
    (FOLDER / f"{version}.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def tables(psql: Path, dsn: str) -> Iterator[str]:
    """Yield what psql prints, as sections."""
    styles = [
        [f"-Plinestyle={style}", f"-Pborder={border}", *more]
        for style, border, more in product(("ascii", "unicode", "old-ascii"), "012", ([], ["-x"]))
    ]
    for flags in (*styles, ["-A"], ["-At"], ["-t"], ["-A", "-x"], ["--csv"]):
        for form in ("TEXT", "JSON"):
            command = [psql, "-X", "-d", dsn, *flags, "-c", f"EXPLAIN (FORMAT {form}) {WRAPPED}"]
            said = subprocess.run(command, capture_output=True, text=True, check=True)
            yield f"### {form} {' '.join(flags)}\n{said.stdout}"


def log(folder: Path | None) -> None:
    """Write what auto_explain logs of a query, in both formats, as plain text, CSV and JSON."""
    with temporary(settings=LOGGING, bin_dir=folder) as server:
        with closing(connect(server)) as connection:
            connection.execute(cases.SCHEMA)
            connection.execute("LOAD 'auto_explain'; SET auto_explain.log_analyze = on")
            for form in ("text", "json"):
                connection.execute(f"SET auto_explain.log_format = {form}; SET auto_explain.log_min_duration = 0")
                connection.execute(f"{WRAPPED} -- it's one\n")
                connection.execute("SET auto_explain.log_min_duration = -1; DO $$ BEGIN RAISE LOG 'between'; END $$")
        server.stop()
        for suffix, name in ((".log", "log.txt"), (".csv", "log.csv"), (".json", "log.json")):
            said = "".join(path.read_text() for path in sorted((server.data / "log").glob(f"*{suffix}")))
            entries = dropwhile(lambda line: "duration: " not in line, said.splitlines(keepends=True))
            (FOLDER / name).write_text("".join(each for each in entries if "shut" not in each), encoding="utf-8")


if __name__ == "__main__":
    main()
