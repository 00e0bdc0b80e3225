"""Traces with a label: what is an N+1, and what looks like one and is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from dbops.workload.logs.executions import Execution

BEGIN, COMMIT = "BEGIN", "COMMIT"
POSTS = "SELECT id, author_id FROM posts ORDER BY id LIMIT 10"
AUTHOR = "SELECT name FROM authors WHERE id = $1"


class Step(NamedTuple):
    """A statement, its parameters, and how long the session was silent before it, in seconds."""

    sql: str
    values: tuple[object, ...] = ()
    pause: float = 0.001
    application: str = "web"
    failed: bool = False


Trace = list[Step]


def executed(trace: Iterable[Step], session: str = "s1") -> Iterator[Execution]:
    """Yield the trace as a log would tell it; each statement takes a millisecond."""
    at = 1_000.0
    for step in trace:
        at += step.pause + 0.001
        values = ", ".join(f"${number} = '{value}'" for number, value in enumerate(step.values, 1))
        yield Execution(
            at, 1.0, session, None, "app", "shop", step.application, step.sql, values or None, failed=step.failed
        )


def each(sql: str, values: Iterable[object], **how: object) -> Trace:
    return [Step(sql, (value,), **how) for value in values]  # type: ignore[arg-type]


def literal(sql: str, values: Iterable[object]) -> Trace:
    return [Step(sql.replace("$1", str(value))) for value in values]


def tagged(trace: Trace, trace_id: str) -> Trace:
    comment = f" /*controller='posts',action='index',traceparent='00-{trace_id}-00f067aa0ba902b7-01'*/"
    return [step._replace(sql=step.sql + comment) for step in trace]


def woven(*traces: Trace) -> Trace:
    return [step for steps in zip(*traces, strict=True) for step in steps]


POSITIVE: dict[str, Callable[[], Trace]] = {
    "a row each, bound": lambda: [Step(POSTS), *each(AUTHOR, range(10))],
    "a row each, literals": lambda: [Step(POSTS), *literal(AUTHOR, range(10))],
    "in a transaction": lambda: [Step(BEGIN), Step(POSTS), *each(AUTHOR, range(10)), Step(COMMIT)],
    "in a transaction, slowly": lambda: [Step(BEGIN), Step(POSTS), *each(AUTHOR, range(10), pause=2), Step(COMMIT)],
    "keys that come again": lambda: [Step(POSTS), *each(AUTHOR, [1, 2, 1, 1, 2, 3])],
    "five": lambda: [Step(POSTS), *each(AUTHOR, range(5))],
    "a thousand": lambda: [Step(POSTS), *each(AUTHOR, range(1000))],
    "two lookups a row": lambda: [
        Step(POSTS), *woven(each(AUTHOR, range(8)), each("SELECT count(*) FROM likes WHERE post_id = $1", range(8)))
    ],
    "a lookup of a lookup": lambda: [
        Step(BEGIN), Step(POSTS),
        *woven(each(AUTHOR, range(6)), each("SELECT city FROM addresses WHERE author_id = $1", range(6))),
        Step(COMMIT),
    ],
    "children of each": lambda: [Step(POSTS), *each("SELECT * FROM comments WHERE post_id = $1 ORDER BY id", range(9))],
    "a count of each": lambda: [Step(POSTS), *each("SELECT count(*) FROM comments WHERE post_id = $1", range(9))],
    "IN with one": lambda: [Step(POSTS), *each("SELECT * FROM tags WHERE post_id IN ($1)", range(9))],
    "Django's quotes": lambda: [
        Step('SELECT "blog_post"."id", "blog_post"."author_id" FROM "blog_post"'),
        *literal('SELECT "blog_author"."id" FROM "blog_author" WHERE "blog_author"."id" = $1 LIMIT 21', range(9)),
    ],
    "SQLAlchemy's labels": lambda: [
        Step("SELECT posts.id AS posts_id FROM posts"),
        *each("SELECT authors.id AS authors_id FROM authors WHERE authors.id = $1::INTEGER", range(9)),
    ],
    "text keys": lambda: [Step(POSTS), *each("SELECT * FROM users WHERE email = $1", ["a'b", "c", "d", "e", "f"])],
    "a tenant's rows": lambda: [
        Step("SELECT id FROM orders WHERE tenant = $1", (4,)),
        *[Step("SELECT * FROM lines WHERE tenant = $1 AND order_id = $2", (4, number)) for number in range(7)],
    ],
    "first row of each": lambda: [
        Step(POSTS), *each("SELECT * FROM comments WHERE post_id = $1 ORDER BY id LIMIT 1", range(7))
    ],
    "in one trace, slowly": lambda: tagged([Step(POSTS), *each(AUTHOR, range(7), pause=3)], "4bf92f3577b34da6"),
    "after other work": lambda: [
        Step("SELECT * FROM sessions WHERE key = $1", ("k",)), Step("SELECT * FROM users WHERE id = $1", (1,)),
        Step(POSTS), *each(AUTHOR, range(10)), Step("UPDATE users SET seen = now() WHERE id = $1", (1,)),
    ],
    "a write after each": lambda: [
        Step(BEGIN), Step(POSTS),
        *woven(each(AUTHOR, range(6)), each("UPDATE posts SET checked = true WHERE id = $1", range(6))), Step(COMMIT),
    ],
    "a source with a WITH": lambda: [Step("WITH p AS (SELECT 1 AS id) SELECT id FROM p"), *each(AUTHOR, range(6))],
    "rows from a cursor": lambda: [
        Step(BEGIN), Step('DECLARE "c" CURSOR FOR SELECT id FROM posts'), Step("FETCH FORWARD 100 FROM c"),
        *each(AUTHOR, range(9)), Step(COMMIT),
    ],
    "savepoints around each": lambda: [
        Step(BEGIN), Step(POSTS),
        *[step for number in range(6) for step in (Step("SAVEPOINT s"), Step(AUTHOR, (number,)), Step("RELEASE s"))],
        Step(COMMIT),
    ],
}  # fmt: skip

NEGATIVE: dict[str, Callable[[], Trace]] = {
    "four": lambda: [Step(POSTS), *each(AUTHOR, range(4))],
    "the same again": lambda: [Step(POSTS), *each(AUTHOR, [7] * 20)],
    "a retry after failures": lambda: [Step(POSTS), *each(AUTHOR, range(8), failed=True), Step(AUTHOR, (1,))],
    "all at once": lambda: [Step(POSTS), Step("SELECT * FROM authors WHERE id = ANY($1)", ("{1,2,3}",))],
    "an IN with many": lambda: [Step(POSTS), *literal("SELECT * FROM authors WHERE id IN ($1, 2, 3)", range(9))],
    "a batch of inserts": lambda: [Step(POSTS), *each("INSERT INTO audit (post_id) VALUES ($1)", range(50))],
    "a batch of updates": lambda: [Step(POSTS), *each("UPDATE posts SET n = 1 WHERE id = $1", range(50))],
    "inserts that return": lambda: [Step(POSTS), *each("INSERT INTO a (b) VALUES ($1) RETURNING id", range(50))],
    "pages by OFFSET": lambda: [
        Step("SELECT count(*) FROM posts"), *each("SELECT * FROM posts ORDER BY id LIMIT 9 OFFSET $1", range(0, 90, 9))
    ],
    "pages of a tenant": lambda: [
        Step("SELECT count(*) FROM posts"),
        *[Step("SELECT * FROM p WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT 9", (1, at)) for at in range(9)],
    ],
    "pages by key": lambda: [
        Step("SELECT 1 FROM posts"), *each("SELECT * FROM posts WHERE id > $1 ORDER BY id LIMIT 20", range(0, 200, 20))
    ],
    "a queue": lambda: [
        Step("SELECT 1 FROM workers"),
        *each("SELECT * FROM jobs WHERE queue = $1 FOR UPDATE SKIP LOCKED LIMIT 1", ["a", "b"] * 6),
    ],
    "a worker's transactions": lambda: [
        Step("SELECT count(*) FROM jobs"),
        *[step for number in range(9) for step in (
            Step(BEGIN), Step("SELECT * FROM jobs WHERE id = $1", (number,)),
            Step("UPDATE jobs SET done = true WHERE id = $1", (number,)), Step(COMMIT))],
    ],
    "a poller": lambda: [Step(POSTS), *each("SELECT * FROM state WHERE shard = $1", [1, 2] * 10, pause=5)],
    "requests of their own trace": lambda: [
        step for number in range(9)
        for step in tagged([Step("SELECT id FROM sessions"), Step(AUTHOR, (number,))], f"4bf92f3577b34d{number:02}")
    ],
    "requests with pauses": lambda: [
        Step(POSTS),
        *[step for number in range(9) for step in (
            Step("SELECT * FROM sessions WHERE key = $1", (number,), 0.08),
            Step("SELECT * FROM users WHERE id = $1", (number,)), Step("SELECT * FROM carts WHERE u = $1", (number,)))],
    ],
    "a pool that resets": lambda: [
        step for number in range(9) for step in (Step("SELECT 1 FROM x"), Step(AUTHOR, (number,)), Step("DISCARD ALL"))
    ],
    "several applications": lambda: [
        step for number in range(9)
        for step in (Step(POSTS, (), 0.001, f"job {number}"), Step(AUTHOR, (number,), 0.001, f"job {number}"))
    ],
    "no source": lambda: each(AUTHOR, range(20)),
    "a write before": lambda: [Step("UPDATE a SET b = 1"), *each(AUTHOR, range(20))],
    "far between": lambda: [
        Step(POSTS),
        *[step for number in range(8) for step in (
            Step(AUTHOR, (number,)), *[Step(f"SELECT {'a, ' * other} 1 FROM t{other}") for other in range(9)])],
    ],
    "ranges": lambda: [Step(POSTS), *each("SELECT sum(n) FROM sales WHERE day BETWEEN $1 AND $1", range(30))],
    "settings": lambda: [Step(POSTS), *each("SET work_mem = '$1MB'", range(9)), *[Step("SHOW work_mem")] * 9],
    "what can't be parsed": lambda: [Step(POSTS), *each("SELEC nothing FORM x WHERE id = $1", range(9))],
    "functions": lambda: [Step(POSTS), *each("SELECT nextval($1)", ["a", "b", "c", "d", "e", "f"])],
    "another tenant each": lambda: [
        Step(POSTS),
        *[Step("SELECT * FROM t WHERE name = $1", ("same",)) for _ in range(9)],
    ],
}  # fmt: skip
