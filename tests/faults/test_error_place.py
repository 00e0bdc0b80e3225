"""A SQL error names the file, the line and the column, and the statement, wherever PostgreSQL found it."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.fault

# What stands in the file below its marker: SQL, the line and column of the error in the file, words of the message.
CASES = {
    "an unknown column": ("SELECT 1;\nSELECT\n    nonsense\nFROM items;", 4, 5, "nonsense"),
    "an unknown function": ("SELECT 1;\nSELECT 1, nofunc(2);", 3, 11, "nofunc"),
    "after several bytes a character": ("SELECT 'größe 🐘';\n/* é */ SELECT 'ü', nonsense;", 3, 21, "nonsense"),
    "a run-time error in a query": ("SELECT 1;\nSELECT 2;\nSELECT 1 / (SELECT 0);\nSELECT 3;", 4, None, "division"),
    "a bad literal": ("SELECT 1;\nINSERT INTO numbers\nVALUES ('x1');", 4, 9, "invalid input syntax"),
    "a constraint": ("SELECT 1;\n\nINSERT INTO numbers VALUES (-1);", 4, None, "violates check"),
    "within a function": ("SELECT 1;\nSELECT fails();\nSELECT 2;", 3, None, "division"),
    "within a DO block": ("SELECT 1;\n\n\nDO $$ BEGIN PERFORM 1 / 0; END $$;", 5, None, "division"),
    "SQL in a function that fails to parse": ("SELECT 1;\nSELECT says('SELEC 1');", 3, None, "syntax error"),
}


@pytest.fixture
def numbers(project):
    project.execute(
        "CREATE TABLE numbers (n int CHECK (n > 0) UNIQUE DEFERRABLE INITIALLY DEFERRED);"
        "CREATE FUNCTION fails() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1 / 0; END';"
        "CREATE FUNCTION says(text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE $1; END'"
    )
    return project


@pytest.mark.parametrize(
    ("case", "options"),
    [
        *((case, "") for case in CASES),
        ("after several bytes a character", "transaction:false"),
        ("a run-time error in a query", "transaction:false"),
        ("within a DO block", "transaction:false"),
    ],
)
def test_the_place_of_an_error(numbers, case, options):
    sql, line, column, words = CASES[case]
    path = numbers.write("0001", sql, options=options)
    ran = numbers.run("up")
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_FAILED"), ran.explain()
    detail = ran.error["details"][0]
    assert (detail["file"], detail["line"], detail["column"]) == (str(path), line, column)
    assert words in detail["error"]
    assert ran.error["message"].startswith(f"{path}:{line}:" + (f"{column}: " if column else " "))
    statement = detail["statement"]
    assert statement in sql
    assert sql.count("\n", 0, sql.index(statement)) + 2 <= line


def test_the_place_counts_from_the_files_begin_also_behind_an_unwrapped_transaction(numbers):
    path = numbers.write("0001", "-- a comment\nBEGIN;\nSELECT 1;\nSELECT  nonsense;\nCOMMIT;")
    detail = numbers.run("up").error["details"][0]
    assert (detail["file"], detail["line"], detail["column"]) == (str(path), 5, 9)


def test_the_place_of_an_error_in_a_down(numbers):
    path = numbers.write("0001", "SELECT 1;", "SELECT 2;\nSELECT nonsense;")
    numbers.up()
    ran = numbers.run("down")
    detail = ran.error["details"][0]
    assert (detail["file"], detail["line"], detail["column"]) == (str(path), 5, 8)
    assert numbers.states() == {"0001": "applied"}


def test_an_error_at_commit_says_so(numbers):
    path = numbers.write("0001", "INSERT INTO numbers VALUES (1);\nINSERT INTO numbers VALUES (1);")
    ran = numbers.run("up")
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_FAILED"), ran.explain()
    assert "at COMMIT: duplicate key" in ran.error["message"]
    assert ran.error["details"][0]["file"] == str(path)
    assert ran.error["details"][0]["sqlstate"] == "23505"
    assert numbers.column("SELECT n FROM numbers") == []
    numbers.assert_finished([])


def test_an_error_that_the_parser_finds_is_found_before_anything_is_run(numbers):
    numbers.write("0001", "INSERT INTO ledger VALUES ('one');")
    path = numbers.write("0002", "SELECT 1;\nSELEC 2;")
    ran = numbers.run("up")
    assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION"), ran.explain()
    assert f"{path}:3:1" in ran.error["message"]
    assert numbers.ledger() == []
