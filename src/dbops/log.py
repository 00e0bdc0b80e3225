"""Structured logs on stderr: an event name and fields, never a sentence with values in it.

structlog is imported at the first event that is really written, so that a command that logs nothing doesn't pay
for it. Every line carries ``ts``, ``level``, ``event`` and ``run_id``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _State:
    level = LEVELS["warning"]
    json = True
    colour = False
    run_id: str | None = None
    logger: Any = None


def configure(level: str, *, json: bool, colour: bool = False, run_id: str | None = None) -> None:
    """Set the least level, the form (JSON lines or console) and the run id that every line carries."""
    _State.level = LEVELS[level]
    _State.json = json
    _State.colour = colour
    _State.run_id = run_id
    _State.logger = None


def debug(event: str, **fields: object) -> None:
    """Log ``event`` for whoever looks for a defect."""
    _emit("debug", event, fields)


def info(event: str, **fields: object) -> None:
    """Log ``event`` as a matter of course."""
    _emit("info", event, fields)


def warning(event: str, **fields: object) -> None:
    """Log ``event``, which someone should look at."""
    _emit("warning", event, fields)


def error(event: str, **fields: object) -> None:
    """Log ``event``, which ended what was being done."""
    _emit("error", event, fields)


def _emit(level: str, event: str, fields: dict[str, object]) -> None:
    if LEVELS[level] < _State.level:
        return
    if _State.logger is None:
        _State.logger = _make_logger(sys.stderr)
    present = {key: value for key, value in fields.items() if value is not None}
    try:
        getattr(_State.logger, level)(event, **present)
    except OSError:
        # Nobody reads the log any more (`2>&1 | head`), or the disk is full: that must not stop a migration half way.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _make_logger(stream: TextIO) -> Any:
    import structlog

    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if _State.json
        else structlog.dev.ConsoleRenderer(colors=_State.colour, timestamp_key="ts")
    )
    bound: dict[str, Any] = {} if _State.run_id is None else {"run_id": _State.run_id}
    return structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            _in_order,
            renderer,
        ],
        wrapper_class=structlog.BoundLogger,
        **bound,
    )


def _in_order(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> dict[str, Any]:
    """Put what every line has first, where an eye and a column-cutting tool look for it."""
    first = {key: fields.pop(key) for key in ("ts", "level", "event", "run_id") if key in fields}
    return first | dict(fields)
