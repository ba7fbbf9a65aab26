from typing import Any

import pytest
from tests.engine.world import context_of

from tiercel.engine.plan import FlowContext

FLOW = "io.kestra.plugin.core.flow."
RETRY = {"type": "constant", "interval": "PT1S", "maxAttempts": 2}


def context(*tasks: dict[str, Any], **flow: Any) -> FlowContext:
    return context_of({"id": "flow", "tasks": list(tasks), **flow})


def test_disabled_tasks_are_left_out_with_all_below_them() -> None:
    made = context(
        {"id": "a", "type": FLOW + "Sequential", "disabled": True, "tasks": [{"id": "b", "type": "test.Work"}]},
        {"id": "c", "type": "test.Work"},
    )
    assert set(made.nodes) == {"c"}
    assert made.blocks["tasks"] == ("c",)


def test_a_task_inherits_the_retry_of_the_nearest_above_it() -> None:
    inner = {"id": "inner", "type": FLOW + "Sequential", "tasks": [{"id": "a", "type": "test.Work"}]}
    outer = {"id": "outer", "type": FLOW + "Sequential", "retry": {**RETRY, "maxAttempts": 5}, "tasks": [inner]}
    made = context(outer, {"id": "b", "type": "test.Work"}, retry=RETRY)
    limits = {id: node.inherited_retry and node.inherited_retry.max_attempts for id, node in made.nodes.items()}
    assert limits == {"outer": 2, "inner": 5, "a": 5, "b": 2}


def test_what_runs_after_the_end_is_forced_and_has_no_retry_of_the_flow() -> None:
    after = {"id": "after", "type": FLOW + "Sequential", "tasks": [{"id": "below", "type": "test.Work"}]}
    made = context({"id": "a", "type": "test.Work"}, afterExecution=[after], retry=RETRY)
    assert [id for id, node in made.nodes.items() if node.is_forced] == ["after", "below"]
    assert made.nodes["below"].inherited_retry is None


def test_branches_count_as_tasks_and_the_other_lists_as_themselves() -> None:
    made = context(
        {
            "id": "if",
            "type": FLOW + "If",
            "condition": "true",
            "then": [{"id": "a", "type": "test.Work"}],
            "else": [{"id": "b", "type": "test.Work"}],
            "errors": [{"id": "c", "type": "test.Work"}],
            "finally": [{"id": "d", "type": "test.Work"}],
        }
    )
    assert {id: node.block for id, node in made.nodes.items()} == {
        "if": "tasks",
        "a": "tasks",
        "b": "tasks",
        "c": "errors",
        "d": "finally",
    }


def test_a_dag_knows_who_waits_for_whom_and_counts_disabled_ones_as_met() -> None:
    entries = [
        {"task": {"id": "a", "type": "test.Work"}},
        {"task": {"id": "off", "type": "test.Work", "disabled": True}},
        {"task": {"id": "b", "type": "test.Work"}, "dependsOn": ["a", "off"]},
        {"task": {"id": "c", "type": "test.Work"}, "dependsOn": ["a", "b"]},
    ]
    node = context({"id": "dag", "type": FLOW + "Dag", "tasks": entries}).nodes["dag"]
    assert node.needs == (0b0, 0b1, 0b11)
    assert node.dependents == ((1, 2), (2,), ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", set()),
        ("{{ inputs.a }}", set()),
        ("{{ outputs.a.value }}", {"a"}),
        ("{{ outputs['a'].value }}", {"a"}),
        ("{{ outputs[inputs.which].value }}", {"a", "b", "c"}),
        ("{{ tasks.b.state }}", {"b"}),
        ("{{ tasksWithState('FAILED') }}", {"a", "b", "c"}),
        ("{{ render(vars.x) }}", {"a", "b", "c"}),
        ("{{ broken", set()),
    ],
)
def test_only_what_expressions_name_is_kept(text: str, kept: set[str]) -> None:
    tasks = [{"id": id, "type": "test.Work"} for id in "ab"]
    assert context(*tasks, {"id": "c", "type": "test.Work", "text": text}).kept == kept


def test_names_in_outputs_variables_and_keys_count_too() -> None:
    made = context(
        {"id": "a", "type": "test.Work"},
        {"id": "b", "type": "test.Work", "map": {"{{ outputs.b.key }}": 1}},
        {"id": "c", "type": "test.Work"},
        outputs=[{"id": "o", "type": "STRING", "value": "{{ outputs.a.value }}"}],
        variables={"v": ["{{ outputs.c.value }}"]},
    )
    assert made.kept == {"a", "b", "c"}
