"""What writing a row costs without and with an index, tried on the copy in transactions that are rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from dbops.explain.advise.candidate import Candidate
from dbops.explain.prove.failure import on_scratch
from dbops.explain.prove.involved import qualified
from dbops.explain.prove.scratch import Scratch
from dbops.explain.prove.stand import Present, Stand
from dbops.postgres.errors import ServerError
from dbops.postgres.explain import Options, explain
from dbops.postgres.query import render
from dbops.results.explain import WriteCost
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier

_RUNS = 5
_SECONDS = 30.0
# The one way to join by ctid that reads nothing but the rows themselves.
_BY_PLACE = {"enable_hashjoin": "off", "enable_mergejoin": "off"}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that are written: the newest of a table, from a place on."""

    table: Relation
    columns: tuple[str, ...]
    place: str
    count: int

    @property
    def listed(self) -> str:
        return ", ".join(map(identifier, self.columns))

    def take_out(self) -> str:
        """Return the statements that take them out, into a temporary table."""
        return render("prove/writes_take_out", schema=self.table.schema, table=self.table.name, place=self.place)

    def insert(self) -> str:
        """Return the statement that puts them in again, at the table's end."""
        into = f"INSERT INTO {qualified(self.table)} ({self.listed}) OVERRIDING SYSTEM VALUE"
        return " ".join([into, "SELECT", self.listed, "FROM pg_temp.dbops_rows"])


def write_cost(scratch: Scratch, stand: Stand, candidate: Candidate, before: Present, rows: int) -> WriteCost | None:
    """Return what a row costs without the index, with those ``before`` it, and with it; None for an empty table.

    The newest ``rows`` are taken out and inserted again, in the order they lie in; then their first key column is
    given the values of other rows. They lie on half-filled pages then, where an update of a column that no index has
    stays on its page (HOT): what is lost of that is in the cost. Foreign keys and triggers are not.
    """
    with on_scratch("preparing writes"):
        picked = _pick(scratch, candidate.table, rows)
    if picked is None:
        return None
    after = before | {candidate}
    inserts = _times(scratch, picked, _Insert(picked), stand.dropping(before), stand.dropping(after))
    column = candidate.keys[0].column
    updates = None
    if column in picked.columns:
        updates = _times(scratch, picked, _Update(picked, column), stand.dropping(before), stand.dropping(after))
    return WriteCost(
        rows=picked.count,
        insert_before_us=inserts and inserts[0],
        insert_after_us=inserts and inserts[1],
        update_before_us=updates and updates[0],
        update_after_us=updates and updates[1],
    )


def _pick(scratch: Scratch, table: Relation, rows: int) -> _Rows | None:
    said = scratch.session.json(render("prove/writes_table", table=qualified(table)))
    name = Relation(said["schema"], said["name"])
    newest = scratch.session.json(
        render("prove/writes_newest", schema=name.schema, table=name.name, rows=rows), bound=_SECONDS, heed=True
    )
    return _Rows(name, tuple(said["columns"]), newest["place"], newest["rows"]) if newest["rows"] else None


@dataclass(frozen=True, slots=True)
class _Insert:
    rows: _Rows

    @property
    def statement(self) -> str:
        return self.rows.insert()

    @property
    def before(self) -> Sequence[str]:
        return [self.rows.take_out()]


@dataclass(frozen=True, slots=True)
class _Update:
    rows: _Rows
    column: str

    @property
    def statement(self) -> str:
        name, column = qualified(self.rows.table), identifier(self.column)
        set_value = f"AS t SET {column} = p.value FROM pg_temp.dbops_places AS p WHERE t.ctid = p.place"
        return " ".join(["UPDATE ONLY", name, set_value])

    @property
    def before(self) -> Sequence[str]:
        name, column = qualified(self.rows.table), identifier(self.column)
        made = "CREATE TEMPORARY TABLE dbops_written ON COMMIT DROP AS SELECT ctid AS place,"
        return [
            f"ALTER TABLE {name} SET (fillfactor = 50)",
            self.rows.take_out(),
            " ".join([made, column, "AS value FROM ONLY", name, "WHERE false"]),
            f"WITH written AS ({self.rows.insert()} RETURNING ctid, {column}) "
            "INSERT INTO pg_temp.dbops_written TABLE written",
            render("prove/writes_places"),
        ]


def _times(
    scratch: Scratch, rows: _Rows, write: _Insert | _Update, before: Sequence[str], after: Sequence[str]
) -> tuple[float, float] | None:
    """Return the median µs a row on both sides, which take turns; None where the table doesn't let them be written."""
    sides: tuple[list[float], list[float]] = ([], [])
    for number in range(_RUNS + 1):
        order = ((sides[0], before), (sides[1], after))
        for times, dropping in order if number % 2 == 0 else reversed(order):
            took = _time(scratch, write, dropping)
            if took is None:
                return None
            if number:  # the first warms up
                times.append(took * 1000 / rows.count)
    return median(sides[0]), median(sides[1])


def _time(scratch: Scratch, write: _Insert | _Update, dropping: Sequence[str]) -> float | None:
    options = Options(
        analyze=True,
        timing=False,
        buffers=False,
        verbose=False,
        writes=True,
        timeout=_SECONDS,
        settings=_BY_PLACE,
        before=(*dropping, *write.before),
    )
    with on_scratch("writing rows"):
        try:
            document = explain(scratch.session, write.statement, scratch.version, options)
        except ServerError:  # a constraint that does not allow it
            return None
    return float(document["Execution Time"])
