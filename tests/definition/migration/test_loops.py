"""Loops of 1.x, written as a Loop where that means the same."""

import pytest
from tests.definition.migration.flows import EACH, FLOW, HEAD, LOG, PAUSE, anew, by_hand, migrated


def test_a_loop_that_nobody_looks_into_becomes_loop() -> None:
    expected = EACH.replace("EachSequential", "Loop").replace("value: [", "values: [")
    expected = expected.replace("{{ taskrun.value }} {{ taskrun.iteration }}", "{{ item.value }} {{ item.index }}")
    assert anew(EACH) == expected.replace("outputs.inner[taskrun.value].value", "outputs.inner.value")


def test_a_word_outside_of_expressions_looks_nowhere() -> None:
    old = EACH.replace(f"{FLOW}Each", "io.kestra.core.tasks.flows.Each").replace(LOG, "io.kestra.core.tasks.log.Log")
    old = old.replace("} taskrun.value", "} tasks of the execution, outputs.inner")
    expected = EACH.replace("EachSequential", "Loop").replace("value: [", "values: [")
    expected = expected.replace("{{ taskrun.value }} {{ taskrun.iteration }}", "{{ item.value }} {{ item.index }}")
    expected = expected.replace("} taskrun.value", "} tasks of the execution, outputs.inner")
    assert anew(old) == expected.replace("outputs.inner[taskrun.value].value", "outputs.inner.value")


def test_rounds_at_the_same_time_stay_at_the_same_time() -> None:
    text = f"tasks:\n  - id: each\n    type: {FLOW}EachParallel\n    value: [x]\n    tasks: [{{id: a, type: {LOG}, message: x}}]\n"
    assert "    values: [x]\n    concurrencyLimit: 0\n" in anew(text)
    limited = text.replace("value: [x]", "value: [x]\n    concurrent: 2")
    assert "    values: [x]\n    concurrencyLimit: 2\n" in anew(limited)


def test_tasks_further_in_name_the_round_as_their_parent_s() -> None:
    inner = f"{{id: a, type: {LOG}, message: '{{{{ parent.taskrun.value }}}}'}}"
    check = f"{{id: if, type: {FLOW}If, condition: '{{{{ taskrun.value }}}}', then: [{inner}]}}"
    text = f"tasks:\n  - id: each\n    type: {FLOW}ForEach\n    values: [x]\n    tasks: [{check}]\n"
    expected = text.replace("ForEach", "Loop").replace("parent.taskrun.value", "item.value")
    assert anew(text) == expected.replace("taskrun.value", "item.value")


def test_tasks_of_a_round_that_ran_at_the_same_time_stand_in_a_parallel() -> None:
    tasks = f"      # both\n      - id: a\n        type: {LOG}\n        message: |\n          x\n      - {{id: b, type: {LOG}, message: '{{{{ taskrun.value }}}}'}}\n"
    text = f"tasks:\n  - id: each\n    type: {FLOW}EachParallel\n    value: [x]\n    tasks:\n{tasks}"
    inner = "".join(f"    {line}\n" for line in tasks.replace("taskrun.value", "item.value").splitlines())
    assert anew(text) == (
        f"tasks:\n  - id: each\n    type: {FLOW}Loop\n    values: [x]\n    concurrencyLimit: 0\n    tasks:\n"
        f"      - id: each_at_once\n        type: {FLOW}Parallel\n        tasks:\n{inner}"
    )


AFTER = f"  - id: after\n    type: {LOG}\n    message: \"{{{{ outputs.inner['x'].value }}}}\"\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (EACH + AFTER, "read outside"),
        (EACH + AFTER.replace("outputs.inner['x'].value", "tasks.inner.state"), "read outside"),
        (EACH + AFTER.replace("outputs.inner['x'].value", "errorLogs()"), "read outside"),
        (EACH.replace("    value:", "    allowFailure: true\n    value:"), "`allowFailure`"),
        (EACH.replace("outputs.inner[taskrun.value].value", "outputs.inner | json"), "of all rounds"),
        (EACH.replace("taskrun.iteration", "execution.id"), "looks out"),
        (EACH.replace("taskrun.iteration", "parent.taskrun.value"), "looks out"),
        (EACH.replace("        message:", "        allowFailure: true\n        message:"), "excuses"),
    ],
)
def test_a_loop_that_is_looked_into_is_left(text: str, reason: str) -> None:
    told = [step.message for step in migrated(HEAD + text).left]
    assert [reason in each for each in told if "as a Loop" in each] == [True]


def test_what_stands_in_two_places_is_changed_in_neither() -> None:
    text = (
        HEAD
        + EACH.replace("tasks:\n      - id: inner", "tasks:\n      - &inner\n        id: inner")
        + "errors: [*inner]\n"
    )
    found = migrated(text)
    assert (found.text, len(found.left)) == (text, 1)


def test_what_has_no_equal_is_left_with_a_hint() -> None:
    [told] = by_hand("tasks:\n  - {id: s, type: io.kestra.plugin.core.state.Get, name: x}\n")
    assert "kv.Get" in told


def test_lines_are_those_of_the_text_before() -> None:
    text = HEAD + PAUSE + "  - {id: s, type: io.kestra.plugin.core.state.Get, name: x}\n"
    found = migrated(text)
    [left] = found.left
    assert text.splitlines()[left.line - 1].strip().startswith("- {id: s")
    [delay] = [step for step in found.done if "`delay`" in step.message]
    assert text.splitlines()[delay.line - 1].strip() == "delay: PT1S"
