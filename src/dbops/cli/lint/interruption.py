"""SIGINT and SIGTERM while files are read: the processes that read them end at once, and so does the command."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[None]:
    """Let both signals raise KeyboardInterrupt here, without waiting for what other processes are about."""
    ours = os.getpid()

    def handle(number: int, _frame: FrameType | None) -> None:
        if os.getpid() != ours:  # one of those processes, which was forked with this handler
            os._exit(128 + number)
        processes = sys.modules.get("multiprocessing")
        for process in processes.active_children() if processes is not None else ():
            process.kill()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
