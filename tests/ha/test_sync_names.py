"""``synchronous_standby_names`` is read as PostgreSQL reads it."""

from __future__ import annotations

import random
from contextlib import closing

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from dbops.ha.sync_names import SyncNames, parse
from servers.server import Server

WORDS = [
    "ANY", "first", "n2", '"a b"', '"', '""', "*", ",", "(", ")", "1", "2", "0", " ", "é", "$", "-", "any1", "_", "'",
]  # fmt: skip
REFUSED = [
    " ", "n2,", ",n2", "n2 n3", "any", "ANY (n2)", "FIRST(n2)", "any1(n2)", "0 (n2)", "1 n2", "1 ()", "ANY 1 (n2",
    "(n2)", "first 1 (first)", '"n2', "n-2", "'n2'", "12ab", "1 (n2) n3", "1 ((n2))", "n2)",
]  # fmt: skip
NAMES = st.lists(st.sampled_from(["n2", '"a ""b"', "*", "12", "_x$1", "é", '"any"', "First1"]), min_size=1)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", None),
        ("n2", SyncNames(1, ("n2",))),
        ("n2 , n3,n2", SyncNames(1, ("n2", "n3", "n2"))),
        ("2 (n2, n3)", SyncNames(2, ("n2", "n3"))),
        ("FIRST 2 (n2, n3)", SyncNames(2, ("n2", "n3"))),
        ("any 1(n2,*)", SyncNames(1, ("n2", "*"), quorum=True)),
        ('"any", "say ""n2"""', SyncNames(1, ("any", 'say "n2"'))),
        ("1", SyncNames(1, ("1",))),
        ("1 (1)", SyncNames(1, ("1",))),
        ("any1", SyncNames(1, ("any1",))),
        ("ANY 3 (n2)", SyncNames(3, ("n2",), quorum=True)),
    ],
)
def test_it_is_read(text: str, read: SyncNames | None) -> None:
    assert parse(text) == read


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_server_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|greater than zero"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "application", "included"),
    [
        ("n2", "N2", True),
        ('"N2"', "n2", True),
        ("n2", "n22", False),
        ("*", "whatever", True),
        ('"*"', "whatever", True),
        ("ANY 1 (n3, *)", "n2", True),
        ("\N{KELVIN SIGN}2", "k2", False),
        ("n" * 64, "n" * 63, False),
    ],
)
def test_names_are_compared_as_the_server_does(text: str, application: str, included: bool) -> None:
    names = parse(text)
    assert names is not None
    assert names.include(application) is included


@given(st.sampled_from(["", "3", "ANY 2", "first 1"]), NAMES, st.sampled_from([",", " ,\t", ",\n "]))
def test_any_list_of_names_is_read_whole(how: str, names: list[str], comma: str) -> None:
    listed = comma.join(names)
    read = parse(f"{how} ({listed})" if how else listed)
    assert read is not None
    assert [name.strip('"') for name in names] == [name.replace('"', '""') for name in read.names]
    assert (read.count, read.quorum) == (int(how[-1]) if how else 1, how.startswith("ANY"))


@given(st.text() | st.lists(st.sampled_from(WORDS)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = parse(text)
    except ValueError:
        return
    assert (read is None) == (text == "")
    assert read is None or (read.count > 0 and read.names)


def test_what_is_read_here_is_what_the_server_takes(private_server: Server) -> None:
    choose = random.Random(7)
    lists = [
        ", ".join(choose.choices(["n2", '"A"', "*", "1", "x y", "any"], k=choose.randrange(3))) for _ in range(200)
    ]
    texts = [f"{choose.choice(['ANY 1 (', '2(', 'First 3 ('])}{each})" for each in lists]
    texts += ["".join(choose.choices(WORDS, k=choose.randrange(8))) for _ in range(300)]
    with closing(psycopg.connect(private_server.dsn(), autocommit=True)) as connection:
        assert [text for text in texts if _taken(connection, text) != _read(text)] == []
    assert 100 < sum(map(_read, texts)) < 400


def _taken(connection: psycopg.Connection, text: str) -> bool:
    try:
        connection.execute(sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(text))
    except psycopg.DatabaseError:
        return False
    return True


def _read(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
