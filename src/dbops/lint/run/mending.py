"""Making the edits that rules propose, in rounds, until there is nothing left to edit."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from dbops.errors import ConfigError
from dbops.lint.fixes import apply
from dbops.lint.report import FileReport
from dbops.lint.rule import QUERY
from dbops.lint.rules import slugs_of
from dbops.lint.run.files import Texts
from dbops.lint.run.saving import save, writable
from dbops.lint.text import SourceText, encode, is_python

_ROUNDS = 10
"""More than the edits of any file overlap; a rule whose edits never end is stopped by it."""
_PLAIN = re.compile(r"[\w \t,.()*;=<>+-]*")
"""What means the same in every literal of a program: no quote, backslash, brace, percent sign, colon or line end."""
_UNQUOTED = re.compile(r"[^\s\"\\\x00-\x1f\x7f\ud800-\udfff]+")

Examine = Callable[[], list[FileReport]]


def mend(
    texts: Texts, reports: list[FileReport], examine: Examine, *, spared: Collection[str] = ()
) -> list[FileReport]:
    """Edit the texts (not the files), and return what is left to say of them.

    A file of which less can be analysed after an edit than before keeps its text as it was, and ``spared`` ones keep
    theirs anyhow.
    """
    kept = set(spared)
    for _ in range(_ROUNDS):
        before = {report.path: report for report in reports}
        tried = dict(texts.edited)
        edited = {report.path for report in reports if report.path not in kept and _edit(texts, report)}
        if not edited:
            break
        reports = examine()
        worse = {each.path for each in reports if each.path in edited and _is_worse(each, before[each.path])}
        if worse:
            kept |= worse
            texts.edited = {path: text for path, text in texts.edited.items() if path not in worse}
            texts.edited |= {path: tried[path] for path in worse if path in tried}
            reports = examine()
    return [_unfixable(report) if report.path in kept else report for report in reports]


def _edit(texts: Texts, report: FileReport) -> bool:
    source = texts.known(report.path)
    fixes = [fix for fix in report.fixes if fix]
    if not fixes or not isinstance(source, SourceText):
        return False
    text, made = apply(source.text, fixes)
    if made and text != source.text:
        texts.edited[report.path] = replace(source, text=text)
        return True
    return False


def _is_worse(after: FileReport, before: FileReport) -> bool:
    return after.not_analysed > before.not_analysed or len(after.findings) > len(before.findings)


def usable(report: FileReport) -> FileReport:
    """Return the report with those fixes only that are safe where the SQL stands.

    In a program nobody knows whether there is a transaction, in which CONCURRENTLY fails, nor what a quote or a brace
    means to the literal around it.
    """
    if not is_python(report.path) or not any(report.fixes):
        return report
    asked = slugs_of(QUERY)
    fixes = tuple(
        fix if finding.rule in asked and all(_PLAIN.fullmatch(edit.text) for edit in fix) else ()
        for finding, fix in zip(report.findings, report.fixes, strict=True)
    )
    findings = tuple(replace(each, fixable=bool(fix)) for each, fix in zip(report.findings, fixes, strict=True))
    return replace(report, findings=findings, fixes=fixes)


def _unfixable(report: FileReport) -> FileReport:
    findings = tuple(replace(finding, fixable=False) for finding in report.findings)
    return replace(report, findings=findings, fixes=((),) * len(findings))


def write(texts: Texts) -> tuple[str, ...]:
    """Write the edited texts into their files, and return the files' paths.

    Raises ConfigError when one can't be written: before any is, as far as that can be told.
    """
    paths = sorted(texts.edited)
    for path in paths:
        if not writable(Path(path)):
            raise _unwritable(path, "it is read-only", ())
    for number, path in enumerate(paths):
        source = texts.edited[path]
        try:
            save(Path(path), encode(source, texts.original(path)), encode(source, source.text))
        except OSError as error:
            raise _unwritable(path, error.strerror or str(error), tuple(paths[:number])) from None
    return tuple(paths)


def _unwritable(path: str, reason: str, fixed: tuple[str, ...]) -> ConfigError:
    done = f"; {len(fixed)} other files are fixed" if fixed else "; no file was changed"
    return ConfigError(
        f"{path} can't be fixed: {reason}{done}",
        hint="it is as it was; mend the cause, or leave it out, and run --fix again",
        details=[{"field": "PATH", "error": reason, "file": path}],
        context={"fixed": list(fixed)},
    )


def diff(texts: Texts) -> str:
    """Return what writing would change, as `diff -u` shows it."""
    lines: list[str] = []
    for path, source in sorted(texts.edited.items()):
        before, after = (encode(source, text).decode() for text in (texts.original(path), source.text))
        lines += difflib.unified_diff(_lines(before), _lines(after), _named("a", path), _named("b", path))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Return the lines as `patch` counts them: a form feed or a lone CR ends none."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _named(side: str, path: str) -> str:
    """Return a file's name for `patch`: in quotes where a blank or a line end would cut it off."""
    name = f"{side}/{path.lstrip('/')}"
    return name if _UNQUOTED.fullmatch(name) else '"' + "".join(map(_escaped, name)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    data = character.encode("utf-8", "surrogateescape")
    return character if character.isprintable() else "".join(f"\\{byte:03o}" for byte in data)
