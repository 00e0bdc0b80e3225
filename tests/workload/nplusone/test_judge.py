"""What is an N+1 is found, with its source and its key; what looks like one and is right is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.results.nplusone import LoopKind
from dbops.workload.logs.executions import Execution
from workload.nplusone import heldout, incidents, later
from workload.nplusone.judging import found
from workload.nplusone.negative import NEGATIVE
from workload.nplusone.positive import POSITIVE
from workload.nplusone.steps import AUTHOR, BEGIN, COMMIT, POSTS, Step, Trace, each, in_transaction, tagged, woven

FOUND = POSITIVE | incidents.POSITIVE | later.POSITIVE | heldout.POSITIVE
RIGHT = NEGATIVE | incidents.NEGATIVE | later.NEGATIVE | heldout.NEGATIVE


@pytest.mark.parametrize("trace", FOUND.values(), ids=FOUND.keys())
def test_an_n_plus_one_is_found(trace: Callable[[], Trace]) -> None:
    assert found(trace())


@pytest.mark.parametrize("trace", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_is_not_found(trace: Callable[[], Trace]) -> None:
    assert found(trace()) == ()


def test_a_loop_is_told_with_its_source_its_keys_and_the_query_that_asks_once() -> None:
    (loop,) = found([Step(POSTS), *each(AUTHOR, [1, 2, 2, 3, 1, 5])])
    assert (loop.query, loop.source_query) == (AUTHOR, "SELECT id, author_id FROM posts ORDER BY id LIMIT $1")
    assert (loop.calls, loop.distinct_parameters, loop.total_ms, loop.column) == (6, 4, 6.0, "id")
    assert loop.remedy == "SELECT name, id FROM authors WHERE id = ANY($1)"
    assert (loop.session, loop.database, loop.application) == ("s0", "shop", "web")


def test_the_same_loop_of_many_requests_is_one_finding() -> None:
    (loop,) = found(*[[Step(POSTS), *each(AUTHOR, range(count))] for count in (5, 30, 7)])
    assert (loop.calls, loop.occurrences, loop.most_calls, loop.session) == (42, 3, 30, "s1")


def test_both_loops_over_the_same_rows_have_the_same_source() -> None:
    likes = "SELECT count(*) FROM likes WHERE post_id = $1"
    both = found([Step(BEGIN), Step(POSTS), *woven(each(AUTHOR, range(8)), each(likes, range(8))), Step(COMMIT)])
    assert {loop.query for loop in both} == {AUTHOR, likes}
    assert {loop.source_query for loop in both} == {"SELECT id, author_id FROM posts ORDER BY id LIMIT $1"}


def test_the_source_of_an_inner_loop_is_the_outer_one() -> None:
    comments = "SELECT id FROM comments WHERE post_id = $1"
    inner = "SELECT * FROM votes WHERE comment_id = $1"
    trace = [
        step for post in range(6) for step in (Step(comments, (post,)), *each(inner, range(post * 9, post * 9 + 9)))
    ]
    (loop,) = [each for each in found([Step(BEGIN), Step(POSTS), *trace, Step(COMMIT)]) if each.query == inner]
    assert loop.source_query == comments


@pytest.mark.parametrize("before", [[], [Step("SELECT data FROM sessions WHERE key = $1", ("k",))]])
def test_who_asks_is_no_row_though_in_the_same_table(before: Trace) -> None:
    user = "SELECT name FROM users WHERE id = $1"
    (loop,) = found([*before, Step(user, (3,)), Step(POSTS), *each(user, range(5))])
    assert loop.source_query == "SELECT id, author_id FROM posts ORDER BY id LIMIT $1"
    assert found([*before, Step(user, (3,)), Step(POSTS), *each(user, range(4))]) == ()
    (loop,) = found([*before, Step(user, (3,)), *in_transaction(Step(POSTS), *each(user, range(5)))])
    assert loop.why == "all in one transaction"


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("SELECT id, lead_id FROM teams", "SELECT name FROM players WHERE id = $1"),
        ("SELECT id FROM folders WHERE top", "SELECT id FROM folders WHERE parent_id = $1"),
    ],
)
def test_a_role_will_do_where_uneven_calls_follow_at_once_with_nothing_between(source: str, key: str) -> None:
    pauses = [0.001, 0.02, 0.004, 0.0005, 0.018, 0.0008, 0.011, 0.0005, 0.016]
    calls = [Step(key, (number,), pause) for number, pause in enumerate(pauses)]
    assert [loop.kind for loop in found([Step(source), *calls])] == [LoopKind.SUSPECTED]
    assert found([Step(source), *calls[:4], Step("SELECT name FROM plans"), *calls[4:]]) == ()
    assert found([Step(source), *calls[:4], Step(source), *calls[4:]]) == ()
    assert found([Step("SELECT name FROM teams"), *calls]) == ()


def test_a_round_of_two_begins_with_what_a_role_refers_to_and_goes_on_with_what_that_gives() -> None:
    user, avatar = "SELECT id, name FROM users WHERE id = $1", "SELECT url FROM avatars WHERE user_id = $1"
    rounds = woven(each(user, range(9)), each(avatar, range(9)))
    assert {loop.query for loop in found([Step(POSTS), *rounds])} == {user, avatar}
    session = Step("SELECT data FROM sessions WHERE key = $1", ("k",))
    assert found([Step(POSTS), *[step for at in range(0, 18, 2) for step in (session, *rounds[at : at + 2])]]) == ()


@pytest.mark.parametrize(
    ("trace", "kind"),
    [
        ([Step(BEGIN), Step(POSTS), *each(AUTHOR, range(9), pause=0.5), Step(COMMIT)], LoopKind.CONFIRMED),
        (tagged([Step(POSTS), *each(AUTHOR, range(9), pause=0.5)], "4bf92f3577b34da6"), LoopKind.CONFIRMED),
        ([Step(POSTS), *each(AUTHOR, range(9))], LoopKind.CONFIRMED),
        ([Step(POSTS), *each(AUTHOR, range(9), pause=0.5)], LoopKind.SUSPECTED),
    ],
    ids=["transaction", "trace", "at once", "with pauses"],
)
def test_what_may_be_several_requests_is_suspected_alone(trace: Trace, kind: LoopKind) -> None:
    assert [loop.kind for loop in found(trace)] == [kind]


def test_the_request_is_named_where_the_application_tells_it() -> None:
    (loop,) = found(tagged([Step(POSTS), *each(AUTHOR, range(9))], "4bf92f3577b34da6"))
    assert loop.request == "posts#index"
    assert "traceparent" not in loop.query


def test_the_fewest_calls_are_a_choice() -> None:
    trace = [Step(POSTS), *each(AUTHOR, range(4))]
    assert (len(found(trace, fewest=4)), len(found(trace, fewest=5))) == (1, 0)


def test_passwords_and_values_are_not_told() -> None:
    trace = [Step("SELECT id FROM a WHERE secret = 'hunter2'"), *each("SELECT * FROM b WHERE token = $1", "abcdefg")]
    (loop,) = found(trace)
    assert "hunter2" not in loop.source_query
    assert "'a'" not in str(loop)


STEPS = st.lists(
    st.one_of(
        st.sampled_from(
            [BEGIN, COMMIT, "ROLLBACK", "DISCARD ALL", POSTS, "", "nonsense (", "SELECT 1", "COMMIT; BEGIN"]
        ).map(Step),
        st.builds(lambda value: Step(AUTHOR, (value,)), st.integers(0, 9)),
        st.builds(Step, st.text(max_size=20)),
    ),
    max_size=60,
)


@given(st.lists(STEPS, min_size=1, max_size=3))
def test_any_statements_are_judged_and_no_more_calls_are_told_than_there_were(traces: list[Trace]) -> None:
    asked = sum(step.sql == AUTHOR for trace in traces for step in trace)
    assert sum(loop.calls for loop in found(*traces) if loop.query == AUTHOR) <= asked


def test_a_loop_of_thousands_is_told_whole_and_busy_sessions_are_cut_between_loops() -> None:
    (loop,) = found([Step(POSTS), *each(AUTHOR, range(5_000))])
    assert (loop.calls, loop.distinct_parameters) == (5_000, 5_000)
    others = [Step(f"SELECT {number} AS a{number}") for number in range(10)]
    busy = [step for _ in range(300) for step in (*others, Step(POSTS), *each(AUTHOR, range(7)))]
    (loop,) = found(busy)
    assert (loop.calls, loop.occurrences) == (2_100, 300)


@pytest.mark.parametrize("odd", ["/* a */ " * 200 + ";", "/*" + "a='1'  " * 200 + "/", "(" * 500, "-- x\n" * 500])
def test_texts_of_nothing_but_comments_are_looked_at_once(odd: str) -> None:
    (loop,) = found([Step(odd), Step(POSTS), *each(AUTHOR, range(9)), Step(odd)])
    assert loop.calls == 9


def test_a_comment_before_the_statement_hides_it_not() -> None:
    (loop,) = found([Step(BEGIN), Step(f"/* a */ -- b\n {POSTS}"), *each(f"/* c */ {AUTHOR}", range(9)), Step(COMMIT)])
    assert loop.kind is LoopKind.CONFIRMED


def in_seconds(execution: Execution) -> Execution:
    """Return what a log tells whose prefix has %t: whole seconds."""
    return execution._replace(at=None if execution.at is None else float(int(execution.at)))


def without_durations(execution: Execution) -> Execution:
    return execution._replace(ms=None)


def test_times_in_whole_seconds_confirm_nothing() -> None:
    (loop,) = found([Step(POSTS), *each(AUTHOR, range(9))], logged=in_seconds)
    assert loop.kind is LoopKind.SUSPECTED


@pytest.mark.parametrize("logged", [in_seconds, without_durations])
@pytest.mark.parametrize("trace", FOUND.values(), ids=FOUND.keys())
def test_an_n_plus_one_is_found_in_logs_that_tell_less(
    trace: Callable[[], Trace], logged: Callable[[Execution], Execution]
) -> None:
    assert found(trace(), logged=logged)


@pytest.mark.parametrize("trace", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_is_not_found_without_durations_either(trace: Callable[[], Trace]) -> None:
    assert found(trace(), logged=without_durations) == ()
