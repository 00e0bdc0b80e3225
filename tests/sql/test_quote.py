from __future__ import annotations

import math

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbops.sql.quote import identifier, literal

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def test_a_text_without_a_backslash_is_a_plain_literal():
    assert literal("it's") == "'it''s'"


def test_a_text_with_a_backslash_is_an_escape_literal():
    assert literal(r"C:\new 'x'") == r"E'C:\\new ''x'''"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "NULL"), (True, "TRUE"), (False, "FALSE"), (0, "0"), (7, "7"), (1.5, "1.5"), (math.inf, "'inf'::float8")],
)
def test_other_values_have_their_literals(value: float | None, expected: str):
    assert literal(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(-1, " -1"), (-0.0, " -0.0")])
def test_a_negative_number_makes_no_comment_after_a_minus(value: float, expected: str):
    assert literal(value) == expected


def test_a_nul_is_refused_in_values_and_names():
    with pytest.raises(ValueError, match="NUL"):
        literal("a\0b")
    with pytest.raises(ValueError, match="not a name"):
        identifier("a\0b")


def test_an_empty_name_is_refused():
    with pytest.raises(ValueError, match="not a name"):
        identifier("")


def test_postgresql_reads_back_every_text_whatever_standard_conforming_strings_is(database: str):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.prepare_threshold = None

        @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(TEXTS)
        def reads_back(text: str) -> None:
            for setting in ("on", "off"):
                connection.execute(f"SET standard_conforming_strings = {setting}; SET escape_string_warning = off")
                assert connection.execute(f"SELECT {literal(text)}").fetchone() == (text,)

        reads_back()


@pytest.mark.parametrize("value", [None, True, False, -5, 2**40, 0.1, -1e300, 5e-324, math.inf, -math.inf])
def test_postgresql_reads_back_every_other_value(database: str, value: float | None):
    with psycopg.connect(database) as connection:
        row = connection.execute(f"SELECT {literal(value)}").fetchone()
    assert row is not None
    assert (None if row[0] is None else float(row[0])) == (None if value is None else float(value))


def test_nan_stays_not_a_number(database: str):
    with psycopg.connect(database) as connection:
        row = connection.execute(f"SELECT {literal(math.nan)}").fetchone()
    assert row is not None
    assert math.isnan(row[0])


def test_postgresql_reads_back_a_quoted_name(database: str):
    name = 'Größe "x"; --'
    with psycopg.connect(database) as connection:
        cursor = connection.execute(f"SELECT 1 AS {identifier(name)}")
        assert cursor.description is not None
        assert cursor.description[0].name == name


def test_postgresql_subtracts_a_negative_number_instead_of_reading_a_comment(database: str):
    with psycopg.connect(database) as connection:
        assert connection.execute(f"SELECT 3 -{literal(-4)}").fetchone() == (7,)
