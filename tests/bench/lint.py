"""`dbops lint` beside squawk and sqlfluff on one generated set of SQL, and where their findings differ.

    make bench
    python tests/bench/lint.py --rounds 5 --migrations 342

Times are of whole processes, start-up included and dbops' cache left out unless a row says so. Each tool runs as it
does without options: dbops and squawk on all processors; sqlfluff, which takes long and is timed once, on one. Needs
the bench extra.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import lint_set
from compare import Tool, nothing, report
from tabulate import tabulate

import dbops

SCRIPTS = Path(sys.executable).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--migrations", type=int, default=342)
    options = parser.parse_args()
    compileall.compile_dir(str(Path(dbops.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lint_set.write(folder, migrations=options.migrations)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        os.chdir(folder)
        describe(folder)
        times(options.rounds, options.migrations)
        differences()


def describe(folder: Path) -> None:
    for part in ("migrations", "queries"):
        files = list((folder / part).iterdir())
        print(f"{part}: {len(files)} files, {sum(file.stat().st_size for file in files) / 1000:.0f} kB")


def own(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dbops", "lint", "--exit-zero", *arguments]


def migrations() -> list[str]:
    return sorted(str(path) for path in Path("migrations").iterdir())


def times(rounds: int, count: int) -> None:
    quiet = ["sh", "-c", '"$@" || true', "sh"]  # they exit 1 with findings
    squawk = Tool("squawk", [*quiet, str(SCRIPTS / "squawk"), *migrations()], nothing)
    cold = Tool("dbops lint", own("--no-cache", "migrations"), nothing)
    warm = Tool("dbops lint, nothing changed", own("migrations"), nothing)
    report(rounds, f"lint, {count} migrations", [cold, squawk], {"squawk": 6})
    report(rounds, "the same again, from the cache", [warm, squawk], {})
    queries = sorted(str(path) for path in Path("queries").iterdir())
    for what, files in ((f"{count} migrations", migrations()), (f"{len(queries)} files of queries", queries)):
        fluff = Tool("sqlfluff", [*quiet, str(SCRIPTS / "sqlfluff"), "lint", "--dialect", "postgres", *files], nothing)
        report(1, f"lint, {what}", [Tool("dbops lint", own("--no-cache", *files), nothing), fluff], {"sqlfluff": 0.05})
    last = migrations()[-1]
    first = Tool("dbops lint, one file of the folder, the first time", own("--no-cache", last), nothing)
    edit = ["sh", "-c", 'echo "-- one more line" >> "$0" && exec "$@"', last]
    editor = Tool("dbops lint, the same file edited", [*edit, *own(last)], nothing)
    report(
        rounds,
        "what an editor waits for",
        [editor, first, Tool("python -c 'import click'", [sys.executable, "-c", "import click"], nothing)],
        {},
    )


def differences() -> None:
    """Count, a rule at a time, what only one of dbops and squawk says of a line of the migrations."""
    said = subprocess.run(own("--no-cache", "-o", "json", "migrations"), capture_output=True, text=True, check=True)
    ours = Counter(
        (finding["rule"], finding["file"], finding["line"]) for finding in json.loads(said.stdout)["data"]["findings"]
    )
    command = [str(SCRIPTS / "squawk"), "--reporter", "json", *migrations()]
    reported = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    theirs = Counter((each["rule_name"], each["file"], each["line"] + 1) for each in json.loads(reported))
    rules = sorted({rule for rule, _, _ in (*ours, *theirs)})
    rows = []
    for rule in rules:
        mine = {place for place in ours if place[0] == rule}
        squawks = {place for place in theirs if place[0] == rule}
        rows.append((rule, len(mine & squawks), len(mine - squawks), len(squawks - mine)))
    print("\nfindings, by rule and line of the migrations")
    print(tabulate(rows, headers=["rule", "both", "dbops alone", "squawk alone"]))


if __name__ == "__main__":
    main()
