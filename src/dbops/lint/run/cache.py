"""Reports of files that did not change, in ``$XDG_CACHE_HOME/dbops/lint``: one file a working directory.

An entry's key is a hash of all that its report depends on: the file's bytes, what the schema was known to be, the
options, and dbops' own code. So an entry is never stale, only unused; the longest unused ones are dropped.

Beside it are what migrations make before the first that a run had to judge, for an editor that lints one of hundreds
again and again, and what all of them make, for one that lints a query: of each folder the last of either.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dbops.lint.report import FileReport
from dbops.schema.model import Schema
from dbops.schema.stored import dumped, loaded

_PACKAGE = Path(__file__).parents[2]
_KEPT = 5000
"""Entries in a file: a large project's, while a file of it is some 2 kB."""
_ROOMS = ("lint", "schema", "sql", "files")


def folder(environ: Mapping[str, str]) -> Path:
    """Return where reports are kept."""
    home = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME") or tempfile.gettempdir()) / ".cache")
    return Path(home) / "dbops" / "lint"


def code_version() -> str:
    """Return what changes with the rules and all they use: the times and sizes of dbops' files, the parsers, Python."""
    digest = hashlib.sha256(sys.version.encode())
    for parser in ("sqlglot", "postgast"):
        found = find_spec(parser)  # importing it, or asking for its version, would take longer than the rest
        origin = Path(found.origin) if found is not None and found.origin else _PACKAGE
        for path in (origin, origin.parent):
            state = path.stat()
            digest.update(f"{path}:{state.st_size}:{state.st_mtime_ns}\n".encode())
    for room in _ROOMS:
        for parent, folders, names in os.walk(_PACKAGE / room):
            folders.sort()
            for name in sorted(names):
                if name.endswith(".py"):
                    state = (Path(parent) / name).stat()
                    digest.update(f"{parent}/{name}:{state.st_size}:{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def key(*parts: str | bytes) -> str:
    """Return the hash of the parts, each with its length, so that no two lists of parts have the same."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


def _write(file: Path, text: str) -> None:
    """Write a file at once or not at all; where that fails, the next run works without it."""
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        Path(made).replace(file)


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
        _write(self._file, json.dumps(dict(entries)))

    def schema(self, place: str, name: str) -> Schema | None:
        """Return the schema that was put at that place last, when that was under this key."""
        if self._file is None:
            return None
        try:
            known, _, text = self._beside(self._file, place).read_text(encoding="utf-8").partition("\n")
            return loaded(text) if known == name else None
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return None

    def put_schema(self, place: str, name: str, schema: Schema) -> None:
        """Keep a schema under a key, in place of the one that was kept at that place."""
        if self._file is not None:
            _write(self._beside(self._file, place), f"{name}\n{dumped(schema)}")

    @staticmethod
    def _beside(file: Path, place: str) -> Path:
        return file.with_name(f"{file.stem}-{key(place)[:24]}.schema")

    def _read(self) -> dict[str, Any]:
        if self._file is None:
            return {}
        try:
            value = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}
