"""For Nagios and its like: a status line with performance data, then what did not pass.

After the Monitoring Plugins' development guidelines (https://www.monitoring-plugins.org/doc/guidelines.html): a value
is a number with its unit behind it (B, s, or none for a count), thresholds stand in the value's unit, and what is
unknown is left out. The words around names and messages are ASCII, as not every agent passes on more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.output.cells import printable
from dbops.output.ha import cells, sentences
from dbops.output.ha.said import Kind, Said, acceptance, names, said, tally
from dbops.results.ha import HaNode, HaStatus, Verdict

_WORDS = {
    Verdict.READY: "OK",
    Verdict.DEGRADED: "WARNING",
    Verdict.NOT_READY: "CRITICAL",
    Verdict.UNKNOWN: "UNKNOWN",
}
_UNQUOTED = re.compile(r"[A-Za-z0-9_.:-]+")
_PLAIN = str.maketrans({"≤": "up to", "–": "-", "…": "...", "|": "/"})


def render(
    status: HaStatus,
    *,
    warning_lag: int | None = None,
    critical_lag: int | None = None,
    warning_delay: float | None = None,
    critical_delay: float | None = None,
) -> str:
    """Return the plugin's output; limits of lag, in bytes and seconds, are told with the figures they are about."""
    bytes_limits = _limits(warning_lag, critical_lag)
    seconds_limits = _limits(warning_delay, critical_delay)
    data = " ".join(_data(status, bytes_limits, seconds_limits))
    lines = [f"{_summary(status)} | {data}", *map(_line, said(status)), _plain(str(tally(status.checks)))]
    return "\n".join(lines)


def _summary(status: HaStatus) -> str:
    said = [f"{each.question.value} {sentences.word(each.verdict)}: {each.text}" for each in sentences.answers(status)]
    where = f"{status.environment}: " if status.environment else ""
    return _plain(f"HA {_WORDS[status.verdict]} - {where}{'; '.join(said)}")


def _line(each: Said) -> str:
    """Return what a check says in a line, with what to do."""
    parts = [f"[{each.kind.value}] {each.id} {names(each.nodes) or each.where}: {each.message}"]
    if each.accepted is not None:
        parts.append(acceptance(each.accepted))
    if each.remedy and each.kind is not Kind.ACCEPTED:
        parts.append(f"remedy: {each.remedy}")
    if each.more:
        parts.append(f"and the like of {names(each.more)}")
    return _plain("; ".join(parts))


def _data(status: HaStatus, bytes_limits: str, seconds_limits: str) -> Iterator[str]:
    answering = sum(cells.answered(node) is True for node in status.nodes)
    yield f"nodes={len(status.nodes)};;;0"
    yield f"nodes_answering={answering};;;0"
    for kind in (Kind.FAIL, Kind.WARNING, Kind.UNKNOWN):
        yield f"checks_{kind.value}={len({each.id for each in said(status) if each.kind is kind})};;;0"
    emergency = status.emergency
    yield from _datum("loss", emergency.loss_bytes, "B")
    yield from _datum("loss_time", emergency.loss_seconds, "s")
    yield from _datum("promote_time", emergency.promote_seconds, "s")
    for node in status.nodes:
        yield from _datum(_label(node, "lag"), node.lag_bytes, "B", bytes_limits)
        yield from _datum(_label(node, "delay"), node.lag_seconds, "s", seconds_limits)


def _datum(label: str, value: float | None, unit: str, limits: str = ";") -> Iterator[str]:
    if value is not None:
        yield f"{label}={_number(value)}{unit};{limits};0"


def _limits(warning: float | None, critical: float | None) -> str:
    return ";".join("" if each is None else _number(each) for each in (warning, critical))


def _number(value: float) -> str:
    """Return digits and a point only: an exponent is no number there."""
    return str(value) if isinstance(value, int) else f"{value:.3f}".rstrip("0").rstrip(".")


def _label(node: HaNode, what: str) -> str:
    """Return a label, in quotes where it needs them, without what may not stand even there: an equals sign, a pipe."""
    label = _plain(f"{node.name}_{what}").replace("=", "_")
    return label if _UNQUOTED.fullmatch(label) else "'" + label.replace("'", "''") + "'"


def _plain(text: str) -> str:
    """Return the text without a line end or a pipe, after which performance data would begin."""
    return printable(" ".join(text.split())).translate(_PLAIN)
