"""The pieces of work a run is cut into, and doing one. Pure: a worker needs nothing but what it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from dbops.lint.judge import fold_step, judge_file, judge_step, unreadable
from dbops.lint.known import sized
from dbops.lint.options import Options
from dbops.lint.report import FileReport
from dbops.lint.run.folders import Folder
from dbops.lint.text import NotText, SourceText
from dbops.schema.model import EMPTY, Schema
from dbops.sql.nodes import Relation


@dataclass(frozen=True)
class Context:
    """What all jobs of a run share.

    ``schemas`` is what queries find, by the path of the folder of migrations that tells; "" is for files that no
    folder tells about. ``catalog`` is what a database said.
    """

    options: Options
    folders: tuple[Folder, ...] = ()
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    catalog: Schema | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that stands for itself; ``told_by`` is the folder of migrations that tells of its tables."""

    source: SourceText
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """Some of a folder's migrations, by their indexes; ``before`` is what those before the index ``first`` make."""

    folder: int
    wanted: tuple[int, ...]
    first: int = 0
    before: Schema = EMPTY


Job = tuple[File, ...] | Steps


def work(context: Context, job: Job) -> tuple[FileReport, ...]:
    """Lint what a job names."""
    if isinstance(job, Steps):
        return tuple(_steps(context, job))
    return tuple(judge_file(file.source, context.schemas.get(file.told_by, EMPTY), context.options) for file in job)


def parts(job: Job) -> tuple[Job, ...]:
    """Return a job for each file of a job."""
    if isinstance(job, Steps):
        return tuple(replace(job, wanted=(index,)) for index in job.wanted)
    return tuple((file,) for file in job)


def crashed(context: Context, job: Job) -> tuple[FileReport, ...]:
    """Report the files of a job whose process ended."""
    if isinstance(job, Steps):
        paths = [context.folders[job.folder].steps[index].path for index in job.wanted]
    else:
        paths = [file.source.path for file in job]
    hint = "lint it again; if that does not help, leave it out and report this defect"
    gone = (unreadable(NotText(path, "was being read when its process ended", hint)) for path in paths)
    return tuple(replace(report, lasting=False) for report in gone)


def _steps(context: Context, job: Steps) -> Iterator[FileReport]:
    folder = context.folders[job.folder]
    wanted = set(job.wanted)
    schema = job.before
    made = made_by(folder, context.options) if context.catalog is not None else frozenset[Relation]()
    for index, step in enumerate(folder.steps[job.first : max(wanted) + 1], job.first):
        if index in wanted:
            report, schema = judge_step(step, sized(schema, context.catalog, made), context.options)
            yield report
        else:
            schema = fold_step(step, schema, context.options)


def made_by(folder: Folder, options: Options) -> frozenset[Relation]:
    """Return every table that any migration of a folder makes."""
    schema, made = EMPTY, set[Relation]()
    for step in folder.steps:
        schema = fold_step(step, schema, options)
        made |= schema.tables.keys()
    return frozenset(made)


def after(folder: Folder, count: int, options: Options) -> Schema:
    """Return the schema after so many of a folder's migrations."""
    schema = EMPTY
    for step in folder.steps[:count]:
        schema = fold_step(step, schema, options)
    return schema
