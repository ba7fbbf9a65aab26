from datetime import UTC, datetime
from typing import Any

import msgspec
from tests.engine.world import Simulation, context_of, label, trigger

from tiercel.engine import job, variables
from tiercel.engine.commands import Job
from tiercel.engine.variables import Variables, nested_labels
from tiercel.model.execution import TriggerInfo
from tiercel.model.states import State

FLOW = "io.kestra.plugin.core.flow."


def jobs_of(*tasks: dict[str, Any], flow: dict[str, Any] | None = None, **created: Any) -> dict[str, Job]:
    """The jobs of a flow by the name of their task; a loop's by `task[value]`."""
    made: dict[str, Job] = {}

    def script(given: Job) -> Any:
        made[given.task_id if given.value is None else f"{given.task_id}[{given.value}]"] = given
        return State.SUCCESS, {"value": f"{given.task_id}!", "other": 1}

    world = Simulation({"parent": context_of({"id": "parent", "tasks": list(tasks), **(flow or {})})}, script=script)
    world.create("parent", **created)
    world.run()
    return made


def test_a_job_has_the_raw_properties_and_the_variables_that_they_name() -> None:
    made = jobs_of(
        {"id": "a", "type": "test.Work"},
        {"id": "b", "type": "test.Work"},
        {
            "id": "c",
            "type": "test.Work",
            "timeout": "PT9S",
            "text": "{{ outputs.a.value }} {{ inputs.x }} {{ flow.id }}",
        },
        inputs={"x": 1, "y": 2},
    )
    assert made["c"].properties == {"text": "{{ outputs.a.value }} {{ inputs.x }} {{ flow.id }}"}
    assert made["c"].variables == {"outputs": {"a": {"value": "a!"}}, "inputs": {"x": 1}, "flow": {"id": "parent"}}
    assert made["c"].timeout == "PT9S"
    assert made["a"].variables == {}


def test_a_computed_name_brings_all_that_it_may_mean() -> None:
    made = jobs_of(
        {"id": "a", "type": "test.Work"},
        {"id": "b", "type": "test.Work", "text": "{{ outputs[inputs.x] }}"},
        inputs={"x": "a"},
    )
    assert made["b"].variables == {"outputs": {"a": {"value": "a!", "other": 1}}, "inputs": {"x": "a"}}


def test_a_text_that_renders_text_brings_everything() -> None:
    made = jobs_of(
        {"id": "a", "type": "test.Work", "text": "{{ render(vars.x) }}"}, flow={"variables": {"x": "{{ flow.id }}"}}
    )
    assert {"flow", "execution", "task", "taskrun", "vars", "outputs", "inputs", "labels"} <= made["a"].variables.keys()


def test_a_job_of_a_loop_knows_its_value_and_those_above() -> None:
    inner = {
        "id": "in",
        "type": FLOW + "ForEach",
        "values": ["y"],
        "tasks": [
            {"id": "a", "type": "test.Work", "text": "{{ parent.taskrun.value }} {{ parents }} {{ taskrun.value }}"}
        ],
    }
    made = jobs_of({"id": "out", "type": FLOW + "ForEach", "values": ["x"], "tasks": [inner]})
    given = made["a[y]"]
    assert (given.value, given.iteration) == ("y", 0)
    assert given.variables["parents"] == [{"taskrun": {"value": "x"}}]
    assert given.variables["parent"] == {"taskrun": {"value": "x"}}


def test_a_job_survives_json_whatever_its_variables_are() -> None:
    made = jobs_of(
        {"id": "a", "type": "test.Work"},
        {"id": "b", "type": "test.Work", "text": "{{ outputs }} {{ tasks }} {{ execution }}"},
    )
    assert msgspec.json.decode(msgspec.json.encode(made["b"]), type=Job) == made["b"]
    assert made["b"].variables["tasks"] == {"a": {"state": "SUCCESS"}, "b": {"state": "SUBMITTED"}}


def test_the_number_of_attempts_made_is_rendered_anew_for_each() -> None:
    retry = {"type": "constant", "interval": "PT1S", "maxAttempts": 3}
    counts: list[Any] = []

    def script(given: Job) -> Any:
        counts.append((given.attempt, given.variables["taskrun"]["attemptsCount"]))
        return State.FAILED, None

    flow = {
        "id": "parent",
        "tasks": [{"id": "a", "type": "test.Work", "retry": retry, "text": "{{ taskrun.attemptsCount }}"}],
    }
    world = Simulation({"parent": context_of(flow)}, script=script)
    world.create("parent")
    world.run()
    assert counts == [(1, 0), (2, 1), (3, 2)]


def test_workers_are_chosen_by_the_task_or_else_by_the_flow() -> None:
    made = jobs_of(
        {
            "id": "own",
            "type": "test.Work",
            "workerSelector": {"tags": ["gpu", "eu"], "match": "ANY", "fallback": "IGNORE"},
        },
        {"id": "flows", "type": "test.Work"},
        flow={"workerGroup": {"key": "small"}},
    )
    assert (made["own"].tags, made["own"].any_tag, made["own"].fallback) == (("gpu", "eu"), True, "IGNORE")
    assert (made["flows"].tags, made["flows"].fallback) == (("small",), "WAIT")


def test_instants_get_the_same_jobs() -> None:
    world = Simulation({"parent": context_of({"id": "parent", "tasks": [{"id": "a", "type": "test.Instant"}]})})
    id = world.create("parent")
    world.deliver()
    made = job(world.context(id), world.executions[id], 0, at=datetime(2026, 1, 1, tzinfo=UTC), seed=1)
    assert (made.type, made.attempt, made.zone) == ("test.Instant", 1, "UTC")


# Variables ------------------------------------------------------------------------------------------------------------


def variables_of(**created: Any) -> Variables:
    world = Simulation({"parent": context_of({"id": "parent", "tasks": [{"id": "a", "type": "test.Work"}]})})
    id = world.create("parent", **created)
    world.deliver()
    return variables(world.context(id), world.executions[id], 0)


def test_names_that_mean_nothing_here_are_not_there() -> None:
    plain = variables_of()
    assert not {"vars", "trigger", "parent", "parents", "tasks"} & set(plain)
    assert {"taskrun", "task", "execution", "flow"} <= set(plain)
    assert len(plain) == len(list(plain))


def test_a_trigger_shows_its_variables_and_itself() -> None:
    assert variables_of(trigger=trigger(date="today"))["trigger"] == {
        "date": "today",
        "_context": {"id": "t", "type": "test.Trigger"},
    }


def test_dates_of_a_schedule_have_the_name_of_1x_too() -> None:
    scheduled = TriggerInfo("t", "io.kestra.plugin.core.trigger.Schedule", {"date": "today"})
    assert variables_of(trigger=scheduled)["schedule"]["date"] == "today"
    assert "schedule" not in variables_of(trigger=trigger(date="today"))


def test_an_execution_shows_its_state_and_start() -> None:
    shown = variables_of()["execution"]
    assert (shown["state"], shown["startDate"], shown["originalId"]) == ("RUNNING", "2026-01-01T00:00:00Z", shown["id"])


def test_labels_nest_by_their_dots_and_the_last_wins() -> None:
    labels = (label("a.b", "1"), label("a.c", "2"), label("x", "3"), label("x", "4"), label("x.y", "5"))
    assert nested_labels(labels) == {"a": {"b": "1", "c": "2"}, "x": {"y": "5"}}


def test_a_job_brings_the_names_beside_one_that_is_meant_and_absent() -> None:
    made = jobs_of(
        {"id": "extract", "type": "test.Work"},
        {"id": "b", "type": "test.Work", "text": "{{ outputs.extrct.value }} {{ inputs.nme }} {{ inpts.x }}"},
        {"id": "c", "type": "test.Work", "text": "{{ outputs.extract.value }}"},
        inputs={"name": "Ada", "age": 36},
    )
    assert made["b"].left_out["outputs"] == ("extract", "b", "c")
    assert made["b"].left_out["inputs"] == ("name", "age")
    assert "inputs" in made["b"].left_out[""]
    assert made["c"].left_out == {}
