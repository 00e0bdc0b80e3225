"""Judging all files of a plan: from the cache, in this process, or on all processors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dbops.lint.judge import unreadable
from dbops.lint.known import current
from dbops.lint.report import FileReport
from dbops.lint.run import jobs
from dbops.lint.run.cache import Cache, key
from dbops.lint.run.files import Texts
from dbops.lint.run.jobs import Context, File, Job, Steps
from dbops.lint.run.plan import Item, Plan, plan
from dbops.lint.run.processors import processors
from dbops.lint.run.request import Request
from dbops.lint.text import NotText, SourceText
from dbops.schema.model import EMPTY, Schema

_WORTH_A_POOL = 150_000
"""Characters that take about as long to lint as processes take to start."""
_PER_JOB = 30_000
"""Characters a job has, so that the work is evenly spread and progress is seen."""
_READING = 0.25
"""Of the time that judging a migration takes, the part that only knowing what it makes takes."""


class Examination:
    """What a request asks for, on the texts as they are at the time."""

    def __init__(self, request: Request, texts: Texts, cache: Cache, catalog: Schema | None) -> None:
        self._request = request
        self._texts = texts
        self._cache = cache
        self._catalog = catalog
        self._state = "" if catalog is None else key(repr(catalog))
        self.plan = Plan((), ())

    def reports(self) -> list[FileReport]:
        """Return a report for each file, in the order of the command line."""
        self.plan = plan(self._request, self._texts, self._state)
        done: dict[str, FileReport] = {}
        missing: list[Item] = []
        for item in self.plan.items:
            known = self._cache.get(item.key, item.path)
            if known is not None:
                done[item.path] = known
            elif isinstance(item.source, NotText):
                done[item.path] = unreadable(item.source)
            else:
                missing.append(item)
        self._request.progress(len(done), len(self.plan.items))
        names = {item.path: item.key for item in missing}
        for reports in self._worked(missing):
            for report in reports:
                done[report.path] = report
                if report.lasting:
                    self._cache.put(names[report.path], report)
            self._request.progress(len(done), len(self.plan.items))
        return [done[item.path] for item in self.plan.items]

    def _worked(self, items: Sequence[Item]) -> Iterator[tuple[FileReport, ...]]:
        context = self._context(items)
        size = sum(len(item.source.text) for item in items if isinstance(item.source, SourceText))
        workers = 1 if size < _WORTH_A_POOL else self._request.workers or processors()
        if workers < 2:
            yield from (jobs.work(context, job) for job in self._jobs(items, 1))
        else:
            from dbops.lint.run.pool import Pool  # multiprocessing takes 15 ms to import

            yield from Pool(jobs, context, workers).run(list(self._jobs(items, workers)))

    def _context(self, items: Sequence[Item]) -> Context:
        """Know what the files need: a folder's last schema only where a file outside of it asks."""
        asked = {item.told_by for item in items if item.step is None}
        schemas = {}
        for number, folder in enumerate(self.plan.folders):
            if folder.path in asked:
                made = self._made(number, len(folder.steps))
                schemas[folder.path] = current(made, self._catalog) or EMPTY
        schemas[""] = self._catalog or EMPTY
        return Context(self._request.options, self.plan.folders, schemas, self._catalog)

    def _made(self, number: int, count: int) -> Schema:
        """Return what the first migrations of a folder make, kept from the last run where nothing of them changed."""
        if not count:
            return EMPTY
        folder, name = self.plan.folders[number], self.plan.chains[number][count - 1]
        place = f"{'all' if count == len(folder.steps) else 'some'} of {folder.path}"
        known = self._cache.schema(place, name)
        if known is None:
            known = jobs.after(folder, count, self._request.options)
            self._cache.put_schema(place, name, known)
        return known

    def _jobs(self, items: Sequence[Item], workers: int) -> Iterator[Job]:
        """Yield the work, the long jobs first."""
        by_folder: dict[int, list[int]] = {}
        for item in items:
            if item.step is not None:
                folder, index = item.step
                by_folder.setdefault(folder, []).append(index)
        for folder, wanted in by_folder.items():
            first = min(wanted) if workers == 1 else 0  # what may end a parser's process is for a worker to read
            before = self._made(folder, first)
            yield from (Steps(folder, part, first, before) for part in _parts(wanted, workers))
        yield from _files(items)


def _files(items: Sequence[Item]) -> Iterator[tuple[File, ...]]:
    files: list[File] = []
    size = 0
    for item in items:
        if item.step is not None:
            continue
        assert isinstance(item.source, SourceText), "what is no text has its report already"
        files.append(File(item.source, item.told_by))
        size += len(item.source.text)
        if size > _PER_JOB:
            yield tuple(files)
            files, size = [], 0
    if files:
        yield tuple(files)


def _parts(wanted: Sequence[int], workers: int) -> Iterator[tuple[int, ...]]:
    """Cut a folder's steps into a part for each worker, so that all are done at about the same time.

    A worker reads the steps before its own as well. So each part is shorter than the one before: by the share of it
    that reading it takes the next worker.
    """
    weights = [(1 - _READING) ** number for number in range(workers)]
    ends = [round(len(wanted) * sum(weights[: number + 1]) / sum(weights)) for number in range(workers)]
    for start, end in pairwise((0, *ends)):
        if start < end:
            yield tuple(wanted[start:end])
