"""Expressions of a Python text whose value is a string that can be read there: literals, and what joins them. Pure."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from dbops.lint.sources import literals
from dbops.lint.sources.composed import Builder, Composed, hole_word, joined
from dbops.lint.sources.names import Names, Scope

PASSED_ON = frozenset({"text", "SQL", "RawSQL", "Composed", "dedent", "cleandoc", "str", "literal_column"})
"""Functions whose value is their first argument, as far as SQL goes."""
_KEPT = frozenset({"strip", "lstrip", "rstrip", "bindparams", "columns", "execution_options", "as_string"})
"""Methods whose value is the string they are called on."""
_PERCENT = re.compile(r"%(?:%|(?:\((?P<name>[^()]*)\))?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[diouxXeEfFgGcrsa])")
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}:!]*)[^{}]*\}")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Strings:
    """Reads the strings of one text; ``understood`` are the calls, by identity, that turned out to be strings."""

    def __init__(self, text: str, names: Names) -> None:
        self._text = text
        self._names = names
        self._lines = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._resolving: set[int] = set()
        self.understood: set[int] = set()

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Return where an expression stands in the text, in characters."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def read(self, node: ast.expr, scope: Scope) -> Composed | None:
        """Return the string, or None when the expression is no string, or one that can't be told here."""
        found: Composed | None = None
        match node:
            case ast.Constant(value=str()):
                found = self._literal(node, [node])
            case ast.JoinedStr():
                found = self._literal(node, node.values)
            case ast.BinOp(op=ast.Add()):
                found = self._sum(node, scope)
            case ast.BinOp(op=ast.Mod(), left=left):
                found = _formatted(self.read(left, scope), _PERCENT)
            case ast.Call():
                found = self._call(node, scope)
            case ast.Name(id=name):
                found = self._named(scope.value(name))
            case ast.Attribute(attr=name, value=ast.Name()):
                found = self._named(self._names.attribute(name))
            case _ if type(node).__name__ == "TemplateStr":  # since Python 3.14
                found = self._literal(node, getattr(node, "values"))  # noqa: B009 - older stubs don't know it
        return found

    def _literal(self, node: ast.expr, values: list[ast.expr]) -> Composed:
        start, end = self.span(node)
        wanted = "\0".join(_between_holes(values))
        try:
            found = literals.read(self._text, start, end)
        except literals.NotUnderstood:
            return _as_a_whole(values, start, end)
        return found if "\0".join(_around(found)) == wanted else _as_a_whole(values, start, end)

    def _sum(self, node: ast.BinOp, scope: Scope) -> Composed | None:
        """Return a + b + c, in which what is no string that can be read becomes a hole."""
        terms: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            terms.append(left.right)
            left = left.left
        terms.append(left)
        parts = [(term, self.read(term, scope)) for term in reversed(terms)]
        if all(part is None for _, part in parts):
            return None
        return joined(self._hole(term) if part is None else part for term, part in parts)

    def _hole(self, node: ast.expr) -> Composed:
        start, end = self.span(node)
        builder = Builder()
        builder.hole(self._text[start:end], start, end - start)
        return builder.built()

    def _call(self, node: ast.Call, scope: Scope) -> Composed | None:
        found = self._called(node, scope)
        if found is not None:
            self.understood.add(id(node))
        return found

    def _called(self, node: ast.Call, scope: Scope) -> Composed | None:
        name = called(node)
        if isinstance(node.func, ast.Attribute) and name == "format":
            return _formatted(self.read(node.func.value, scope), _BRACES)
        if isinstance(node.func, ast.Attribute) and name in _KEPT:
            return self.read(node.func.value, scope)
        return self.read(node.args[0], scope) if name in PASSED_ON and node.args else None

    def _named(self, found: tuple[ast.expr, Scope] | None) -> Composed | None:
        if found is None or id(found[0]) in self._resolving:
            return None
        self._resolving.add(id(found[0]))
        try:
            composed = self.read(*found)
        finally:
            self._resolving.discard(id(found[0]))
        return None if composed is None else replace(composed, shared=True)

    def _offset(self, line: int, column: int) -> int:
        """Return the offset of a place that counts bytes of UTF-8, as Python's trees do."""
        start = self._lines[line - 1]
        # A character takes at least a byte, so the column lies within as many characters.
        ahead = self._text[start : start + column]
        return start + (column if ahead.isascii() else len(ahead.encode()[:column].decode()))


def called(node: ast.Call) -> str:
    """Return the last name of what is called: ``execute`` of ``self.db.execute(…)``; "" when it has none."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _formatted(found: Composed | None, fields: re.Pattern[str]) -> Composed | None:
    return None if found is None else found.formatted(fields, _field)


def _field(match: re.Match[str]) -> str:
    return match[0][0] if match[0] in {"%%", "{{", "}}"} else hole_word(match["name"] or "")


def _between_holes(values: list[ast.expr]) -> list[str]:
    """Return the parts of an f-string that stand before, between and behind what is put in."""
    parts = [""]
    for value in values:
        if isinstance(value, ast.Constant):
            parts[-1] += str(value.value)
        else:
            parts.append("")
    return parts


def _around(found: Composed) -> list[str]:
    edges = [0, *(edge for hole in found.holes for edge in hole), len(found.text)]
    return [found.text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _as_a_whole(values: list[ast.expr], start: int, end: int) -> Composed:
    """Return the string without the place of its parts: each is said to be where the whole is."""
    builder = Builder()
    for value in values:
        if isinstance(value, ast.Constant):
            builder.add(str(value.value), start, end - start)
        else:
            builder.hole("", start, end - start)
    return builder.built()
