from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.lint.script import Origin
from dbops.lint.sources.sql import read
from dbops.results.lint import Severity


def test_parameters_and_commands_of_psql_are_read_and_places_are_the_files():
    text = "\\echo don't ask for :x?\nSELECT a FROM t WHERE b = %(name)s AND c = :c;\n"
    reading = read("a.sql", text)
    (script,) = reading.scripts
    (statement,) = script.statements
    assert statement.text == "SELECT a FROM t WHERE b = $1 AND c = $2"
    assert script.origin is Origin.SQL
    end = statement.start + len(statement.text)
    assert text[script.offsets.source(statement.start) : script.offsets.source(end, end=True)] == (
        "SELECT a FROM t WHERE b = %(name)s AND c = :c"
    )
    (problem,) = reading.problems
    assert text[problem.start : problem.end] == "\\echo don't ask for :x?"
    assert (problem.severity, problem.counts_as_not_analysed) == (Severity.INFO, False)


def test_what_cannot_be_read_is_a_problem_where_the_file_has_it():
    text = "SELECT :long_name;\nSELECT 1 FORM t WHERE;"
    (problem,) = read("a.sql", text).problems
    assert text[problem.start :].startswith("t WHERE")
    assert problem.counts_as_not_analysed
    assert problem.severity is Severity.WARNING
    assert problem.message == 'not looked at by any rule: syntax error at or near "t"'


def test_an_empty_file_has_no_statement_and_no_problem():
    reading = read("a.sql", "")
    assert reading.scripts[0].statements == ()
    assert reading.problems == ()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["SELECT a", " = ", "%s", ":x", "?", ";", "\n", "\\i f", "'", "é", "\0", "SELCT"])).map(
        "".join
    )
)
def test_any_text_is_taken_and_its_characters_keep_their_place(text: str):
    reading = read("a.sql", text)
    (script,) = reading.scripts
    for at, character in enumerate(script.sql):
        if script.offsets.verbatim(at, at + 1) and not character.isspace() and character != ";":
            assert text[script.offsets.source(at)] == character
    for problem in reading.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
