"""Plugin defaults: who wins, what is merged, and where they reach."""

from typing import Any

from tests.definition.catalog import SmallCatalog

from tiercel.definition import Defaults, Reading, ServerDefault, check, errors, read, with_defaults
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


def server(*entries: PluginDefault, **more: Any) -> Defaults:
    return Defaults([ServerDefault(**one.model_dump(), **more) for one in entries])


def given(text: str, *entries: PluginDefault, **more: Any) -> Reading:
    """The flow as it runs on a server with defaults of its own."""
    return with_defaults(read(text, defaults=server(*entries, **more)))


def test_a_flow_without_defaults_stays_as_it_is() -> None:
    reading = read(TEXT)
    assert with_defaults(reading) is reading


def test_the_defaults_of_flow_and_server_are_in_the_flow_that_runs() -> None:
    text = f"{TEXT}pluginDefaults: [{{type: {LOG}, values: {{level: WARN}}}}]\n"
    flow = given(text, default({"level": "ERROR", "message": "x", "timeout": "PT1S"})).flow
    assert flow is not None
    (task,) = flow.tasks[0].children()  # type: ignore[attr-defined]
    assert (task.properties, task.timeout) == ({"level": "WARN", "message": "hi"}, "PT1S")


def test_a_default_for_a_property_that_the_type_does_not_have_is_left_out() -> None:
    reading = given(TEXT, default({"nope": 1, "concurrent": 3}, of="io.kestra.plugin.core.flow.Parallel"))
    assert reading.flow is not None
    assert reading.flow.tasks[0].concurrent == 3  # type: ignore[attr-defined]


def test_a_default_that_breaks_the_flow_is_told() -> None:
    reading = given(TEXT, default({"timeout": "soon"}))
    assert reading.flow is None
    assert [problem.path for problem in reading.problems] == ["tasks[0].tasks[0].timeout"]


def test_defaults_of_a_namespace_hold_for_it_and_below_and_the_nearest_wins() -> None:
    entries = [
        ServerDefault(type=LOG, values={"level": "all"}),
        ServerDefault(type=LOG, values={"level": "outer"}, namespace="my"),
        ServerDefault(type=LOG, values={"level": "inner"}, namespace="my.team"),
        ServerDefault(type=LOG, values={"level": "other"}, namespace="my.tea"),
    ]
    levels = [
        task["level"]
        for namespace in ("my.team.a", "my", "mine")
        for task in (Defaults(entries).over({"namespace": namespace, "tasks": [{"type": LOG}]}) or {})["tasks"]
    ]
    assert levels == ["inner", "outer", "all"]


def test_a_default_knows_its_type_by_every_name_that_the_catalog_knows() -> None:
    defaults = Defaults([ServerDefault(type="new.Thing", values={"a": 1})], {"old.Thing": "new.Thing"}.get)
    assert (defaults.over({"tasks": [{"type": "old.Thing"}, {"type": "old.Other"}]}) or {})["tasks"] == [
        {"type": "old.Thing", "a": 1},
        {"type": "old.Other"},
    ]


SUBFLOW = """\
id: one
namespace: my.team
tasks: [{id: call, type: io.kestra.plugin.core.flow.Subflow, flowId: other}, {id: say, type: io.kestra.plugin.core.log.Log}]
pluginDefaults: [{type: io.kestra.plugin.core.flow.Subflow, values: {namespace: theirs}}]
"""


def test_what_a_default_gives_is_not_missing() -> None:
    reading = read(SUBFLOW, defaults=server(default({"message": "hi"})))
    assert check(reading, SmallCatalog()) == ()
    assert reading.flow is not None
    assert with_defaults(reading).flow is not None


def test_what_no_default_gives_is_missing_all_the_same() -> None:
    reading = read(SUBFLOW.replace("{namespace: theirs}", "{wait: true}"))
    assert [problem.path for problem in errors(check(reading, SmallCatalog()))] == [
        "tasks[0].namespace",
        "tasks[1].message",
    ]
    assert reading.flow is None


def test_taskdefaults_of_old_are_defaults() -> None:
    flow = with_defaults(read(f"{TEXT}taskDefaults: [{{type: {LOG}, values: {{level: WARN}}}}]\n")).flow
    assert flow is not None
    (task,) = flow.tasks[0].children()  # type: ignore[attr-defined]
    assert task.properties["level"] == "WARN"
