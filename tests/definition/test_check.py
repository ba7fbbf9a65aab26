"""Checking: what belongs together in a flow, told at the line that is wrong."""

from textwrap import dedent

import pytest
from tests.definition.catalog import LOG, QUERY, SmallCatalog

from tiercel.definition import (
    Problem,
    Severity,
    check,
    deprecation_paths,
    errors,
    infos,
    legacy_text,
    read,
    warnings,
)


def problems(body: str) -> tuple[Problem, ...]:
    return check(read(f"id: one\nnamespace: my.team\n{dedent(body)}"), SmallCatalog())


def told(body: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.line) for problem in problems(body)]


TASK = "tasks: [{id: a, type: core.log.Log, message: hi}]\n"


def test_a_right_flow_has_no_problems() -> None:
    assert told(TASK) == []


def test_an_unknown_type_names_the_one_that_was_meant() -> None:
    (problem,) = problems("tasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Lag\n")
    assert (problem.line, problem.column, problem.fix) == (5, 11, LOG)
    assert problem.legacy == "Invalid type: io.kestra.plugin.core.log.Lag"


def test_a_type_that_is_not_installed_says_what_to_install() -> None:
    (problem,) = problems(f"tasks:\n  - id: a\n    type: {QUERY}\n")
    assert "pip install 'tiercel[sql]'" in problem.message
    assert problem.fix is None


def test_an_unknown_property_of_a_task_is_pointed_at_by_its_name() -> None:
    (problem,) = problems("tasks:\n  - id: a\n    type: core.log.Log\n    message: hi\n    levle: INFO\n")
    assert (problem.line, problem.column, problem.fix) == (7, 5, "level")
    assert (problem.legacy or "").startswith('Unrecognized field "levle" (class io.kestra.plugin.core.log.Log)')


def test_a_missing_property_is_told_at_the_task() -> None:
    found = problems("tasks:\n  - id: a\n    type: core.log.Log\n")
    assert [(problem.path, problem.line) for problem in found] == [("tasks[0].message", 4)]
    assert found[0].message == "`message` is missing: Log `a` needs it"
    assert legacy_text(found) == "Validation error: a.message: must not be null\n"


def test_a_property_under_a_wrong_name_is_not_missing_as_well() -> None:
    assert told("tasks:\n  - id: a\n    type: core.log.Log\n    mesage: hi\n") == [("unknown-property", 6)]


def test_tasks_are_looked_at_wherever_they_stand() -> None:
    wrong = "[{id: %s, type: core.log.Lag}]"
    body = f"""\
    tasks:
      - id: outer
        type: core.flow.If
        condition: "{{{{ true }}}}"
        then: {wrong % "a"}
        else: {wrong % "b"}
        errors: {wrong % "c"}
      - id: choice
        type: core.flow.Switch
        value: x
        cases: {{x: {wrong % "d"}}}
        defaults: {wrong % "e"}
      - id: dag
        type: core.flow.Dag
        tasks: [{{task: {{id: f, type: core.log.Lag}}}}]
      - id: pause
        type: core.flow.Pause
        onPause: {{id: g, type: core.log.Lag}}
    errors: {wrong % "h"}
    finally: {wrong % "i"}
    afterExecution: {wrong % "j"}
    """
    assert [line for code, line in told(body) if code == "unknown-type"] == [7, 8, 9, 13, 14, 17, 20, 21, 22, 23]


def test_an_old_name_of_a_type_is_reported_as_the_original_does() -> None:
    found = problems("tasks: [{id: a, type: io.kestra.core.tasks.log.Log, message: hi}]\n")
    assert errors(found) == ()
    assert infos(found) == [f"io.kestra.core.tasks.log.Log is replaced by {LOG}"]


@pytest.mark.parametrize("name", ["com.company.log.Log", "io.company.log.Log"])
def test_a_type_of_somebody_elses_is_by_its_present_name(name: str) -> None:
    class Catalog(SmallCatalog):
        def resolve(self, name: str) -> str | None:
            return name

    text = f"id: one\nnamespace: my.team\ntasks: [{{id: a, type: {name}}}]\n"
    assert check(read(text), Catalog()) == ()


def test_tasks_of_a_loop_that_are_written_as_one_are_told_by_their_name() -> None:
    (_, unknown) = problems("tasks:\n  - id: a\n    type: core.flow.ForEach\n    values: [1]\n    task: []\n")
    assert unknown.message == "ForEach `a` has no property `task`; did you mean `tasks`?"


def test_an_id_is_used_once_in_the_whole_flow() -> None:
    found = problems("""\
        tasks:
          - {id: a, type: core.log.Log, message: hi}
          - id: b
            type: core.flow.Sequential
            tasks: [{id: a, type: core.log.Log, message: hi}]
        errors: [{id: b, type: core.log.Log, message: hi}]
        triggers:
          - {id: t, type: core.trigger.Webhook, key: x}
          - {id: t, type: core.trigger.Webhook, key: x}
        """)
    assert [(problem.code, problem.line) for problem in found] == [("duplicate-id", line) for line in (7, 8, 11)]
    assert legacy_text(found) == (
        "Validation error:  Invalid Flow: Duplicate task id with name [a, b], Duplicate trigger id with name [t]\n"
    )


def test_a_flow_that_calls_itself_is_refused() -> None:
    assert told("tasks: [{id: a, type: core.flow.Subflow, namespace: my.team, flowId: one}]\n") == [("recursion", 3)]
    assert told("tasks: [{id: a, type: core.flow.Subflow, namespace: my.team, flowId: two}]\n") == []


def test_tasks_of_a_dag_that_wait_for_each_other_are_named() -> None:
    (problem,) = problems("""\
        tasks:
          - id: dag
            type: core.flow.Dag
            tasks:
              - task: {id: free, type: core.log.Log, message: hi}
                dependsOn: [b]
              - task: {id: a, type: core.log.Log, message: hi}
                dependsOn: [b]
              - task: {id: b, type: core.log.Log, message: hi}
                dependsOn: [a]
        """)
    assert (problem.code, problem.line) == ("circle", 9)
    assert problem.legacy == "Cyclic dependency detected: a, b"


def test_a_task_of_a_dag_depends_on_its_siblings_only() -> None:
    body = """\
        tasks:
          - id: dag
            type: core.flow.Dag
            tasks: [{task: {id: a, type: core.log.Log, message: hi}, dependsOn: [nobody]}]
        """
    assert told(body) == [("unknown-task", 6)]


def test_a_case_without_tasks_is_refused() -> None:
    (problem,) = problems("""\
        tasks:
          - id: choice
            type: core.flow.Switch
            value: x
            cases:
              A: []
              B: [{id: a, type: core.log.Log, message: hi}]
        """)
    assert (problem.line, problem.legacy) == (8, "The case 'A' must define at least one task.")


def test_the_intervals_of_a_retry_are_in_order() -> None:
    body = TASK + "retry: {type: exponential, interval: PT10S, maxInterval: PT1S, maxDuration: PT1H}\n"
    assert told(body) == [("order", 4)]


def test_a_timeout_on_a_flowable_is_a_warning() -> None:
    found = problems("""\
        tasks:
          - id: a
            type: core.flow.Sequential
            timeout: PT1S
            tasks: [{id: b, type: core.log.Log, message: hi}]
        """)
    assert [(problem.severity, problem.line) for problem in found] == [(Severity.WARNING, 6)]
    assert warnings(found)[0].startswith("tasks[0].timeout: `timeout` is only relevant for runnable tasks")


@pytest.mark.parametrize("key", ["Team", "1st", "with space", "system", "system.own", "-a"])
def test_a_label_key_that_cannot_be_used_is_refused(key: str) -> None:
    assert told(f"{TASK}labels:\n  '{key}': value\n") == [("label", 5)]


@pytest.mark.parametrize("key", ["team", "überblick", "a.b-c_d", "system.readOnly"])
def test_label_keys_begin_with_a_small_letter_of_any_script(key: str) -> None:
    assert told(f"{TASK}labels:\n  {key}: value\n") == []


def test_a_label_needs_a_value() -> None:
    assert told(f"{TASK}labels: [{{key: team, value: ''}}]\n") == [("empty", 4)]


def test_a_wrong_cron_is_told_at_the_cron() -> None:
    found = problems(f"{TASK}triggers:\n  - id: s\n    type: core.trigger.Schedule\n    cron: every day\n")
    assert [(problem.path, problem.line, problem.column) for problem in found] == [("triggers[0].cron", 7, 11)]
    assert legacy_text(found) == ("Validation error: s: invalid cron expression 'every day': a cron has five fields\n")


INPUTS = """\
inputs:
  - {id: name, type: STRING}
  - {id: count, type: INT, defaults: 1}
  - {id: note, type: STRING, required: false}
"""


def test_a_schedule_gives_every_input_that_needs_a_value() -> None:
    found = problems(TASK + INPUTS + "triggers:\n  - {id: s, type: core.trigger.Schedule, cron: '* * * * *'}\n")
    assert [(problem.code, problem.line) for problem in found] == [("missing-inputs", 9)]
    assert found[0].legacy == "Invalid Flow: Missing inputs for Schedule Trigger 's', missing inputs: 'name'"


def test_a_webhook_that_gives_inputs_gives_all_of_them() -> None:
    hook = "triggers:\n  - {id: h, type: core.trigger.Webhook, key: k, inputs: {count: 2}}\n"
    assert told(TASK + INPUTS + hook) == [("missing-inputs", 9)]
    assert told(TASK + INPUTS + hook.replace(", inputs: {count: 2}", "")) == []


def test_a_value_that_an_input_would_refuse_is_told_at_the_trigger() -> None:
    hook = (
        "triggers:\n  - id: h\n    type: core.trigger.Webhook\n    key: k\n    inputs: {name: x, count: abc, nmae: y}\n"
    )
    assert told(TASK + INPUTS + hook) == [("input", 12), ("unknown-input", 12)]


def test_an_expression_given_to_an_input_is_trusted() -> None:
    hook = (
        "triggers:\n  - {id: h, type: core.trigger.Webhook, key: k, inputs: {name: x, count: '{{ trigger.body }}'}}\n"
    )
    assert told(TASK + INPUTS + hook) == []


def test_a_trigger_on_all_flows_is_a_warning() -> None:
    assert told(TASK + "triggers: [{id: f, type: core.trigger.Flow}]\n") == [("every-execution", 4)]


def test_a_key_that_no_address_leads_to_is_told() -> None:
    hook = TASK + "triggers: [{id: hook, type: core.trigger.Webhook, key: %s}]\n"
    assert told(hook % "a/b") == [("webhook-key", 4)]
    assert told(hook % "a-b_c") == []
    assert told(hook % "\"{{ secret('A/B') }}\"") == []


def test_a_word_of_the_release_candidates_is_told_to_mean_nothing() -> None:
    written = (
        "triggers: [{id: f, type: core.trigger.Flow, dependsOn: [{flowId: a}], window: {every: PT1H, fireOnce: true}}]"
    )
    assert told(TASK + written + "\n") == [("no-effect", 4)]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("{id: x, type: INT, defaults: notanumber}", "input"),
        ("{id: x, type: SELECT, values: [a, b], defaults: c}", "input"),
        ("{id: x, type: SELECT}", "missing"),
        ("{id: x, type: SELECT, values: [a], expression: '{{ [1] }}'}", "input"),
        ("{id: x, type: ARRAY}", "missing"),
        ("{id: x, type: ARRAY, itemType: SECRET}", "input"),
        ("{id: x, type: INT, min: 5, max: 1}", "input"),
        ("{id: x, type: INT, min: low}", "input"),
        ("{id: x, type: DATE, after: 2024-13-01}", "input"),
        ("{id: x, type: STRING, validator: '('}", "input"),
        ("{id: x, type: STRING, min: 1}", "unknown-property"),
        ("{id: x, type: STRING, defaults: a, prefill: b}", "input"),
        ("{id: x, type: FILE, defaults: something}", "input"),
        ("{id: x, type: FORM, defaults: {a: 1}, inputs: [{id: a, type: INT}]}", "input"),
        ("{id: x, type: FORM}", "missing"),
        ("{id: x, type: FORM, inputs: [{id: y, type: FORM, inputs: [{id: z, type: INT}]}]}", "input"),
        ("{id: x, type: STRING, dependsOn: {inputs: [nobody]}}", "input"),
        ("{id: x, type: STRING, dependsOn: {inputs: [x]}}", "input"),
    ],
)
def test_an_input_that_cannot_work_is_refused(written: str, code: str) -> None:
    found = problems(f"{TASK}inputs:\n  - {written}\n")
    assert [(problem.code, problem.line) for problem in errors(found)] == [(code, 5)]


@pytest.mark.parametrize(
    "written",
    [
        "{id: x, type: INT, defaults: '42'}",
        "{id: x, type: INT, defaults: '{{ 1 + 1 }}'}",
        "{id: x, type: MULTISELECT, expression: '{{ [1] }}'}",
        "{id: x, type: SELECT, values: [{label: A, value: a}], defaults: a}",
        "{id: x, type: FILE, defaults: 'nsfile:///a.txt'}",
        "{id: x, type: JSON, defaults: {a: [1]}}",
        "{id: x, type: SECRET}",
        "{id: x, type: BOOL, defaults: 'TRUE'}",
    ],
)
def test_an_input_that_works_is_accepted(written: str) -> None:
    assert told(f"{TASK}inputs:\n  - {written}\n") == []


def test_inputs_that_depend_on_each_other_are_refused() -> None:
    body = (
        TASK
        + "inputs:\n  - {id: a, type: INT, dependsOn: {inputs: [b]}}\n  - {id: b, type: INT, dependsOn: {inputs: [a]}}\n"
    )
    (problem,) = problems(body)
    assert problem.legacy == "Invalid Flow: Cycle dependency detected for input with id 'a': [a, b]"


def test_inputs_of_a_pause_are_checked_like_those_of_the_flow() -> None:
    body = "tasks:\n  - id: p\n    type: core.flow.Pause\n    onResume:\n      - {id: a, type: STRNG}\n      - {id: b, type: ARRAY}\n"
    assert told(body) == [("choice", 7), ("missing", 8)]


def test_a_literal_output_is_of_its_type() -> None:
    assert told(TASK + "outputs:\n  - {id: n, type: INT, value: three}\n") == [("output", 5)]
    assert told(TASK + "outputs:\n  - {id: n, type: INT, value: '{{ 3 }}'}\n") == []


def test_a_typing_error_in_an_expression_is_told_at_the_word() -> None:
    (problem,) = problems("tasks:\n  - id: a\n    type: core.log.Log\n    message: |\n      Hello\n      {{ 1 + + }}\n")
    assert (problem.code, problem.severity, problem.line) == ("expression", Severity.WARNING, 8)


@pytest.mark.parametrize(
    ("expression", "fix"),
    [
        ("outputs.extrct.uri", "extract"),
        ("outputs['extrct'].uri", "extract"),
        ("inputs.nmae", "name"),
        ("vars.tabel", "table"),
        ("imputs.name", "inputs"),
    ],
)
def test_a_name_that_is_not_there_is_a_warning_at_the_name(expression: str, fix: str) -> None:
    found = problems(f"""\
        inputs: [{{id: name, type: STRING}}]
        variables: {{table: a}}
        tasks:
          - {{id: extract, type: core.log.Log, message: hi}}
          - id: load
            type: core.log.Log
            message: "{{{{ {expression} }}}}"
        """)
    assert [(problem.severity, problem.line, problem.fix) for problem in found] == [(Severity.WARNING, 9, fix)]


@pytest.mark.parametrize(
    "expression",
    [
        "outputs.a.x",
        "inputs.name",
        "vars.table",
        "trigger.body.x",
        "taskrun.value",
        "outputs[taskrun.value].x",
        "a ?? b",
    ],
)
def test_names_that_may_be_there_are_left_alone(expression: str) -> None:
    assert (
        told(f"""\
        inputs: [{{id: name, type: STRING}}]
        variables: {{table: a}}
        tasks:
          - {{id: a, type: core.log.Log, message: x}}
          - {{id: b, type: core.log.Log, message: "{{{{ {expression} }}}}"}}
        """)
        == []
    )


def test_a_dash_after_inputs_or_outputs_is_refused_because_it_subtracts() -> None:
    found = problems("""\
        inputs: [{id: my-name, type: STRING}]
        tasks:
          - {id: a, type: core.log.Log, message: "{{ inputs.my-name }}"}
          - {id: b, type: core.log.Log, message: "{{ inputs['my-name'] }} {{ 3 - 1 }}"}
          - {id: c, type: core.log.Log, message: "x {{ inputs.my-name }}"}
        """)
    assert [(problem.code, problem.line, problem.column) for problem in found] == [("dash", 5, 46), ("dash", 7, 48)]
    assert (legacy_text(found) or "").endswith("require bracket notation, offending tasks: [a, c]\n")


def test_plugin_defaults_name_properties_that_the_type_has() -> None:
    defaults = "pluginDefaults:\n  - type: core.log.Log\n    values: {levle: INFO, timeout: PT1S}\n"
    assert told(TASK + defaults) == [("unknown-property", 6)]


def test_deprecated_spellings_are_reported_by_path() -> None:
    found = problems("""\
        inputs: [{name: flag, type: BOOLEAN}]
        tasks:
          - {id: p, type: core.flow.Pause, delay: PT1S}
        taskDefaults: [{type: x.Y, values: {}}]
        """)
    assert errors(found) == ()
    assert deprecation_paths(found) == ["inputs[0].name", "inputs[0].type", "tasks[0].delay", "taskDefaults"]


def test_problems_are_told_once_and_in_the_order_of_the_lines() -> None:
    found = problems("tasks:\n  - id: a\n    type: x.Y\n  - id: a\n    type: core.log.Log\nlabels: {A: b}\nid2: 1\n")
    lines = [problem.line for problem in found]
    assert lines == sorted(lines)
    assert len(set(found)) == len(found)


def test_a_text_that_is_no_yaml_has_nothing_more_to_check() -> None:
    reading = read("a: [")
    assert check(reading, SmallCatalog()) == reading.problems
