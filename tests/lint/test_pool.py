from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from dbops.lint.run.pool import Pool


class Times:
    """Multiplies the numbers of a job; 13 ends the process."""

    @staticmethod
    def work(context: int, job: Sequence[int]) -> list[int]:
        if 13 in job:
            os.kill(os.getpid(), signal.SIGKILL)
        return [context * number for number in job]

    @staticmethod
    def crashed(context: int, job: Sequence[int]) -> list[int]:
        return [-number for number in job]

    @staticmethod
    def parts(job: Sequence[int]) -> list[Sequence[int]]:
        return [[number] for number in job]


def test_every_job_is_done() -> None:
    jobs = [[number, 2 * number] for number in range(6)]
    assert sorted(Pool(Times(), 3, 2).run(jobs)) == [[3 * number, 6 * number] for number in range(6)]


def test_what_ends_its_process_is_named_and_the_rest_is_done() -> None:
    assert sorted(Pool(Times(), 2, 2).run([[1, 2], [13, 3], [4]])) == [[-13], [2, 4], [6], [8]]
