"""Migration: which version a flow is of, what is written anew, what is left; and that it means the same afterwards."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercel import definition
from tiercel.definition import Problem
from tiercel.definition.migration import Evidence, Migration, Span, migrate
from tiercel.definition.migration.triggers import execution_test, expression
from tiercel.definition.migration.versions import evidence, span_of
from tiercel.definition.read import parse
from tiercel.engine.conditions import Heard, Scene, holds
from tiercel.expression import Surroundings
from tiercel.model.conditions import Condition, build_condition
from tiercel.model.states import State
from tiercel.services.catalog import PluginCatalog

CATALOG = PluginCatalog.installed()
HEAD = "id: old\nnamespace: my.team\n"
LOG = "io.kestra.plugin.core.log.Log"
FLOW = "io.kestra.plugin.core.flow."


def checked(text: str) -> Sequence[Problem]:
    defaults = definition.Defaults(resolve=CATALOG.resolve)
    return definition.check(definition.read(text, defaults=defaults), CATALOG)


def migrated(text: str) -> Migration:
    return migrate(text, resolve=CATALOG.resolve, check=checked)


def anew(body: str) -> str:
    """What a flow becomes, all of it changed with certainty."""
    found = migrated(HEAD + dedent(body))
    assert found.left == ()
    assert not definition.errors(checked(found.text))
    assert not [problem for problem in checked(found.text) if problem.code in ("deprecated", "alias")]
    return found.text.removeprefix(HEAD)


def by_hand(body: str) -> list[str]:
    """What is left of a flow, which stays as it is."""
    text = HEAD + dedent(body)
    found = migrated(text)
    assert found.text == text
    return [step.message for step in found.left]


# Names ------------------------------------------------------------------------------------------------------------------


def test_names_change_and_everything_around_them_stays() -> None:
    text = """\
    inputs:
      - name: kind   # what to do
        type: ENUM
        values: [a]
      - {id: sure, type: "BOOLEAN"}
    tasks:
      # says hello
      - id: hello
        type: io.kestra.core.tasks.log.Log  # old
        message: "hello"
        retry: {type: constant, interval: PT1S, maxAttempt: 3}
        runIf: "{{ inputs.sure }}"
    checks:
      - condition: "{{ inputs.sure }}"
        message: be sure
    """
    expected = dedent(text).replace("name: kind", "id: kind").replace("ENUM", "SELECT").replace("BOOLEAN", "BOOL")
    expected = expected.replace("io.kestra.core.tasks.log.Log", LOG).replace("maxAttempt:", "maxAttempts:")
    assert anew(text) == expected.replace("runIf:", "when:").replace("condition:", "when:")


def test_a_name_is_not_changed_where_the_new_one_stands_too() -> None:
    text = f"tasks:\n  - id: a\n    type: {LOG}\n    message: x\n    runIf: '{{{{ a }}}}'\n    when: '{{{{ b }}}}'\n"
    assert migrated(HEAD + text).text == HEAD + text


def test_an_input_with_defaults_is_required() -> None:
    text = f"""\
    inputs:
      - id: day
        type: DATE
        required: false  # people leave it out
        defaults: 2024-01-01
      - {{id: form, type: FORM, inputs: [{{id: name, type: STRING, required: false, defaults: Ada}}]}}
      - {{id: note, type: STRING, required: false}}
    tasks:
      - {{id: hello, type: {LOG}, message: hi}}
    """
    assert anew(text) == dedent(text).replace("false, defaults", "true, defaults").replace("false  #", "true  #")


def test_echo_becomes_log() -> None:
    text = "tasks:\n  - id: a\n    type: io.kestra.core.tasks.debugs.Echo\n    format: hello\n    level: WARN\n"
    assert anew(text) == f"tasks:\n  - id: a\n    type: {LOG}\n    message: hello\n    level: WARN\n"


def test_old_names_in_expressions_change() -> None:
    text = f"tasks:\n  - id: a\n    type: {LOG}\n    message: 'json(x): {{{{ json(vars.x).y | json }}}}'\nvariables:\n  x: '{{}}'\n"
    assert "message: 'json(x): {{ fromJson(vars.x).y | toJson }}'" in anew(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("runner: PROCESS\n", "taskRunner:\n      type: io.kestra.plugin.core.runner.Process\n"),
        (
            "docker:\n      image: python  # the image\n      pullPolicy: NEVER\n",
            "# the image\n    containerImage: python\n    taskRunner:\n"
            "      type: io.kestra.plugin.scripts.runner.docker.Docker\n      pullPolicy: NEVER\n",
        ),
    ],
)
def test_runners_become_task_runners(old: str, new: str) -> None:
    text = f"tasks:\n  - id: a\n    type: io.kestra.plugin.scripts.python.Script\n    {old}    script: print(1)\n"
    assert migrated(HEAD + text).text == HEAD + text.replace(old, new)


# Pauses, listeners ------------------------------------------------------------------------------------------------------

PAUSE = f"""\
tasks:
  - id: wait
    type: {FLOW}Pause
    tasks:
      # what comes then
      - id: after
        type: {LOG}
        message: |
          two
            lines
    delay: PT1S
  - id: end
    type: {LOG}
    message: x
"""


def test_the_tasks_of_a_pause_go_behind_it() -> None:
    assert (
        anew(PAUSE)
        == f"""\
tasks:
  - id: wait
    type: {FLOW}Pause
    pauseDuration: PT1S
  # what comes then
  - id: after
    type: {LOG}
    message: |
      two
        lines
  - id: end
    type: {LOG}
    message: x
"""
    )


def test_the_tasks_of_a_pause_stay_where_they_would_run_beside_it() -> None:
    inner = "".join(f"    {line}\n" for line in PAUSE.replace("delay", "pauseDuration").splitlines())
    [reason] = by_hand(f"tasks:\n  - id: par\n    type: {FLOW}Parallel\n{inner}")
    assert "runs beside it" in reason


def test_listeners_become_tasks_after_the_execution() -> None:
    text = f"""\
    listeners:
      - conditions:
          - type: io.kestra.plugin.core.condition.ExecutionStatus
            in: [FAILED, WARNING]
        tasks:
          - id: tell
            type: {LOG}
            message: it failed
    tasks:
      - id: a
        type: {LOG}
        message: x
    """
    when = """'{{ (execution.state == "FAILED" or execution.state == "WARNING") }}'"""
    tell = f"  - id: tell\n    type: {LOG}\n    when: {when}\n    message: it failed\n"
    assert anew(text) == f"afterExecution:\n{tell}tasks:\n  - id: a\n    type: {LOG}\n    message: x\n"


# Triggers ---------------------------------------------------------------------------------------------------------------

TASKS = f"tasks: [{{id: a, type: {LOG}, message: x}}]\n"
CONDITION = "io.kestra.plugin.core.condition."
TRIGGER = "io.kestra.plugin.core.trigger."


def trigger(kind: str, body: str) -> str:
    lines = dedent(body).splitlines()
    return f"{TASKS}triggers:\n  - id: t\n    type: {TRIGGER}{kind}\n" + "".join(f"    {line}\n" for line in lines)


def test_conditions_become_when() -> None:
    old = f"""\
    cron: "0 3 * * *"
    conditions:
      # working days
      - type: {CONDITION}Not
        conditions:
          - type: {CONDITION}Weekend
      - type: {CONDITION}ExpressionCondition
        expression: "{{{{ vars.x == 1 }}}}"
    """
    new = """\
    cron: "0 3 * * *"
    # working days
    when: "{{ (not ((isWeekend(trigger.date)))) and (vars.x == 1) }}"
    """
    assert anew(trigger("Schedule", old)) == trigger("Schedule", new)


def test_conditions_of_a_flow_trigger_become_depends_on() -> None:
    old = f"""\
    states: [SUCCESS, FAILED]
    conditions:
      - type: {CONDITION}ExecutionFlow
        namespace: a
        flowId: b
      - type: {CONDITION}ExecutionStatus
        notIn: [FAILED]
    """
    new = """\
    dependsOn:
      - namespace: a
        flowId: b
        states: [SUCCESS]
    """
    assert anew(trigger("Flow", old)) == trigger("Flow", new)


def test_what_was_listened_to_by_default_is_written_out() -> None:
    old = f"""\
    conditions:
      - type: {CONDITION}ExecutionNamespace
        namespace: a
        prefix: true
    """
    text = anew(trigger("Flow", old))
    assert "when: \"{{ (namespace | startsWith('a')) }}\"" in text
    assert {"FAILED", "PAUSED", "SUCCESS", "KILLED"} <= set(
        text.partition("states: [")[2].partition("]")[0].split(", ")
    )


def test_what_no_property_says_is_said_as_a_test() -> None:
    old = f"""\
    conditions:
      - type: {CONDITION}ExecutionNamespace
        namespace: company
        prefix: true
      - type: {CONDITION}Not
        conditions:
          - {{type: {CONDITION}ExecutionFlow, namespace: company.a, flowId: b}}
      - {{type: {CONDITION}ExecutionStatus, in: [FAILED]}}
    """
    new = """\
    dependsOn:
      - states: [FAILED]
        when: "{{ (namespace | startsWith('company')) and not ((namespace == 'company.a' and flowId == 'b')) }}"
    """
    assert anew(trigger("Flow", old)) == trigger("Flow", new)


def test_filters_of_preconditions_become_tests() -> None:
    old = """\
    states: [SUCCESS]
    preconditions:
      id: all
      where:
        - id: one
          operand: OR
          filters:
            - {field: NAMESPACE, type: EQUAL_TO, value: a}
            - {field: FLOW_ID, type: IN, values: [b, c]}
    """
    new = """\
    dependsOn:
      - states: [SUCCESS]
        when: "{{ namespace == 'a' or (flowId == 'b' or flowId == 'c') }}"
    mode: ALL
    """
    assert anew(trigger("Flow", old)) == trigger("Flow", new)


def test_preconditions_become_depends_on_mode_and_window() -> None:
    old = """\
    preconditions:
      id: all
      timeWindow: {type: DAILY_TIME_DEADLINE, deadline: "09:00:00"}
      flows:
        - {namespace: a, flowId: b, states: [SUCCESS]}
        - {namespace: a, flowId: c, states: [WARNING], labels: {team: x}}
    """
    new = """\
    dependsOn:
      - namespace: a
        flowId: b
        states: [SUCCESS]
      - namespace: a
        flowId: c
        states: [WARNING]
        labels:
          team: x
    mode: ALL
    window:
      deadline: "09:00:00"
    """
    assert anew(trigger("Flow", old)) == trigger("Flow", new)


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("Schedule", f"cron: '@daily'\nconditions:\n  - {{type: {CONDITION}Expression, expression: '{{{{ vars.x }}}}'}}\n", "`0`"),
        ("Schedule", f"cron: '@daily'\nwhen: 'true'\nconditions:\n  - {{type: {CONDITION}Weekend}}\n", "several places"),
        ("Schedule", f"cron: '@daily'\nconditions:\n  - {{type: {CONDITION}TimeBetween, after: '09:00Z'}}\n", "alike"),
        ("Flow", f"conditions:\n  - {{type: {CONDITION}HasRetryAttempt, in: [FAILED]}}\n", "no place"),
        ("Flow", f"conditions:\n  - {{type: {CONDITION}Expression, expression: '{{{{ 1 == 1 }}}}'}}\n", "no place"),
    ],
)  # fmt: skip
def test_what_may_mean_something_else_is_left_with_the_reason(kind: str, body: str, reason: str) -> None:
    [told] = by_hand(trigger(kind, body))
    assert reason in told


def test_comments_in_what_is_left_out_stay() -> None:
    old = 'cron: "@daily"\nbackfill:\n  # once\n  start: 2024-01-01T00:00:00Z\n'
    assert anew(trigger("Schedule", old)) == trigger("Schedule", 'cron: "@daily"\n# once\n')


def test_a_backfill_that_does_nothing_is_left_out() -> None:
    old = 'cron: "@daily"\nbackfill:\n  start: 2024-01-01T00:00:00Z\n'
    assert anew(trigger("Schedule", old)) == trigger("Schedule", 'cron: "@daily"\n')


DAYS = ("MONDAY", "TUESDAY", "SATURDAY", "SUNDAY")
DATES = [
    *({"type": f"{CONDITION}DayWeek", "dayOfWeek": day} for day in DAYS),
    {"type": f"{CONDITION}Weekend"},
    {"type": f"{CONDITION}DayWeekInMonth", "dayOfWeek": "MONDAY", "dayInMonth": "FIRST"},
    {"type": f"{CONDITION}DayWeekInMonth", "dayOfWeek": "SUNDAY", "dayInMonth": "LAST"},
    {"type": f"{CONDITION}DateTimeBetween", "after": "2024-02-10T00:00:00Z", "before": "2024-04-01T00:00:00+02:00"},
    {"type": f"{CONDITION}DateTimeBetween", "after": "2024-03-01T12:00:00Z"},
]


def nested(some: Sequence[object]) -> st.SearchStrategy[object]:
    """Conditions, and conditions of conditions."""
    return st.recursive(
        st.sampled_from(some),
        lambda inner: st.builds(
            lambda name, found: {"type": f"{CONDITION}{name}", "conditions": found},
            st.sampled_from(("Not", "Or")),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=5,
    )


def read_condition(written: object) -> Condition:
    condition = build_condition(written)
    assert isinstance(condition, Condition)
    return condition


def says(test: str) -> Condition:
    return read_condition({"type": f"{CONDITION}Expression", "expression": "{{ " + test + " }}"})


def scene(names: Mapping[str, object], heard: Heard | None = None) -> Scene:
    surroundings = Surroundings(at=datetime(2024, 1, 1, tzinfo=UTC), zone=ZoneInfo("Europe/Paris"), seed=0)
    return Scene(names=names, surroundings=surroundings, namespace="own", flow_id="own", heard=heard)


@given(nested(DATES), st.integers(0, 365 * 24))
def test_an_expression_says_the_same_as_the_condition(written: object, hours: int) -> None:
    condition = read_condition(written)
    date = (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)).isoformat()
    of_date = scene({"trigger": {"date": date}})
    assert holds(says(expression(condition)), of_date) == holds(condition, of_date)


HEARD = [
    {"type": f"{CONDITION}ExecutionFlow", "namespace": "a.b", "flowId": "x"},
    {"type": f"{CONDITION}ExecutionNamespace", "namespace": "a", "comparison": "PREFIX"},
    {"type": f"{CONDITION}ExecutionNamespace", "namespace": "b", "comparison": "SUFFIX"},
    {"type": f"{CONDITION}ExecutionNamespace", "namespace": "a.b"},
    {"type": f"{CONDITION}ExecutionStatus", "in": ["FAILED", "WARNING"]},
    {"type": f"{CONDITION}ExecutionStatus", "notIn": ["FAILED", "SUCCESS"]},
    {"type": f"{CONDITION}ExecutionStatus"},
]


@given(nested(HEARD), st.sampled_from(("a", "a.b", "b")), st.sampled_from("xy"), st.sampled_from(("FAILED", "SUCCESS")))
def test_a_test_of_an_execution_says_the_same_as_the_condition(
    written: object, namespace: str, flow_id: str, state: str
) -> None:
    condition = read_condition(written)
    names = {"namespace": namespace, "flowId": flow_id, "state": state}
    heard = Heard(namespace=namespace, flow_id=flow_id, state=State(state))
    assert holds(says(execution_test(condition)), scene(names)) == holds(condition, scene({}, heard))


# Loops ------------------------------------------------------------------------------------------------------------------

EACH = f"""\
tasks:
  - id: each
    type: {FLOW}EachSequential
    value: ["x", "y"]
    tasks:
      - id: inner
        type: io.kestra.plugin.core.debug.Return
        format: "{{{{ taskrun.value }}}} {{{{ taskrun.iteration }}}} taskrun.value"
      - id: use
        type: {LOG}
        message: "{{{{ outputs.inner[taskrun.value].value }}}}"  # of this round
"""


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


# Versions ---------------------------------------------------------------------------------------------------------------


def test_the_version_is_that_of_the_newest_and_the_oldest_thing() -> None:
    found = migrated(HEAD + EACH + "finally: [{id: f, type: io.kestra.plugin.core.execution.Exit}]\n")
    assert (found.span, found.span.is_empty) == (Span("0.22", "1.x"), False)
    mixed = migrated(HEAD + EACH + "draft: true\n")
    assert (mixed.span, mixed.span.is_empty) == (Span("2.0", "1.x"), True)
    assert found.evidence[0] == Evidence(5, f"the type {FLOW}EachSequential", None, "1.x")


def test_an_old_name_of_a_flowable_tells_of_the_version() -> None:
    text = (
        HEAD
        + f"tasks:\n  - id: s\n    type: io.kestra.core.tasks.flows.Sequential\n    tasks: [{{id: a, type: {LOG}, message: x}}]\n"
    )
    found = migrated(text)
    assert [(one.line, one.until) for one in found.evidence] == [(5, "1.x")]
    assert [(step.line, bool(step.edits)) for step in found.done] == [(5, True)]


def test_functions_tell_of_the_version_too() -> None:
    text = f"tasks: [{{id: a, type: {LOG}, message: '{{{{ subflow(1) }}}} subflow(2) {{{{ json(vars.x) }}}}'}}]\n"
    assert [(each.what, each.since, each.until) for each in migrated(HEAD + text).evidence] == [
        ("`subflow` in an expression", "2.0", None),
        ("`json` in an expression", None, "1.x"),
    ]


def test_a_text_that_is_no_yaml_says_so() -> None:
    found = migrated("id: [")
    assert (found.text, bool(found.problems)) == ("id: [", True)


OF_BOTH = {"logs.yaml", "webhook-secret-key.yaml", "webhook-with-condition.yaml"}
"""Flows of the original's tests for 2.0 that hold what 2.0 has no more."""


@pytest.mark.parametrize("version", ["0.21", "1.0.3", "2.0"])
def test_flows_of_a_version_are_said_to_be_of_it(shared: Path, version: str) -> None:
    for file in sorted((shared / "conformance" / "flows" / "core" / version).rglob("*.yaml")):
        document, _ = parse(file.read_text(encoding="utf-8"))
        if document is not None and file.name not in OF_BOTH:
            span = span_of([*evidence(document, CATALOG.resolve), Evidence(0, file.name, version, version)])
            assert not span.is_empty, file
            assert (span.since, span.until) == (version, version), file


@pytest.mark.slow
def test_flows_of_others_get_no_worse_and_lose_no_comment(shared: Path) -> None:
    files = sorted((shared / "conformance" / "flows").rglob("*.y*ml"))
    assert len(files) > 600
    for file in files:
        for text in definition.split(file.read_text(encoding="utf-8")):
            found = migrated(text)
            assert len(definition.errors(checked(found.text))) <= len(definition.errors(checked(text))), file
            assert migrated(found.text).done == (), file
            assert comments(found.text) == comments(text), file


def comments(text: str) -> int:
    return sum(line.lstrip().startswith("#") for line in text.splitlines())
