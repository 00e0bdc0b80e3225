"""Writing to a stream that may have lost its reader, or a full disk."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def put(text: str, stream: TextIO | None = None, *, end: str = "\n") -> bool:
    """Write a line to stdout (or ``stream``) at once, and return whether that could be done.

    When the reader is gone (``| head``) or the disk is full, this and what follows is written nowhere: that stops no
    work that is under way, and the exit status still says how it ended. Of a full disk stderr tells.
    """
    stream = sys.stdout if stream is None else stream
    try:
        print(text, file=stream, end=end, flush=True)
    except OSError as error:
        _lead_nowhere(stream)
        if stream is not sys.stderr and not isinstance(error, BrokenPipeError):
            put(f"warning: the output can't be written: {error.strerror}", sys.stderr)
        return False
    return True


def _lead_nowhere(stream: TextIO) -> None:
    """Let what is written to the stream from now on, and what it still holds, vanish."""
    null = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):  # a stream of a library user's may have no descriptor
        os.dup2(null, stream.fileno())
    os.close(null)
