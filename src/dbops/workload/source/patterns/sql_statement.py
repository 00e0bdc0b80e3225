"""A statement as text, run in each round of a loop with another key.

Why: `cursor.execute("SELECT ... WHERE id = %s", (key,))` in a loop asks as often as there are keys, and each time
waits for an answer.

Instead: Ask once for all keys, given as an array: `WHERE id = ANY(%s)`.
"""

from __future__ import annotations

from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.drivers import compared, numbered
from dbops.workload.source.pattern import Found

BAD = [
    """\
def names(connection, keys):
    for key in keys:
        print(connection.execute("SELECT name FROM authors WHERE id = %s", (key,)).fetchone())
""",
    """\
async def names(connection, keys):
    return [await connection.fetchval("SELECT name FROM authors WHERE id = $1", key) for key in keys]
""",
]
GOOD = [
    """\
def names(connection, keys):
    return connection.execute("SELECT name FROM authors WHERE id = ANY(%s)", (keys,)).fetchall()
""",
    """\
def add(connection, names):
    for name in names:
        connection.execute("INSERT INTO authors (name) VALUES (%s)", (name,))
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge a statement that a loop runs."""
    if sighting.asked.kind is not Kind.STATEMENT:
        return None
    from dbops.sql.lookup import batched, lookup

    sql, place = numbered(sighting.asked.text), compared(sighting.asked.text)
    found = lookup(sql)
    assert place is not None, "what looks nothing up is not sighted"
    assert found is not None, "it has a place"
    remedy = batched(sql, place) or f"ask once, with {found.equalities[place].column} = ANY(…) of all keys"
    return Found(remedy, "the same statement is run for each key")
