"""The history's tables: reading them, making and upgrading them, and the SQL that writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbops import __version__
from dbops.errors import HistoryNewer, PermissionDenied
from dbops.files.migration import Migration, version_key
from dbops.migrate.record import Applied, Failure, Record, Step
from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.sql.quote import identifier
from dbops.sql.redact import message as redacted

CURRENT = 1
"""The version of the tables that this dbops makes and reads; ``queries/history/upgrade_N.sql`` leads to N."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who is changing the history, for its log; ``change_id`` is the user's own (a commit, a ticket)."""

    run_id: str
    change_id: str | None
    os_user: str | None
    host: str | None
    application: str


class History:
    """The history in one schema. Methods that take a session talk to the server; the others return SQL."""

    def __init__(self, schema: str, role: str | None, author: Author) -> None:
        self.schema = schema
        self.role = role
        self.author = author
        self.acting: str | None = role
        """The role that writes; known once the server was asked."""
        self._owner: str | None = None

    def as_role(self, sql: str) -> str:
        """Wrap statements into a transaction of the migrating role."""
        return f"BEGIN;{';'.join(self.taking_role())};{sql}\n;COMMIT"

    def taking_role(self) -> list[str]:
        """Return what makes a transaction the migrating role's, whoever the file that is being run has become."""
        role = f"SET LOCAL ROLE {identifier(self.role)}" if self.role else "SET LOCAL role TO DEFAULT"
        return ["SET LOCAL SESSION AUTHORIZATION DEFAULT", role]

    def write(self, session: Session, sql: str) -> None:
        """Run statements that change the history, in one transaction that leaves nothing behind when it fails."""
        try:
            session.run(self.as_role(sql))
        except ServerError as error:
            session.run("ROLLBACK")
            if error.sqlstate == INSUFFICIENT_PRIVILEGE:
                raise self.denied(error.report.message) from None
            raise

    def read(self, session: Session) -> Record:
        """Return what the history holds. Raises HistoryNewer, PermissionDenied."""
        try:
            return self._read(session)
        except ServerError as error:
            session.run("ROLLBACK")
            if error.sqlstate == INSUFFICIENT_PRIVILEGE:
                raise self.denied(error.report.message) from None
            raise

    def _read(self, session: Session) -> Record:
        present = self._present(session)
        if not present["tables"]:
            return Record(exists=False)
        self._refuse_newer(session.json(self.as_role(self.render("version"))))
        said = session.json(self.as_role(self.render("read")))
        return Record(
            rows=tuple(Applied(**row) for row in said["rows"]),
            steps=tuple(Step(**step) for step in said["steps"]),
            failures={version_key(row["version"]): Failure(**row) for row in said["failures"] if row["version"]},
        )

    def ensure(self, session: Session) -> None:
        """Make or upgrade the tables. Only under the runner's lock."""
        present = self._present(session)
        version = 0
        if present["tables"]:
            said = session.json(self.as_role(self.render("version")))
            self._refuse_newer(said)
            version = said["version"] or 0
        if version == CURRENT:
            return
        steps = [] if present["schema"] else [f"CREATE SCHEMA {identifier(self.schema)}"]
        for number in range(version + 1, CURRENT + 1):
            steps += [self.render(f"upgrade_{number}"), self.render("upgraded", version=number)]
        if not present["schema"] and not present["may_create_schema"]:
            raise self.denied(f"there is no schema {self.schema}, and the role may not create one")
        self.write(session, "\n;".join(steps))

    def _present(self, session: Session) -> dict[str, Any]:
        present: dict[str, Any] = session.json(
            self.as_role(self.render("present", quoted_schema=identifier(self.schema)))
        )
        self._owner = present["owner"]
        if present["schema"] and not present["may_use_schema"]:
            raise self.denied(f"the role may not use schema {self.schema}")
        return present

    def _refuse_newer(self, said: dict[str, Any]) -> None:
        if (said["version"] or 0) > CURRENT:
            raise HistoryNewer(
                f"the history in schema {self.schema} has version {said['version']}, made by dbops "
                f"{said['dbops_version']}; this dbops {__version__} knows up to {CURRENT}",
                hint="upgrade dbops here to at least the version that made it",
                details=[{"field": "history_version", "error": f"{said['version']} > {CURRENT}"}],
            )

    def denied(self, message: str) -> PermissionDenied:
        """Return the error for a role that may not read or write the history."""
        role = identifier(self.acting) if self.acting else "CURRENT_USER"
        if self._owner is None:
            hint = f"as one who may: CREATE SCHEMA {identifier(self.schema)} AUTHORIZATION {role}"
        elif self._owner == self.acting:
            hint = "the schema is the role's own, but not all that is in it: look at the tables' owners and grants"
        else:
            owner = identifier(self._owner)
            hint = f"the schema belongs to {owner}: run with --role {owner}; who may not, needs GRANT {owner} TO {role}"
        return PermissionDenied(
            f"no access to the migrations' history in schema {self.schema}: {message}",
            hint=hint,
            details=[{"field": "schema", "error": message}],
        )

    def render(self, query: str, **values: Any) -> str:
        """Return one of ``queries/history/``, with the schema and the author's columns in place."""
        author = self.author
        return render(
            f"history/{query}",
            schema=self.schema,
            run_id=author.run_id,
            change_id=author.change_id,
            os_user=author.os_user,
            host=author.host,
            application=author.application,
            dbops_version=__version__,
            **values,
        )

    def begin_up(self, migration: Migration, state: str, *, transactional: bool) -> str:
        """Return what makes the version's row, or makes a repeatable one's anew."""
        return self.render(
            "begin_again" if migration.repeatable else "begin_up",
            version=migration.version,
            name=migration.name,
            checksum=migration.checksum,
            state=state,
            transactional=transactional,
        )

    def finish(self, migration: Migration, direction: str, action: str, execution_ms: int | None = None) -> list[str]:
        """Return the statements that complete a migration and log it; the last one returns ``execution_ms``.

        Without ``execution_ms`` it is the time since the transaction began.
        """
        queries = ["finish_up" if direction == "up" else "forget_repeatable", "finished"]
        return [
            self.render(
                query,
                version=migration.version,
                name=migration.name,
                checksum=migration.checksum,
                action=action,
                execution_ms=execution_ms,
            )
            for query in queries
        ]

    def log(
        self,
        action: str,
        outcome: str,
        *,
        version: str | None = None,
        name: str | None = None,
        checksum: str | None = None,
        execution_ms: int | None = None,
        reason: str | None = None,
        error_code: str | None = None,
        sqlstate: str | None = None,
        error: str | None = None,
    ) -> str:
        """Return the INSERT of a row of the log."""
        return self.render(
            "log",
            action=action,
            outcome=outcome,
            version=version,
            name=name,
            checksum=checksum,
            execution_ms=execution_ms,
            reason=reason,
            error_code=error_code,
            sqlstate=sqlstate,
            error=error and redacted(error),
        )
