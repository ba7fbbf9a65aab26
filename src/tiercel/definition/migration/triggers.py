"""Conditions of triggers as `when`, and what a Flow trigger waits for as `dependsOn`."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from tiercel.definition.defaults import full_name
from tiercel.definition.migration.draft import Draft, listed
from tiercel.definition.migration.step import Resolve, Step
from tiercel.definition.walk import Written, entries
from tiercel.model.conditions import (
    AboutDate,
    Condition,
    DateTimeBetween,
    DayWeek,
    DayWeekInMonth,
    ExecutionFlow,
    ExecutionLabels,
    ExecutionNamespace,
    ExecutionStatus,
    Expression,
    Not,
    Or,
    PublicHoliday,
    TimeWindow,
    Weekend,
    build_condition,
)
from tiercel.model.flow_trigger import TYPES, ExecutionFilter, Preconditions, UpstreamFlow, Where
from tiercel.model.states import TERMINATED, State

_SCHEDULES = ("Schedule", "ScheduleOnDates")
_WITH_DATES = tuple(
    package + name
    for package in ("io.kestra.plugin.core.trigger.", "io.kestra.core.models.triggers.types.")
    for name in _SCHEDULES
)
_PLACES = ("conditions", "scheduleConditions")
_ONE_EXPRESSION = re.compile(r"\s*\{\{-?(?P<inner>(?:(?!\{\{|\}\}).)*?)-?\}\}\s*", re.DOTALL)
_YES_OR_NO = re.compile(
    r"==|!=|[<>]|\b(?:is|not|and|or|contains)\b|\btrue\b|\bfalse\b|\b(?:is[A-Z]|startsWith|endsWith)"
)
LISTENED = tuple(state.value for state in State if state in TERMINATED or state is State.PAUSED)
"""The states that a trigger of 1.x listens to where nothing is said."""


class Uncertain(Exception):
    """What stands here cannot be said in the way of 2.0 so that it means the same for certain."""


def conditions(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """Conditions."""
    for trigger in entries(draft.document, "triggers"):
        for name in _PLACES:
            if name in trigger.data:
                yield _step(draft, trigger, name)
        if "preconditions" in trigger.data:
            yield _step(draft, trigger, "preconditions")


def _step(draft: Draft, trigger: Written, name: str) -> Step:
    path = (*trigger.path, name)
    try:
        entries_ = _preconditions(trigger) if name == "preconditions" else _conditions(trigger, name)
    except Uncertain as error:
        new = "dependsOn" if full_name(trigger.type_name) in TYPES else "when"
        return Step(draft.line(path), f"write `{name}` of `{trigger.id}` as `{new}` by hand: {error}")
    edits = draft.replace(path, entries_)
    if "dependsOn" in entries_ and "states" in trigger.data:
        edits += draft.replace((*trigger.path, "states"), {})
    return Step(draft.line(path), f"`{name}` of `{trigger.id}` are written as {_named(entries_)}", tuple(edits))


def _named(entries_: dict[str, Any]) -> str:
    return " and ".join(f"`{name}`" for name in entries_)


def _conditions(trigger: Written, name: str) -> dict[str, Any]:
    if "when" in trigger.data or all(place in trigger.data for place in _PLACES):
        raise Uncertain("there are several places that say when")
    found = [_condition(each) for each in listed(trigger.data[name])]
    if full_name(trigger.type_name) in TYPES:
        return {"dependsOn": [_upstream(trigger, found)]}
    if full_name(trigger.type_name) not in _WITH_DATES and any(_asks_for_a_date(each) for each in found):
        raise Uncertain("which date is meant where nothing is scheduled, is not said")
    return {"when": "{{ " + _all_of(found) + " }}"}


def _condition(written: Any) -> Condition:
    try:
        condition = build_condition(written)
    except (ValidationError, ValueError) as error:
        raise Uncertain("one of them is no condition") from error
    if not isinstance(condition, Condition):
        raise Uncertain("one of them is no condition")
    return condition


def _asks_for_a_date(condition: Condition) -> bool:
    match condition:
        case Not() | Or():
            return any(_asks_for_a_date(each) for each in condition.conditions)
        case _:
            return isinstance(condition, AboutDate)


# As an expression -------------------------------------------------------------------------------------------------------


def _all_of(found: list[Condition]) -> str:
    if not found:
        return "true"
    tests = [expression(condition) for condition in found]
    return tests[0] if len(tests) == 1 else " and ".join(f"({test})" for test in tests)


def expression(condition: Condition) -> str:
    """The test of a condition, as it stands between the braces. Raises Uncertain."""
    match condition:
        case Not():
            return f"not ({' or '.join(f'({expression(each)})' for each in condition.conditions)})"
        case Or():
            return " or ".join(f"({expression(each)})" for each in condition.conditions)
        case Expression():
            inner = _inner(condition.expression)
            if not _YES_OR_NO.search(inner):
                raise Uncertain("an expression that gives `0` counts as true there, and as false in `when`")
            return inner
        case AboutDate():
            return _about_date(condition, _inner(condition.date))
        case _:
            raise Uncertain(f"{type(condition).__name__} looks at an execution, which this trigger has not")


def _about_date(condition: AboutDate, date: str) -> str:
    match condition:
        case DayWeek():
            return f"dayOfWeek({date}) == '{condition.day_of_week}'"
        case DayWeekInMonth():
            return f"isDayWeekInMonth({date}, '{condition.day_of_week}', '{condition.day_in_month}')"
        case Weekend():
            return f"isWeekend({date})"
        case PublicHoliday() if condition.country is not None:
            further = f", '{condition.sub_division}'" if condition.sub_division else ""
            return f"isPublicHoliday({date}, '{condition.country}'{further})"
        case DateTimeBetween():
            return _between(condition, date)
        case _:
            raise Uncertain(f"{type(condition).__name__} compares what no function of an expression compares alike")


def _between(condition: DateTimeBetween, date: str) -> str:
    bounds = [(">", condition.after), ("<", condition.before)]
    if any(bound is not None and bound.tzinfo is None for _, bound in bounds):
        raise Uncertain("a date without a zone is read in the zone of the schedule")
    written = [
        f"({date} | timestampMilli) {sign} ('{bound.isoformat()}' | timestampMilli)" for sign, bound in bounds if bound
    ]
    return " and ".join(written)


def _inner(text: str) -> str:
    """What stands between the braces of a text that is one expression."""
    found = _ONE_EXPRESSION.fullmatch(text)
    if found is None:
        raise Uncertain("a text that is more than one expression cannot be part of another one")
    return found["inner"].strip()


# As dependsOn -----------------------------------------------------------------------------------------------------------


def _upstream(trigger: Written, found: list[Condition]) -> dict[str, Any]:
    """One execution that fulfils all conditions."""
    upstream: dict[str, Any] = {}
    tests: list[str] = []
    for condition in found:
        asked = _asked(condition)
        if not asked or asked.keys() & upstream.keys():
            tests.append(execution_test(condition))
        else:
            upstream |= asked
    listened = listed(trigger.data.get("states")) or LISTENED
    states = [state for state in upstream.pop("states", listened) if state in listened]
    when = {"when": "{{ " + " and ".join(tests) + " }}"} if tests else {}
    return {**upstream, "states": states, **when}


def _asked(condition: Condition) -> dict[str, Any]:
    """A condition as properties of an entry; none where it is a test."""
    match condition:
        case ExecutionFlow():
            return {"namespace": condition.namespace, "flowId": condition.flow_id}
        case ExecutionNamespace() if condition.kind == "EQUALS":
            return {"namespace": condition.namespace}
        case ExecutionStatus():
            among = condition.among or tuple(State(state) for state in LISTENED)
            return {"states": [state.value for state in among if state not in condition.not_among]}
        case ExecutionLabels():
            return {"labels": {label.key: label.value for label in condition.labels}}
        case _:
            return {}


def execution_test(condition: Condition) -> str:
    """A condition as a test of the execution that is listened to. Raises Uncertain."""
    match condition:
        case Not():
            return f"not ({' or '.join(map(execution_test, condition.conditions))})"
        case Or():
            return f"({' or '.join(map(execution_test, condition.conditions))})"
        case ExecutionFlow():
            return f"(namespace == {_quoted(condition.namespace)} and flowId == {_quoted(condition.flow_id)})"
        case ExecutionNamespace():
            return _tested("namespace", _NAMESPACES[condition.kind], condition.namespace)
        case ExecutionStatus():
            among = [_tested("state", "EQUAL_TO", state.value) for state in condition.among]
            none_of = [_tested("state", "NOT_EQUAL_TO", state.value) for state in condition.not_among]
            return " and ".join([*([f"({' or '.join(among)})"] if among else []), *none_of]) or "true"
        case _:
            raise Uncertain(f"{type(condition).__name__} has no place in an entry of `dependsOn`")


_NAMESPACES = {"EQUALS": "EQUAL_TO", "PREFIX": "STARTS_WITH", "SUFFIX": "ENDS_WITH"}
_FIELDS = {"FLOW_ID": "flowId", "NAMESPACE": "namespace", "STATE": "state"}
_TESTS = {
    "EQUAL_TO": "{field} == {value}",
    "NOT_EQUAL_TO": "{field} != {value}",
    "STARTS_WITH": "({field} | startsWith({value}))",
    "ENDS_WITH": "({field} | endsWith({value}))",
    "CONTAINS": "({field} contains {value})",
}


def _tested(field: str, kind: str, value: str) -> str:
    if kind not in _TESTS:
        raise Uncertain(f"{kind} is no test of an expression")
    return _TESTS[kind].format(field=field, value=_quoted(value))


def _quoted(value: str) -> str:
    if "'" in value or "\\" in value:
        raise Uncertain(f"{value!r} cannot stand in an expression as it is")
    return f"'{value}'"


# Preconditions ----------------------------------------------------------------------------------------------------------


def _preconditions(trigger: Written) -> dict[str, Any]:
    try:
        found = Preconditions.model_validate(trigger.data["preconditions"])
    except ValidationError as error:
        raise Uncertain("they are not written as they should be") from error
    if not found.reset_on_success:
        raise Uncertain("2.0 always forgets what has come once it has started something")
    if trigger.data.get("conditions"):
        raise Uncertain("`conditions` stand beside them")
    listened = [State(state) for state in listed(trigger.data.get("states")) or LISTENED]
    depends_on = [
        *(_of_flow(flow, listened) for flow in found.flows),
        *(_of_where(each, listened) for each in found.where),
    ]
    if not depends_on:
        raise Uncertain("they name nothing")
    window = {} if found.time_window is None else {"window": _window(found.time_window)}
    return {"dependsOn": depends_on, "mode": "ALL", **window}


def _of_flow(flow: UpstreamFlow, listened: list[State]) -> dict[str, Any]:
    return {
        "namespace": flow.namespace,
        **({"flowId": flow.flow_id} if flow.flow_id else {}),
        "states": [state.value for state in flow.states or map(State, LISTENED) if state in listened],
        **({"labels": {label.key: label.value for label in flow.labels}} if flow.labels else {}),
    }


def _of_where(where: Where, listened: list[State]) -> dict[str, Any]:
    tests = [_of_filter(one) for one in where.filters]
    when = (" and " if where.operand == "AND" else " or ").join(tests)
    return {"states": [state.value for state in listened], "when": "{{ " + when + " }}"}


def _of_filter(one: ExecutionFilter) -> str:
    field = _FIELDS.get(one.field)
    if field is None:
        raise Uncertain("a filter looks at an expression of its own")
    match one.type:
        case "IN":
            return f"({' or '.join(_tested(field, 'EQUAL_TO', value) for value in one.values or ())})"
        case "NOT_IN":
            return " and ".join(_tested(field, "NOT_EQUAL_TO", value) for value in one.values or ())
        case _:
            return _tested(field, one.type, one.value or "")


def _window(window: TimeWindow) -> dict[str, Any]:
    match window.type:
        case "DAILY_TIME_DEADLINE":
            return {"deadline": str(window.deadline)}
        case "DAILY_TIME_WINDOW":
            return {"from": str(window.start_time), "to": str(window.end_time)}
        case "SLIDING_WINDOW":
            return {"lookback": window.window or "P1D"}
        case "DURATION_WINDOW":
            offset = {"offset": window.window_advance} if window.window_advance else {}
            return {"every": window.window or "P1D", **offset}
