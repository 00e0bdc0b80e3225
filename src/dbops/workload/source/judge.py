"""From what asks in loops to findings: each once, with what to write instead. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from dbops.results.nplusone import LoopKind
from dbops.results.nplusone_source import SourceLoop, SourceResult, Unreadable, UnusedIgnore
from dbops.workload.source import patterns
from dbops.workload.source.asked import Kind, Place, Sighting
from dbops.workload.source.pattern import Found, Pattern
from dbops.workload.source.project import Project
from dbops.workload.source.remedies import line as shown
from dbops.workload.source.rows import Steps
from dbops.workload.source.silence import Silence

_TOUCHES = frozenset({Kind.OBJECT, Kind.ROWS})


class _Judged(NamedTuple):
    sighting: Sighting
    pattern: Pattern
    found: Found

    @property
    def steps(self) -> Steps:
        """The relations from the source of the rows on to what is touched; of a column that is left out, to that."""
        asked = self.sighting.asked
        if asked.row is not None and asked.kind is Kind.COLUMN:
            return (*asked.row.path, asked.text)
        if asked.row is None or asked.relation is None:
            return ()
        return (*asked.row.path, asked.relation.name)


class Part(NamedTuple):
    """What was found from some of a project's files.

    ``ignored`` are findings that comments silence, ``unused`` the comments that silenced none of them.
    """

    findings: tuple[SourceLoop, ...]
    ignored: tuple[SourceLoop, ...]
    unused: frozenset[UnusedIgnore]
    unreadable: tuple[Unreadable, ...]


def judge(
    programs: Mapping[str, str], templates: Mapping[str, str], looked_at: Collection[str] | None = None
) -> SourceResult:
    """Return what is found in a project's files, given by path; in all of them, or in those that are ``looked_at``.

    The others tell of models, functions and templates that these use.
    """
    project = Project(programs, templates)
    paths = list(programs) if looked_at is None else [path for path in programs if path in set(looked_at)]
    return together(project, paths, [examine(project, paths)])


def examine(project: Project, paths: Collection[str]) -> Part:
    """Return what is found from these files of a project on."""
    silence = Silence(project.texts, [each.slug for each in patterns.every()])
    findings: list[SourceLoop] = []
    ignored: list[SourceLoop] = []
    before = len(project.unparsed)
    for each in _shortest(_once(_recognised(project.look(paths)))):
        (ignored if _silenced(each, silence) else findings).append(_finding(each))
    too_deep = tuple(Unreadable(each.path, each.line, each.reason) for each in project.unparsed[before:])
    return Part(tuple(findings), tuple(ignored), frozenset(_unused(project, silence)), too_deep)


def together(project: Project, paths: Collection[str], parts: Iterable[Part]) -> SourceResult:
    """Return what the parts of an examination come to.

    What silences nothing is told when the whole project was looked at: of a part, the rest may need it.
    """
    known = list(parts)
    wanted = set(paths)
    unparsed = [Unreadable(each.path, each.line, each.reason) for each in project.unparsed if each.path in wanted]
    unreadable = dict.fromkeys((*unparsed, *(each for part in known for each in part.unreadable)))
    unused = frozenset[UnusedIgnore].intersection(*(part.unused for part in known)) if known else frozenset()
    return SourceResult(
        findings=tuple(sorted(_different(part.findings for part in known), key=_order)),
        files=len(wanted),
        models=len(project.scene.models.by_class),
        templates=project.templates,
        unreadable=tuple(sorted(unreadable, key=lambda each: (each.file, each.line))),
        ignored=len(_different(part.ignored for part in known)),
        unused=tuple(sorted(unused, key=lambda each: (each.file, each.line))) if len(wanted) == project.files else (),
    )


def _different(several: Iterable[Iterable[SourceLoop]]) -> list[SourceLoop]:
    """Return the findings without those that another file led to as well."""
    found = {(each.file, each.line, each.pattern, each.query, each.asked_at): each for part in several for each in part}
    return list(found.values())


def _order(each: SourceLoop) -> tuple[str, int, str, str]:
    return each.file, each.line, each.pattern, each.query


def _recognised(sightings: Iterable[Sighting]) -> Iterator[_Judged]:
    for sighting in sightings:
        found = patterns.recognise(sighting)
        if found is not None:
            yield _Judged(sighting, *found)


def _once(judged: Iterable[_Judged]) -> list[_Judged]:
    """Keep of the same the first: what a loop has touched is there when it is touched again."""
    kept: dict[object, _Judged] = {}
    touched: set[object] = set()
    for each in judged:
        sighting = each.sighting
        steps = each.steps
        if steps and sighting.asked.row is not None and not sighting.asked.method:
            root = sighting.asked.row.root
            again = (sighting.loop.number, root.text, steps, each.pattern.slug)
            if again in touched:
                continue
            touched.add(again)
        kept.setdefault((sighting.place, each.pattern.slug, sighting.expression, steps), each)
    return list(kept.values())


def _shortest(judged: list[_Judged]) -> Iterator[_Judged]:
    """Leave out what another finding of the same line mends too: ``author`` where ``author__company`` is missing."""
    longer = {
        (each.sighting.place, each.steps[:end])
        for each in judged
        for end in range(1, len(each.steps))
        if each.sighting.asked.kind in _TOUCHES
    }
    for each in judged:
        if each.sighting.asked.kind not in _TOUCHES or (each.sighting.place, each.steps) not in longer:
            yield each


def _silenced(each: _Judged, silence: Silence) -> bool:
    places = [place for place in (each.sighting.place, each.sighting.within) if place is not None]
    covered = [silence.covers(each.pattern.slug, place) for place in places]  # all are asked: neither is then unused
    return any(covered)


def _finding(each: _Judged) -> SourceLoop:
    sighting = each.sighting
    return SourceLoop(
        kind=LoopKind.STATIC,
        pattern=each.pattern.slug,
        query=shown(sighting.expression or sighting.asked.text),
        source_query=shown(sighting.loop.text),
        remedy=each.found.remedy,
        why=each.found.why,
        where=sighting.loop.where.value,
        file=sighting.place.path,
        line=sighting.place.line,
        asked_at=None if sighting.within is None else _shown(sighting.within),
    )


def _shown(place: Place) -> str:
    return f"{place.path}:{place.line}"


def _unused(project: Project, silence: Silence) -> Iterator[UnusedIgnore]:
    for path in project.texts:
        for line, message in silence.unused(path):
            yield UnusedIgnore(path, line, message)
