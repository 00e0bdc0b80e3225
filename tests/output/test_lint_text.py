"""Lint's findings as text: the right line, carets below the right characters, nothing that moves the cursor."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.output.cells import cells, printable
from dbops.output.lint.excerpt import framed
from dbops.output.lint.text import render
from dbops.output.style import Style
from dbops.results.lint import LintResult, Severity
from output.lint_findings import ANY_TEXT, finding, result, results

PLAIN = Style(colour=False)


def width(text: str) -> int:
    return sum(cell.width for cell in cells(text))


def shown(source: str, part: str, *, columns: int = 80, **others: object) -> list[str]:
    """Return the excerpt of a finding about a part of the source."""
    start = source.index(part)
    about = finding(source, start, start + len(part), hint=None, **others)  # type: ignore[arg-type]
    return render(result([about]), {"a.sql": source}, PLAIN, columns).splitlines()[2:4]


def test_a_finding_is_a_place_a_message_the_line_and_what_to_do() -> None:
    source = "SELECT id\nFROM orders"
    about = finding(source, 15, 21, message="it hurts", hint="do this:\n    CREATE INDEX ON t (a);", fixable=True)
    assert render(result([about], schema="sql/migrations"), {"a.sql": source}, PLAIN, 80) == (
        "a.sql:2:6  warning  select-star  fixable\n"
        "  it hurts\n"
        "  2 | FROM orders\n"
        "    |      ^^^^^^\n"
        "  help: do this:\n"
        "            CREATE INDEX ON t (a);\n"
        "\n"
        "1 warning in 1 file (1 statement); 1 can be fixed with --fix\n"
        "tables known from sql/migrations"
    )


def test_a_span_over_lines_underlines_the_first_and_says_where_it_ends() -> None:
    assert shown("SELECT a,  \n  b\nFROM t", "SELECT a,  \n  b\nFROM t") == [
        "  1 | SELECT a,",
        "    | ^^^^^^^^^ … to line 3",
    ]


@pytest.mark.parametrize(
    ("source", "part", "line", "carets"),
    [
        ("\tSELECT\t*", "*", "    SELECT  *", "            ^"),
        ("'注文' AS x, *", "*", "'注文' AS x, *", "             ^"),
        ("注文", "文", "注文", "  ^^"),
        ("cafe\u0301 *", "*", "cafe\u0301 *", "     ^"),
        ("cafe\u0301 *", "\u0301", "cafe\u0301 *", "   ^"),
        ("\u1112\u1161 *", "*", "\u1112\u1161 *", "   ^"),
        ("a\x1b[2J*", "*", "a␛[2J*", "     ^"),
        ("a\x00\x7f\u202e\x9b*", "*", "a␀␡\ufffd\ufffd*", "     ^"),
        ("a\u2028b\r*", "*", "a\ufffdb␍*", "    ^"),
    ],
)
def test_the_carets_stand_below_what_is_meant(source: str, part: str, line: str, carets: str) -> None:
    assert shown(source, part) == [f"  1 | {line}", f"    | {carets}"]


def test_what_is_at_the_end_of_the_text_has_a_caret() -> None:
    assert render(result([finding("SELECT", 6, 6, hint=None)]), {"a.sql": "SELECT"}, PLAIN, 80).splitlines()[2:4] == [
        "  1 | SELECT",
        "    |       ^",
    ]


def test_a_very_long_line_is_cut_around_the_carets() -> None:
    source = "SELECT " + ", ".join(f"column_{number}" for number in range(900)) + ", t.* FROM t" + " AND x" * 900
    line, carets = shown(source, "t.*")
    assert len(line) <= 80
    assert line.startswith("  1 | …")
    assert line.endswith("…")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "t.*"
    assert carets.index("^") > 20


def test_a_span_longer_than_the_terminal_is_marked_as_far_as_it_is_shown() -> None:
    line, carets = shown("SELECT " + "a" * 500, "a" * 500)
    assert line.startswith("  1 | SELECT aaa")
    assert line.endswith("a…")
    assert len(line) == len(carets) + 1 == 80
    assert carets.endswith("^" * 60)


def test_a_line_s_begin_is_shown_where_the_carets_are_near_it() -> None:
    source = "CREATE TABLE customers (id bigint PRIMARY KEY, name char(10), price money, at timestamp)"
    line, carets = shown(source, "char")
    assert line == f"  1 | {source[:73]}…"
    assert carets.strip("| ") == "^^^^"


def test_a_line_that_fits_is_shown_whole() -> None:
    source = "x" * 74
    assert shown(source, "x")[0] == f"  1 | {source}"
    assert shown(source + "x", "x")[0].endswith("…")


def test_an_empty_span_is_marked_on_the_character_behind_it() -> None:
    for start in range(25):
        frame = framed("abcdefghijklmnopqrstuvwxy", start, start, 24)
        assert (frame.text[frame.caret], frame.carets) == (chr(ord("a") + start), 1)


@given(line=ANY_TEXT.map(lambda text: text.replace("\n", "") * 5), data=st.data(), room=st.integers(24, 100))
def test_any_part_of_any_line_is_marked_where_it_is_shown(line: str, data: st.DataObject, room: int) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    frame = framed(line, start, end, room)
    assert frame.carets >= 1
    assert width(frame.text) <= room
    assert frame.caret + frame.carets <= max(width(frame.text), frame.caret + 1)
    at = [0, *accumulate(cell.width for cell in cells(frame.text))]
    if start == len(line):
        assert frame.caret == at[-1]
    elif unicodedata.category(line[start]) not in {"Mn", "Me"} and not "\u1160" <= line[start] <= "\u11ff":
        marked = " " if line[start] == "\t" else printable(line[start])
        assert marked in {frame.text[place] for place in range(len(frame.text)) if at[place] == frame.caret}


@given(results(), st.booleans(), st.integers(1, 200))
def test_any_finding_can_be_shown(found: tuple[LintResult, dict[str, str]], colour: bool, columns: int) -> None:
    text = render(*found, Style(colour=colour), columns)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert plain == render(*found, PLAIN, columns)
    unseen = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [
        character for character in plain if unicodedata.category(character) in unseen - {"\n"} and character != "\n"
    ]
    assert sum(bool(re.search(r":\d+:\d+  (error|warning|info)  ", line)) for line in plain.splitlines()) >= len(
        found[0].findings
    )


def test_a_finding_without_its_source_is_shown_without_its_line() -> None:
    text = render(result([finding()]), {}, PLAIN, 80)
    assert text.splitlines()[:3] == [
        "a.sql:1:8  warning  select-star",
        "  * returns every column",
        "  help: name the columns",
    ]


def test_a_place_that_the_source_does_not_have_is_shown_without_its_line() -> None:
    text = render(result([finding("\n\n\nSELECT *", 10, 11)]), {"a.sql": "SELECT *"}, PLAIN, 80)
    assert "|" not in text


def test_infos_are_short_and_close_so_that_they_bury_no_warning() -> None:
    info = finding(severity=Severity.INFO)
    text = render(result([info, info, finding()]), {"a.sql": "SELECT *\nFROM t"}, PLAIN, 80)
    assert text.splitlines()[:9] == [
        "a.sql:1:8  info  select-star",
        "  * returns every column",
        "  help: name the columns",
        "a.sql:1:8  info  select-star",
        "  * returns every column",
        "  help: name the columns",
        "",
        "a.sql:1:8  warning  select-star",
        "  * returns every column",
    ]


def test_prose_is_broken_into_lines_and_sql_is_not() -> None:
    sql = "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;"
    prose = "the table is read under a SHARE ROW EXCLUSIVE lock while the constraint is added, so that writes wait"
    about = finding(message=prose, hint=f"{prose}\n{sql}")
    lines = render(result([about]), {}, PLAIN, 60).splitlines()
    assert f"        {sql}" in lines
    rest = [line for line in lines if sql not in line and "tables are" not in line]
    assert max(map(len, rest)) <= 60
    assert " ".join(" ".join(lines).split()).count(prose) == 2


@pytest.mark.parametrize(
    ("severities", "counts", "line"),
    [
        ([], {}, "✓ 9 files, 87 statements: nothing found"),
        ([], {"ignored": 5, "baselined": 1}, "✓ 9 files, 87 statements: nothing found; 5 ignored; 1 in the baseline"),
        ([], {"files": 1, "statements": 0}, "✓ 1 file, 0 statements: nothing found"),
        ([], {"files": 0, "statements": 0}, "! 0 files, 0 statements: nothing to look at"),
        (["error"], {}, "1 error in 9 files (87 statements)"),
        (["info", "error", "warning", "info"], {"not_analysed": 2, "ignored": 5, "baselined": 10},
         "1 error, 1 warning, 2 infos in 9 files (87 statements); 2 not analysed; 5 ignored; 10 in the baseline"),
    ],
)  # fmt: skip
def test_the_summary_counts_what_is_not_zero(severities: list[str], counts: dict[str, int], line: str) -> None:
    findings = [finding(severity=Severity(severity)) for severity in severities]
    found = result(findings, **{"files": 9, "statements": 87, **counts})
    assert render(found, {}, PLAIN, 80).splitlines()[-2:] == [
        line,
        "the tables are not known: --dsn or a folder of migrations would tell more",
    ]


def test_the_files_that_were_mended_are_named() -> None:
    assert render(result([], fixed=("a.sql", "b.sql")), {}, PLAIN, 80).startswith(
        "✓ fixed a.sql\n✓ fixed b.sql\n✓ 1 file"
    )


def test_a_severity_has_its_colour() -> None:
    text = render(
        result([finding(), finding(severity=Severity.ERROR)]), {"a.sql": "SELECT *\n"}, Style(colour=True), 80
    )
    assert "\x1b[33mwarning\x1b[0m" in text
    assert "\x1b[31;1merror\x1b[0m" in text
    assert "\x1b[31;1m^\x1b[0m\n" in text
