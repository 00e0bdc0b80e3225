"""Which database is made for a copy: the target's locale where it can be had, else what is nearest."""

from __future__ import annotations

import pytest

from dbops.explain.prove.surroundings import Surroundings, locales
from dbops.results.target import spelt


def around(provider="c", collate="en_US.UTF-8", locale=None, encoding="UTF8"):
    return Surroundings(
        version=150018,
        schemas=("public",),
        encoding=encoding,
        provider=provider,
        collate=collate,
        ctype=collate,
        locale=locale,
        shared_buffers=1 << 27,
        workers=8,
        settings={"work_mem": "4MB"},
    )


def test_the_targets_own_locale_comes_first():
    first, *others = locales(around(), 180000)
    assert first.clause == "ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'en_US.UTF-8' LC_CTYPE 'en_US.UTF-8'"
    assert first.instead is None
    assert [each.instead for each in others] == ["C.UTF-8", "the server's own locale"]


def test_before_15_there_is_no_provider_to_name():
    assert next(locales(around(), 140000)).clause == "ENCODING 'UTF8' LC_COLLATE 'en_US.UTF-8' LC_CTYPE 'en_US.UTF-8'"


def test_icu_needs_no_locale_of_the_machine():
    clauses = [each.clause for each in locales(around("i", locale="de-DE"), 160000) if each.instead is None]
    assert all("ICU_LOCALE 'de-DE'" in clause for clause in clauses)
    assert clauses[-1].endswith("LC_COLLATE 'C' LC_CTYPE 'C'")


def test_a_server_without_icu_gets_another_order_and_says_so():
    assert [each.instead for each in locales(around("i", locale="de-DE"), 140000)] == [
        "C.UTF-8",
        "the server's own locale",
    ]


@pytest.mark.parametrize("version", [130000, 160000])
def test_the_built_in_order_by_code_point_is_libcs_c_on_older_servers(version):
    first = next(locales(around("b", "C", "C.UTF-8"), version))
    assert first.clause.endswith("LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")
    assert first.instead is None


def test_an_encoding_is_the_targets():
    assert "ENCODING 'LATIN1'" in next(locales(around(collate="C", encoding="LATIN1"), 170000)).clause


def test_only_settings_that_are_known_are_taken_over():
    found = around().with_settings({"work_mem": "1GB", "statement_timeout": "1s"})
    assert found.settings == {"work_mem": "1GB"}


def test_a_version_is_spelt_as_people_do():
    assert spelt(150018) == "15.18"
