"""The SQL in a Python text: strings that are passed to what runs them, as scripts. Pure."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from dbops.lint.script import Origin, Script
from dbops.lint.sources.composed import Composed
from dbops.lint.sources.names import Names, Scope
from dbops.lint.sources.reading import NOT_LOOKED_AT, Problem, Reading, unreadable
from dbops.lint.sources.strings import PASSED_ON, Strings, called
from dbops.results.lint import Severity
from dbops.schema.model import EMPTY, Schema
from dbops.sql.holes import Filled, Guess, filled
from dbops.sql.lexer import Kind, code
from dbops.sql.offsets import Offsets
from dbops.sql.parameters import numbered
from dbops.sql.recover import Recovered, statements

# fmt: off
CALLS = frozenset({
    "execute", "executemany", "execute_values", "execute_batch", "executescript", "exec_driver_sql", "mogrify",
    "stream", "copy", "copy_expert", "text", "raw", "RawSQL", "RunSQL", "SQL", "read_sql", "read_sql_query",
    "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "fetch_val", "prepare", "cursor", "iterate",
})
"""What a string of SQL is passed to: functions and methods of database drivers, SQLAlchemy, Django, Alembic, pandas."""
# fmt: on

_KEYWORDS = frozenset({"sql", "query", "statement", "operation", "sqltext", "reverse_sql"})
_VALUES = frozenset({"params", "parameters", "args", "vars", "argslist", "vars_list", "params_seq", "values"})
_SENT_AS_THEY_ARE = frozenset({"fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "fetch_val", "prepare"})
"""Calls of drivers that give values to the server apart, so that a percent sign is only a percent sign."""

# fmt: off
_VERBS = frozenset({
    "abort", "alter", "analyze", "begin", "call", "checkpoint", "close", "cluster", "comment", "commit", "copy",
    "create", "deallocate", "declare", "delete", "discard", "do", "drop", "end", "execute", "explain", "fetch",
    "grant", "import", "insert", "listen", "load", "lock", "merge", "move", "notify", "prepare", "reassign",
    "refresh", "reindex", "release", "reset", "revoke", "rollback", "savepoint", "security", "select", "set",
    "show", "start", "table", "truncate", "unlisten", "update", "vacuum", "values", "with",
})
# fmt: on
_ONLY_SQL = re.compile(r"execute\w*|exec_driver_sql|mogrify|copy_expert")
"""Calls that take SQL and nothing else, so that what can't be read there is to be said."""
_TWO_WORDS = re.compile(r"\s*[a-z]\w*\s+[\w*\"(]", re.IGNORECASE)
_ANY_VERB = re.compile(rf"\b(?:{'|'.join(sorted(_VERBS))})\b", re.IGNORECASE)
_SURELY_SQL = re.compile(
    r"select\b.*\bfrom\b|select\s+[\w.]+\s*\(|insert\s+into\b|update\b.*\bset\b|delete\s+from\b|merge\s+into\b"
    r"|with\b.*\bas\b.*\(|(?:create|alter|drop)\s+(?:or\s+replace\s+|unique\s+|temp\w*\s+|materialized\s+)*"
    r"(?:table|index|view|function|procedure|schema|type|trigger|sequence|extension|role|policy|domain|database)\b"
    r"|truncate\s+table\b|copy\b.*\b(?:from|to)\b|explain\s+(?:\(|analyze\b|select\b)",
    re.IGNORECASE | re.DOTALL,
)


def read(
    path: str,
    text: str,
    *,
    schema: Schema = EMPTY,
    pg_version: int = 18,
    calls: frozenset[str] = frozenset(),
) -> Reading:
    """Read the strings that are passed to one of ``CALLS`` or ``calls``, each as a script of its own.

    A string that does not begin like SQL is none. What a program puts into one is a parameter, or a name where only
    a name can stand.
    """
    if not (_ANY_VERB.search(text) and _any_call(CALLS | calls).search(text)):
        return Reading(())
    try:
        tree = _parsed(text)
    except SyntaxError as error:
        return Reading((), (_broken(text, error),))
    except (ValueError, RecursionError, MemoryError) as error:
        return Reading((), (Problem(0, 0, f"{NOT_LOOKED_AT}: not readable as Python: {_reason(error)}"),))
    module = _Module(path, text, tree, CALLS | calls)
    try:
        module.read()
    except RecursionError:
        module.problems.append(Problem(0, 0, f"{NOT_LOOKED_AT}: a string is put together in too many steps"))
    scripts = tuple(replace(script, schema=schema, pg_version=pg_version) for script in module.scripts)
    return Reading(scripts, tuple(module.problems))


@cache
def _any_call(names: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\s*\(")


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python says of the program is not about its SQL
        return ast.parse(text)


def _reason(error: BaseException) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError | MemoryError) else str(error)


def _broken(text: str, error: SyntaxError) -> Problem:
    lines = text.splitlines(keepends=True)
    line = min(max(error.lineno or 1, 1), max(len(lines), 1))
    start = sum(len(each) for each in lines[: line - 1])
    length = len(lines[line - 1].rstrip("\r\n")) if lines else 0
    column = min(max((error.offset or 1) - 1, 0), length)
    return Problem(start + column, start + length, f"{NOT_LOOKED_AT}: not readable as Python: {error.msg}")


class _Module:
    """One text's scripts and problems, in the order of its calls."""

    def __init__(self, path: str, text: str, tree: ast.Module, calls: frozenset[str]) -> None:
        self.scripts: list[Script] = []
        self.problems: list[Problem] = []
        self._path = path
        self._text = text
        self._calls = calls
        self._names = Names(tree)
        self._strings = Strings(text, self._names)
        self._seen: set[tuple[int, str]] = set()

    def read(self) -> None:
        wanted = [(call, scope) for call, scope in self._names.calls if self._is_wanted(call)]
        # What text("…") or SQL("…") is passed to says more of it than they do themselves.
        for call, scope in sorted(wanted, key=lambda each: called(each[0]) in PASSED_ON | {"format"}):
            if id(call) not in self._strings.understood:
                for node, composed in self._passed(call, scope):
                    self._string(composed, called(call), percent=_client_formats(call, node))
        self.scripts.sort(key=lambda script: script.offsets.source(0))
        self.problems.sort(key=lambda problem: problem.start)

    def _is_wanted(self, call: ast.Call) -> bool:
        """Whether a call is given SQL, or formats what was given to one: ``SQL("…").format(…)``."""
        match call.func:
            case ast.Attribute(attr="format", value=ast.Call() as inner):
                return called(inner) in PASSED_ON & self._calls
        return called(call) in self._calls

    def _passed(self, call: ast.Call, scope: Scope) -> Iterator[tuple[ast.expr, Composed]]:
        """Yield the strings of SQL that a call is given: the first of its arguments that is one, or some by name."""
        for argument in [call] if called(call) == "format" else call.args:
            found = list(self._strings_of(argument, scope, called(call)))
            yield from found
            if found:
                break
        for keyword in call.keywords:
            if keyword.arg in _KEYWORDS:
                yield from self._strings_of(keyword.value, scope, called(call))

    def _strings_of(self, node: ast.expr, scope: Scope, name: str) -> Iterator[tuple[ast.expr, Composed]]:
        for each in _alternatives(node):
            composed = self._strings.read(each, scope)
            if composed is not None and (_begins_like_sql(composed.text) or _is_broken_sql(name, composed.text)):
                yield each, composed

    def _string(self, composed: Composed, name: str, *, percent: bool) -> None:
        start = composed.offsets.source(0)
        if (start, composed.text) in self._seen:  # a constant that is passed twice
            return
        self._seen.add((start, composed.text))
        best = _best(composed, percent)
        known = best.recovered.statements or _SURELY_SQL.search(composed.text) or _ONLY_SQL.fullmatch(name)
        if best.recovered.unreadable and not known:
            return
        severity = Severity.INFO if composed.holes else Severity.WARNING
        self.problems += unreadable(best.recovered.unreadable, best.offsets, severity)
        self.scripts.append(
            Script(
                self._path,
                best.recovered.sql,
                best.recovered.statements,
                best.offsets,
                origin=Origin.PYTHON,
                first_line=self._text.count("\n", 0, start) + 1,
                partial=best.partial,
                mendable=not composed.shared,
                holes=dict.fromkeys((composed.text[start:end] for start, end in composed.holes), "…"),
            )
        )


class _Attempt:
    """A string with its holes filled in one way."""

    def __init__(self, composed: Composed, guess: Guess, percent: bool) -> None:
        made = Filled(composed.text, Offsets.shifted(len(composed.text)), ())
        if composed.holes:
            made = filled(composed.text, composed.holes, guess)
        sql, back = numbered(made.sql, percent=percent)
        self.recovered: Recovered = statements(sql)
        self.offsets = back.through(made.offsets).through(composed.offsets)
        self.partial = frozenset(self._partial(made.unknown, back))

    def _partial(self, unknown: tuple[int, ...], back: Offsets) -> Iterator[int]:
        found = self.recovered.statements
        for place in unknown:
            yield max((each.index for each in found if back.source(each.start) <= place), default=0)


def _best(composed: Composed, percent: bool) -> _Attempt:
    """Fill the holes in the way in which the SQL can be read, if there is one."""
    first = _Attempt(composed, Guess.VALUES, percent)
    if not (composed.holes and first.recovered.unreadable):
        return first
    second = _Attempt(composed, Guess.NAMES, percent)
    return first if second.recovered.unreadable else second


def _client_formats(call: ast.Call, passed: ast.expr) -> bool:
    """Whether the client formats the string with values, so that ``%%`` is a percent sign."""
    if called(call) in _SENT_AS_THEY_ARE or (isinstance(passed, ast.Call) and called(passed) == "text"):
        return False
    follows = passed in call.args and call.args.index(passed) + 1 < len(call.args)
    return follows or any(keyword.arg in _VALUES for keyword in call.keywords)


def _is_broken_sql(name: str, text: str) -> bool:
    """Whether a string of several words, given to what takes only SQL, begins like a verb that is mistyped."""
    first = text.split(None, 1)[0].lower() if text.strip() else ""
    return (
        _ONLY_SQL.fullmatch(name) is not None
        and _TWO_WORDS.match(text) is not None
        and bool(get_close_matches(first, _VERBS, n=1, cutoff=0.8))
    )


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what an argument may be: each of several strings, either side of a condition, what := names."""
    match node:
        case ast.List(elts=each) | ast.Tuple(elts=each):
            for one in each:
                yield from _alternatives(one)
        case ast.IfExp(body=one, orelse=other):
            yield from _alternatives(one)
            yield from _alternatives(other)
        case ast.NamedExpr(value=value):
            yield from _alternatives(value)
        case _:
            yield node


def _begins_like_sql(text: str) -> bool:
    for token in code(text):
        if token.kind is Kind.WORD:
            return text[token.start : token.end].lower() in _VERBS
        if text[token.start] != "(":
            return False
    return False
