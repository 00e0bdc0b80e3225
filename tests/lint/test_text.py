from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.lint.run.files import Texts
from dbops.lint.run.saving import Changed, replace, save, writable
from dbops.lint.text import NotText, SourceText, decode, encode


def test_line_ends_and_the_mark_are_taken_off_and_put_back() -> None:
    data = b"\xef\xbb\xbfSELECT 1;\r\nSELECT 2;\r\n"
    source = decode(data, "a.sql")
    assert isinstance(source, SourceText)
    assert source.text == "SELECT 1;\nSELECT 2;\n"
    assert encode(source, source.text) == data


def test_mixed_line_ends_are_known_as_such() -> None:
    source = decode(b"a\r\nb\nc", "a.sql")
    assert isinstance(source, SourceText)
    assert source.newline is None


@given(st.binary(max_size=60))
def test_what_is_read_is_written_back_unless_line_ends_were_mixed(data: bytes) -> None:
    source = decode(data, "a.sql")
    if isinstance(source, SourceText) and source.newline is not None:
        assert encode(source, source.text) == data


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"\xff\xfeS\0E\0", "is UTF-16, not UTF-8", 1),
        (b"\x7fELF\0\0\0", "is a binary file", 1),
        (b"SELECT 1;\nSELECT '\xe9'", "has the byte 0xe9, which is not UTF-8", 2),
    ],
)
def test_what_is_no_text_is_said_with_its_line(data: bytes, reason: str, line: int) -> None:
    source = decode(data, "a.sql")
    assert isinstance(source, NotText)
    assert (source.reason, source.line) == (reason, line)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    source = Texts().load(str(tmp_path))
    assert isinstance(source, NotText)
    assert source.reason == "can't be read: Is a directory"


def test_a_file_is_replaced_with_its_permissions_and_through_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.sql", tmp_path / "link.sql"
    real.write_bytes(b"a\r\n")
    real.chmod(0o640)
    link.symlink_to(real)
    save(link, b"a\r\n", b"b\r\n")
    assert real.read_bytes() == b"b\r\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.sql", "real.sql"]


def test_a_file_of_two_names_keeps_both(tmp_path: Path) -> None:
    one, other = tmp_path / "one.sql", tmp_path / "other.sql"
    one.write_bytes(b"longer than the new one")
    other.hardlink_to(one)
    save(one, b"longer than the new one", b"new")
    assert other.read_bytes() == b"new"
    assert one.samefile(other)


def test_a_file_that_changed_after_it_was_read_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.sql"
    file.write_bytes(b"edited meanwhile")
    with pytest.raises(Changed):
        save(file, b"as it was read", b"new")
    assert file.read_bytes() == b"edited meanwhile"
    save(file, b"as it was read", b"edited meanwhile")  # somebody did the same


def test_a_file_that_is_read_only_may_not_be_written_not_even_by_root(tmp_path: Path) -> None:
    file = tmp_path / "a.sql"
    file.write_bytes(b"x")
    assert writable(file)
    file.chmod(0o444)
    assert not writable(file)


def test_a_file_of_our_own_is_made_or_replaced(tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    for text in ("one", "two"):
        replace(file, text)
        assert file.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == ["old.json"]
