"""What differs between an execution and the last good one of its flow."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tiercel.model.execution import Execution, Label, Metadata
from tiercel.model.history import History, Moment
from tiercel.model.states import State
from tiercel.services.comparison import MOST_LINES, compared
from tiercel.services.explanation import Comparison

START = datetime(2026, 1, 1, tzinfo=UTC)
SEALED = "io.kestra.datatype:aes_encrypted"


def execution(seconds: int, **fields: Any) -> Execution:
    moments = (Moment(State.CREATED, START), Moment(State.SUCCESS, START + timedelta(seconds=seconds)))
    plain = {"namespace": "test", "flow_id": "flow", "flow_revision": 1, "tenant": "main", **fields}
    return Execution(id="x", state=History(State.SUCCESS, moments), metadata=Metadata(1, START), **plain)


def differing(good: Execution, now: Execution, *sources: str, releases: tuple[Any, Any] = ("1", "1")) -> Comparison:
    before, after = sources or ("", "")
    return compared(now, good, sources=(before, after), releases=releases)


def test_two_alike_do_not_differ() -> None:
    found = differing(execution(1), execution(2))
    assert (found.differences, found.diff, found.good_duration, found.duration) == ((), (), 1.0, 2.0)


def test_inputs_labels_and_releases_that_differ_are_named() -> None:
    good = execution(1, inputs={"a": 1, "b": 2}, labels=(Label("team", "x"), Label("system.from", "ui")))
    now = execution(1, inputs={"a": 1, "c": 3}, labels=(Label("team", "y"), Label("system.from", "api")))
    found = differing(good, now, releases=("1", "2"))
    assert [(each.what, each.before, each.now) for each in found.differences] == [
        ("release", "1", "2"),
        ("inputs.b", 2, None),
        ("inputs.c", None, 3),
        ("labels.team", "x", "y"),
    ]


def test_a_secret_is_another_text_each_time_and_no_difference() -> None:
    good, now = (execution(1, inputs={"s": {"type": SEALED, "value": text}}) for text in ("abc", "def"))
    assert differing(good, now).differences == ()


def test_only_the_lines_that_differ_are_shown_and_not_all_of_many() -> None:
    lines = [f"line {n}" for n in range(50)]
    found = differing(execution(1), execution(1), "\n".join(lines), "\n".join([*lines[:25], "new", *lines[26:]]))
    assert len(found.diff) == 9
    many = differing(execution(1), execution(1), "\n".join(lines * 20), "\n".join(f"{line}!" for line in lines * 20))
    assert len(many.diff) == MOST_LINES
