"""Judging all files of a plan: from the cache, in this process, or on all processors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.lint.judge import unreadable
from dbops.lint.known import current
from dbops.lint.report import FileReport
from dbops.lint.run import jobs
from dbops.lint.run.cache import Cache, key
from dbops.lint.run.files import Texts
from dbops.lint.run.jobs import Context, File, Job, Steps
from dbops.lint.run.plan import Item, Plan, plan
from dbops.lint.run.request import Request
from dbops.lint.text import NotText, SourceText
from dbops.schema.model import EMPTY, Schema

_WORTH_A_POOL = 150_000
"""Characters that take about as long to lint as processes take to start."""
_PER_JOB = 30_000
"""Characters a job has, so that the work is evenly spread and progress is seen."""


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
                self._cache.put(names[report.path], report)
            self._request.progress(len(done), len(self.plan.items))
        return [done[item.path] for item in self.plan.items]

    def _worked(self, items: Sequence[Item]) -> Iterator[tuple[FileReport, ...]]:
        from dbops.lint.run.pool import Pool, processors

        context = self._context(items)
        size = sum(len(item.source.text) for item in items if isinstance(item.source, SourceText))
        workers = self._request.workers or processors()
        if workers < 2 or size < _WORTH_A_POOL:
            yield from (jobs.work(context, job) for job in _jobs(items, 1))
        else:
            yield from Pool(jobs, context, workers).run(list(_jobs(items, workers)))

    def _context(self, items: Sequence[Item]) -> Context:
        """Know what the files need: a folder's last schema only where a file outside of it asks."""
        asked = {item.told_by for item in items if item.step is None}
        schemas = {}
        for folder in self.plan.folders:
            if folder.path in asked:
                schemas[folder.path] = current(jobs.final(folder, self._request.options), self._catalog) or EMPTY
        schemas[""] = self._catalog or EMPTY
        return Context(self._request.options, self.plan.folders, schemas, self._catalog)


def _jobs(items: Sequence[Item], workers: int) -> Iterator[Job]:
    by_folder: dict[int, list[Item]] = {}
    files: list[File] = []
    size = 0
    for item in items:
        if item.step is not None:
            by_folder.setdefault(item.step[0], []).append(item)
            continue
        assert isinstance(item.source, SourceText), "what is no text has its report already"
        files.append(File(item.source, item.told_by))
        size += len(item.source.text)
        if size > _PER_JOB:
            yield tuple(files)
            files, size = [], 0
    if files:
        yield tuple(files)
    for number, steps in by_folder.items():
        wanted = [item.step[1] for item in steps if item.step is not None]
        length = -(-len(wanted) // workers)  # each worker reads the steps before its own as well: few, long jobs
        for start in range(0, len(wanted), length):
            yield Steps(number, tuple(wanted[start : start + length]))
