"""Index advice: what each figure rests on comes first, and how to make and to undo it is there to be pasted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.output.cells import printable, shortened
from dbops.output.explain import sentences
from dbops.output.prose import filled
from dbops.output.style import Style
from dbops.results.explain import Basis, IndexAdvice, RejectedIndex

COST_IS_NOT_TIME = "A cost is not a time: of indexes that look cheaper, many don't make the query faster."
PROVE = "--prove builds them on a copy and times the query."
_BASIS = {
    Basis.PROVEN: ("green", "bold"),
    Basis.MEASURED: ("green",),
    Basis.PLANNED: ("yellow",),
    Basis.ESTIMATED: ("yellow",),
}


def unproven(some: Sequence[IndexAdvice]) -> bool:
    """Whether there is advice, and all of it rests on costs."""
    return bool(some) and all(each.basis in {Basis.PLANNED, Basis.ESTIMATED} for each in some)


def indexes(some: Sequence[IndexAdvice], style: Style, width: int) -> Iterator[str]:
    """Yield the advice, a paragraph an index."""
    for number, each in enumerate(some):
        if number:
            yield ""
        yield from _index(each, style, width)
    if unproven(some):
        yield ""
        yield from filled(f"{COST_IS_NOT_TIME} {PROVE}", width)


def _index(advice: IndexAdvice, style: Style, width: int) -> Iterator[str]:
    paint = _BASIS[advice.basis]
    basis = advice.basis.value.upper()
    first, *others = filled(sentences.headline(advice), width - len(basis) - 2) or [""]
    yield f"{style(basis, *paint)}  {style(first, 'bold')}".rstrip()
    yield from (" " * (len(basis) + 2) + style(line, "bold") for line in others)
    for statement in (*advice.requires, advice.create):
        yield from _led(f"  {style('→', 'cyan')} ", 4, pasteable(statement))
    yield from filled(advice.reason, width, indent="    ")
    yield from (style(line, "dim") for line in filled(advice.basis_detail, width, indent="    "))
    yield from filled(", ".join(map(" ".join, sentences.expense(advice))), width, indent="    ")
    if advice.redundant:
        yield from filled(f"nothing needs {', '.join(advice.redundant)} then", width, indent="    ")
    yield from _led(f"    {style('undo:', 'dim')} ", 10, pasteable(advice.drop))


def _led(lead: str, width: int, lines: Sequence[str]) -> Iterator[str]:
    """Yield lines below each other, the first behind a lead of that width."""
    for number, line in enumerate(lines):
        yield (lead if not number else " " * width) + line


def rejected(some: Sequence[RejectedIndex], style: Style, width: int) -> Iterator[str]:
    """Yield the candidates that are not advised, each with why."""
    for each in some:
        yield f"  {style('×', 'dim')} {shortened(each.create, width - 4)}"
        yield from filled(f"{each.basis.value}: {each.reason}", width, indent="    ")


def pasteable(statement: str) -> list[str]:
    """Return a statement's lines, with a semicolon at the end."""
    text = statement.strip()
    return [printable(line) for line in (text if text.endswith(";") else f"{text};").split("\n")]
