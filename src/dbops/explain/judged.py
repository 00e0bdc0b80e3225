"""What lint says of the query itself. Pure."""

from __future__ import annotations

import re

from dbops.explain.statement import Query
from dbops.lint.judge import judge_file
from dbops.lint.options import NEWEST, OLDEST, Options
from dbops.lint.text import SourceText
from dbops.results.lint import Finding
from dbops.schema.model import EMPTY, Schema

_PATH = "query.sql"
_NOT_A_LINE_END = re.compile(r"[^\n]")


def lint(query: Query, *, schema: Schema = EMPTY, major: int = NEWEST) -> tuple[Finding, ...]:
    """Return the findings of the rules about queries; places count in the source's text."""
    options = Options(select=("query",), pg_version=min(max(major, OLDEST), NEWEST))
    report = judge_file(SourceText(_PATH, _text(query)), schema, options)
    return report.named(query.source.name).findings


def _text(query: Query) -> str:
    """Return the source's text, with blanks in place of all statements but this one."""
    if query.alone:
        return query.source.text
    start, end = query.offsets.source(0), query.offsets.source(len(query.sql), end=True)
    return _NOT_A_LINE_END.sub(" ", query.source.text[:start]) + query.source.text[start:end]
