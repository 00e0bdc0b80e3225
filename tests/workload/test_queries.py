"""dbops's own questions about the workload: each is known as one, so that it isn't taken for a part of it."""

from __future__ import annotations

import re

import pytest

from dbops.postgres import query

FOLDER = query._FOLDER / "workload"
QUERIES = sorted(
    str(file.relative_to(query._FOLDER).with_suffix(""))
    for file in FOLDER.rglob("*.sql")
    if file.parent.name != "parts"  # of other questions
)


@pytest.mark.parametrize("name", QUERIES)
def test_a_question_begins_with_its_mark(name: str) -> None:
    assert re.match(r"\w+ /\* dbops \*/\s", query.source(name))
