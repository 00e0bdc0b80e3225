"""`dbops nplusone` over generated logs, beside pgBadger: megabytes a second, and memory as the log grows.

    make bench
    python tests/bench/logs.py [--mb 1000]

The log is text with `%m [%p] %u@%d `, as an application with requests, loops and literals leaves it. Both are timed as
whole processes on one processor, over a fifth of the log and over all of it; what they look for is not the same:
pgBadger counts what was slow, dbops follows each session. pgBadger is left out where it isn't installed (Debian:
pgbadger).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tabulate import tabulate

PREFIX = "%m [%p] %u@%d "
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbops-bench-") as name:
        folder = Path(name)
        rows = []
        for mb in (options.mb // 5, options.mb):
            log = folder / f"{mb}.log"
            write(log, mb)
            size = log.stat().st_size / 1e6
            rows += [[tool, f"{size:.0f} MB", *figures(command, size)] for tool, command in tools(log, folder).items()]
            log.unlink()
    print(tabulate(rows, ["", "log", "time", "MB/s", "memory"], disable_numparse=True))


def tools(log: Path, folder: Path) -> dict[str, list[str]]:
    """Return the commands to compare."""
    found = {
        "dbops nplusone": [sys.executable, "-m", "dbops", "nplusone", "--log", str(log), "--log-line-prefix", PREFIX]
    }
    badger = shutil.which("pgbadger")
    if badger is not None:
        # Its dates are without fractions where the prefix has %m; -q leaves the progress bar out.
        prefix = "%m [%p] %u@%d "
        found["pgbadger"] = [
            badger,
            "-q",
            "-j",
            "1",
            "-f",
            "stderr",
            "-p",
            prefix,
            "-o",
            str(folder / "out.html"),
            str(log),
        ]
    return found


def figures(command: list[str], size: float) -> list[str]:
    """Return time, throughput and the most memory of one run."""
    started = time.monotonic()
    child = os.posix_spawnp(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) not in {0, 1}:
        sys.exit(f"{command[0]} exited {os.waitstatus_to_exitcode(status)}")
    return [f"{seconds:.1f} s", f"{size / seconds:.1f}", f"{usage.ru_maxrss / 1024:.0f} MB"]


def write(log: Path, mb: int) -> None:
    """Write a log of about so many megabytes."""
    left = mb * 1_000_000
    with log.open("w", encoding="utf-8") as file:
        for lines in requests(random.Random(1)):
            text = "".join(lines)
            file.write(text)
            left -= len(text)
            if left < 0:
                return


def requests(chance: random.Random) -> Iterator[list[str]]:
    """Yield the lines of one request after the other: of three, one has a loop."""
    at = _BEGIN
    for number in range(10**9):
        lines = []
        for sql, value in statements(number, chance):
            at += timedelta(milliseconds=1)
            head = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} UTC [{1000 + number % 50}] app@shop "
            lines.append(f"{head}LOG:  duration: {chance.random() * 3:.3f} ms  execute <unnamed>: {sql}\n")
            if value is not None:
                lines.append(f"{head}DETAIL:  Parameters: $1 = '{value}'\n")
        yield lines


def statements(number: int, chance: random.Random) -> Iterator[tuple[str, int | None]]:
    yield "SELECT id, title, author_id FROM posts WHERE published\n\tORDER BY created_at DESC LIMIT 10", None
    if number % 3 == 0:
        for _ in range(10):
            yield "SELECT id, name, email FROM authors WHERE id = $1", chance.randrange(10_000)
    yield f"SELECT u.id, u.name FROM users u WHERE u.email = 'user{number}@example.com'", None
    yield "UPDATE counters SET hits = hits + 1 WHERE page = $1", number % 100


if __name__ == "__main__":
    main()
