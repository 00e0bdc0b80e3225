from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.sql.blank import blank
from dbops.sql.lexer import Kind, code, position, tokens, trimmed

PIECES = st.lists(
    st.sampled_from(
        ["'", "''", '"', "$", "$$", "$a$", "$é$", "E'", "U&'", "\\", "--", "/*", "*/", "\n", "\r", " ", ";", "x", "1"]
    )
)


@given(PIECES.map("".join))
def test_tokens_join_to_any_text_they_were_cut_from(sql: str):
    assert "".join(sql[token.start : token.end] for token in tokens(sql)) == sql


@pytest.mark.parametrize(
    "literal",
    [
        "'a;b'",
        "'it''s'",
        r"'\'",
        r"E'\''",
        r"e'\\'",
        r"U&'\0441;'",
        "N'n'",
        "X'1F'",
        "'one'\n  'two'",
        "'one' -- comment\n 'two'",
        "E'one'\n'tw\\'o'",
        "$$a;'b$$",
        "$tag$ $$ ; $ta $tag$",
        "$é$;$é$",
    ],
)
def test_a_literal_is_one_token(literal: str):
    (found, semicolon) = code(literal + ";")
    assert (found.start, found.end) == (0, len(literal))
    assert found.kind in {Kind.STRING, Kind.DOLLAR}
    assert semicolon.kind is Kind.OTHER


@pytest.mark.parametrize("name", ["a$b$c", "größe", "имя", "a\u00a0b", "_x1", '"a""b;"', 'U&"d\\0061t"'])
def test_a_name_is_one_token(name: str):
    (found,) = code(name)
    assert (found.start, found.end) == (0, len(name))


@pytest.mark.parametrize("text", ["", " \t\r\n\f\v", "-- note", "-- note\r", "/* a /* nested */ b */", ";;\n; -- end"])
def test_a_text_without_anything_to_run_is_blank(text: str):
    assert blank(text)


@pytest.mark.parametrize(
    "text", ["x", "-- note\nx", "/* a */ x", "''", "/* open", "/* a /* b */", "\u00a0", "\ufeff", "\\d"]
)
def test_a_text_with_anything_to_run_or_to_refuse_is_not_blank(text: str):
    assert not blank(text)


def test_line_and_column_count_from_one():
    sql = "a\nbé c\r\nd"
    assert [position(sql, sql.index(letter)) for letter in "abcd"] == [(1, 1), (2, 1), (2, 4), (3, 1)]


def test_trailing_comments_are_trimmed_but_not_those_within():
    sql = "select /* in */ '--' -- out\n /* out */ ;"
    assert trimmed(sql, 0, sql.index(" ;")) == "select /* in */ '--'"


def test_importing_the_room_does_not_load_the_parser():
    modules = ["blank", "index", "lexer", "locks", "nodes", "quote", "redact", "split", "transactions"]
    imports = "; ".join(f"import dbops.sql.{module}" for module in modules)
    program = f"{imports}; import sys; sys.exit('postgast' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
