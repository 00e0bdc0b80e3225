"""SIGINT and SIGTERM as a request to stop; a second one stops without waiting."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dbops.errors import INTERRUPTED
from dbops.postgres.interrupt import Interrupt


@contextmanager
def interruptible(advice: str = "") -> Iterator[Interrupt]:
    """Give an Interrupt that the signals request while the context lasts.

    ``advice`` is said when a second signal ends the process at once.
    """
    with Interrupt() as interrupt:

        def handle(number: int, _frame: FrameType | None) -> None:
            if interrupt.requested is not None:
                os.write(2, f"\ninterrupted again: ending at once{advice}\n".encode())
                os._exit(INTERRUPTED)
            interrupt.request(signal.Signals(number).name)

        before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield interrupt
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
