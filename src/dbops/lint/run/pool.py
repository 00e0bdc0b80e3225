"""Work on all processors."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

Context = TypeVar("Context")
Job = TypeVar("Job")
Outcome = TypeVar("Outcome")
Context_contra = TypeVar("Context_contra", contravariant=True)
Outcome_co = TypeVar("Outcome_co", covariant=True)


class Work(Protocol[Context_contra, Job, Outcome_co]):
    """What is done to jobs: functions of a module; the context, jobs and outcomes can be pickled."""

    def work(self, context: Context_contra, job: Job) -> Outcome_co:
        """Do one job."""
        ...

    def crashed(self, context: Context_contra, job: Job) -> Outcome_co:
        """Return the outcome of a job that ends its process."""
        ...

    def parts(self, job: Job) -> Sequence[Job]:
        """Return a job cut into the smallest ones, so that only what ends its process goes without an outcome."""
        ...


class Pool(Generic[Context, Job, Outcome]):
    """Does jobs in ``workers`` processes; ``work`` is a module, or an object that can be pickled by name."""

    def __init__(self, work: Work[Context, Job, Outcome], context: Context, workers: int) -> None:
        self._work = work
        self._context = context
        self._workers = workers

    def run(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the outcomes as they come."""
        done: set[int] = set()
        try:
            for number, outcome in self._all(jobs, self._workers):
                done.add(number)
                yield outcome
        except BrokenProcessPool:  # a parser written in C took its process with it: which job was it?
            for number, job in enumerate(jobs):
                if number not in done:
                    yield from self._alone(job)

    def _alone(self, job: Job) -> Iterator[Outcome]:
        try:
            yield next(self._all([job], 1))[1]
        except BrokenProcessPool:
            parts = self._work.parts(job)
            if len(parts) < 2:
                yield self._work.crashed(self._context, job)
            else:
                for part in parts:
                    yield from self._alone(part)

    def _all(self, jobs: Sequence[Job], workers: int) -> Iterator[tuple[int, Outcome]]:
        executor = ProcessPoolExecutor(
            workers, mp_context=_start_method(), initializer=_begin, initargs=(self._work.work, self._context)
        )
        try:
            with _undisturbed():
                futures: dict[Future[Outcome], int] = {executor.submit(_call, job): i for i, job in enumerate(jobs)}
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals come afterwards: an executor that one leaves half started can't be shut down."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_method() -> multiprocessing.context.BaseContext:
    """Fork where that is safe, because what is imported and known then needs no second time; else start anew."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_WORK: list[Any] = []
"""In a worker: the function and its context."""


def _begin(work: Any, context: Any) -> None:
    """Keep what all jobs need, and let Ctrl-C be the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _WORK[:] = [work, context]


def _end_with_parent() -> None:
    """End this process when its parent is killed: it would keep what reads the output waiting without end."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "this runs in workers alone"
    parent.join()
    os._exit(1)


def _call(job: Any) -> Any:
    work, context = _WORK
    return work(context, job)
