"""What psql, CSV and a log put around plans is taken off."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dbops.explain.plan.reading import PlanUnreadable, documents, read
from explain.plan.captures import FOLDER, captures, sections

PSQL = sections(FOLDER / "psql.txt")
TEXT = next(each.text for each in captures(18) if each.name == "correlated_subplan run")
DOCUMENT = next(each.document for each in captures(18) if each.name == "correlated_subplan run")
PRETTY = json.dumps([DOCUMENT], indent=2)


def one(text: str) -> dict[str, Any]:
    (document,) = documents(text, "plan")
    return document


PLAIN = one(TEXT)


def lines_of(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


@pytest.mark.parametrize("style", PSQL)
def test_psql_may_print_a_plan_in_any_style(style: str):
    plain = PSQL[f"{style.partition(' ')[0]} -At"]
    assert one(PSQL[style]) == one(plain)


def test_what_was_copied_with_the_prompt_before_it_and_the_time_below_is_read():
    table = "\n".join(f" {line}" for line in lines_of(TEXT))
    screen = (
        f"db=# EXPLAIN ANALYZE SELECT 1;\n{'QUERY PLAN':^40}\n{'-' * 40}\n{table}\n(19 rows)\n\nTime: 3,1 ms\ndb=# "
    )
    assert one(screen) == PLAIN


def test_the_first_lines_blank_is_easily_lost_when_copying():
    assert one("\n".join(f" {line}" for line in lines_of(TEXT)).lstrip()) == PLAIN
    assert one("   Seq Scan on t\n     Filter: (a > 3)") == one("Seq Scan on t\n  Filter: (a > 3)")


def test_a_single_node_copied_without_its_first_blank_is_read():
    document = one("Seq Scan on t  (cost=0.00..1.00 rows=3 width=4)\n Planning Time: 0.100 ms\n")
    assert document["Planning Time"] == 0.1


def test_several_tables_give_several_plans():
    table = f"QUERY PLAN\n----------\n{TEXT}(19 rows)\n\n"
    assert documents(table * 3, "plan") == (PLAIN,) * 3
    records = PSQL["TEXT -Plinestyle=ascii -Pborder=1 -x"]
    assert len(documents(records * 2, "plan")) == 2


def test_plans_one_after_another_are_several():
    assert documents(TEXT * 2, "plan") == (PLAIN,) * 2
    assert documents(PRETTY + "\n" + PRETTY, "plan") == (DOCUMENT,) * 2
    assert documents(json.dumps([DOCUMENT, DOCUMENT]), "plan") == (DOCUMENT,) * 2
    assert [plan.root.label for plan in read(TEXT * 2, "plan")] == ["Seq Scan on shops s"] * 2


@pytest.mark.parametrize("text", [TEXT, PRETTY], ids=["text", "json"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(text: str):
    assert one("\ufeff" + text.replace("\n", "\r\n")) == one(text)


@pytest.mark.parametrize("text", [TEXT, PRETTY], ids=["text", "json"])
def test_csv_is_unquoted(text: str):
    assert one('"' + text.replace('"', '""') + '"\n') == one(text)
    rows = "\n".join('"' + line.replace('"', '""') + '"' for line in lines_of(text))
    assert one(f'"QUERY PLAN"\n{rows}\n') == one(text)


@pytest.mark.parametrize("text", [TEXT, PRETTY], ids=["text", "json"])
def test_a_plan_in_a_json_string_is_decoded(text: str):
    assert one(json.dumps(text)) == one(text)
    assert one(json.dumps(text.replace("\n", "\r\n"), indent=2) + "\n") == one(text)


@pytest.mark.parametrize("name", ["log.txt", "log.csv", "log.json"])
def test_a_log_gives_its_plans_with_their_queries_and_durations(name: str):
    log = (FOLDER / name).read_text(encoding="utf-8")
    text, from_json = documents(log, name)
    query = "SELECT * FROM shops WHERE city <> 'a,\"b' LIMIT 3 -- it's one\n"
    assert (text["Query Text"], from_json["Query Text"]) == (query, query)
    for document in (text, from_json):
        assert [document["Plan"]["Node Type"], document["Plan"]["Plans"][0]["Filter"]] == [
            "Limit",
            "(city <> 'a,\"b'::text)",
        ]
        assert 0 < document["Execution Time"] < 60_000
    assert documents(log.replace("\n", "\r\n"), name) == (text, from_json)


def test_a_log_whose_lines_do_not_begin_with_tabs_is_read_to_its_next_entry():
    first, second = (f"LOG:  duration: {ms} ms  plan:\n{text}" for ms, text in (("12.5", TEXT), ("3", PRETTY + "\n")))
    said = documents(f"{first}LOG:  something else\nDETAIL:  x\n{second}WARNING:  y\n", "log")
    assert [document["Plan"] for document in said] == [PLAIN["Plan"], DOCUMENT["Plan"]]
    assert said[0]["Execution Time"] == PLAIN["Execution Time"], "what the plan itself says comes first"


def test_the_duration_of_a_log_is_the_execution_time_where_nothing_else_says_it():
    (plan,) = read(
        "LOG:  duration: 12.5 ms  plan:\n\tQuery Text: SELECT 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)\n", "l"
    )
    assert (plan.execution_ms, plan.analyzed, plan.query) == (12.5, False, "SELECT 1")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("QUERY PLAN\n---\n Limit  (cost=0.00..1.00 rows=1 width=4)\n   ->  Seq Scan on t  (cost=0.00", (4, 23)),
        ('QUERY PLAN\n"[{""Plan"": {""Node Type"": 5}}]"', (2, 30)),
        ('"[\\n  {\\"Plan\\": {\\"Node Type\\": 5}}\\n]"', (1, 34)),
        ("+---+\n| QUERY PLAN |\n+---+\n| [  +|\n|   {}  +|\n| ]  |\n+---+", (4, 3)),
        ('LOG:  duration: 1 ms  plan:\n\t{\n\t  "Plan": {"Node Type": 5}\n\t}', (3, 26)),
    ],
)
def test_places_are_those_of_the_file(text: str, place: tuple[int, int]):
    with pytest.raises(PlanUnreadable) as caught:
        read(text, "some.txt")
    assert (caught.value.line, caught.value.column) == place
    assert caught.value.message.startswith("some.txt:{}:{}: ".format(*place))
