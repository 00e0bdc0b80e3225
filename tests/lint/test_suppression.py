from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.files.formats.own import parse
from dbops.files.migration import SourceFile
from dbops.lint.sources import migration, python, sql
from dbops.lint.sources.reading import Reading
from dbops.lint.suppression.suppressions import Suppressions, suppressions

KNOWN = frozenset(
    {"select-star", "unpaginated-query", "ban-drop-column", "prefer-text-field", "prefer-robust-stmts", "not-analysed"}
    | {"equals-null", "unused-cte"}
)


def of(text: str, reading: Reading, *, in_python: bool = False) -> Suppressions:
    return suppressions(text, reading.scripts, python=in_python, known=KNOWN)


def silenced(text: str, slug: str = "select-star", *, in_python: bool = False) -> list[bool]:
    """Whether a finding is silent at each star of the text."""
    reading = python.read("a.py", text) if in_python else sql.read("a.sql", text)
    found = of(text, reading, in_python=in_python)
    spans = [
        (script.offsets.source(each.start), script.offsets.source(each.start + len(each.text), end=True))
        for script in reading.scripts
        for each in script.statements
    ]
    result = []
    for at, character in enumerate(text):
        if character == "*" and text[at - 1] != "/" and text[at + 1 : at + 2] not in {"/", ""}:
            span = next((span for span in spans if span[0] <= at < span[1]), None)
            if span is not None:
                result.append(found.silences(slug, at, at + 1, span))
    return result


def messages(text: str, *used: str) -> list[str]:
    found = of(text, sql.read("a.sql", text))
    for slug in used:
        found.silences(slug, 0, len(text))
    return [each.message for each in found.unused()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM a; -- dbops: ignore select-star small\nSELECT * FROM b", [True, False]),
        ("-- dbops: ignore select-star\nSELECT a,\n * FROM b; SELECT * FROM c", [True, False]),
        ("-- dbops: ignore select-star\n\n-- why\nSELECT * FROM b", [True]),
        ("/* dbops: ignore select-star */ SELECT a,\n* FROM b", [True]),
        ("SELECT *, -- dbops: ignore select-star\n t.* FROM b", [True, False]),
        ("SELECT a,\n-- dbops: ignore select-star\n *,\n t.* FROM b", [True, False]),
        ("SELECT a,\n/* dbops: ignore select-star\n */\n-- more\n\n *,\n t.* FROM b", [True, False]),
        ("SELECT * FROM a;\n-- dbops: ignore-file select-star generated", [True]),
        ("SELECT * FROM a; -- dbops: ignore unpaginated-query, select-star", [True]),
        ("SELECT * FROM a; -- DBOPS:ignore: Select-Star", [True]),
        ("SELECT * FROM a; -- dbops: ignore select-*", [True]),
        ("SELECT * FROM a; -- dbops: ignore prefer-*", [False]),
        ("SELECT * FROM a; -- dbops: ignore unpaginated-query", [False]),
        ("SELECT * FROM a; -- dbops: ignored select-star", [False]),
        ("SELECT *, '-- dbops: ignore select-star' FROM a", [False]),
        ("SELECT *, $$ -- dbops: ignore select-star\n$$ FROM a", [False]),
        ('SELECT * AS "-- dbops: ignore select-star" FROM a', []),
        ("SELECT * FROM a -- squawk-ignore select-star", [True]),
        ("-- squawk-ignore ban-drop-column, select-star\nSELECT a,\n * FROM b", [True]),
        ("SELECT * FROM a;\n-- squawk-ignore-file select-star", [True]),
        ("SELECT * FROM a;\n-- squawk-ignore-file", [True]),
        ("SELECT * FROM a -- squawk-ignore", [False]),
        ("SELECT * FROM a -- noqa\n; SELECT * FROM b", [True, False]),
        ("SELECT * FROM a -- noqa: AM04\n", [True]),
        ("SELECT * FROM a -- noqa:LT01,L044", [True]),
        ("SELECT * FROM a -- noqa: ambiguous.column_count", [True]),
        ("SELECT * FROM a -- noqa: AM*", [True]),
        ("SELECT * FROM a -- noqa: CV05", [False]),
        ("SELECT * FROM a -- see -- noqa: AM04", [True]),
        ("SELECT * FROM a -- there is noqa: AM04 here", [False]),
        ("-- noqa: disable=AM04\nSELECT * FROM a;\n-- noqa: enable=AM04\nSELECT * FROM b", [True, False]),
        ("SELECT * FROM a;\n-- noqa: disable=all\nSELECT * FROM b", [False, True]),
        ("\\echo don't\nSELECT * FROM a WHERE b = :b -- dbops: ignore select-star", [True]),
    ],
)
def test_a_comment_silences_what_it_stands_at(text: str, expected: list[bool]):
    assert silenced(text) == expected


def test_a_finding_about_a_whole_statement_is_silenced_on_any_of_its_lines():
    text = "DELETE\nFROM a; -- dbops: ignore select-star"
    found = of(text, sql.read("a.sql", text))
    assert not found.silences("select-star", 2, 6, (0, 13))
    assert found.silences("select-star", 0, 6, (0, 13))


def test_what_cannot_be_read_can_be_silenced():
    text = "SELECT 1;\n-- dbops: ignore not-analysed\nSELCT;\nSELECT 2"
    reading = sql.read("a.sql", text)
    (problem,) = reading.problems
    assert of(text, reading).silences("not-analysed", problem.start, problem.end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('execute("SELECT * FROM a")  # dbops: ignore select-star\nexecute("SELECT * FROM b")', [True, False]),
        ('# dbops: ignore select-star\nexecute(\n "SELECT * FROM a",\n "x")\nexecute("SELECT *")', [True, False]),
        ('execute("""SELECT *\nFROM a""")  # dbops: ignore select-star', [True]),
        ('execute(f"""SELECT *\nFROM {a}""")  # dbops: ignore select-star', [True]),
        ('execute(\n  # dbops: ignore select-star\n  "SELECT * "\n  "FROM a")', [True]),
        ('execute(\n  # dbops: ignore select-star\n  """SELECT\n * FROM a""")', [True]),
        ('# dbops: ignore-file select-star\nx = 1\nexecute("SELECT * FROM a")', [True]),
        ('execute("""\n  -- dbops: ignore select-star\n  SELECT * FROM a""")', [True]),
        ('execute("""SELECT * FROM a -- dbops: ignore select-star\n""")', [True]),
        ('execute("SELECT * FROM a")  # noqa', [False]),
        ('execute("SELECT * FROM a")  # squawk-ignore-file', [False]),
        ("execute(\"SELECT *, '# dbops: ignore select-star' FROM a\")", [False]),
        ("x = '# dbops: ignore-file select-star'\nexecute(\"SELECT * FROM a\")", [False]),
    ],
)  # fmt: skip
def test_a_comment_in_python_silences_what_it_stands_at(text: str, expected: list[bool]):
    assert silenced(text, in_python=True) == expected


def test_a_comment_above_a_migrations_marker_counts():
    text = "-- dbops: ignore-file ban-drop-column\n-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"
    (read,) = parse([SourceFile("0001_a.sql", "0001_a.sql", text.encode())])
    found = of(text, migration.read(read))
    assert found.silences("ban-drop-column", text.index("SELECT 2"), len(text))
    assert found.unused() == []


def test_a_comment_that_silences_nothing_is_said_with_its_place():
    text = "SELECT 1 -- dbops: ignore select-star, unpaginated-query because of x"
    found = of(text, sql.read("a.sql", text))
    assert found.silences("select-star", 0, 6, (0, 8))
    (unused,) = found.unused()
    assert text[unused.start : unused.end] == unused.slug == "unpaginated-query"
    assert unused.message == "this ignores nothing: unpaginated-query finds nothing here"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1 -- dbops: ignore select-stra", ["there is no rule select-stra; select-star is one"]),
        ("SELECT 1 -- dbops: ignore xyz", ["there is no rule xyz"]),
        ("SELECT 1 -- dbops: ignore pefer-*", ["there is no rule pefer-*"]),
        ("SELECT 1 -- dbops: ignore prefer-*", ["this ignores nothing: prefer-* finds nothing here"]),
        ("SELECT 1 -- dbops: ignore", ["this ignores nothing: it names no rule"]),
        ("SELECT 1 -- dbops: ignore equals-null, as so", ["this ignores nothing: equals-null finds nothing here"]),
        ("SELECT 1;\n-- dbops: ignore equals-null", ["this ignores nothing: equals-null finds nothing here"]),
        ("SELECT 1 -- squawk-ignore xyz\n-- noqa: AM04", []),
    ],
)  # fmt: skip
def test_an_unused_comment_is_said(text: str, expected: list[str]):
    assert messages(text) == expected


def test_several_comments_about_one_finding_are_all_used():
    assert messages("-- dbops: ignore-file select-star\nSELECT * -- dbops: ignore select-star", "select-star") == []


def test_a_text_without_such_comments_silences_nothing():
    found = of("SELECT 1", sql.read("a.sql", "SELECT 1"))
    assert not found.silences("select-star", 0, 8)
    assert found.unused() == []


WORDS = ("-- ", "/* ", " */", "# ", "dbops: ignore ", "dbops: ignore-file ", "squawk-ignore ", "noqa: ", "disable=all")
PIECES = st.lists(
    st.sampled_from((*WORDS, "enable=", "select-star", ", ", "AM04", "\n", "SELECT 1", ";", "'", '"', "execute(", ")"))
).map("".join)


@settings(deadline=None)
@given(PIECES, st.booleans())
def test_any_text_is_taken(text: str, in_python: bool):
    reading = python.read("a.py", text) if in_python else sql.read("a.sql", text)
    found = of(text, reading, in_python=in_python)
    found.silences("select-star", 0, 5)
    for unused in found.unused():
        assert 0 <= unused.start <= unused.end <= len(text)
        if unused.slug:
            assert text[unused.start : unused.end].lower() == unused.slug
