"""Texts of every kind of quote, comment and name: split cuts them where they were joined, and where PostgreSQL does."""

from __future__ import annotations

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbops.sql.split import split

TEXT = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    st.lists(st.sampled_from(["'", '"', ";", "--", "/*", "*/", "$", "$$", "$a$", "\\", "\n", "é", "END", "x"])).map(
        "".join
    ),
)
LINE = TEXT.map(lambda text: text.replace("\n", " ").replace("\r", " "))


def quoted(mark: str, text: str) -> str:
    return mark + text.replace(mark, mark * 2) + mark


@st.composite
def dollar_quoted(draw: st.DrawFn) -> str:
    mark = "$" + draw(st.sampled_from(["", "a", "_1", "größe"])) + "$"
    text = draw(TEXT.filter(lambda text: (text + mark).index(mark) == len(text)))
    return mark + text + mark


LITERAL = st.one_of(
    TEXT.map(lambda text: quoted("'", text)),
    TEXT.map(lambda text: "E" + quoted("'", text.replace("\\", "\\\\"))),
    TEXT.map(lambda text: "U&" + quoted("'", text.replace("\\", "\\\\"))),
    TEXT.map(lambda text: "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"),
    dollar_quoted(),
)
NAME = st.one_of(
    st.sampled_from(["größe", "имя", "a$b", "_x"]),
    TEXT.filter(bool).map(lambda text: quoted('"', text)),
)
COMMENT = st.recursive(
    TEXT.map(lambda text: "/*" + text.replace("*", "").replace("/", "") + "*/"),
    lambda inner: st.lists(inner, max_size=2).map(lambda inners: "/* ; ' " + " ".join(inners) + " */"),
    max_leaves=3,
)
GAP = st.lists(st.one_of(st.sampled_from([" ", "\n", "\t\r\n"]), COMMENT, LINE.map(lambda line: f"--{line}\n"))).map(
    lambda parts: " " + "".join(parts)
)
SELECT = st.builds("SELECT{}{}{}AS{}{}".format, GAP, LITERAL, GAP, GAP, NAME)
FUNCTION = st.lists(st.tuples(GAP, SELECT), min_size=1, max_size=3).map(
    lambda body: (
        "CREATE OR REPLACE FUNCTION f() RETURNS text BEGIN ATOMIC"
        + "".join(f"{gap}{select};" for gap, select in body)
        + " END"
    )
)
STATEMENTS = st.lists(st.tuples(GAP, st.one_of(SELECT, FUNCTION), GAP), min_size=1, max_size=4)


def joined(parts: list[tuple[str, str, str]]) -> str:
    return ";".join("".join(part) for part in parts)


@settings(deadline=None)
@given(STATEMENTS, st.sampled_from(["", ";", " ; ;\n;"]))
def test_joined_statements_split_back_and_their_places_index_the_source(parts: list[tuple[str, str, str]], end: str):
    sql = joined(parts) + end
    found = split(sql)
    assert [statement.text for statement in found] == [statement for _, statement, _ in parts]
    assert [statement.index for statement in found] == list(range(len(parts)))
    lines = sql.split("\n")
    for statement in found:
        assert sql[statement.start : statement.start + len(statement.text)] == statement.text
        before = sum(len(line) + 1 for line in lines[: statement.line - 1])
        assert before + statement.column - 1 == statement.start


def test_postgresql_runs_as_many_statements_as_split_finds(database: str):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.prepare_threshold = None

        @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(STATEMENTS)
        def counts_agree(parts: list[tuple[str, str, str]]) -> None:
            sql = joined(parts)
            cursor, results = connection.execute(sql), 1
            while cursor.nextset():
                results += 1
            assert len(split(sql)) == results

        counts_agree()
