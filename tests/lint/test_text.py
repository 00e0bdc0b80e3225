from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.lint.run.files import Texts, save
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
        (b"SELECT 1;\nSELECT '\xe9'", "byte 0xe9 is not UTF-8", 2),
    ],
)
def test_what_is_no_text_is_said_with_its_line(data: bytes, reason: str, line: int) -> None:
    source = decode(data, "a.sql")
    assert isinstance(source, NotText)
    assert (source.reason, source.line) == (reason, line)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    source = Texts().load(str(tmp_path))
    assert isinstance(source, NotText)
    assert "can't be read" in source.reason


def test_a_file_is_replaced_with_its_permissions_and_through_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.sql", tmp_path / "link.sql"
    real.write_bytes(b"a\r\n")
    real.chmod(0o640)
    link.symlink_to(real)
    source = Texts().load(str(link))
    assert isinstance(source, SourceText)
    save(source, "b\n")
    assert real.read_bytes() == b"b\r\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.sql", "real.sql"]
