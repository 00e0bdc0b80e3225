"""Migrations that a database has applied: their files say what was run there, so they are not edited."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from dbops.files.migration import Key, version_key
from dbops.lint.report import FileReport
from dbops.lint.run.plan import Plan
from dbops.lint.step import NUMBERED, Step

Keys = Collection[Key]


def files(plan: Plan, known: Keys | None) -> frozenset[str]:
    """Return the files of applied migrations; none when no database told which those are."""
    return frozenset(path for path, step in _steps(plan) if known is not None and _key(step) in known)


def notes(plan: Plan, known: Keys | None, reports: Iterable[FileReport], edited: Collection[str]) -> Iterator[str]:
    """Yield what is to be said: of those that could be fixed but were spared, or of edited ones nobody vouches for."""
    spared = files(plan, known)
    fixable = [report.path for report in reports if report.path in spared and any(report.fixes)]
    if fixable:
        yield f"not edited, because applied already: {_listed(fixable)}"
    steps = [path for path, _ in _steps(plan) if path in edited]
    if known is None and steps:
        yield (
            f"a migration that is applied anywhere must stay as it is, and nothing told which are: {_listed(steps)} "
            "(--dsn or --database leaves out those that dbops applied there)"
        )


def _steps(plan: Plan) -> Iterator[tuple[str, Step]]:
    for item in plan.items:
        if item.step is not None:
            yield item.path, plan.folders[item.step[0]].steps[item.step[1]]


def _key(step: Step) -> Key:
    if step.migration is not None:
        return step.migration.key
    match = NUMBERED.fullmatch(step.path.replace("\\", "/").rsplit("/", maxsplit=1)[-1])
    return version_key(match["version"]) if match else ()


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:3])
    return f"{shown} and {len(paths) - 3} more" if len(paths) > 3 else shown
