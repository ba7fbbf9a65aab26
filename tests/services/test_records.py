"""Executions and task runs come back from their rows as they were."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map
from msgspec.structs import replace

from tiercel.engine.events import Created, Done, Ran
from tiercel.model.execution import Answer, Changes, Execution, Kind, Label, Metadata, ParentLink, Step, TriggerInfo
from tiercel.model.history import History, Moment, born
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, Attempt, Scope, TaskRun
from tiercel.ports.flows import Place
from tiercel.services.records import (
    Handled,
    event_row,
    execution_row,
    label_key,
    label_rows,
    read_events,
    read_execution,
    read_run,
    run_row,
)

NOW = datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=UTC)
ID = "0Vc1cSFX1DR5iAYDUFajKG"
PLACE = Place(1, 2, 3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def an_execution(**given: Any) -> Execution:
    known: dict[str, Any] = {
        "id": ID,
        "tenant": "main",
        "namespace": "company.team",
        "flow_id": "flow",
        "flow_revision": 3,
        "state": born(NOW),
        "metadata": Metadata(1, NOW),
        "original_id": ID,
    }
    return Execution(**{**known, **given})


def a_run(**given: Any) -> TaskRun:
    known: dict[str, Any] = {"id": "run", "ord": 4, "task_id": "task", "state": born(NOW)}
    return TaskRun(**{**known, **given})


def test_a_header_comes_back_whole() -> None:
    execution = an_execution(
        state=History(State.RUNNING, (Moment(State.CREATED, NOW), Moment(State.RUNNING, NOW))),
        kind=Kind.TEST,
        labels=(Label("team", "data:lake"), Label("system.from", "api")),
        inputs={"a": {"b": [1, 2.5, None, "ü"]}},
        variables={"x": 1},
        outputs={"y": True},
        trigger=TriggerInfo("webhook", "io.kestra.plugin.core.trigger.Webhook", {"body": {}}),
        schedule_date=NOW,
        parent_id="parent",
        cause_id="cause",
        waits=ParentLink("parent", 3, 1),
        life=2,
        next_ord=7,
        next_seq=5,
        is_held=True,
        pending=(Step("advance", 0, 1, 2),),
        scopes=Map({ROOT: Scope(next=2, ended={State.SUCCESS: 1})}),
        timers=Map({"retry:0:1": NOW + timedelta(hours=1)}),
        awaiting=Map({"kv(key)": (1, 2)}),
        answers=Map({1: {"kv(key)": Answer("value")}}),
        changes=Changes(created=True),
    )
    row = execution_row(execution, PLACE, marked=True)
    assert read_execution(row) == replace(execution, changes=Changes(first_new=7))
    assert (row.tenant, row.namespace, row.flow, row.marked, row.origin) == (1, 2, 3, True, 2)


@given(VALUES)
def test_any_inputs_come_back(value: Any) -> None:
    execution = an_execution(inputs={"value": value}, changes=Changes(created=True))
    assert read_execution(execution_row(execution, PLACE, marked=False)).inputs == {"value": value}


def test_what_was_given_is_written_with_the_first_row_only() -> None:
    assert execution_row(an_execution(changes=Changes()), PLACE, marked=False).given == b""


@pytest.mark.parametrize("state", [State.PAUSED, State.RUNNING, State.KILLING])
def test_what_is_not_over_has_no_end(state: State) -> None:
    history = History(state, (Moment(State.CREATED, NOW), Moment(state, NOW)))
    assert execution_row(an_execution(state=history), PLACE, marked=False).ended is None
    assert run_row(ID, a_run(state=history), None).ended is None


def test_a_task_run_comes_back_with_its_counters() -> None:
    run = a_run(
        state=History(State.SUCCESS, (Moment(State.CREATED, NOW), Moment(State.SUCCESS, NOW))),
        parent=2,
        parent_task_run_id="above",
        value="grün",
        iteration=1,
        around=("outer",),
        attempts=(Attempt(born(NOW), "worker", "file"),),
        outputs={"value": 1},
        force_execution=True,
    )
    scope = Scope(block="errors", open=1)
    assert read_run(run_row(ID, run, scope)) == (run, scope)


def test_the_values_of_a_loop_are_no_outputs() -> None:
    run = a_run(values=("1", "2"))
    row = run_row(ID, run, None)
    assert read_run(row) == (run, None)
    assert run_row(ID, run, None, values_stored=True).outputs is None


def test_a_second_attempt_without_outputs_clears_those_of_the_first() -> None:
    twice = a_run(attempts=(Attempt(born(NOW)), Attempt(born(NOW))))
    assert run_row(ID, a_run(), None).outputs is None
    assert run_row(ID, twice, None).outputs == b"null"
    assert read_run(run_row(ID, twice, None))[0].outputs is None


def test_a_restarted_run_without_outputs_clears_those_it_had() -> None:
    again = a_run(state=History(State.RESTARTED, (Moment(State.CREATED, NOW), Moment(State.RESTARTED, NOW))))
    assert run_row(ID, again, None).outputs == b"null"
    assert read_run(run_row(ID, again, None))[0].outputs is None


def test_values_that_json_does_not_know_are_written_as_text() -> None:
    run = a_run(outputs={"odd": {None: 1, "half": "\ud800", "set": {1}}})
    assert read_run(run_row(ID, run, None))[0].outputs == {"odd": {"None": 1, "half": "?", "set": [1]}}


def test_events_come_back_with_who_wrote_them() -> None:
    events = (Created(NOW, 1), Ran(NOW, 3, 0, 1), Done(NOW, 2, 0, 1, State.SUCCESS, {"a": 1}))
    handled = Handled(9, "1.2", events, {0: 64})
    row = event_row(an_execution(next_seq=4), handled, at=NOW)
    assert read_events(row) == handled
    assert row.seq == 4


def test_events_with_text_that_no_database_takes_come_back_with_a_mark_in_its_place() -> None:
    done = Done(NOW, 2, 0, 1, State.SUCCESS, {"half": "\ud800"})
    row = event_row(an_execution(next_seq=4), Handled(9, "1.2", (done,), {0: 64}), at=NOW)
    assert read_events(row) == Handled(9, "1.2", (msgspec.structs.replace(done, outputs={"half": "?"}),), {0: 64})


def test_labels_are_found_by_a_number_of_64_bits() -> None:
    execution = an_execution(labels=(Label("a", "1"), Label("b", "2"), Label("system.from", "api")))
    assert [row.label for row in label_rows(execution, 1)] == [label_key(1, "a", "1"), label_key(1, "b", "2")]
    assert [row.label for row in label_rows(execution, 1, stored=(Label("a", "1"),))] == [label_key(1, "b", "2")]
    assert label_rows(replace(execution, kind=Kind.LOOP), 1) == []
    assert -(2**63) <= label_key(1, "a", "1") < 2**63
    assert label_key(1, "a", "1") != label_key(2, "a", "1")


def test_a_label_that_no_database_takes_as_it_is_is_found_by_what_is_stored_of_it() -> None:
    assert label_key(1, "a", "half \ud83d") == label_key(1, "a", "half ?")
