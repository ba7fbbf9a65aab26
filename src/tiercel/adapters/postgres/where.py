"""Filters of a search as clauses of SQL: which fields each kind of object has, and what an operator means for them.

Values become arguments. Numbers of states and kinds stand in the text, because the planner uses a partial index only for
what it sees.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from tiercel.adapters.postgres.conditions import Conditions, any_of, containing, literal
from tiercel.model.durations import parse_duration
from tiercel.model.execution import Kind
from tiercel.model.log import Level
from tiercel.model.states import NUMBERS, State
from tiercel.ports.filters import AllOf, AnyOf, BadFilters, Condition, Filter, Filters, Operator

Clause = Callable[[Filter, Conditions], str]

_COMPARISONS = {
    Operator.EQUALS: "=",
    Operator.NOT_EQUALS: "<>",
    Operator.GREATER_THAN: ">",
    Operator.LESS_THAN: "<",
    Operator.GREATER_THAN_OR_EQUAL_TO: ">=",
    Operator.LESS_THAN_OR_EQUAL_TO: "<=",
}
_LISTS = (Operator.EQUALS, Operator.NOT_EQUALS, Operator.IN, Operator.NOT_IN)
_NEGATIONS = (Operator.NOT_EQUALS, Operator.NOT_IN)
SYSTEM = "system"
"""The namespace of flows that serve the instance itself."""


class Refused(ValueError):
    """An operator or a value that a field does not take; the text is for the caller."""


class Fields:
    """The fields of one kind of object."""

    def __init__(self, clauses: Mapping[str, Clause]) -> None:
        self._clauses = clauses

    def demand(self, filters: Filters, conditions: Conditions) -> None:
        """Add every filter. Raises BadFilters with all that cannot be."""
        problems: list[str] = []
        for each in filters:
            conditions.also(self._clause(each, conditions, problems))
        if problems:
            raise BadFilters(tuple(problems))

    def _clause(self, condition: Condition, conditions: Conditions, problems: list[str]) -> str:
        match condition:
            case AnyOf(of):
                return any_of([self._clause(each, conditions, problems) for each in of])
            case AllOf(of):
                return f"({' AND '.join(self._clause(each, conditions, problems) for each in of) or 'true'})"
            case Filter():
                return self._filter(condition, conditions, problems)

    def _filter(self, condition: Filter, conditions: Conditions, problems: list[str]) -> str:
        clause = self._clauses.get(condition.field)
        if clause is None:
            known = ", ".join(sorted(self._clauses))
            problems.append(f"'{condition.field}' is no field to search by; there are: {known}")
            return "false"
        try:
            return clause(condition, conditions)
        except Refused as refused:
            problems.append(str(refused))
            return "false"


def is_positive(condition: Filter) -> bool:
    """Whether it picks rather than leaves out."""
    return condition.operator not in _NEGATIONS


def text(column: str) -> Clause:
    """A text of its own, compared in every way a text can be."""

    def clause(condition: Filter, conditions: Conditions) -> str:
        return _text(column, condition, conditions)

    return clause


def name_of(column: str, names: str) -> Clause:
    """A number whose name is compared; `names` selects the keys of the names for which `{}` holds."""

    def clause(condition: Filter, conditions: Conditions) -> str:
        return f"{column} = ANY(ARRAY({names.replace('{}', _text('named', condition, conditions))}))"

    return clause


def instant(column: str) -> Clause:
    """A point in time."""

    def clause(condition: Filter, conditions: Conditions) -> str:
        sign = _COMPARISONS.get(condition.operator)
        if sign is None:
            raise _not_for(condition)
        return conditions.clause(f"{column} {sign} {{}}", moment(condition))

    return clause


def since(column: str) -> Clause:
    """A span back from now."""

    def clause(condition: Filter, conditions: Conditions) -> str:
        return conditions.clause(f"{column} >= {{}}", start_of(condition))

    return clause


def numbered(column: str, numbers: Mapping[str, int]) -> Clause:
    """One of a few words that rows keep as numbers."""

    def clause(condition: Filter, conditions: Conditions) -> str:
        found = ", ".join(str(number) for number in numbers_in(condition, numbers)) or "NULL"
        return f"{column} {'NOT IN' if not is_positive(condition) else 'IN'} ({found})"

    return clause


def switch(when: Mapping[str, str]) -> Clause:
    """A word that stands for a clause."""

    def clause(condition: Filter, conditions: Conditions) -> str:
        chosen = when.get(str(condition.value).upper())
        if chosen is None or condition.operator not in (Operator.EQUALS, Operator.NOT_EQUALS):
            raise Refused(f"{condition.field} is one of {', '.join(when)}, not {condition.value!r}")
        return chosen if is_positive(condition) else f"NOT ({chosen})"

    return clause


def numbers_in(condition: Filter, numbers: Mapping[str, int]) -> list[int]:
    """The numbers of the words that a filter names."""
    if condition.operator not in _LISTS:
        raise _not_for(condition)
    words = [word.upper() for word in words_of(condition)]
    unknown = [word for word in words if word not in numbers]
    if unknown:
        raise Refused(f"{condition.field} is one of {', '.join(numbers)}, not {unknown[0]!r}")
    return [numbers[word] for word in words]


def words_of(condition: Filter) -> list[str]:
    """The value as a list of texts."""
    match condition.value:
        case tuple(words):
            return list(words)
        case str(word):
            return [word]
        case _:
            raise Refused(f"{condition.field} takes a text, not {condition.value!r}")


def pairs_of(condition: Filter) -> list[str]:
    """Labels as `key:value`."""
    if not isinstance(condition.value, dict):
        raise Refused(f"{condition.field} takes keys and values, not {condition.value!r}")
    return [f"{key}:{value}" for key, value in condition.value.items()]


def moment(condition: Filter) -> datetime:
    """The value as an instant."""
    if isinstance(condition.value, datetime):
        return condition.value
    try:
        return datetime.fromisoformat(str(condition.value))
    except ValueError:
        raise Refused(
            f"{condition.field} takes an instant such as 2026-11-24T02:00:00Z, not {condition.value!r}"
        ) from None


def start_of(condition: Filter) -> datetime:
    """Now without the span that is the value."""
    try:
        return datetime.now(UTC) - parse_duration(str(condition.value))
    except (ValueError, OverflowError) as error:
        raise Refused(f"{condition.field}: {error}") from None


def labels(column: str) -> Clause:
    """Keys and values, all of them; CONTAINS finds a part of a value."""

    def clause(condition: Filter, conditions: Conditions) -> str:
        pairs = pairs_of(condition)
        if condition.operator is Operator.CONTAINS:
            like = [f"{literal(key)}:{containing(value)}" for key, _, value in (pair.partition(":") for pair in pairs)]
            found = f"EXISTS (SELECT FROM unnest({column}) AS label WHERE label ILIKE ANY({{}}::text[]))"
            return conditions.clause(found, like)
        if condition.operator not in _LISTS:
            raise _not_for(condition)
        has = conditions.clause(f"{column} @> {{}}::text[]", pairs)
        return has if is_positive(condition) else f"NOT ({has})"

    return clause


def _text(column: str, condition: Filter, conditions: Conditions) -> str:
    words = words_of(condition)
    word = words[0] if words else ""
    match condition.operator:
        case Operator.EQUALS | Operator.IN:
            return conditions.clause(f"{column} = ANY({{}}::text[])", words)
        case Operator.NOT_EQUALS | Operator.NOT_IN:
            return conditions.clause(f"({column} IS NULL OR {column} <> ALL({{}}::text[]))", words)
        case Operator.CONTAINS:
            return conditions.clause(f"{column} ILIKE {{}}", containing(word))
        case Operator.STARTS_WITH:
            return conditions.clause(f"{column} ILIKE {{}}", f"{literal(word)}%")
        case Operator.ENDS_WITH:
            return conditions.clause(f"{column} ILIKE {{}}", f"%{literal(word)}")
        case Operator.REGEX:
            return conditions.clause(f"{column} ~ {{}}", word)
        case Operator.PREFIX:
            return conditions.clause(f"({column} = {{}} OR starts_with({column}, {{}}))", word, f"{word}.")
        case _:
            raise _not_for(condition)


def _not_for(condition: Filter) -> Refused:
    return Refused(f"{condition.operator} does not go with {condition.field}")


def _found(clause: str) -> Clause:
    """A text that is looked for in several places, each named `{}` in the clause."""

    def made(condition: Filter, conditions: Conditions) -> str:
        pattern = conditions.argument(containing(" ".join(words_of(condition))))
        found = clause.replace("{}", pattern)
        return found if is_positive(condition) else f"NOT ({found})"

    return made


def _level(condition: Filter, conditions: Conditions) -> str:
    """From a level on, or up to it."""
    sign = {Operator.GREATER_THAN_OR_EQUAL_TO: ">=", Operator.LESS_THAN_OR_EQUAL_TO: "<="}.get(condition.operator)
    if sign is None:
        raise _not_for(condition)
    word = "".join(words_of(condition)).upper()
    if word not in Level.__members__:
        raise Refused(f"level is one of {', '.join(Level.__members__)}, not {word!r}")
    return conditions.clause(f"l.level {sign} {{}}", Level[word].value)


_NAMESPACES = "SELECT n.key FROM namespaces AS n CROSS JOIN LATERAL (SELECT n.name AS named) AS s WHERE {}"
_FLOWS = "SELECT f.key FROM flows AS f CROSS JOIN LATERAL (SELECT f.id AS named) AS s WHERE {}"
_SYSTEM_KEYS = f"ARRAY(SELECT key FROM namespaces WHERE name = '{SYSTEM}' OR starts_with(name, '{SYSTEM}.'))"
_SCOPE = {
    "SYSTEM": f"e.namespace = ANY({_SYSTEM_KEYS})",
    "USER": f"NOT e.namespace = ANY({_SYSTEM_KEYS})",
}
STATES = {state.value: number for state, number in NUMBERS.items()}
KINDS = {kind.value: kind.number for kind in Kind}
SUCCESS = NUMBERS[State.SUCCESS]
LOOP = Kind.LOOP.number

_FOUND_EXECUTION = (
    "(e.id ILIKE {} OR e.flow = ANY(ARRAY(SELECT f.key FROM flows AS f JOIN namespaces AS n ON n.key = f.namespace "
    "WHERE f.id ILIKE {} OR n.name ILIKE {})))"
)

EXECUTIONS = Fields(
    {
        "id": text("e.id"),
        "executionId": text("e.id"),
        "q": _found(_FOUND_EXECUTION),
        "scope": switch(_SCOPE),
        "namespace": name_of("e.namespace", _NAMESPACES),
        "flowId": name_of("e.flow", _FLOWS),
        "flowRevision": text("e.revision::text"),
        "state": numbered("e.state", STATES),
        "kind": numbered("e.kind", KINDS),
        "labels": labels("e.labels"),
        "startDate": instant("e.started"),
        "endDate": instant("e.ended"),
        "timeRange": since("e.started"),
        "triggerExecutionId": text("e.cause_id"),
        "triggerId": text("convert_from(e.given, 'UTF8')::jsonb -> 'trigger' ->> 'id'"),
        "parentId": text("e.parent_id"),
        "childFilter": switch({"CHILD": "e.cause_id IS NOT NULL", "MAIN": "e.cause_id IS NULL"}),
    }
)

TRIGGERS = Fields(
    {
        "q": _found("(r.trigger_id ILIKE {} OR f.id ILIKE {} OR n.name ILIKE {})"),
        "scope": switch({word: clause.replace("e.namespace", "n.key") for word, clause in _SCOPE.items()}),
        "namespace": text("n.name"),
        "flowId": text("f.id"),
        "triggerId": text("r.trigger_id"),
        "triggerState": switch({"ENABLED": "NOT r.disabled", "DISABLED": "r.disabled"}),
        "workerId": text("(SELECT w.worker_name FROM trigger_jobs AS w WHERE w.trigger_key = r.key)"),
        "executionId": text("r.execution_id"),
        "startDate": instant("r.next_at"),
        "endDate": instant("r.next_at"),
        "nextExecutionDate": instant("r.next_at"),
        "updated": instant("r.updated"),
    }
)

FLOWS = Fields(
    {
        "q": _found("(f.id ILIKE {} OR n.name ILIKE {} OR f.description ILIKE {})"),
        "scope": switch({word: clause.replace("e.namespace", "n.key") for word, clause in _SCOPE.items()}),
        "namespace": text("n.name"),
        "flowId": text("f.id"),
        "labels": labels("f.labels"),
    }
)

_FLOWS_OF = "SELECT f.key FROM flows AS f JOIN namespaces AS n ON n.key = f.namespace "
_FLOWS_OF_NAMESPACE = _FLOWS_OF + "CROSS JOIN LATERAL (SELECT n.name AS named) AS s WHERE {}"

LOGS = Fields(
    {
        "q": _found("l.message ILIKE {}"),
        "scope": switch(
            {
                word: f"l.flow = ANY(ARRAY({_FLOWS_OF} WHERE {clause.replace('e.namespace', 'n.key')}))"
                for word, clause in _SCOPE.items()
            }
        ),
        "namespace": name_of("l.flow", _FLOWS_OF_NAMESPACE),
        "flowId": name_of("l.flow", _FLOWS),
        "executionId": text("l.execution_id"),
        "taskId": text("l.task_id"),
        "taskRunId": text("l.task_run_id"),
        "triggerId": text("l.trigger_id"),
        "attemptNumber": text("l.attempt::text"),
        "level": _level,
        "startDate": instant("l.at"),
        "endDate": instant("l.at"),
    }
)
