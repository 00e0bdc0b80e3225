"""The statements of a plan run on a copy of the schema, and what was seen of each, with the target's sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from dbops.files.migration import Migration
from dbops.migrate.copy import copied, dumped, without_extensions
from dbops.migrate.failure import failed
from dbops.migrate.scratch import Scratch, scratch, told
from dbops.migrate.script import Script, build
from dbops.migrate.trace.effects import State, effects, named, sized, state_of
from dbops.migrate.trace.options import Tracing
from dbops.migrate.verify.ground import prepared
from dbops.migrate.workplace import Workplace
from dbops.postgres import traced as catalog
from dbops.postgres.errors import ServerError
from dbops.postgres.session import Session
from dbops.results.migration import PlannedMigration
from dbops.results.progress import Warned
from dbops.results.trace import Trace, TracedStatement
from dbops.sql.nodes import kind
from dbops.sql.split import Statement

BASIS = "measured on an empty copy; sizes from the target"


def trace(
    place: Workplace,
    tracing: Tracing,
    migrations: Sequence[Migration],
    direction: str,
    planned: Sequence[PlannedMigration],
) -> tuple[tuple[PlannedMigration, ...], Trace]:
    """Run the migrations on a copy of the target's schema, and return the plan with what each statement did.

    Behind the first statement that fails nothing is run: its ``traced`` stays None. Raises what pg_dump and the
    scratch server raise.
    """
    scripts = [
        replace(build(migration, direction), transactional=each.transactional)
        for migration, each in zip(migrations, planned, strict=True)
    ]
    schema = dumped(place.watcher, place.facts.version, place.interrupt, without=(place.options.schema,))
    major = place.facts.version // 10000
    for script in scripts:
        if script.section.unknown is not None:
            place.options.emit(Warned(f"{script.migration.label} is not traced: {script.section.unknown}"))
    with (
        scratch(
            place.interrupt, dsn=tracing.scratch, major=major, target=place.facts, superuser=tracing.superuser
        ) as server,
        prepared(server, [without_extensions(schema), *scripts]),
    ):
        copy = copied(server, schema)
        for each in copy.left_out:
            place.options.emit(Warned(f"not on the copy: {each}"))
        done = _run(server, copy.database, scripts, [each.statements_done for each in planned])
        basis = BASIS if server.version // 10000 == major else f"{BASIS}; the target is PostgreSQL {major}"
        found = Trace(server.where, basis, copy.left_out)
        server.drop(copy.database)
    sizes = catalog.sizes(place.watcher, {name for each in chain(*done) if each for name in named(each)})
    if sizes is None:
        place.options.emit(Warned("the target's sizes are unknown: a table is locked, or asking took too long"))
    return tuple(_joined(migration, seen, sizes) for migration, seen in zip(planned, done, strict=True)), found


def _joined(
    migration: PlannedMigration, seen: Iterable[TracedStatement | None], sizes: Mapping[str, int] | None
) -> PlannedMigration:
    statements = tuple(
        replace(statement, traced=each and sized(each, sizes))
        # Of what is known only when it runs, one statement stands in the plan and none was run.
        for statement, each in zip_longest(migration.statements, seen)
    )
    return replace(migration, statements=statements)


def _run(
    server: Scratch, database: str, scripts: Sequence[Script], done: Sequence[int]
) -> list[list[TracedStatement | None]]:
    found: list[list[TracedStatement | None]] = [[None] * len(script.statements) for script in scripts]
    with server.session(database) as session, told("tracing"):
        original = state_of(catalog.state(session))
    for number, script in enumerate(scripts):
        with server.session(database) as session, told("tracing"):
            whole = _Traced(session, script, original, found[number]).run(done[number])
        if not whole:
            break
    return found


@dataclass(slots=True)
class _Traced:
    """One script on its way; ``found`` is filled in."""

    session: Session
    script: Script
    original: State
    found: list[TracedStatement | None]

    def run(self, done: int) -> bool:
        """Run what isn't done, and say whether all of it could be run."""
        transactional = self.script.transactional
        if transactional:
            self.session.run("BEGIN")
        before = state_of(catalog.state(self.session))
        for index, statement in enumerate(self.script.statements[done:], start=done):
            try:
                self.session.run(statement.text, bound=None, heed=True)
            except ServerError as error:
                self.found[index] = self._failed(statement, error)
                return False
            after = state_of(catalog.state(self.session))
            self.found[index] = effects(
                before, after, self.original, transactional=transactional, empties=_empties(statement)
            )
            before = after
        return self._committed(transactional)

    def _committed(self, transactional: bool) -> bool:
        if not transactional:
            return True
        try:
            self.session.run("COMMIT", bound=None, heed=True)
        except ServerError as error:
            if self.found and self.found[-1] is not None:
                message = failed(self.script, error.report, None, None, show_data=False).message
                self.found[-1] = replace(self.found[-1], failure=message)
            return False
        return True

    def _failed(self, statement: Statement, error: ServerError) -> TracedStatement:
        position = error.report.position
        offset = None if position is None else position - 1 + statement.start
        message = failed(self.script, error.report, statement, offset, show_data=False).message
        return TracedStatement(None, (), (), None, message)


def _empties(statement: Statement) -> bool:
    return statement.node is not None and kind(statement.node) == "TruncateStmt"
