"""Making the edits that rules propose, in rounds, until there is nothing left to edit."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import replace

from dbops.lint.fixes import apply
from dbops.lint.report import FileReport
from dbops.lint.run.files import Texts, save
from dbops.lint.text import SourceText

_ROUNDS = 10
"""More than the edits of any file overlap; a rule whose edits never end is stopped by it."""

Examine = Callable[[], list[FileReport]]


def mend(texts: Texts, reports: list[FileReport], examine: Examine) -> list[FileReport]:
    """Edit the texts (not the files), and return what is left to say of them.

    A file of which less can be analysed after an edit than before keeps its text as it was.
    """
    for _ in range(_ROUNDS):
        before = {report.path: report for report in reports}
        tried = dict(texts.edited)
        edited = {report.path for report in reports if _edit(texts, report)}
        if not edited:
            break
        reports = examine()
        worse = {each.path for each in reports if each.path in edited and _is_worse(each, before[each.path])}
        if worse:
            texts.edited = {path: text for path, text in texts.edited.items() if path not in worse}
            texts.edited |= {path: tried[path] for path in worse if path in tried}
            reports = [_unfixable(before[each.path]) if each.path in worse else each for each in examine()]
    return reports


def _edit(texts: Texts, report: FileReport) -> bool:
    source = texts.load(report.path)
    if not any(report.fixes) or not isinstance(source, SourceText):
        return False
    text, made = apply(source.text, [fix for fix in report.fixes if fix])
    if made and text != source.text:
        texts.edited[report.path] = replace(source, text=text)
        return True
    return False


def _is_worse(after: FileReport, before: FileReport) -> bool:
    return after.not_analysed > before.not_analysed or len(after.findings) > len(before.findings)


def _unfixable(report: FileReport) -> FileReport:
    findings = tuple(replace(finding, fixable=False) for finding in report.findings)
    return replace(report, findings=findings, fixes=((),) * len(findings))


def written(texts: Texts) -> Iterator[str]:
    """Write the edited texts into their files, and yield the files' paths. Raises OSError."""
    for path, source in sorted(texts.edited.items()):
        save(source, source.text)
        yield path


def diff(texts: Texts) -> str:
    """Return what writing would change, as `diff -u` shows it."""
    lines: list[str] = []
    for path, source in sorted(texts.edited.items()):
        original = texts.original(path)
        lines += difflib.unified_diff(
            original.splitlines(keepends=True), source.text.splitlines(keepends=True), f"a/{path}", f"b/{path}"
        )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
