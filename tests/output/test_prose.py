from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from dbops.output.prose import wrapped

TEXT = st.text(alphabet="ab-é \t\n\r", max_size=200)


@given(TEXT, st.integers(24, 80), st.sampled_from(["", "  ", "      "]))
def test_lines_break_where_the_standard_library_breaks_them(text: str, width: int, indent: str) -> None:
    expected = textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    if len(indent) + len(text) <= width and "\n" not in text and "\t" not in text:
        expected = [indent + text] if text else []
    assert wrapped(text, width, indent=indent) == expected


def test_code_is_not_broken() -> None:
    assert wrapped("this is what `SELECT 1 FROM t` means", 24) == ["this is what", "`SELECT 1 FROM t` means"]
