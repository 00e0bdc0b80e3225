"""Where the servers' files are: in memory where there is much of it, for databases come and go all the time."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 6 << 30
"""Bytes that must be free: a whole run takes less than half of it."""
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Of all processes of a container, by both versions of control groups."""


def files_in_memory() -> None:
    """Make temporary files in memory, those of pytest's ``tmp_path`` excepted.

    With too little memory, or a TMPDIR that somebody chose, nothing is changed. The folder is the same for each run and
    stays, empty: others may be running, and what a killed run left is found there.
    """
    if "TMPDIR" in os.environ or not is_roomy():
        return
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    folder = _MEMORY / f"dbops-tests-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o1777)  # as the folder in whose place it is: servers run as another user
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def is_roomy() -> bool:
    """Say whether there is memory enough for the files of a run."""
    return _free() >= _ROOM


def _free() -> int:
    """Return how many bytes files in memory may take."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
        return min(shutil.disk_usage(_MEMORY).free, available, *map(_limit, _LIMITS))
    except (OSError, StopIteration):
        return 0


def _limit(file: str) -> int:
    try:
        return int(Path(file).read_text())
    except (OSError, ValueError):  # there is none, or it is "max"
        return 1 << 62
