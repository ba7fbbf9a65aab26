"""Plugin defaults: who wins, what is merged, and where they reach."""

from typing import Any

from tiercel.definition import read, with_defaults
from tiercel.definition.defaults import apply
from tiercel.model.flow import PluginDefault

LOG = "io.kestra.plugin.core.log.Log"


def default(values: dict[str, Any], *, of: str = LOG, forced: bool = False) -> PluginDefault:
    return PluginDefault(type=of, values=values, forced=forced)


def merged(task: dict[str, Any], *defaults: PluginDefault) -> dict[str, Any]:
    return apply({"tasks": [task]}, defaults)["tasks"][0]


def test_a_default_yields_to_what_is_written() -> None:
    task = {"type": LOG, "message": "own"}
    assert merged(task, default({"message": "default", "level": "WARN"})) == {**task, "level": "WARN"}


def test_a_forced_default_wins_over_what_is_written() -> None:
    assert merged({"type": LOG, "level": "INFO"}, default({"level": "WARN"}, forced=True))["level"] == "WARN"


def test_the_nearest_default_wins_and_of_forced_ones_the_farthest() -> None:
    near, far = {"level": "near"}, {"level": "far"}
    assert merged({"type": LOG}, default(near), default(far))["level"] == "near"
    assert merged({"type": LOG}, default(near, forced=True), default(far, forced=True))["level"] == "far"


def test_mappings_are_merged_and_lists_put_together() -> None:
    task = {"type": LOG, "options": {"a": 1, "b": {"c": 1}}, "items": [3]}
    given = default({"options": {"a": 0, "b": {"d": 2}}, "items": [1, 2]})
    assert merged(task, given) == {"type": LOG, "options": {"a": 1, "b": {"c": 1, "d": 2}}, "items": [1, 2, 3]}


def test_a_default_reaches_all_types_that_begin_with_its_name_in_any_spelling() -> None:
    assert (
        merged({"type": "core.log.Log"}, default({"level": "WARN"}, of="io.kestra.plugin.core.log"))["level"] == "WARN"
    )
    old = {"type": "io.kestra.core.tasks.flows.Parallel"}
    assert merged(old, default({"concurrent": 2}, of="io.kestra.plugin.core.flow.Parallel"))["concurrent"] == 2
    assert merged({"type": "io.kestra.plugin.core.debug.Return"}, default({"level": "WARN"})) == {
        "type": "io.kestra.plugin.core.debug.Return"
    }


def test_a_default_reaches_plugins_inside_plugins_also_those_it_brings() -> None:
    runner = "io.kestra.plugin.core.runner.Process"
    task = merged(
        {"type": "x.Script"},
        default({"taskRunner": {"type": runner}}, of="x.Script"),
        default({"env": {"A": "b"}}, of=runner),
    )
    assert task["taskRunner"] == {"type": runner, "env": {"A": "b"}}


TEXT = f"""\
id: one
namespace: my.team
inputs: [{{id: a, type: STRING, required: false}}]
tasks: [{{id: p, type: core.flow.Parallel, tasks: [{{id: a, type: {LOG}, message: hi}}]}}]
"""


def test_a_flow_without_defaults_stays_as_it_is() -> None:
    reading = read(TEXT)
    assert with_defaults(reading) is reading


def test_the_defaults_of_flow_and_server_are_in_the_flow_that_runs() -> None:
    reading = read(f"{TEXT}pluginDefaults: [{{type: {LOG}, values: {{level: WARN}}}}]\n")
    server = [default({"level": "ERROR", "message": "x", "timeout": "PT1S"})]
    flow = with_defaults(reading, server).flow
    assert flow is not None
    (task,) = flow.tasks[0].children()  # type: ignore[attr-defined]
    assert (task.properties, task.timeout) == ({"level": "WARN", "message": "hi"}, "PT1S")


def test_a_default_for_a_property_that_the_type_does_not_have_is_left_out() -> None:
    reading = with_defaults(
        read(TEXT), [default({"nope": 1, "concurrent": 3}, of="io.kestra.plugin.core.flow.Parallel")]
    )
    assert reading.flow is not None
    assert reading.flow.tasks[0].concurrent == 3  # type: ignore[attr-defined]


def test_a_default_that_breaks_the_flow_is_told() -> None:
    reading = with_defaults(read(TEXT), [default({"timeout": "soon"})])
    assert reading.flow is None
    assert [problem.path for problem in reading.problems] == ["tasks[0].tasks[0].timeout"]
