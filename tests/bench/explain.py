"""Index advice on TPC-H: what was advised, what it cost and what it really saved, beside what index_advisor would do.

    make bench
    python tests/bench/explain.py --scale 0.1 --prove

A database with primary keys only, on the tests' image (which has HypoPG) where Docker answers, else embedded. For
each of the 22 queries, written from the specification's intent, dbops advises; what it advises is built, the query
timed with and without, and the indexes dropped. The baseline is HypoPG-screened single columns: an index on every
column the query names is supposed at once, and those that the planner then uses are advised. Times are medians of warm
runs; a query that takes longer than a minute counts as a minute. Needs the bench extra.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1]))
from dbops.explain.explain import explain
from dbops.explain.request import Proving, Request
from dbops.explain.statement import Source
from dbops.postgres.dsn import Dsn
from servers.session import Session

FOLDER = Path(__file__).parent / "tpch"
TABLES = ("region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem")
MINUTE_MS = 60_000.0
SLOWER = 1.1
"""A query that takes this much longer is a regression, unless it is by a few milliseconds."""
NOISE_MS = 3.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a query and its indexes: costs and ms before and after they were built."""

    indexes: tuple[str, ...] = ()
    cost: tuple[float, float] = (0.0, 0.0)
    ms: tuple[float, float] = (0.0, 0.0)
    seconds: float = 0.0
    bases: tuple[str, ...] = field(default=())

    @property
    def worse(self) -> bool:
        before, after = self.ms
        return after > before * SLOWER and after > before + NOISE_MS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", default="0.1")
    parser.add_argument("--prove", action="store_true", help="let dbops prove what it advises")
    parser.add_argument("--query", type=int, action="append", help="only these")
    options = parser.parse_args()
    with Session.chosen().create() as server, psycopg.connect(server.dsn(), autocommit=True) as connection:
        load(connection, options.scale)
        hypopg = has_hypopg(connection)
        print(
            f"TPC-H scale {options.scale}, PostgreSQL {connection.info.parameter_status('server_version')}, "
            f"{'HypoPG' if hypopg else 'without HypoPG'}"
        )
        ours, theirs = {}, {}
        for file in sorted(FOLDER.glob("[0-9]*.sql")):
            number = int(file.stem)
            if options.query and number not in options.query:
                continue
            sql = file.read_text()
            before = measured(connection, sql)
            ours[number] = by_dbops(connection, server.dsn(), sql, before, prove=options.prove)
            if hypopg:
                theirs[number] = by_single_columns(connection, sql, before)
            line(number, ours[number], theirs.get(number))
        total("dbops", ours)
        if theirs:
            total("single columns", theirs)
        slowest = max(ours, key=lambda number: ours[number].seconds)
        print(
            f"advice took {statistics.median(each.seconds for each in ours.values()):.2f} s in the median, "
            f"{ours[slowest].seconds:.2f} s at most (query {slowest}; goal: under 2 s with HypoPG)"
        )


def load(connection: psycopg.Connection, scale: str) -> None:
    connection.execute((FOLDER / "schema.sql").read_text())
    with tempfile.TemporaryDirectory() as name:
        generator = Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([generator, "csv", "-s", scale, "--output-dir", name], check=True, capture_output=True)
        for table in TABLES:
            rows = (Path(name) / f"{table}.csv").read_bytes()
            with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(rows)
    connection.execute("VACUUM ANALYZE")


def has_hypopg(connection: psycopg.Connection) -> bool:
    if connection.execute("SELECT FROM pg_available_extensions WHERE name = 'hypopg'").fetchone() is None:
        return False
    connection.execute("CREATE EXTENSION hypopg")
    return True


def measured(connection: psycopg.Connection, sql: str) -> tuple[float, float]:
    """Return the query's cost, and the median of its warm times in ms."""
    cost = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()[0][0]["Plan"]["Total Cost"]
    connection.execute(f"SET statement_timeout = {MINUTE_MS:.0f}")
    try:
        times = [timed(connection, sql) for _ in range(1)]
        for _ in range(6 if times[0] < 2_000 else 2):
            times.append(timed(connection, sql))
        return cost, statistics.median(times[1:])
    except psycopg.errors.QueryCanceled:
        return cost, MINUTE_MS
    finally:
        connection.execute("RESET statement_timeout")


def timed(connection: psycopg.Connection, sql: str) -> float:
    document = connection.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}").fetchone()[0][0]
    return document["Execution Time"] + document["Planning Time"]


@contextmanager
def built(connection: psycopg.Connection, statements: tuple[str, ...]):
    """Build the indexes, and drop them again; extensions stay."""
    known = set(indexes(connection))
    for statement in statements:
        connection.execute(statement.replace(" CONCURRENTLY", ""))
    connection.execute("VACUUM ANALYZE")
    try:
        yield
    finally:
        for name in set(indexes(connection)) - known:
            connection.execute(f'DROP INDEX "{name}"')


def indexes(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")]


def by_dbops(connection: psycopg.Connection, dsn: str, sql: str, before: tuple[float, float], *, prove: bool) -> Tried:
    request = Request(
        source=Source(sql, "query"), analyze=True, timeout=MINUTE_MS / 1000, prove=Proving() if prove else None
    )
    without = Request(source=Source(sql, "query"), analyze=False, advise=False)
    alone = timed_call(lambda: explain(Dsn(dsn, "bench"), without))[1]
    advice, seconds = timed_call(lambda: explain(Dsn(dsn, "bench"), Request(source=request.source, analyze=False)))
    if prove or before[1] < MINUTE_MS:
        advice = explain(Dsn(dsn, "bench"), request)
    found = advice.result.indexes
    statements = tuple(statement for index in found for statement in (*index.requires, index.create))
    return tried(connection, sql, before, statements, seconds - alone, tuple(index.basis.value for index in found))


def timed_call(call):
    started = time.perf_counter()
    result = call()
    return result, time.perf_counter() - started


def tried(connection, sql, before, statements, seconds=0.0, bases=()) -> Tried:
    if not statements:
        return Tried((), (before[0], before[0]), (before[1], before[1]), seconds)
    with built(connection, statements):
        after = measured(connection, sql)
    return Tried(statements, (before[0], after[0]), (before[1], after[1]), seconds, bases)


def by_single_columns(connection: psycopg.Connection, sql: str, before: tuple[float, float]) -> Tried:
    """Suppose an index on every column that the query names, and advise those that its plan then uses."""
    columns = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    ).fetchall()
    words = set(re.findall(r"\w+", sql))
    supposed = {}
    for table, column in columns:
        if column in words:
            name = connection.execute(
                "SELECT indexname FROM hypopg_create_index(%s)", (f"CREATE INDEX ON {table} ({column})",)
            ).fetchone()[0]
            supposed[name] = f"CREATE INDEX ON {table} ({column})"
    document = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()[0][0]
    connection.execute("SELECT hypopg_reset()")
    used = tuple(sorted({supposed[name] for name in names(document["Plan"]) if name in supposed}))
    return tried(connection, sql, before, used)


def names(node: dict) -> list[str]:
    own = [node["Index Name"]] if "Index Name" in node else []
    return own + [name for child in node.get("Plans", ()) for name in names(child)]


def line(number: int, ours: Tried, theirs: Tried | None) -> None:
    print(f"\n{number:02}  {figures(ours)}{'   single columns: ' + figures(theirs) if theirs else ''}", flush=True)
    for index, basis in zip(ours.indexes, ours.bases or [""] * len(ours.indexes), strict=False):
        print(f"    {index}  {basis}")


def figures(tried: Tried) -> str:
    if not tried.indexes:
        return f"{tried.ms[0]:.1f} ms, nothing advised"
    worse = "  SLOWER" if tried.worse else ""
    return (
        f"cost {tried.cost[0]:.0f} → {tried.cost[1]:.0f}, {tried.ms[0]:.1f} → {tried.ms[1]:.1f} ms"
        f" ({tried.ms[0] / tried.ms[1]:.2f}×){worse}"
    )


def total(name: str, results: dict[int, Tried]) -> None:
    before = sum(each.ms[0] for each in results.values())
    after = sum(each.ms[1] for each in results.values())
    advised = [each for each in results.values() if each.indexes]
    timed = [each for each in advised if set(each.bases) <= {"proven", "measured"}]
    rows = [
        ("total ms", f"{before:.0f}", f"{after:.0f}", f"{before / after:.2f}"),
        ("total cost", *cost_of(results)),
        ("queries with advice", len(advised), "", ""),
        ("of them slower", sum(each.worse for each in advised), "", ""),
        ("timed on a copy, of them slower", f"{len(timed)}, {sum(each.worse for each in timed)}", "", ""),
        ("indexes", sum(len(each.indexes) for each in advised), "", ""),
    ]
    print(f"\n{name}")
    print(tabulate(rows, headers=["", "before", "after", "ratio"], disable_numparse=True))


def cost_of(results: dict[int, Tried]) -> tuple[str, str, str]:
    before = sum(each.cost[0] for each in results.values())
    after = sum(each.cost[1] for each in results.values())
    return f"{before:.0f}", f"{after:.0f}", f"{before / after:.2f}"


if __name__ == "__main__":
    main()
