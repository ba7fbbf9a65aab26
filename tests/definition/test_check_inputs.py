"""What is said of inputs, checks, labels and plugin defaults before a flow runs."""

import pytest
from tests.definition.catalog import LOG, SmallCatalog

from tiercel.definition import Problem, Severity, check, errors, read

TASK = f"tasks:\n  - {{id: say, type: {LOG}, message: hi}}\n"


def problems(body: str) -> tuple[Problem, ...]:
    return check(read(f"id: one\nnamespace: my.team\n{body}"), SmallCatalog())


def of_inputs(*written: str) -> tuple[Problem, ...]:
    return problems(TASK + "inputs:\n" + "".join(f"  - {one}\n" for one in written))


def test_an_option_needs_the_value_that_the_flow_receives() -> None:
    (problem,) = of_inputs("{id: x, type: SELECT, values: [a, {label: B}]}")
    assert (problem.path, problem.legacy) == (
        "inputs[0].values[1]",
        "Select option object must define a `value` field",
    )


def test_reusable_inputs_need_their_name_and_are_warned_of() -> None:
    assert [problem.path for problem in of_inputs("{id: x, type: REUSABLE_INPUTS}")] == ["inputs[0].ref"]
    (problem,) = of_inputs("{id: x, type: REUSABLE_INPUTS, ref: common}")
    assert problem.severity is Severity.WARNING


def test_a_name_for_people_is_not_longer_than_64_characters() -> None:
    (problem,) = of_inputs(f"{{id: x, type: INT, displayName: '{'x' * 65}'}}")
    assert (problem.code, problem.path) == ("too-long", "inputs[0].displayName")


def test_an_id_that_a_pause_asks_for_twice_is_a_warning() -> None:
    asked = "onResume: [{id: a, type: STRING}, {id: b, type: STRING}, {id: a, type: INT}]"
    (problem,) = problems(f"tasks: [{{id: p, type: core.flow.Pause, {asked}}}]\n")
    assert (problem.code, problem.path, problem.severity) == (
        "duplicate-id",
        "tasks[0].onResume[2].id",
        Severity.WARNING,
    )
    assert problem.message == "a second input has the id `a`, the first is in line 3: ids are unique"


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("{id: x, type: STRING, defaults: '{{ inputs.y }}'}", "inputs[0].defaults"),
        ("{id: x, type: JSON, defaults: {a: ['{{ inputs.y.z }}']}}", "inputs[0].defaults.a[0]"),
        ("{id: x, type: SELECT, expression: '{{ inputs.f.a }}'}", "inputs[0].expression"),
        ("{id: x, type: INT, dependsOn: {condition: '{{ inputs.y > 1 }}'}}", "inputs[0].dependsOn.condition"),
        ("{id: x, type: INT, defaults: '{{ inputs.y }}', dependsOn: {inputs: [f]}}", "inputs[0].defaults"),
    ],
)
def test_an_input_that_names_another_without_depending_on_it_is_warned_of(written: str, path: str) -> None:
    (problem,) = of_inputs(written, "{id: y, type: JSON}", "{id: f, type: FORM, inputs: [{id: a, type: JSON}]}")
    assert (problem.code, problem.path, problem.severity) == ("unseen-input", path, Severity.WARNING)


@pytest.mark.parametrize(
    "written",
    [
        "{id: x, type: STRING, defaults: '{{ inputs.y }}', dependsOn: {inputs: [y]}}",
        "{id: x, type: STRING, defaults: '{{ inputs.f.a }}', dependsOn: {inputs: [f.a]}}",
        "{id: x, type: STRING, defaults: '{{ inputs.f.a }}', dependsOn: {inputs: [f]}}",
        "{id: x, type: FORM, dependsOn: {inputs: [y]}, inputs: [{id: z, type: INT, defaults: '{{ inputs.y }}'}]}",
        "{id: x, type: STRING, prefill: '{{ inputs.y }}'}",
    ],
)
def test_an_input_sees_what_it_or_its_group_depends_on(written: str) -> None:
    assert of_inputs(written, "{id: y, type: JSON}", "{id: f, type: FORM, inputs: [{id: a, type: JSON}]}") == ()


def test_what_the_inputs_of_a_pause_depend_on_is_looked_at_too() -> None:
    body = (
        "tasks:\n  - id: p\n    type: core.flow.Pause\n    onResume:\n"
        "      - {id: a, type: STRING, dependsOn: {inputs: [b]}}\n"
    )
    (problem,) = problems(body)
    assert (problem.message, problem.severity) == ("there is no input `b`", Severity.WARNING)


def test_a_check_needs_a_condition_and_a_message() -> None:
    found = errors(problems(TASK + "checks:\n  - {when: '', message: ''}\n  - {message: x}\n"))
    assert [problem.path for problem in found] == ["checks[0].when", "checks[0].message", "checks[1].when"]


def test_the_condition_of_a_check_has_an_older_name() -> None:
    assert errors(problems(TASK + "checks: [{condition: '{{ true }}', message: x}]\n")) == ()


DEFAULTS = f"pluginDefaults:\n  - type: {LOG}\n    values: "


@pytest.mark.parametrize(
    ("values", "code", "legacy"),
    [
        ("{level: }", "empty", "No value provided for key 'level'"),
        ("{lvel: INFO}", "unknown-property", f"No property 'lvel' exists in plugin '{LOG}'"),
    ],
)
def test_a_plugin_default_names_properties_and_values(values: str, code: str, legacy: str) -> None:
    (problem,) = problems(f"{TASK}{DEFAULTS}{values}\n")
    assert (problem.code, problem.line, problem.legacy_path) == (code, 7, "pluginDefaults[0]")
    assert problem.legacy == f"Invalid Plugin Default: {legacy}"


def test_a_value_that_a_plugin_default_cannot_have_is_refused() -> None:
    (problem,) = problems(
        f"{TASK}pluginDefaults:\n  - type: io.kestra.plugin.core.trigger.Schedule\n    values: {{cron: daily}}\n"
    )
    assert (problem.code, problem.path) == ("value", "pluginDefaults[0].values.cron")


@pytest.mark.parametrize("type_name", ["io.kestra.plugin.core", "some.other", LOG])
def test_properties_of_every_task_may_be_defaults(type_name: str) -> None:
    assert problems(f"{TASK}pluginDefaults: [{{type: {type_name}, values: {{timeout: PT1M}}}}]\n") == ()


def test_what_a_task_labels_may_be_empty_until_it_runs() -> None:
    body = "tasks: [{id: l, type: io.kestra.plugin.core.execution.Labels, labels: {'': x, a: ''}}]\n"
    assert errors(problems(body)) == ()
