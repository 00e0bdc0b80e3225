"""Writing to a stream that may have lost its reader."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def put(text: str, stream: TextIO | None = None) -> None:
    """Write a line to stdout (or ``stream``) at once.

    When the reader is gone (``| head``) this and what follows is written nowhere: that stops no work that is under
    way, and the exit status still says how it ended.
    """
    stream = sys.stdout if stream is None else stream
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
