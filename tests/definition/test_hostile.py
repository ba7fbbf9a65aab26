"""Texts that nobody should write: reading them ends, soon, and never otherwise than with problems."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some
from tests.definition.catalog import SmallCatalog

from tiercel.definition import check, legacy_text, read, resolve
from tiercel.model.flow import Input, InputType

WORDS = some.sampled_from(
    [
        *("id", "namespace", "tasks", "type", "inputs", "triggers", "labels", "outputs", "errors", "then", "cases"),
        *(
            "dependsOn",
            "conditions",
            "retry",
            "defaults",
            "values",
            "core.flow.If",
            "core.flow.Dag",
            "core.flow.Switch",
        ),
        *(
            "core.flow.Pause",
            "core.log.Log",
            "STRING",
            "FORM",
            "{{ a.b }}",
            "{{ outputs.x-y }}",
            "{% if %}",
            "onResume",
        ),
    ]
)
SCALARS = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5) | WORDS
TREES: some.SearchStrategy[Any] = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(WORDS | some.text(max_size=3), inner, max_size=6),
    max_leaves=25,
)
SIGNS = some.text(alphabet="ab:- \n\t{}[]\"'|>&*!%#,?<\\\x00\ud800é0", max_size=60)


@given(SIGNS)
def test_any_text_is_read(text: str) -> None:
    assert_judged(text)


@given(some.dictionaries(WORDS, TREES, max_size=8))
def test_any_data_is_judged(data: dict[str, Any]) -> None:
    assert_judged(yaml.safe_dump(data, allow_unicode=True))


@given(some.text(max_size=30))
def test_any_text_may_stand_in_a_flow(text: str) -> None:
    assert_judged(f"id: a\nnamespace: b\ntasks:\n  - id: c\n    type: core.log.Log\n    message: {text}\n")


def assert_judged(text: str) -> None:
    """Whatever it is, it is a flow or has an error that says why not."""
    reading = read(text)
    problems = check(reading, SmallCatalog())
    assert reading.flow is not None or legacy_text(problems)
    assert all(problem.message for problem in problems)


@given(some.sampled_from(InputType), TREES, some.sampled_from([None, *InputType]))
def test_any_value_may_be_given_to_any_input(kind: InputType, value: Any, item: InputType | None) -> None:
    declared = Input.model_construct(id="x", type=kind, item_type=item)
    resolution = resolve((declared,), {"x": value}, render=lambda one, _: one)
    assert resolution.errors or resolution.inputs == () or "x" in resolution.values


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000 + "]" * 5000,
        "\n".join("  " * depth + "a:" for depth in range(400)),
        "a: " + "{b: " * 300 + "1" + "}" * 300,
    ],
)
def test_a_text_that_is_nested_too_deep_is_refused(text: str) -> None:
    assert [problem.severity for problem in read(text).problems] == ["ERROR"]


def test_aliases_that_grow_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (problem,) = read("\n".join(lines)).problems
    assert problem.code == "too-much"


def test_an_alias_inside_its_own_value_is_refused() -> None:
    assert [problem.code for problem in read("a: &a [*a]").problems] == ["too-much"]
    assert [problem.code for problem in read("a: &a\n  <<: *a").problems] == ["too-much"]


def test_a_character_that_cannot_be_read_is_told_with_its_place() -> None:
    (problem,) = read("id: a\nnamespace: \x07").problems
    assert (problem.code, problem.line, problem.column) == ("unreadable", 2, 12)
    assert "U+0007" in problem.message


@pytest.mark.slow
def test_a_long_flow_is_judged_in_the_time_of_its_length() -> None:
    tasks = "".join(
        f"  - id: t{n}\n    type: core.log.Log\n    message: '{{{{ outputs.t{max(n - 1, 0)} ?? n }}}}'\n"
        for n in range(3000)
    )
    reading = read(f"id: a\nnamespace: b\ntasks:\n{tasks}")
    assert [problem.line for problem in check(reading, SmallCatalog())] == [6]  # the first one reads itself


@pytest.mark.parametrize(
    "written",
    [
        "triggers: [{id: t, type: core.trigger.Webhook, stopAfter: [[1], {a: b}, 3]}]",
        "tasks: [{id: d, type: core.flow.Dag, tasks: [{task: 3}, {dependsOn: x}, 4]}]",
        "tasks: [{id: s, type: core.flow.Switch, value: x, cases: [1]}, {id: [1], type: {a: b}}]",
        "inputs: [{id: f, type: FORM, inputs: 3}, {id: {}, type: []}, 4, {id: x, type: INT, dependsOn: 3}]",
        "labels: [{key: 1, value: []}, 2]",
        "pluginDefaults: [{type: core.log.Log, values: 3}, 4]",
        "tasks: {a: b}",
    ],
)
def test_what_stands_in_the_wrong_place_is_refused(written: str) -> None:
    reading = read(f"id: a\nnamespace: b\n{written}\n")
    assert legacy_text(check(reading, SmallCatalog()))
