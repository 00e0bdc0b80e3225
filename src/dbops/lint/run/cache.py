"""Reports of files that did not change, in ``$XDG_CACHE_HOME/dbops/lint``: one file a working directory.

An entry's key is a hash of all that its report depends on: the file's bytes, what the schema was known to be, the
options, and dbops' own code. So an entry is never stale, only unused; the longest unused ones are dropped.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dbops.lint.report import FileReport

_PACKAGE = Path(__file__).parents[1]
_KEPT = 5000
"""Entries in a file: a large project's, while a file of it is some 2 kB."""
_ROOMS = ("lint", "schema", "sql", "files")


def folder(environ: Mapping[str, str]) -> Path:
    """Return where reports are kept."""
    home = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME") or tempfile.gettempdir()) / ".cache")
    return Path(home) / "dbops" / "lint"


def code_version() -> str:
    """Return what changes with the rules and everything they use: the times and sizes of dbops' files."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        for parent, folders, names in os.walk(_PACKAGE / room):
            folders.sort()
            for name in sorted(names):
                if name.endswith(".py"):
                    state = (Path(parent) / name).stat()
                    digest.update(f"{name}:{state.st_size}:{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def key(*parts: str | bytes) -> str:
    """Return the hash of the parts, each with its length, so that no two lists of parts have the same."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


class Cache:
    """The reports known for a working directory; a file that can't be read or written is as good as none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, Any] = self._read()
        self._used: dict[str, Any] = {}

    @classmethod
    def of(cls, directory: Path, environ: Mapping[str, str]) -> Cache:
        """Return the cache of a working directory."""
        return cls(folder(environ) / f"{key(str(directory.resolve()))[:24]}.json")

    def get(self, name: str, path: str) -> FileReport | None:
        """Return the report of that key, named for ``path``."""
        value = self._known.get(name)
        if value is None:
            return None
        try:
            report = FileReport.from_json(value).named(path)
        except (KeyError, TypeError, ValueError):
            del self._known[name]
            return None
        self._used[name] = value
        return report

    def put(self, name: str, report: FileReport) -> None:
        """Keep a report."""
        if self._file is not None:
            self._used[name] = report.to_json()

    def close(self) -> None:
        """Write what is known now, if this run learned anything."""
        if self._file is None or self._used.keys() <= self._known.keys():
            return
        unused = {name: value for name, value in self._known.items() if name not in self._used}
        entries = list((unused | self._used).items())[-_KEPT:]
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, made = tempfile.mkstemp(dir=self._file.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(dict(entries), file)
            Path(made).replace(self._file)

    def _read(self) -> dict[str, Any]:
        if self._file is None:
            return {}
        try:
            value = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}
