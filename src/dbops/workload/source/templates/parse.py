"""A template as the statements of a program, each with its line. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

_TOKEN = re.compile(r"\{#.*?#\}|\{%-?\s*(?P<tag>.*?)\s*-?%\}|\{\{-?\s*(?P<shown>.*?)\s*-?\}\}", re.DOTALL)
_COMMENT = re.compile(
    r"\{%-?\s*comment\b.*?endcomment\s*-?%\}|\{%-?\s*(?:verbatim|raw)\b.*?end(?:verbatim|raw)\s*-?%\}", re.DOTALL
)
_FOR = re.compile(r"for\s+(?P<target>[\w\s,()]+?)\s+in\s+(?P<over>.+?)(?:\s+reversed)?(?:\s+recursive)?\Z", re.DOTALL)
_INCLUDE = re.compile(r"include\s+['\"](?P<name>[^'\"]+)['\"](?:.*?\bwith\s+(?P<with>.+?))?(?:\s+only)?\Z", re.DOTALL)
_NAMED = re.compile(r"(?:extends|block)\s+['\"]?(?P<name>[^'\"\s]+)")
_PAIR = re.compile(r"([A-Za-z_]\w*)\s*=\s*((?:\"[^\"]*\"|'[^']*'|[^\s\"'])+)")
_AS = re.compile(r"with\s+(?P<value>.+?)\s+as\s+(?P<name>\w+)\Z", re.DOTALL)
_MACRO = re.compile(r"macro\s+(?P<name>\w+)\s*\((?P<parameters>.*)\)\Z", re.DOTALL)
_PATH = re.compile(r"(?<![\w'\"])[A-Za-z_]\w*(?:\.\w+)+(?:\|\w+)?")
_NUMBER = re.compile(r"\.(\d+)(?!\w)")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_LOOKS = re.compile(r"\|\s*(length|count|first|last|join|slice|random|sort|dictsort|list|map|sum|groupby)\b")
_ENDS = frozenset({"endfor", "endif", "endwith", "endblock", "endmacro", "endset", "endcall", "endfilter"})


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A template: its statements, which template it extends, and its blocks by name."""

    path: str
    body: list[ast.stmt]
    extends: str | None = None
    blocks: dict[str, list[ast.stmt]] = field(default_factory=dict)


class _Tag:
    """A tag that has an end: where statements are put until it comes."""

    def __init__(self, name: str, body: list[ast.stmt], node: ast.stmt | None = None) -> None:
        self.name = name
        self.body = body
        self.node = node


def parse(path: str, text: str) -> Template:
    """Read a template; what can't be read of it is left out."""
    text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    reader = _Reader(path)
    line, at = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if match["shown"] is not None:
            reader.show(match["shown"], line)
        elif match["tag"] is not None:
            reader.tag(match["tag"], line)
    return Template(path, reader.root, reader.extends, reader.blocks)


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.root: list[ast.stmt] = []
        self.blocks: dict[str, list[ast.stmt]] = {}
        self.extends: str | None = None
        self._open = [_Tag("", self.root)]

    def show(self, text: str, line: int) -> None:
        """Take what is written out: a row is written as text."""
        node = expression(text, line)
        if node is not None:
            self._add(ast.Expr(_calling("str", node)), line)

    def tag(self, text: str, line: int) -> None:
        """Take a tag."""
        name = text.split(None, 1)[0] if text else ""
        match name:
            case "for":
                self._for(text, line)
            case "if" | "elif":
                self._if(name, text, line)
            case "else" | "empty":
                self._else()
            case "with" | "set" | "blocktrans" | "blocktranslate":
                self._with(name, text, line)
            case "include":
                self._include(text, line)
            case "extends" | "block":
                self._named(name, text, line)
            case "macro":
                self._macro(text, line)
            case _ if name in _ENDS:
                self._end(name)
            case _:
                for path in _PATH.findall(text):
                    self.show(path, line)

    def _for(self, text: str, line: int) -> None:
        match = _FOR.match(text.partition(" if ")[0])
        over = None if match is None else expression(match["over"], line)
        target = None if match is None else _python(f"({match['target']})", line)
        if over is None or target is None:
            self._open.append(_Tag("for", []))
            return
        for each in ast.walk(target):
            if isinstance(each, ast.Name | ast.Tuple):
                each.ctx = ast.Store()
        self._begin("for", ast.For(target, over, [], []), line)

    def _if(self, name: str, text: str, line: int) -> None:
        test = expression(text.split(None, 1)[1] if " " in text else "", line) or ast.Constant(value=True)
        node = ast.If(_at(test, line), [], [])
        if name == "elif" and self._open[-1].name == "if" and isinstance(self._open[-1].node, ast.If):
            self._open[-1].node.orelse.append(_at(node, line))
            self._open[-1].node, self._open[-1].body = node, node.body
        else:
            self._begin("if", node, line)

    def _else(self) -> None:
        node = self._open[-1].node
        if isinstance(node, ast.If | ast.For):
            self._open[-1].body = node.orelse

    def _with(self, name: str, text: str, line: int) -> None:
        said = _AS.match(text)
        if said is not None:
            self._assign(said["name"], said["value"], line)
        else:
            whole = text.split(None, 1)[1] if " " in text else ""
            pairs = [whole.split("=", 1)] if name == "set" and "=" in whole else _PAIR.findall(whole)
            for key, value in pairs:
                self._assign(key.strip(), value, line)
        if name == "with":
            self._open.append(_Tag("with", self._open[-1].body))

    def _assign(self, name: str, text: str, line: int) -> None:
        value = expression(text, line)
        if value is not None and name.isidentifier():
            self._add(ast.Assign([ast.Name(name, ast.Store())], value), line)

    def _include(self, text: str, line: int) -> None:
        match = _INCLUDE.match(text)
        if match is None:
            return
        pairs = [(key, expression(value, line)) for key, value in _PAIR.findall(match["with"] or "")]
        keywords = [ast.keyword(key, value) for key, value in pairs if value is not None]
        self._add(ast.Expr(_calling("include()", ast.Constant(match["name"]), keywords)), line)

    def _named(self, name: str, text: str, line: int) -> None:
        match = _NAMED.match(text)
        if match is None:
            return
        if name == "extends":
            self.extends = match["name"]
            return
        self._add(ast.Expr(_calling("block()", ast.Constant(match["name"]))), line)
        body: list[ast.stmt] = []
        self.blocks[match["name"]] = body
        self._open.append(_Tag("block", body))

    def _macro(self, text: str, line: int) -> None:
        match = _MACRO.match(text)
        try:
            made = ast.parse(f"def {match['name']}({match['parameters']}): pass").body[0] if match else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            made = None
        if isinstance(made, ast.FunctionDef):
            made.body = []
            self._begin("macro", made, line)
        else:
            self._open.append(_Tag("macro", []))

    def _begin(self, name: str, node: ast.For | ast.If | ast.FunctionDef, line: int) -> None:
        self._add(node, line)
        self._open.append(_Tag(name, node.body, node))

    def _end(self, name: str) -> None:
        wanted = name.removeprefix("end")
        if any(each.name == wanted for each in self._open):
            while self._open.pop().name != wanted:
                pass

    def _add(self, node: ast.stmt, line: int) -> None:
        self._open[-1].body.append(_at(node, line))


def expression(text: str, line: int) -> ast.expr | None:
    """Return an expression without its filters; one that needs all of it is looked at as a whole."""
    looks = _LOOKS.search(text) is not None
    bare = "".join(_without_filters(text))
    node = _python(_NUMBER.sub(r"[\1]", bare), line)
    return _at(_calling("len", node), line) if node is not None and looks else node


def _without_filters(text: str) -> Iterator[str]:
    """Yield the text without ``|filter:argument``: up to the next blank that isn't within brackets or quotes."""
    at, depth, dropped = 0, 0, False
    while at < len(text):
        quoted = _STRING.match(text, at)
        piece = quoted[0] if quoted is not None else text[at]
        if piece == "|":
            dropped, depth = True, 0
        elif dropped and depth == 0 and (piece.isspace() or piece in "),]"):
            dropped = text[at:].lstrip()[:1] == "|" and piece.isspace()
        elif dropped:
            depth += (piece == "(") - (piece == ")")
        if not dropped:
            yield piece
        at += len(piece)


def _python(text: str, line: int) -> ast.expr | None:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _at(node, line)


def _calling(name: str, node: ast.expr, keywords: list[ast.keyword] | None = None) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [node], keywords or [])


_N = TypeVar("_N", bound=ast.AST)


def _at(node: _N, line: int) -> _N:
    for each in ast.walk(node):
        if isinstance(each, ast.expr | ast.stmt):
            each.lineno = line
    return node
