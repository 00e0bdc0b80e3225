"""Files of logs: compressed, several, damaged, in other encodings, and what is none."""

from __future__ import annotations

import bz2
import gzip
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import UsageError
from dbops.workload.logs.executions import executions
from dbops.workload.logs.formats import format_of, formats
from dbops.workload.logs.opening import read
from dbops.workload.logs.prefix import KNOWN, compiled, guessed
from dbops.workload.logs.record import Counted, moment

TEXT = "2026-11-25 12:00:0{0}.000 UTC [7] LOG:  duration: 1.000 ms  statement: SELECT {0}\n"
CSV = (
    '2026-11-25 12:00:0{0}.000 UTC,"app","shop",7,"[local]",6b.7,1,"SELECT",2026-11-25 11:00:00 UTC,3/1,0,LOG,00000,'
    '"duration: 1.000 ms  statement: SELECT {0}",,,,,,,,,"web","client backend",,0\n'
)
JSON = (
    '{{"timestamp":"2026-11-25 12:00:0{0}.000 UTC","pid":7,"session_id":"6b.7","error_severity":"LOG",'
    '"message":"duration: 1.000 ms  statement: SELECT {0}"}}\n'
)


def _asked(*files: Path, counted: Counted | None = None, **how: str) -> list[str]:
    return [each.sql for each in executions(read(files, counted or Counted(), **how))]


@pytest.mark.parametrize("write", [gzip.compress, bz2.compress, lzma.compress, bytes])
@pytest.mark.parametrize("line", [TEXT, CSV, JSON])
def test_compressed_files_are_read(tmp_path: Path, write: Callable[[bytes], bytes], line: str) -> None:
    file = tmp_path / "any.name"
    file.write_bytes(write("".join(line.format(number) for number in range(3)).encode()))
    assert _asked(file) == ["SELECT 0", "SELECT 1", "SELECT 2"]


def test_files_are_read_in_the_order_of_their_entries(tmp_path: Path) -> None:
    for name, number, line in (("a.log", 3, TEXT), ("b.csv", 1, CSV), ("c.json", 2, JSON)):
        (tmp_path / name).write_text(line.format(number))
    assert _asked(*sorted(tmp_path.iterdir())) == ["SELECT 1", "SELECT 2", "SELECT 3"]


def test_an_entry_of_csv_that_was_cut_off_costs_no_other(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    cut = CSV.format(2)[: CSV.index("SELECT {0}") + 3]
    file.write_text(CSV.format(1) + cut + "\n" + CSV.format(3) + CSV.format(4)[:90])
    counted = Counted()
    assert _asked(file, counted=counted) == ["SELECT 1", "SELECT 3"]
    assert counted.unreadable == 2


@pytest.mark.parametrize(
    "damage", ["{", '{"timestamp": 7}', "[1]", '{"timestamp":"2026-11-25 12:00:0', '{"message":"x"}', "\x00\x00"]
)
def test_a_line_of_json_that_is_none_costs_no_other(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "log.json"
    file.write_text(JSON.format(1) + damage + "\n" + JSON.format(2))
    counted = Counted()
    assert _asked(file, counted=counted) == ["SELECT 1", "SELECT 2"]
    assert counted.unreadable == 1


def test_text_in_another_encoding_is_read(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(
        TEXT.format(1).encode() + "2026-11-25 12:00:02 UTC [7] LOG:  statement: SELECT 'ä'\n".encode("latin-1")
    )
    assert _asked(file)[1] == "SELECT '\ufffd'"
    assert _asked(file, encoding="latin-1")[1] == "SELECT 'ä'"


def test_an_archive_that_was_cut_off_is_an_error_that_names_it(tmp_path: Path) -> None:
    file = tmp_path / "log.gz"
    file.write_bytes(gzip.compress(TEXT.format(1).encode() * 1000)[:-20])
    with pytest.raises(UsageError, match=r"log\.gz: can't be read"):
        _asked(file)


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.log: can't be read: No such file"):
        _asked(tmp_path / "nothing.log")


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: Is a directory"):
        _asked(tmp_path)


@pytest.mark.parametrize("text", ["hello\nworld\n", "\x00\x01\x02", "2026-11-25 nonsense\n"])
def test_what_is_no_log_asks_for_the_prefix(tmp_path: Path, text: str) -> None:
    file = tmp_path / "log"
    file.write_text(text)
    with pytest.raises(UsageError, match="no prefix that is known") as raised:
        _asked(file)
    assert "SHOW log_line_prefix" in str(raised.value.hint)


@pytest.mark.parametrize("text", ["", "\n\n", "\r\n"])
def test_an_empty_log_has_nothing_in_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "log"
    file.write_text(text)
    assert _asked(file) == []


@pytest.mark.parametrize(("write", "name"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_an_archive_that_is_damaged_is_an_error_that_names_it(
    tmp_path: Path, write: Callable[[bytes], bytes], name: str
) -> None:
    whole = write("".join(TEXT.format(number % 10) for number in range(2000)).encode())
    file = tmp_path / f"log.{name}"
    for place in (len(whole) // 4, len(whole) // 2, len(whole) * 3 // 4):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with pytest.raises(UsageError, match=rf"log\.{name}: "):
            _asked(file)


@pytest.mark.parametrize(
    ("begin", "how", "tool"),
    [
        (b"\x04\x22\x4d\x18", "lz4", "lz4 -dc"),
        (b"PK\x03\x04", "zip", "unzip -p"),
        (b"\x1f\x9d", "compress", "zcat"),
    ],
)
def test_what_can_not_be_uncompressed_is_said_with_what_can(tmp_path: Path, begin: bytes, how: str, tool: str) -> None:
    file = tmp_path / "log"
    file.write_bytes(begin + bytes(20))
    with pytest.raises(UsageError, match=f"compressed with {how}, which this Python can't read") as raised:
        _asked(file)
    assert raised.value.hint == f"{tool} {file} | dbops nplusone --log -"


def test_zstd_is_read_where_python_has_it(tmp_path: Path) -> None:
    file = tmp_path / "log.zst"
    content = TEXT.format(1).encode()
    # A frame of one segment with one raw block, the last (RFC 8878, 3.1.1).
    block = (len(content) << 3 | 1).to_bytes(3, "little")
    file.write_bytes(b"\x28\xb5\x2f\xfd\x20" + bytes([len(content)]) + block + content)
    if sys.version_info >= (3, 14):
        assert _asked(file) == ["SELECT 1"]
    else:
        with pytest.raises(UsageError, match="compressed with zstd"):
            _asked(file)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line", [TEXT, CSV, JSON])
def test_a_mark_at_the_begin_says_the_encoding(tmp_path: Path, line: str, encoding: str) -> None:
    file = tmp_path / "log"
    file.write_text("".join(line.format(number) for number in range(3)), encoding=encoding)
    counted = Counted()
    assert _asked(file, counted=counted) == ["SELECT 0", "SELECT 1", "SELECT 2"]
    assert counted.unreadable == 0


@pytest.mark.parametrize("line", [TEXT, CSV, JSON])
def test_lines_may_end_as_on_windows(tmp_path: Path, line: str) -> None:
    file = tmp_path / "log"
    file.write_bytes("".join(line.format(number) for number in range(3)).replace("\n", "\r\n").encode())
    counted = Counted()
    assert _asked(file, counted=counted) == ["SELECT 0", "SELECT 1", "SELECT 2"]
    assert counted.unreadable == 0


@pytest.mark.parametrize("line", [TEXT, CSV])
@pytest.mark.parametrize("encoding", ["latin-1", "euc-jp", "utf-8"])
def test_statements_of_several_lines_in_any_encoding_are_whole(tmp_path: Path, line: str, encoding: str) -> None:
    word = "日本" if encoding != "latin-1" else "Müller"
    many = line.format(1).replace("SELECT 1", f"SELECT '{word}',\n\t\t''''\n\tFROM a")
    file = tmp_path / "log"
    file.write_bytes((many + line.format(2)).encode(encoding))
    (first, second) = _asked(file, encoding=encoding)
    assert first.split() == ["SELECT", f"'{word}',", "''''", "FROM", "a"]
    assert second == "SELECT 2"


def test_zeros_that_a_crash_left_cost_one_entry(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(TEXT.format(1) + "\0" * 50 + TEXT.format(2) + TEXT.format(3))
    counted = Counted()
    assert _asked(file, counted=counted) == ["SELECT 1", "SELECT 3"]
    assert counted.unreadable == 1


def test_what_another_session_says_in_between_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    head = "2026-11-25 12:00:0{0}.000 UTC [{0}] "
    execute = head + "LOG:  duration: 1.000 ms  execute <unnamed>: SELECT $1\n"
    detail = head + "DETAIL:  Parameters: $1 = '{0}'\n\tand more\n"
    file = tmp_path / "log"
    file.write_text(execute.format(1) + execute.format(2) + detail.format(1) + detail.format(2) + execute.format(3))
    counted = Counted()
    found = list(executions(read([file], counted)))
    assert [each.parameters for each in found] == [None, "$1 = '2'\nand more", None]
    assert counted.unreadable == 1


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("Nov 25 12:00:01 db1 postgres[12]: [3-1] {0}", "syslog's", "sed -E"),
        ("2026-11-25T12:00:01.5+01:00 db1 postgres[12]: {0}", "syslog's", "sed -E"),
        ('{{"log":"{0}\\n","stream":"stderr"}}', "Docker's JSON", "docker logs"),
        ("2026-11-25T12:00:00.000000000Z stderr F {0}", "Kubernetes's", "kubectl logs"),
    ],
)
def test_what_is_around_the_lines_is_said_with_what_takes_it_away(
    tmp_path: Path, line: str, what: str, hint: str
) -> None:
    file = tmp_path / "log"
    file.write_text("".join(line.format(TEXT.format(number).strip()) + "\n" for number in range(3)))
    with pytest.raises(UsageError, match=f"within {what}") as raised:
        _asked(file)
    assert hint in str(raised.value.hint)


def test_the_hint_for_syslog_does_it(tmp_path: Path) -> None:
    file, plain = tmp_path / "log", tmp_path / "plain"
    line = "Nov 25 12:00:01 db1 postgres[12]: [{0}-1] {1}Nov 25 12:00:01 db1 postgres[12]: [{0}-2] #011FROM a\n"
    file.write_text("".join(line.format(number, TEXT.format(number)) for number in range(3)))
    with pytest.raises(UsageError) as raised:
        _asked(file)
    command = str(raised.value.hint).partition(" | ")[0].replace("FILE", str(file))
    plain.write_bytes(subprocess.run(["bash", "-c", command], capture_output=True, check=True).stdout)
    assert _asked(plain) == [f"SELECT {number}\nFROM a" for number in range(3)]


@pytest.mark.parametrize("prefix", ["%z", "%m [%p] %?"])
def test_a_prefix_that_postgresql_has_not_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="has no escape"):
        compiled(prefix)


VALUES = {
    "%a": "web", "%u": "app", "%d": "shop", "%r": "10.0.0.1(5432)", "%h": "10.0.0.1", "%p": "4711", "%l": "3",
    "%t": "2026-11-25 12:00:01 UTC", "%m": "2026-11-25 12:00:01.250 CET", "%c": "6b06d5d1.7b19", "%q": "", "%%": "%",
}  # fmt: skip


@given(st.lists(st.sampled_from(sorted(VALUES)), unique=True), st.sampled_from([" ", "|", "] [", ","]))
def test_any_prefix_gives_back_what_was_written(escapes: list[str], between: str) -> None:
    match = compiled(between.join(escapes) + " ").match(
        between.join(VALUES[each] for each in escapes) + " LOG:  statement: SELECT 1"
    )
    assert match is not None
    said = match.groupdict()
    assert said["text"] == "statement: SELECT 1"
    for escape, name in (("%p", "pid"), ("%u", "user"), ("%d", "database"), ("%a", "application"), ("%c", "session")):
        if escape in escapes:
            assert said[name] == VALUES[escape]


@pytest.mark.parametrize("prefix", KNOWN)
def test_a_prefix_is_guessed_as_one_that_tells_as_much(prefix: str) -> None:
    line = prefix
    for escape, value in VALUES.items():
        line = line.replace(escape, value)
    lines = [f"{line}LOG:  statement: SELECT 1", "\tFROM items", f"{line}DETAIL:  Parameters: $1 = '1'"]
    chosen = guessed(lines)
    assert chosen is not None
    expected, found = (compiled(each).match(lines[0]).groupdict() for each in (prefix, chosen))
    assert {name for name, value in expected.items() if value} <= {name for name, value in found.items() if value}


@given(st.text(max_size=200))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for each in formats().values():
        counted = Counted()
        records = list(each.records(text.splitlines(keepends=True), counted, "%m [%p] "))
        assert len(records) == counted.records
    assert format_of(text).NAME in formats()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2026-11-25 12:00:01.250 UTC", 0.25), ("2026-11-25 12:00:01 UTC", 0.0), ("2026-11-25 12:00:02.5 UTC", 1.5)],
)
def test_moments_differ_by_what_passed(text: str, seconds: float) -> None:
    begin = moment("2026-11-25 12:00:01 UTC")
    assert begin is not None
    assert moment(text) == pytest.approx(begin + seconds)


@pytest.mark.parametrize("text", ["", "now", "2026-13-45 12:00:01 UTC", "2026-11-25T12:00:01"])
def test_what_is_no_moment_is_unknown(text: str) -> None:
    assert moment(text) is None
