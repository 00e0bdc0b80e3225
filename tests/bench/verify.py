"""``dbops migrate verify`` over generated migrations: how long, how long for each, and the memory it takes.

    python tests/bench/verify.py [--migrations 300] [--jobs 2]

Tables, indexes, functions and enums, each with a down that restores. Times are of whole processes, the scratch
server's start included; the memory is that of dbops itself, at a third of the migrations and at all, so that growth
would be seen. The goal: 285 real migrations in under 2 minutes, memory flat.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL_S = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--migrations", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbops-bench-") as name:
        for count in (chosen.migrations // 3, chosen.migrations):
            folder = Path(name) / str(count)
            write(folder, count)
            seconds, peak = measured(folder, chosen.jobs)
            print(f"{count} migrations: {seconds:.1f} s, {seconds / count * 1000:.0f} ms each, {peak:.0f} MB")
    print(f"goal: 285 under {GOAL_S:.0f} s; {chosen.migrations} took {seconds / GOAL_S:.2f} of it")


def write(folder: Path, count: int) -> None:
    """Write the migrations: of four, a table, an index with a column, a function, an enum."""
    folder.mkdir()
    for number in range(1, count + 1):
        up, down = KINDS[number % len(KINDS)]
        before = number - 1
        text = f"-- migrate:up\n{up.format(n=number, m=before)}\n-- migrate:down\n{down.format(n=number, m=before)}\n"
        (folder / f"{number:04}_m{number}.sql").write_text(text, encoding="utf-8")


KINDS = (
    ("CREATE TYPE e{n} AS ENUM ('a', 'b', 'c');", "DROP TYPE e{n};"),
    (
        "CREATE TABLE t{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text NOT NULL, "
        "b int DEFAULT 3 CHECK (b > 0), c timestamptz DEFAULT now());",
        "DROP TABLE t{n};",
    ),
    (
        "CREATE INDEX t{m}_a ON t{m} (a); ALTER TABLE t{m} ADD d text;",
        "DROP INDEX t{m}_a; ALTER TABLE t{m} DROP d;",
    ),
    ("CREATE FUNCTION f{n}(x int) RETURNS int LANGUAGE sql AS $$ SELECT x + {n} $$;", "DROP FUNCTION f{n};"),
)


def measured(folder: Path, jobs: int) -> tuple[float, float]:
    """Return the seconds of one run, which must find all restored, and the most memory of such a run, in MB."""
    started = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "dbops", "migrate", "verify", "--dir", folder, "--jobs", str(jobs)],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    if ran.returncode != 0:
        sys.exit(f"verify exited {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    main()
