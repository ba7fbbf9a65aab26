"""What task runs gave, by task and value: in the order of the task runs, whatever made it and in whatever process."""

import os
import subprocess
import sys
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tiercel.model.results import Results

WAYS = st.lists(st.sampled_from("abc"), min_size=2, max_size=2).map(tuple)


def test_names_come_in_the_order_of_the_task_runs_not_of_their_ends() -> None:
    results = Results().placed(("late",), {"n": 1}, ord=7).placed(("early",), {"n": 2}, ord=3)
    assert list(results) == ["early", "late"]


def test_a_level_stands_where_its_earliest_task_run_stands() -> None:
    results = Results().placed(("each", "x"), 1, ord=4).placed(("between",), 2, ord=3).placed(("each", "y"), 3, ord=2)
    assert list(results) == ["each", "between"]
    assert list(results["each"]) == ["y", "x"]


def test_what_was_put_is_found_and_what_was_taken_away_is_not() -> None:
    results = Results().placed(("each", "x"), {"v": 1}, ord=1)
    assert results["each"]["x"] == {"v": 1}
    assert results.without(("each", "x")) == Results()
    assert results.without(("each", "z")) == results


@given(st.lists(st.tuples(WAYS, st.booleans()), max_size=30))
def test_the_order_is_that_of_what_is_left(steps: list[tuple[tuple[str, ...], bool]]) -> None:
    results, left = Results(), dict[tuple[str, ...], int]()
    for ord, (way, is_put) in enumerate(steps):
        results = results.placed(way, ord, ord=ord) if is_put else results.without(way)
        left = left | {way: ord} if is_put else {kept: at for kept, at in left.items() if kept != way}
    assert {(task, value): results[task][value] for task in results for value in results[task]} == left
    for levels in (results, *results.values()):
        places = [levels[name].first if isinstance(levels[name], Results) else levels[name] for name in levels]
        assert all(one < other for one, other in pairwise(places))


def test_the_order_is_the_same_in_every_process() -> None:
    """Texts hash differently in each, and a replay must print what was printed."""
    code = (
        "from tiercel.model.results import Results; r = Results()\n"
        "for n, name in enumerate('qwertyuiop'): r = r.placed((name,), n, ord=n)\n"
        "print(*r)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert said == {b"q w e r t y u i o p\n"}
