"""However the lines of a log come, its entries are the same as when it is read at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import UsageError
from dbops.workload.logs.entries import Entries
from dbops.workload.logs.formats import formats
from dbops.workload.logs.record import Counted, Record

HEAD = "2026-11-25 12:00:0{}.000 UTC [7] "
TEXT = [
    HEAD.format(1) + "LOG:  duration: 1.000 ms  execute <unnamed>: SELECT a\n", "\tFROM b\n", "\n",
    HEAD.format(1) + "DETAIL:  Parameters: $1 = 'x\n", "\ty'\n",
    HEAD.format(2) + "ERROR:  no\n", HEAD.format(2) + "STATEMENT:  SELECT no\n", "\tFROM nothing\n",
    HEAD.format(3) + "LOG:  statement: SELECT 3\n",
]  # fmt: skip
CSV = [
    line + "\n"
    for number in range(4)
    for line in (
        f'2026-11-25 12:00:0{number}.000 UTC,"app","shop",7,"[local]",6b.7,1,"SELECT",2026-11-25 11:00:00 UTC,3/1,0,'
        f'LOG,00000,"duration: 1.000 ms  statement: SELECT ""{number}"",\n\n2026,',
        'FROM a",,,,,,,,,"web","client backend",,0',
    )
    for line in line.split("\n")
]
JSON = [
    f'{{"timestamp":"2026-11-25 12:00:0{number}.000 UTC","pid":7,"message":"statement: SELECT {number}"}}\n'
    for number in range(5)
]
LOGS = {"stderr": TEXT, "csvlog": CSV, "jsonlog": JSON}


def at_once(name: str, lines: list[str]) -> tuple[list[Record], int]:
    counted = Counted()
    return list(formats()[name].records(lines, counted, None)), counted.unreadable


@given(st.sampled_from(sorted(LOGS)), st.lists(st.integers(0, 20), max_size=8))
def test_lines_in_portions_give_the_same_entries(name: str, cuts: list[int]) -> None:
    lines, counted = LOGS[name], Counted()
    entries = Entries(counted, prefix=None)
    found: list[Record] = []
    places = sorted({0, len(lines), *(min(cut, len(lines)) for cut in cuts)})
    for begin, end in pairwise(places):
        found += entries.take(lines[begin:end])
    found += entries.rest()
    assert (found, counted.unreadable) == at_once(name, lines)


@pytest.mark.parametrize("name", LOGS)
def test_what_is_left_of_an_entry_before_the_first_line_is_left_out(name: str) -> None:
    counted = Counted()
    lines = LOGS[name]
    entries = Entries(counted, prefix=None, begun=lines, midway=True)
    found = [*entries.take(lines[1:]), *entries.rest()]
    expected, _ = at_once(name, lines)
    assert found == expected[1:] != []
    assert counted.unreadable == 0


def test_what_never_has_a_known_prefix_is_refused() -> None:
    entries = Entries(Counted(), prefix=None)
    assert list(entries.take(["hello\n"] * 500)) == []
    with pytest.raises(UsageError, match="no prefix that is known"):
        list(entries.take(["hello\n"]))
