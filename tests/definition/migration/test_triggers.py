"""Triggers and their conditions, written as `when`; and that it means the same afterwards."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.definition.migration.flows import LOG, anew, by_hand

from tiercel.definition.migration.triggers import execution_test, expression
from tiercel.engine.conditions import Heard, Scene, holds
from tiercel.expression import Surroundings
from tiercel.model.conditions import Condition, build_condition
from tiercel.model.states import State

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
