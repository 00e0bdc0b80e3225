"""A migration that makes what is advised, and one that takes it back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dbops.results.explain import IndexAdvice

_OUTSIDE = "Outside a transaction, because it is CONCURRENTLY: journalled, and resumed if it fails."


def migration(indexes: Sequence[IndexAdvice]) -> str:
    """Return the text of a migration file that makes the indexes, in their order, and drops them in the other.

    What they require is made first; it stays, for others may have come to need it. Raises ValueError for no index.
    """
    if not indexes:
        raise ValueError("no index is advised, so there is nothing to migrate")
    required = dict.fromkeys(statement for each in indexes for statement in each.requires)
    comments = [line for each in indexes for line in _comment(f"{each.name}: {each.reason} ({each.basis.value})")]
    return "\n".join(
        [
            *comments,
            f"-- {_OUTSIDE}",
            "",
            "-- migrate:up",
            *_statements([*required, *(each.create for each in indexes)]),
            "",
            "-- migrate:down",
            *_statements(each.drop for each in reversed(indexes)),
            "",
        ]
    )


def _comment(text: str) -> list[str]:
    """Return the text as a comment of one line, which no line break of a name can end."""
    return [f"-- {' '.join(text.split())}"]


def _statements(texts: Iterable[str]) -> list[str]:
    return [text if text.endswith(";") else f"{text};" for text in texts]
