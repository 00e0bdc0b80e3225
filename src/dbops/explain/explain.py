"""Explaining a query: on a database, or from a plan that was captured elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dbops.errors import ConfigError, NotPrimary, QueryFailed, UsageError
from dbops.explain import findings, hazards
from dbops.explain.capture import Capture, TimedOut
from dbops.explain.captured import Document, Explained
from dbops.explain.failure import lost
from dbops.explain.indexes import Adviser, Indexes
from dbops.explain.judged import lint
from dbops.explain.knowledge import subject
from dbops.explain.limits import broken as limits_broken
from dbops.explain.parameters.bound import Bound
from dbops.explain.plan.tree import plan_of
from dbops.explain.redact import Redactor
from dbops.explain.remedies import settled
from dbops.explain.request import Request
from dbops.explain.scenarios import Choice, chosen
from dbops.explain.seen import look_up
from dbops.explain.statement import Query, Source, find
from dbops.explain.summary import measured, summary
from dbops.postgres import statement as server
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.reach import reachable
from dbops.postgres.target import identify
from dbops.results.explain import BrokenLimit, ExplainResult, PlanFinding, Repeats, Scenario, Statistics
from dbops.results.plan import Plan
from dbops.results.progress import TargetKnown, Warned
from dbops.results.target import Target
from dbops.schema.model import Schema
from dbops.sql.redact import message as without_secrets


def explain(dsn: Dsn, request: Request, interrupt: Interrupt | None = None) -> Explained:
    """Explain a query on a database.

    Raises UsageError, InvalidQuery, QueryFailed, QueryTimeout, LockTimeout, PermissionDenied, ConfigError,
    ConnectionFailed and Interrupted.
    """
    interrupt = interrupt or Interrupt()
    # A text that can't be explained is refused before any server is asked.
    query = None if request.source is None else find(request.source, request.statement)
    with reachable(dsn, interrupt) as reached:
        session = connect(reached, "dbops explain", interrupt)
        try:
            known = identify(session, environment=request.environment)
            request.report(TargetKnown(known.target, "", None))
            statistics = None
            if query is None:
                source, statistics = _seen(Capture(session, known.version, request))
                query = find(source)
            capture = Capture(session, known.version, request, writable=not known.target.in_recovery)
            adviser = Adviser(capture, reached, interrupt)
            return _Explanation(capture, known.target, query, statistics, adviser).explained()
        except ServerError as error:  # about a question of our own, such as one for the catalog
            said = without_secrets(error.report.message)
            raise QueryFailed(
                f"the server refused a question about the query: {said}",
                hint="look whether the role may read the catalog, and whether statement_timeout is set very low",
                details=[{"field": "dsn", "error": said, "sqlstate": error.sqlstate}],
            ) from error
        except ConnectionLost as error:
            raise lost(error) from None
        finally:
            session.close()


def _seen(capture: Capture) -> tuple[Source, Statistics]:
    if capture.request.queryid is None:
        raise UsageError(
            "there is no query",
            hint="give one: `dbops explain 'SELECT …'`, -f FILE, on stdin, or --queryid N",
            details=[{"field": "query", "error": "missing"}],
        )
    return look_up(capture.session, capture.request.queryid)


@dataclass(frozen=True, slots=True)
class _Run:
    """What came of one choice of values: the plan's document, and the times of its runs."""

    bound: Bound
    document: Document
    repeats: Repeats | None = None
    timed_out: bool = False

    @property
    def plan(self) -> Plan:
        return plan_of(self.document)

    @property
    def weight(self) -> float:
        """How bad it is, by which the one to show is chosen: its time, or its cost where none was run."""
        plan = self.plan
        return float("inf") if self.timed_out else plan.ms if plan.ms is not None else plan.root.estimate.total_cost


class _Explanation:
    """One query on one target, from its values to the result."""

    def __init__(
        self, capture: Capture, target: Target, query: Query, statistics: Statistics | None, adviser: Adviser
    ) -> None:
        self.capture = capture
        self.adviser = adviser
        self.request = capture.request
        self.target = target
        self.query = query
        self.statistics = statistics
        self.warnings: list[str] = []

    def explained(self) -> Explained:
        schema = self.capture.schema()
        settings = server.settings(self.capture.session)
        reason = self._why_not()
        choice = chosen(self.capture, self.query, schema, run=reason is None)
        if choice.generic and reason is None:
            reason = choice.reason
        planned = [_Run(bound, self.capture.plan(self.query, bound, generic=choice.generic)) for bound in choice.bounds]
        runs = planned if reason is not None else self._runs(planned)
        shown = max(runs, key=lambda run: run.weight)
        if reason is None and self.request.repeat > 1 and not shown.timed_out:
            shown = self._repeated(shown)
        if shown.timed_out:
            reason = (
                f"it did not end within {self.request.timeout:g} s and was cancelled; this is the plan without a run"
            )
        return self._result(schema, settings, choice, runs, shown, reason)

    def _why_not(self) -> str | None:
        """Say why the query is not to be run, None where it is."""
        writes = self.query.writes
        if self.request.analyze is False:
            return "--no-analyze"
        if writes is not None and self.request.allow_writes and self.target.in_recovery:
            raise NotPrimary(
                f"it writes ({writes}), and {self.target.database} @ {self.target.host} is a standby",
                hint="explain it on the primary, or with --no-analyze",
                details=[{"field": "dsn", "error": "in recovery"}],
            )
        if writes is not None and not self.request.allow_writes:
            if self.request.analyze:
                raise UsageError(
                    f"it writes ({writes}), and --analyze would run it",
                    hint="--allow-writes runs it in a transaction that is rolled back",
                    details=[{"field": "--analyze", "error": "needs --allow-writes"}],
                )
            return f"it writes ({writes}): --allow-writes runs it in a transaction that is rolled back"
        if self.request.analyze is None and self.target.is_production:
            return "the environment is production: --analyze runs it there"
        return None

    def _runs(self, planned: list[_Run]) -> list[_Run]:
        self._warn(planned[0].plan)
        runs: list[_Run] = []
        for run in planned:
            name = run.bound.scenario.name
            what = "running the query" if len(planned) == 1 else f"running the query with {name} values"
            try:
                runs.append(replace(run, document=self.capture.run(self.query, run.bound, what)))
            except TimedOut:
                runs.append(replace(run, timed_out=True))
        return runs

    def _warn(self, plan: Plan) -> None:
        """Say, before anything is run, what a rollback does not undo."""
        found = server.hazards(self.capture.session, hazards.functions(plan), hazards.written(plan))
        for message in hazards.warnings(found):
            self.warnings.append(message)
            self.request.report(Warned(message))

    def _repeated(self, first: _Run) -> _Run:
        """Run it warm some more times, and return the median run's plan."""
        documents: list[Document] = []
        for number in range(1, self.request.repeat + 1):
            what = f"run {number} of {self.request.repeat}"
            try:
                documents.append(self.capture.run(self.query, first.bound, what))
            except TimedOut:
                return replace(first, timed_out=True)
        ordered = sorted(documents, key=lambda document: plan_of(document).ms or 0.0)
        repeats = measured([plan_of(document).ms or 0.0 for document in documents])
        return replace(first, document=ordered[(len(ordered) - 1) // 2], repeats=repeats)

    def _result(
        self,
        schema: Schema,
        settings: Mapping[str, str],
        choice: Choice,
        runs: list[_Run],
        shown: _Run,
        reason: str | None,
    ) -> Explained:
        secret = shown.bound.secret and not self.request.show_data
        hidden = self.request.redact or secret
        redactor = Redactor(self.query.sql, values=shown.bound.values) if hidden else None
        document = shown.document if redactor is None else redactor.document(shown.document)
        plan = plan_of(document)
        broken = tuple(self._broken(plan, timed_out=shown.timed_out))
        judged = self.query if not self.request.redact or redactor is None else _redacted(self.query, redactor)
        indexes = self._indexes(schema, choice, shown)
        indexes = indexes if redactor is None else indexes.redacted(redactor)
        found: Iterable[PlanFinding] = findings.examine(
            subject(self.capture.session, self.capture.version, settings, plan)
        )
        if indexes.looked:
            found = settled(found, plan, indexes.advised)
        block_size = int(settings.get("block_size", "8192"))
        result = ExplainResult(
            plan=plan,
            summary=summary(plan, block_size=block_size, repeats=shown.repeats),
            findings=tuple(found),
            indexes=indexes.advised,
            rejected=indexes.rejected,
            advice=indexes.note,
            copied=indexes.copied,
            lint=lint(judged, schema=schema, major=self.capture.version // 10000),
            query=judged.sql,
            source=self.query.source.name,
            not_analyzed=reason,
            scenarios=_scenarios(runs, shown, hidden=redactor is not None) if self.query.parameters else (),
            warnings=tuple(self.warnings),
            broken=broken,
            statistics=self.statistics,
            target=self.target,
        )
        return Explained(result, {**document, "Query Text": judged.sql})

    def _indexes(self, schema: Schema, choice: Choice, shown: _Run) -> Indexes:
        if not self.request.advise:
            return Indexes(looked=False)
        bound = choice.whole if choice.generic else shown.bound
        if bound is None:
            return Indexes(note="index advice needs a value for every parameter: give them with -p", looked=False)
        return self.adviser.look(bound, shown.plan, schema)

    def _broken(self, plan: Plan, *, timed_out: bool) -> Iterable[BrokenLimit]:
        limits = self.request.limits
        after = self.request.timeout if timed_out else None
        if limits.max_ms is not None and not plan.analyzed and (after is None or after * 1000 < limits.max_ms):
            raise ConfigError(
                "--max-ms: the query was not run, so nobody knows how long it takes",
                hint="run it (--analyze), with a --timeout above the limit, or limit its cost with --max-cost",
                details=[{"field": "--max-ms", "error": "not measured"}],
            )
        return limits_broken(plan, limits, timed_out_after=after)


def _redacted(query: Query, redactor: Redactor) -> Query:
    text = redactor.sql(query.sql)
    return find(Source(text, query.source.name))


def _scenarios(runs: list[_Run], shown: _Run, *, hidden: bool) -> tuple[Scenario, ...]:
    latest = [shown if run.bound is shown.bound else run for run in runs]
    return tuple(
        replace(
            run.bound.scenario,
            values={name: "…" if hidden else value for name, value in run.bound.scenario.values.items()},
            execution_ms=run.plan.ms if run.plan.analyzed else None,
            cost=run.plan.root.estimate.total_cost,
            shown=run is shown,
        )
        for run in latest
    )
