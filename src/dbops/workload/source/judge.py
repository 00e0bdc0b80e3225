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
from dbops.workload.source.remedies import shortened
from dbops.workload.source.rows import Steps
from dbops.workload.source.silence import Silence

_TOUCHES = frozenset({Kind.OBJECT, Kind.ROWS})


class _Judged(NamedTuple):
    sighting: Sighting
    pattern: Pattern
    found: Found

    @property
    def steps(self) -> Steps:
        """The relations from the source of the rows on to what is touched."""
        asked = self.sighting.asked
        if asked.row is None or asked.relation is None:
            return ()
        return (*asked.row.path, asked.relation.name)


def judge(
    programs: Mapping[str, str], templates: Mapping[str, str], looked_at: Collection[str] | None = None
) -> SourceResult:
    """Return what is found in a project's files, given by path; in all of them, or in those that are ``looked_at``.

    The others tell of models, functions and templates that these use.
    """
    project = Project(programs, templates)
    paths = list(programs) if looked_at is None else [path for path in programs if path in set(looked_at)]
    silence = Silence({**templates, **programs}, [each.slug for each in patterns.every()])
    findings, ignored = [], 0
    for each in _shortest(_once(_recognised(project.look(paths)))):
        if _silenced(each, silence):
            ignored += 1
        else:
            findings.append(_finding(each))
    return SourceResult(
        findings=tuple(sorted(findings, key=lambda each: (each.file, each.line, each.pattern, each.query))),
        files=len(paths),
        models=len(project.scene.models.by_class),
        templates=len(templates),
        unreadable=tuple(
            Unreadable(each.path, each.line, each.reason) for each in project.unparsed if each.path in paths
        ),
        ignored=ignored,
        unused=tuple(_unused(paths, silence)) if len(paths) == len(programs) else (),
    )


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
    places = [each.sighting.place, *([each.sighting.within] if each.sighting.within is not None else [])]
    return any([silence.covers(each.pattern.slug, place) for place in places])


def _finding(each: _Judged) -> SourceLoop:
    sighting = each.sighting
    return SourceLoop(
        kind=LoopKind.STATIC,
        pattern=each.pattern.slug,
        query=shortened(sighting.expression or sighting.asked.text),
        source_query=shortened(sighting.loop.text),
        remedy=each.found.remedy,
        why=each.found.why,
        where=sighting.loop.where.value,
        file=sighting.place.path,
        line=sighting.place.line,
        asked_at=None if sighting.within is None else _shown(sighting.within),
    )


def _shown(place: Place) -> str:
    return f"{place.path}:{place.line}"


def _unused(paths: Iterable[str], silence: Silence) -> Iterator[UnusedIgnore]:
    for path in paths:
        for line, message in silence.unused(path):
            yield UnusedIgnore(path, line, message)
