"""`OR` between conditions on different columns, which no single index serves.

Why: An index on one of the columns finds the rows of its own branch only. On one table PostgreSQL can combine two
indexes (BitmapOr) when both columns have one; else it reads the whole table. Across two tables nothing helps: the join
is made in full, and filtered afterwards. In a join's ON it rules out hash and merge joins.

Instead: A UNION of the queries with one branch each, or an index on each column where it is one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbops.lint.queries import passages
from dbops.lint.queries.predicates import is_fixed, operands, unwrapped
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.rule import Found
from dbops.lint.size import grown
from dbops.results.lint import Severity
from dbops.schema.model import Table
from dbops.sql.nodes import Relation
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
BAD = (
    "SELECT id FROM messages WHERE sender_id = $1 OR recipient_id = $1",
    "-- schema: CREATE TABLE messages (id bigint PRIMARY KEY, sender_id bigint, recipient_id bigint)\n"
    "SELECT id FROM messages WHERE id = $1 OR sender_id IN ($2, $3)",
    "SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.number = $1 OR c.email = $2",
    "SELECT a.id FROM accounts a JOIN logins l ON l.email = a.email OR l.phone = a.phone",
    "DELETE FROM messages WHERE sender_id = $1 OR recipient_id = $1",
    "SELECT id FROM messages WHERE sender_id = $1 OR id IN (SELECT message_id FROM mentions WHERE user_id = $1)",
)
GOOD = (
    "SELECT id FROM messages WHERE sender_id = $1 UNION DISTINCT SELECT id FROM messages WHERE recipient_id = $1",
    "SELECT id FROM messages WHERE sender_id = $1 OR sender_id = $2",
    "-- schema: CREATE TABLE messages (id bigint PRIMARY KEY, sender_id bigint UNIQUE, at timestamptz)\n"
    "SELECT id FROM messages WHERE id = $1 OR sender_id = $2",
    "SELECT id FROM messages WHERE at < $1 OR (at = $1 AND id < $2) ORDER BY at DESC, id DESC LIMIT 10",
    "SELECT id FROM chats WHERE (a_id = $1 AND b_id = $2) OR (a_id = $2 AND b_id = $1)",
    "SELECT id FROM messages WHERE tenant_id = $1 AND (sender_id = $2 OR recipient_id = $2)",
    "SELECT id FROM messages WHERE is_public OR sender_id = $1 LIMIT 10",
    "SELECT id FROM messages WHERE sender_id = $1 OR $2 LIMIT 10",
    "SELECT id FROM messages WHERE sender_id = $1 OR deleted_at IS NULL LIMIT 10",
    "SELECT l.id FROM logins l JOIN accounts a ON l.email = a.email OR l.email = a.old_email",
    "SELECT a.id FROM accounts a JOIN logins l ON l.email = a.email OR l.phone = a.phone WHERE a.id = $1",
)

_COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Like, exp.Between)
_SEARCHES = (exp.EQ, exp.In)


_Origins = dict[tuple[str, str], Source | None]


@dataclass(frozen=True, slots=True)
class _Branch:
    """One side of an OR: the columns it compares, by source and name; ``exact`` when it is by equality alone."""

    node: exp.Expr
    columns: dict[tuple[str, str], Source]
    exact: bool


def check(query: Query) -> Iterator[Found]:
    """Find ORs that decide which rows are read, and that no one index can serve."""
    for reader in query.tree.find_all(exp.Select, exp.Update, exp.Delete):
        for clause in _filters(reader):
            conjuncts = tuple(operands(clause.args.get("on") or clause.this, exp.And))
            if any(_narrows(query, each, joins=isinstance(clause, exp.Join)) for each in conjuncts):
                if isinstance(clause, exp.Where):
                    break  # the joins have few rows to look at, too
                continue
            for each in conjuncts:
                if isinstance(each, exp.Or):
                    yield from _or(query, clause, each)


def _filters(reader: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the WHERE, and the joins that have an ON."""
    if reader.args.get("where") is not None:
        yield reader.args["where"]
    yield from (join for join in reader.args.get("joins") or () if join.args.get("on") is not None)


def _narrows(query: Query, condition: exp.Expr, *, joins: bool) -> bool:
    """Whether an index can serve this condition instead, so that the OR only filters what it leaves."""
    column = unwrapped(condition.this) if isinstance(condition, _SEARCHES) else None
    if not isinstance(column, exp.Column):
        return False
    value = condition.args.get("expression")
    if joins:
        return True
    if value is not None and (not is_fixed(value) or isinstance(value, exp.Boolean)):
        return False
    origin = query.origin(column)
    table = None if origin is None else origin[0].table
    return table is None or folded(column.this) in _leading(table)


def _or(query: Query, clause: exp.Expr, chain: exp.Expr) -> Iterator[Found]:
    origins: _Origins = {}
    branches = [_branch(query, node, origins) for node in operands(chain, exp.Or)]
    known = [branch for branch in branches if branch is not None]
    if len(known) < len(branches) or set.intersection(*(set(branch.columns) for branch in known)):
        return
    sources = {alias: source for branch in known for (alias, _), source in branch.columns.items()}
    if len(sources) > 1:
        yield _across_tables(query, clause, chain, known, sources.values())
    elif all(branch.exact for branch in known):
        yield from _in_one_table(query, clause, chain, known, *sources.values())


def _branch(query: Query, node: exp.Expr, origins: _Origins) -> _Branch | None:
    """Return what a branch compares; None when that is nothing that an index could serve."""
    columns: dict[tuple[str, str], Source] = {}
    exact = False
    for each in operands(node, exp.And):
        compared = _compared(query, each, origins)
        exact = exact or (bool(compared) and isinstance(each, _SEARCHES))
        columns.update(compared)
    return _Branch(node, columns, exact) if columns else None


def _compared(query: Query, condition: exp.Expr, origins: _Origins) -> dict[tuple[str, str], Source]:
    if not isinstance(condition, _COMPARISONS) or condition.find(exp.Query) not in (None, condition.args.get("query")):
        return {}
    found: dict[tuple[str, str], Source] = {}
    for side in (condition.this, condition.args.get("expression")):
        column = None if side is None else unwrapped(side)
        if isinstance(column, exp.Column):
            source = _origin(query, column, origins)
            if source is not None:
                found[source.alias, folded(column.this)] = source
    return found


def _origin(query: Query, column: exp.Column, origins: _Origins) -> Source | None:
    """Return where a column comes from, asked once per name: a chain of thousands of ORs is as deep as it is long."""
    name = folded(column.args.get("table")), folded(column.this)
    if name not in origins:
        origin = query.origin(column)
        origins[name] = None if origin is None else origin[0]
    return origins[name]


def _across_tables(
    query: Query, clause: exp.Expr, chain: exp.Expr, branches: list[_Branch], sources: Iterable[Source]
) -> Found:
    names = " and ".join(dict.fromkeys(str(source.relation or source.alias) for source in sources))
    message = f"OR across {names}: no index can serve it, the join is made in full and filtered afterwards"
    if isinstance(clause, exp.Join):
        message = f"OR in the join of {names} rules out hash and merge joins: each row is compared with each"
    return _found(query, chain, message, _rewritten(query, clause, branches))


def _in_one_table(
    query: Query, clause: exp.Expr, chain: exp.Expr, branches: list[_Branch], source: Source
) -> Iterator[Found]:
    table = source.table
    bare = [name for branch in branches if not _has_index(table, branch) for _, name in list(branch.columns)[:1]]
    if source.relation is None or not bare:
        return
    columns = " and ".join(dict.fromkeys(name for branch in branches for _, name in branch.columns))
    if any(branch.node.find(exp.Query) for branch in branches):
        message = f"OR with a subquery reads all of {source.relation}: it can't become a join"
        yield _found(query, chain, message, _rewritten(query, clause, branches), grown(table, SEVERITY))
        return
    message = f"OR across {columns} reads all of {source.relation}"
    if table is None:
        message += ", unless each of them leads an index"
        hint = _rewritten(query, clause, branches)
    else:
        message += f", because no index begins with {' or '.join(dict.fromkeys(bare))}"
        hint = "\n".join(
            f"CREATE INDEX CONCURRENTLY ON {source.relation} ({Relation(None, name)})" for name in dict.fromkeys(bare)
        )
    yield _found(query, chain, message, hint, grown(table, SEVERITY))


def _has_index(table: Table | None, branch: _Branch) -> bool:
    indexed = table is not None and any(name in _leading(table) for _, name in branch.columns)
    return indexed and branch.node.find(exp.Query) is None


def _leading(table: Table) -> set[str | None]:
    """Return the columns by which an index of the table is sorted first."""
    return {index.columns[0] for index in table.indexes if index.columns and index.valid and not index.partial}


def _rewritten(query: Query, clause: exp.Expr, branches: list[_Branch]) -> str:
    """Return the first two branches as queries of their own."""
    keyword = "ON" if isinstance(clause, exp.Join) else "WHERE"
    one, other = (f"… {keyword} {passages.text(query, branch.node)}" for branch in branches[:2])
    if isinstance(clause.parent, exp.Select):
        return f"{one}\nUNION DISTINCT  -- with a key among the columns\n{other}"
    return f"two statements: {one}\nand: {other}"


def _found(query: Query, chain: exp.Expr, message: str, hint: str, severity: Severity | None = None) -> Found:
    start, end = passages.condition(query, chain)
    return Found(message, hint, start, end, severity)
