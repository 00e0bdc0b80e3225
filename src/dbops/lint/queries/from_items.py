"""What a statement reads: the items of its FROM and its target, and which of them a place can name. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dbops.sql.query import exp

_READERS = (exp.Select, exp.Update, exp.Delete, exp.Merge, exp.Insert)
EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a FROM, or a write's target; ``optional`` when an outer join can make it NULLs.

    ``alias`` is set for a name that the statement doesn't write: the ``excluded`` of ON CONFLICT.
    """

    node: exp.Expr
    optional: bool = False
    target: bool = False
    alias: str | None = None


def is_reader(node: exp.Expr) -> bool:
    """Whether the node is a SELECT or a write, rather than what a MERGE does in one of its cases."""
    return isinstance(node, _READERS) and (isinstance(node, exp.Select) or isinstance(node.this, exp.Expr))


def folded(identifier: object) -> str:
    """Return a name after PostgreSQL's case folding; "" for what is no name."""
    if not isinstance(identifier, exp.Identifier):
        return ""
    return str(identifier.this) if identifier.args.get("quoted") else str(identifier.this).lower()


def name(item: Item) -> str:
    """Return the name by which a query calls the item; "" when it has none."""
    if item.alias is not None:
        return item.alias
    alias = item.node.args.get("alias")
    if alias is not None and folded(alias.this):
        return folded(alias.this)
    called = item.node.this
    return str(called.name).lower() if isinstance(called, exp.Anonymous) else folded(called)


def items(reader: exp.Expr) -> Iterator[Item]:
    """Yield the target of a write, then the items of FROM and USING with their joins."""
    yield from _targets(reader)
    from_, using = reader.args.get("from_"), reader.args.get("using")
    first = [from_.this] if isinstance(from_, exp.Expr) else []
    listed = using if isinstance(using, list) else [using] if isinstance(using, exp.Expr) else []
    found: list[Item] = []
    for node in [*first, *listed]:
        found += _flat(node)
    yield from _joined(found, reader.args.get("joins") or [])


def _targets(reader: exp.Expr) -> Iterator[Item]:
    target = None if isinstance(reader, exp.Select) else reader.this
    if isinstance(target, exp.Schema):  # INSERT INTO t (a, b)
        target = target.this
    if isinstance(target, exp.Table):
        yield Item(target, target=True)
        if reader.args.get("conflict") is not None:
            yield Item(target, target=True, alias=EXCLUDED)


def _flat(node: exp.Expr) -> list[Item]:
    """Return the items of one element of a FROM: several for one with joins of its own or in parentheses."""
    grouped = isinstance(node, exp.Paren | exp.Subquery) and not isinstance(node.this, exp.Query | exp.Values)
    if grouped and isinstance(node.this, exp.Expr) and node.args.get("alias") is None:
        found = _flat(node.this)
    else:
        found = [Item(node)]
    return _joined(found, node.args.get("joins") or [])


def _joined(left: list[Item], joins: list[exp.Expr]) -> list[Item]:
    before: list[Item] = []
    for join in joins:
        right, side = _flat(join.this), str(join.args.get("side") or "").upper()
        if is_comma(join):  # binds less tightly than the joins around it
            before, left = before + left, right
            continue
        if side in ("RIGHT", "FULL"):
            left = [replace(item, optional=True) for item in left]
        if side in ("LEFT", "FULL"):
            right = [replace(item, optional=True) for item in right]
        left = left + right
    return before + left


def is_comma(join: exp.Expr) -> bool:
    """Whether the join is only a comma in the FROM."""
    return not any(join.args.get(part) for part in ("on", "using", "kind", "side", "method"))


def hides(child: exp.Expr, parent: exp.Expr) -> bool:
    """Whether what stands in ``child`` can't name what the SELECT or write reads that ``parent`` is or belongs to."""
    if isinstance(parent, exp.With):
        return True
    if isinstance(parent, exp.Insert):
        return child.arg_key not in ("conflict", "returning")
    subquery = isinstance(child, exp.Subquery) and isinstance(child.this, exp.Query)
    return subquery and (
        (isinstance(parent, exp.From | exp.Join) and child.arg_key == "this") or child.arg_key == "using"
    )


@dataclass(frozen=True, slots=True)
class Pairing:
    """A join between the items ``left`` and the items ``right`` of a FROM; ``join`` is None for a mere comma."""

    left: tuple[exp.Expr, ...]
    right: tuple[exp.Expr, ...]
    join: exp.Expr | None

    @property
    def side(self) -> str:
        """``LEFT``, ``RIGHT``, ``FULL`` or nothing."""
        return "" if self.join is None else str(self.join.args.get("side") or "").upper()


def pairings(reader: exp.Expr) -> Iterator[Pairing]:
    """Yield the joins of a FROM, inner ones first; what a write joins its target with comes as by a comma."""
    found: list[Pairing] = []
    left = tuple(item.node for item in _targets(reader) if item.alias is None)
    from_, using = reader.args.get("from_"), reader.args.get("using")
    elements = [from_.this] if isinstance(from_, exp.Expr) else []
    elements += using if isinstance(using, list) else [using] if isinstance(using, exp.Expr) else []
    for element in elements:
        right = _paired(element, found)
        if left:
            found.append(Pairing(left, right, None))
        left += right
    _pair(left, reader.args.get("joins") or [], found)
    yield from found


def _paired(element: exp.Expr, found: list[Pairing]) -> tuple[exp.Expr, ...]:
    """Return an element's items, and add its own joins to what was found."""
    left = (element,) if _flat(element)[0].node is element else _paired(element.this, found)
    return _pair(left, element.args.get("joins") or [], found)


def _pair(left: tuple[exp.Expr, ...], joins: list[exp.Expr], found: list[Pairing]) -> tuple[exp.Expr, ...]:
    before: tuple[exp.Expr, ...] = ()
    for join in joins:
        right = _paired(join.this, found)
        if is_comma(join):
            found.append(Pairing(before + left, right, None))
            before, left = before + left, right
            continue
        found.append(Pairing(left, right, join))
        left += right
    return before + left
