from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dbops.cli.main  # noqa: F401  # whatever module has errors of its own is loaded by then
from dbops.errors import DbopsError

DOCUMENT = Path(__file__).parents[1] / "docs" / "errors.md"
PROMISED = {
    "USAGE", "CONFIG_ERROR", "CONNECTION_FAILED", "INVALID_MIGRATION", "MIGRATION_FAILED", "MIGRATION_LOCKED",
    "LOCK_TIMEOUT", "CHECKSUM_MISMATCH", "MISSING_MIGRATION", "OUT_OF_ORDER", "IRREVERSIBLE", "NOT_PRIMARY",
    "INTERRUPTED",
}  # fmt: skip


def _kinds(kind: type[DbopsError] = DbopsError) -> Iterator[type[DbopsError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)


KINDS = [kind for kind in _kinds() if kind.__module__.startswith("dbops.")]


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS if "code" in vars(kind)]  # a finer kind may keep its parent's
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[A-Z]+(_[A-Z]+)*", code) for code in codes)


def test_the_promised_codes_are_there() -> None:
    assert {kind.code for kind in KINDS} >= PROMISED


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_exit_status_is_one_of_the_documented(kind: type[DbopsError]) -> None:
    assert kind.exit_status in {2, 3, 64, 130}


def test_every_code_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [kind.code for kind in KINDS if f"`{kind.code}`" not in text] == []


def test_the_json_object_has_all_fields_and_the_context() -> None:
    error = DbopsError("no", hint="do", details=[{"field": "a", "error": "b"}], retryable=True, context={"applied": []})
    assert error.to_dict() == {
        "code": "INTERNAL_ERROR",
        "message": "no",
        "hint": "do",
        "retryable": True,
        "details": [{"field": "a", "error": "b"}],
        "applied": [],
    }
    assert str(error) == "no"
