"""A rule's examples as SQL texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dbops.results.lint import RuleInfo

FEW = 5
"""So many of each kind show what is meant; a rule may have dozens, for they are its tests."""


def labelled(info: RuleInfo, most: int | None = None) -> Iterator[tuple[str, str]]:
    """Yield a label and a text for those in which the rule finds something, then for those in which it does not."""
    for label, examples in (("Found in", info.bad), ("Not found in", info.good)):
        count = len(examples)
        some = f" ({most} of {count} examples)" if most is not None and most < count else ""
        if examples:
            yield f"{label}{some}:", joined(examples[:most])


def joined(examples: Iterable[str]) -> str:
    """Return the examples with a blank line between them, each with a semicolon at its end."""
    return "\n\n".join(_ended(example.strip()) for example in examples)


def _ended(example: str) -> str:
    last = example.rpartition("\n")[2]
    return example if example.endswith(";") or "--" in last else f"{example};"
