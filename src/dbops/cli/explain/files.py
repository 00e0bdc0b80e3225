"""The files that ``dbops explain`` reads and writes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from dbops.errors import InvalidPlan, UsageError
from dbops.explain.captured import Document, Explained, read_document, saved
from dbops.explain.statement import Source
from dbops.results.explain import ExplainResult

STDIN = Path("-")


def source(query: str | None, file: Path | None) -> Source:
    """Return the query's text: the argument's, a file's, or what stands on stdin."""
    if query is not None and query != "-":
        return Source(query, "query")
    if file is not None and file != STDIN:
        return Source(_read(file), str(file))
    if file is None and query is None and sys.stdin.isatty():
        raise UsageError(
            "there is no query",
            hint="give one: `dbops explain 'SELECT …'`, -f FILE, on stdin, or --queryid N",
            details=[{"field": "query", "error": "missing"}],
        )
    return Source(_stdin("query"), "stdin")


def plan(file: Path) -> Document:
    """Return the plan in a file, or on stdin. Raises InvalidPlan for what is none."""
    if file == STDIN:
        return read_document(_stdin("--plan"), "stdin")
    return read_document(_read(file), str(file))


def migration(result: ExplainResult, folder: Path) -> Path | None:
    """Write the advised indexes into the folder of migrations, and return the file; None where none is advised."""
    if not result.indexes:
        return None
    from dbops.explain.advise.migration import migration as text
    from dbops.migrate.source import new

    name = f"index_{'_and_'.join(dict.fromkeys(index.table.rpartition('.')[2] for index in result.indexes))}"
    return Path(new(folder, name, text(result.indexes)).path)


def write(
    explained: Explained, *, save: Path | None, html: Path | None, version: str, also: Path | None = None
) -> ExplainResult:
    """Write the plan and the page where they are wanted, and return the result with the files' names in it.

    ``also`` is a file that was written before.
    """
    written = tuple(str(each) for each in (also, save, html) if each is not None)
    result = replace(explained.result, written=written)
    if save is not None:
        _write(save, saved(explained.document))
    if html is not None:
        from dbops.output.explain.html import page

        _write(html, page(result, version=version))
    return result


def _read(file: Path) -> str:
    try:
        return _decoded(file.read_bytes(), str(file))
    except OSError as error:
        raise UsageError(
            f"{file}: can't be read: {error.strerror}",
            hint="check the path and its permissions",
            details=[{"field": "file", "error": str(error.strerror)}],
        ) from None


def _stdin(field: str) -> str:
    if sys.stdin.isatty():
        raise UsageError(
            "nothing is on stdin",
            hint="pipe it in, or name a file",
            details=[{"field": field, "error": "stdin is a terminal"}],
        )
    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read() if buffer is None else _decoded(buffer.read(), "stdin")


def _decoded(data: bytes, name: str) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidPlan(
            f"{name}: byte {error.start + 1} is not {encoding.upper().removesuffix('-SIG')}",
            hint="save the file as UTF-8",
            details=[{"field": "file", "error": "encoding"}],
        ) from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{file}: can't be written: {error.strerror}",
            hint="check the folder, its permissions and the disk",
            details=[{"field": "file", "error": str(error.strerror)}],
        ) from None
