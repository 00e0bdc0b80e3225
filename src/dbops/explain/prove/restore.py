"""The definitions, made in the scratch database; and all of it tried on empty tables, before a row is copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from dbops.errors import NotProvable
from dbops.explain.advise.candidate import Candidate
from dbops.explain.prove.definitions import Definition, Definitions
from dbops.explain.prove.failure import of_scratch, on_scratch
from dbops.explain.prove.involved import Column, Involved, qualified
from dbops.explain.prove.scratch import Scratch
from dbops.postgres.errors import QUERY_CANCELED, ServerError
from dbops.postgres.session import Session
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier
from dbops.sql.redact import message as without_secrets

_REHEARSAL = 10.0
_QUIET = (
    "SET check_function_bodies = off; SET search_path = ''; SET client_min_messages = error; SET xmloption = content"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """The definitions are made.

    ``missing`` names extensions of the target that the scratch server lacks; ``refused`` says of candidates why what
    they require can't be had.
    """

    scratch: Scratch
    missing: tuple[str, ...]
    refused: Mapping[Candidate, str]

    def refusal(self, doing: str, error: ServerError) -> NotProvable:
        """Return the error for something that can't be made, which a missing extension may be the reason of."""
        refusal = of_scratch(error, doing)
        assert isinstance(refusal, NotProvable)  # the server answered
        if self.missing:
            refusal.hint = (
                f"the scratch server ({self.scratch.described}) has no {' and no '.join(self.missing)}: "
                "name a server that has it with --scratch-dsn"
            )
            refusal.details += [{"field": "extension", "error": f"{name} is not available"} for name in self.missing]
        return refusal


def restore(
    scratch: Scratch, wanted: Definitions, involved: Sequence[Involved], candidates: Sequence[Candidate]
) -> Restored:
    """Make the relations, without rows and indexes, and whatever of the objects can be made.

    Extensions come first, also those that candidates require: their scripts run with the rights of a superuser, and
    shall not find what is copied. Objects that can't be made matter only when a relation or the query needs them.
    Raises NotProvable naming the relation that can't be made, and the extensions that are missing.
    """
    session = scratch.session
    with on_scratch("making the schemas"):
        session.run(_QUIET)
        for schema in wanted.schemas:
            _done(session, schema)
        missing = tuple(each.name for each in wanted.extensions if not _done(scratch.installer, each.text))
        restored = Restored(scratch, missing, dict(_required(scratch, candidates)))
    views = [Definition(f"materialized view {each.name}", _as_table(each)) for each in involved if each.kind == "m"]
    statistics = [Definition(f"statistics on {each.name}", text) for each in involved for text in each.statistics]
    with on_scratch("making the tables"):
        left = _make(scratch, [*wanted.objects, *views, *wanted.relations, *statistics])
    needed = [(what, error) for what, error in left if what not in wanted.objects]
    if needed:
        what, error = needed[0]
        raise restored.refusal(f"making {what.what}", error)
    return restored


def _done(session: Session, statement: str) -> bool:
    """Run it, and say whether the server did it."""
    try:
        session.run(statement, heed=True)
    except ServerError:
        return False
    return True


def _make(scratch: Scratch, definitions: Sequence[Definition]) -> list[tuple[Definition, ServerError]]:
    """Make them in an order that works: what fails is tried again as long as others succeed. Return what is left."""
    waiting = list(definitions)
    while waiting:
        failed: list[tuple[Definition, ServerError]] = []
        for each in waiting:
            try:
                scratch.session.run(each.text, heed=True)
            except ServerError as error:
                failed.append((each, error))
        if len(failed) == len(waiting):
            return failed
        waiting = [each for each, _ in failed]
    return []


def _as_table(view: Involved) -> str:
    """Return a table like a materialized view: the planner treats both alike, and its sources aren't needed."""
    return f"CREATE TABLE {qualified(view.name)} ({', '.join(map(_column, view.columns))})"


def _column(column: Column) -> str:
    text = f"{identifier(column.name)} {column.type}"
    if column.collation is None:
        return text
    return f"{text} COLLATE {qualified(column.collation)}"


def rehearse(
    restored: Restored, wanted: Definitions, query: str, schemas: Sequence[str], candidates: Sequence[Candidate]
) -> Mapping[Candidate, str]:
    """Try everything on the empty tables: existing indexes, the query, the candidates; it is rolled back.

    Returns why candidates can't be built. Raises NotProvable for an index that exists and can't be made, and for a
    query that fails.
    """
    scratch = restored.scratch
    refused = dict(restored.refused)
    with on_scratch("setting the search path"):
        path = ", ".join(map(identifier, schemas)) or "''"
        scratch.session.run(f"SET search_path = {path}; SET check_function_bodies = on")
    with _rolled_back(scratch):
        for index in wanted.indexes:
            with _refusing(restored, f"making {index.what}"):
                scratch.session.run(index.text, heed=True)
        refused |= dict(_unbuildable(scratch, [each for each in candidates if each not in refused]))
        with _refusing(restored, "running the query on empty tables"):
            _run_once(scratch, query)  # with the keys there: GROUP BY a primary key needs no other column
    return refused


def _run_once(scratch: Scratch, query: str) -> None:
    """Run the query; that it takes long on empty tables is no reason against it."""
    scratch.session.run(f"SET LOCAL statement_timeout = {_REHEARSAL * 1000:.0f}")
    try:
        scratch.session.run(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {query}", heed=True)
    except ServerError as error:
        if error.sqlstate != QUERY_CANCELED:
            raise


@contextmanager
def _rolled_back(scratch: Scratch) -> Iterator[None]:
    with on_scratch("trying it on empty tables"):
        scratch.session.run("BEGIN")
        try:
            yield
        finally:
            if not scratch.session.closed:
                scratch.session.run("ROLLBACK")


@contextmanager
def _refusing(restored: Restored, doing: str) -> Iterator[None]:
    try:
        yield
    except ServerError as error:
        raise restored.refusal(doing, error) from error


def _required(scratch: Scratch, candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, str]]:
    """Run what candidates need before, and yield those whose needs can't be met."""
    for candidate in candidates:
        try:
            for each in candidate.requires:
                scratch.installer.run(each, bound=None, heed=True)
        except ServerError as error:
            yield candidate, f"can't be built there: {without_secrets(error.report.message)}"


def _unbuildable(scratch: Scratch, candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, str]]:
    for number, candidate in enumerate(candidates):
        scratch.session.run("SAVEPOINT candidate")
        try:
            scratch.session.run(candidate.create(concurrently=False, name=f"dbops_try_{number}"), heed=True)
        except ServerError as error:
            yield candidate, f"can't be built: {without_secrets(error.report.message)}"
        scratch.session.run("ROLLBACK TO candidate")


def index_all(scratch: Scratch, wanted: Definitions, whole: set[Relation]) -> tuple[str, ...]:
    """Make the indexes and constraints that exist, and foreign keys between tables that are ``whole``.

    Foreign keys aren't checked, and one that can't be made is left out: to the planner it is a hint. Returns the
    statements that drop those that were made.
    """
    with on_scratch("making the indexes that exist"):
        for index in wanted.indexes:
            scratch.session.run(index.text, bound=None, heed=True)
        made = []
        for key in wanted.foreign_keys:
            if {key.table, key.referenced} <= whole:
                with suppress(ServerError):
                    scratch.session.run(key.text, heed=True)
                    made.append(f"ALTER TABLE {qualified(key.table)} DROP CONSTRAINT {identifier(key.name)}")
        return tuple(made)


def drop_foreign_keys(scratch: Scratch, statements: Sequence[str]) -> None:
    """Drop what :func:`index_all` made, so that rows can be taken out and written again."""
    with on_scratch("dropping foreign keys"):
        for each in statements:
            scratch.session.run(each, heed=True)
