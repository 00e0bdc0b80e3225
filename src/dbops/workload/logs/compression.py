"""Files by their first bytes: how they are compressed, and in which encoding they say they are."""

from __future__ import annotations

import bz2
import codecs
import gzip
import importlib
import lzma
import zlib
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from dbops.workload.logs.tail import head

DAMAGES = (EOFError, OSError, lzma.LZMAError, zlib.error)
"""What is raised for a file that was cut off, or damaged."""
_LONGEST = 6
_OPENERS: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_OTHERS = {
    b"\x28\xb5\x2f\xfd": ("zstd", "zstd -dc"),
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -dc"),
    b"PK\x03\x04": ("zip", "unzip -p"),
    b"\x1f\x9d": ("compress", "zcat"),
}
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Unsupported(Exception):
    """A file is compressed in a way that this Python can't read; ``tool`` writes what is in it to its output."""

    def __init__(self, how: str, tool: str) -> None:
        super().__init__(f"it is compressed with {how}, which this Python can't read")
        self.tool = tool


def is_compressed(file: Path) -> bool:
    """Whether a file is compressed in a way that is known."""
    begin = head(file, _LONGEST)
    return any(begin.startswith(magic) for magic in (*_OPENERS, *_OTHERS))


def plain(binary: BufferedReader) -> BufferedReader:
    """Return what reads a file's content. Raises Unsupported."""
    begin = binary.peek(_LONGEST)
    for magic, opener in _OPENERS.items():
        if begin.startswith(magic):
            return cast(BufferedReader, opener(binary, "rb"))
    for magic, (how, tool) in _OTHERS.items():
        if begin.startswith(magic):
            opener = _of_python(how)
            if opener is None:
                raise Unsupported(how, tool)
            return cast(BufferedReader, opener(binary, "rb"))
    return binary


def encoding_of(content: BufferedReader, otherwise: str) -> str:
    """Return the encoding that a mark at the begin says (Windows writes such), else the one that is given."""
    begin = content.peek(_LONGEST)
    return next((name for mark, name in _MARKS.items() if begin.startswith(mark)), otherwise)


def _of_python(how: str) -> Any:
    """Return what opens it, as far as Python's library has it (zstd since 3.14)."""
    try:
        return importlib.import_module(f"compression.{how}").open
    except ImportError:
        return None
