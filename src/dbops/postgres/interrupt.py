"""A request to stop, which any waiting in this room notices at once.

The command line's signal handlers call :meth:`Interrupt.request`; a library user may do so from another thread.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager

from dbops.errors import Interrupted


class Interrupt:
    """A flag with a file descriptor, so that a wait on a socket can wait for it too."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self.requested: str | None = None
        self._raises = False

    def request(self, reason: str) -> None:
        """Ask whoever works to stop; ``reason`` is the signal's name. Safe in a signal handler.

        While a call that can't be woken is under way (:meth:`raising`), this raises instead of returning.
        """
        self.requested = reason
        os.write(self._write, b"!")
        if self._raises:
            self.check()

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Let a request raise right where the program is: for calls that change nothing and can't be woken."""
        self.check()
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def fileno(self) -> int:
        """Return a descriptor that is readable once a stop was requested."""
        return self._read

    def check(self) -> None:
        """Raise Interrupted when a stop was requested."""
        if self.requested is not None:
            raise Interrupted(f"interrupted by {self.requested}", hint="nothing more was done", retryable=True)

    def sleep(self, seconds: float) -> None:
        """Wait; raises Interrupted as soon as a stop is requested."""
        self.check()
        poll = select.poll()  # unlike select(), at home with descriptors above 1023
        poll.register(self._read, select.POLLIN)
        poll.poll(max(seconds, 0.0) * 1000)
        self.check()

    def close(self) -> None:
        """Give the descriptors back."""
        os.close(self._read)
        os.close(self._write)

    def __enter__(self) -> Interrupt:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
