"""The filter grammar of search routes: `filters[field][OP]=value`, `filters[or][0][field][OP]=value`, label maps.

Also takes the flat parameters of 1.x clients (`namespace=`, `state=` …) on routes that know the field.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from tiercel.api.problems import ApiError, Detail
from tiercel.ports.filters import AllOf, AnyOf, Condition, Filter, Filters, Operator, Value

_COMPARISONS = frozenset(
    {
        Operator.EQUALS,
        Operator.NOT_EQUALS,
        Operator.GREATER_THAN,
        Operator.LESS_THAN,
        Operator.GREATER_THAN_OR_EQUAL_TO,
        Operator.LESS_THAN_OR_EQUAL_TO,
    }
)
_EQUALITY = frozenset({Operator.EQUALS, Operator.NOT_EQUALS})
_LISTS = _EQUALITY | {Operator.IN, Operator.NOT_IN}
_TEXT = _LISTS | {Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH}
_NAMES = _TEXT | {Operator.REGEX, Operator.PREFIX}
_LEVELS = frozenset({Operator.GREATER_THAN_OR_EQUAL_TO, Operator.LESS_THAN_OR_EQUAL_TO})

OPERATORS: dict[str, frozenset[Operator]] = {
    "q": _EQUALITY,
    "scope": _EQUALITY,
    "namespace": _NAMES,
    "flowId": _NAMES,
    "flowRevision": _LISTS,
    "id": _TEXT,
    "labels": _LISTS | {Operator.CONTAINS},
    "state": _LISTS,
    "kind": _LISTS,
    "startDate": _COMPARISONS,
    "endDate": _COMPARISONS,
    "updated": _COMPARISONS,
    "timeRange": frozenset({Operator.EQUALS}),
    "triggerExecutionId": _TEXT,
    "triggerId": _TEXT,
    "triggerState": _EQUALITY,
    "parentId": _TEXT,
    "executionId": _TEXT,
    "taskId": _TEXT,
    "taskRunId": _TEXT,
    "attemptNumber": _LISTS,
    "workerId": _TEXT,
    "childFilter": _EQUALITY,
    "existingOnly": _EQUALITY,
    "level": _LEVELS,
}
"""Which field takes which operators."""

_DATES = frozenset({"startDate", "endDate", "updated"})
_FLAT = {
    "q": Operator.EQUALS,
    "namespace": Operator.PREFIX,
    "flowId": Operator.EQUALS,
    "state": Operator.IN,
    "startDate": Operator.GREATER_THAN_OR_EQUAL_TO,
    "endDate": Operator.LESS_THAN_OR_EQUAL_TO,
    "timeRange": Operator.EQUALS,
    "triggerExecutionId": Operator.EQUALS,
    "childFilter": Operator.EQUALS,
    "taskId": Operator.EQUALS,
    "taskRunId": Operator.EQUALS,
    "labels": Operator.EQUALS,
}
"""What the flat parameters of 1.x mean."""

_PART = re.compile(r"\[([^\[\]]*)\]")


def read_filters(pairs: Iterable[tuple[str, str]], *, fields: tuple[str, ...]) -> Filters:
    """The conditions of a query string. Raises ApiError that lists every problem."""
    reading = _Reading(fields)
    for key, value in pairs:
        reading.take(key, value)
    return reading.conditions()


def unknown_parameters(names: Iterable[str], *, fields: tuple[str, ...], own: Collection[str]) -> list[str]:
    """Those that are no filters of these fields, and none of the route's own parameters."""
    return [
        name
        for name in dict.fromkeys(names)
        if name not in own and not name.startswith("filters[") and not (name in _FLAT and name in fields)
    ]


class _Reading:
    """Collects the parameters as a tree, then reads conditions out of it, and all problems on the way."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._fields = fields
        self._tree: dict[str, Any] = {}
        self._flat: list[tuple[str, str]] = []
        self._problems: list[str] = []

    def take(self, key: str, value: str) -> None:
        if key.startswith("filters["):
            self._plant(_PART.findall(key), value)
        elif key in _FLAT and key in self._fields:
            self._flat.append((key, value))

    def _plant(self, path: list[str], value: str) -> None:
        branch = self._tree
        for part in path[:-1]:
            inner = branch.setdefault(part, {})
            if not isinstance(inner, dict):
                self._problems.append(f"filters[{']['.join(path)}] contradicts another filter")
                return
            branch = cast(dict[str, Any], inner)
        branch[path[-1] if path else ""] = value

    def conditions(self) -> Filters:
        found = (*self._group(self._tree), *self._flat_conditions())
        if self._problems:
            raise ApiError(
                "invalid-query-filters",
                "Invalid query filters: " + "; ".join(self._problems),
                errors=[Detail(text) for text in self._problems],
            )
        return found

    def _group(self, tree: Mapping[str, Any]) -> tuple[Condition, ...]:
        conditions: list[Condition] = []
        for field, inner in tree.items():
            if field in ("or", "and"):
                members = tuple(condition for member in _members(inner) for condition in self._member(member))
                conditions.append(AnyOf(members) if field == "or" else AllOf(members))
            else:
                conditions.extend(self._field(field, inner))
        return tuple(conditions)

    def _member(self, member: Mapping[str, Any]) -> tuple[Condition, ...]:
        """A member of a group: its own conditions all hold together."""
        conditions = self._group(member)
        return conditions if len(conditions) <= 1 else (AllOf(conditions),)

    def _field(self, field: str, operators: Any) -> list[Condition]:
        if field not in self._fields:
            self._problems.append(f"Unsupported field '{field}'. Expected one of: [{', '.join(sorted(self._fields))}]")
            return []
        if not isinstance(operators, dict):
            self._problems.append(f"filters[{field}] has no operator; write filters[{field}][EQUALS]")
            return []
        found = (self._filter(field, name, value) for name, value in cast(dict[str, Any], operators).items())
        return [condition for condition in found if condition is not None]

    def _filter(self, field: str, name: str, value: Any) -> Filter | None:
        allowed = OPERATORS.get(field, _TEXT)
        if name not in allowed:
            expected = ", ".join(sorted(allowed))
            self._problems.append(
                f"Operator '{name}' is not supported for field '{field}'. Expected one of: [{expected}]"
            )
            return None
        read = self._value(field, Operator(name), value)
        return None if read is None else Filter(field, Operator(name), read)

    def _value(self, field: str, operator: Operator, value: Any) -> Value | None:
        if isinstance(value, dict):
            return self._map(field, cast(dict[str, str], value))
        if field == "labels":
            return self._label(str(value))
        if field in _DATES:
            return self._date(field, str(value))
        if operator in (Operator.IN, Operator.NOT_IN):
            return tuple(part.strip() for part in str(value).split(",") if part.strip())
        return str(value)

    def _map(self, field: str, value: dict[str, str]) -> dict[str, str] | None:
        if field == "labels":
            return value
        self._problems.append(f"filters[{field}] takes one value, not a map")
        return None

    def _label(self, text: str) -> dict[str, str] | None:
        key, colon, value = text.partition(":")
        if not colon:
            self._problems.append(f"a label is written key:value, not {text!r}")
            return None
        return {key: value}

    def _date(self, field: str, text: str) -> datetime | None:
        try:
            instant = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            self._problems.append(f"{field}: {text!r} is no date; write for example 2026-11-24T02:00:00Z")
            return None
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)

    def _flat_conditions(self) -> list[Condition]:
        conditions = (self._filter_of_flat(field, value) for field, value in self._flat)
        return [condition for condition in conditions if condition is not None]

    def _filter_of_flat(self, field: str, text: str) -> Filter | None:
        value = self._value(field, _FLAT[field], text)
        return None if value is None else Filter(field, _FLAT[field], value)


def _members(group: Any) -> list[Mapping[str, Any]]:
    if not isinstance(group, dict):
        return []
    members = cast(dict[str, Any], group).values()
    return [cast(dict[str, Any], member) for member in members if isinstance(member, dict)]
