"""The list of executions as one query, with the access path chosen by rule rather than by the planner's luck.

Label → the label table, which is in the order of time; flow, namespace, cause, parent, state → the newest of each, merged;
nothing of these → the list itself. Everything is rechecked on the way.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from tiercel.adapters.postgres.conditions import Conditions
from tiercel.adapters.postgres.where import (
    EXECUTIONS,
    LOOP,
    STATES,
    SUCCESS,
    is_positive,
    moment,
    numbers_in,
    pairs_of,
    start_of,
    text,
    words_of,
)
from tiercel.model.ids import earliest_id
from tiercel.ports.filters import BadFilters, Condition, Filter, Operator
from tiercel.ports.reader import ExecutionQuery
from tiercel.services.records import CORRELATION, FROM, label_key

SORTED_AT_MOST = 100_000
COUNTED_AT_MOST = 10_000
_SLACK = timedelta(minutes=1)
"""Between the time in an id and the start that is shown."""
_SHOW_LOOPS = {"kind", "parentId", "id", "executionId"}
_EXACT = (Operator.EQUALS, Operator.IN)
_BY_TIME = ("state.startDate", "startDate", "id")
_ORDERS = {
    "state.current": "e.state",
    "state.endDate": "e.ended",
    "state.duration": "e.ended - e.started",
    "namespace": "(SELECT name FROM namespaces WHERE key = e.namespace)",
    "flowId": "(SELECT id FROM flows WHERE key = e.flow)",
}
_PLACE = "/* the newest */"
"""Where the order and the limit go in a source that merges."""


class Listing:
    """One search: texts for a page, the total and its estimate, which share their arguments."""

    def __init__(self, query: ExecutionQuery, *, tenant: int) -> None:
        if query.order not in (*_BY_TIME, *_ORDERS):
            raise BadFilters((f"sort by one of {', '.join((*_BY_TIME, *_ORDERS))}, not by {query.order!r}",))
        self._query, self._tenant = query, tenant
        self._is_by_time = query.order in _BY_TIME
        self._conditions = Conditions()
        self._demand()
        self._source = self._path()

    @property
    def arguments(self) -> list[object]:
        return self._conditions.arguments

    def page(self) -> str:
        """The ids of one page, in order."""
        size, skipped = self._query.size, (self._query.page - 1) * self._query.size
        newest = self._newest(skipped + size) if self._is_by_time else self._newest(SORTED_AT_MOST)
        return f"SELECT e.id FROM ({newest}) AS e ORDER BY {self._order()} LIMIT {size:d} OFFSET {skipped:d}"

    def total(self) -> str:
        """How many match, up to one more than is counted."""
        return f"SELECT count(*) FROM ({self._newest(COUNTED_AT_MOST + 1)}) AS e"

    def estimate(self) -> str:
        """What the planner thinks of all that match."""
        return f"EXPLAIN (FORMAT JSON) {self._source.replace(_PLACE, '')}"

    def _newest(self, number: int) -> str:
        direction = "ASC" if self._is_by_time and not self._query.descending else "DESC"
        end = f"ORDER BY e.id {direction} LIMIT {number:d}"
        return f"{self._source.replace(_PLACE, end)} {end}"

    def _order(self) -> str:
        direction = "DESC" if self._query.descending else "ASC"
        first = "" if self._is_by_time else f"{_ORDERS[self._query.order]} {direction} NULLS LAST, "
        return f"{first}e.id {direction}"

    def _demand(self) -> None:
        conditions, filters = self._conditions, self._query.filters
        conditions.add("e.tenant = {}", self._tenant)
        if not any(each.field in _SHOW_LOOPS for each in _all(filters)):
            conditions.also(f"e.kind <> {LOOP}")
        if self._query.before is not None:
            conditions.add("e.id < {}", self._query.before)
        EXECUTIONS.demand(filters, conditions)
        for sign, instant in _spans(filters):
            conditions.add(f"e.id {sign} {{}}", earliest_id(max(0, int(instant.timestamp() * 1000))))

    def _path(self) -> str:
        top = [each for each in self._query.filters if isinstance(each, Filter) and is_positive(each)]
        fields = {each.field: each for each in top}
        pair = next((pair for pair in _searched(top)), None)
        if pair is not None:
            return self._labelled(pair)
        for merge in (self._flows, self._namespaces, self._links, self._states):
            found = merge(fields)
            if found is not None:
                return self._merged(*found)
        return f"SELECT e.* FROM executions AS e WHERE {self._conditions.text}"

    def _labelled(self, pair: str) -> str:
        key, _, value = pair.partition(":")
        number = self._conditions.argument(label_key(self._tenant, key, value))
        # A label that was set twice has two rows.
        return (
            f"SELECT e.* FROM (SELECT DISTINCT execution_id FROM execution_labels WHERE label = {number}) AS l "
            f"JOIN executions AS e ON e.id = l.execution_id WHERE {self._conditions.text}"
        )

    def _merged(self, keys: str, column: str) -> str:
        return (
            f"SELECT e.* FROM {keys} AS k (key) CROSS JOIN LATERAL (SELECT e.* FROM executions AS e "
            f"WHERE e.{column} = k.key AND {self._conditions.text} {_PLACE}) AS e"
        )

    def _flows(self, fields: dict[str, Filter]) -> tuple[str, str] | None:
        if "flowId" not in fields:
            return None
        clauses = [text("f.id")(fields["flowId"], self._conditions)]
        if "namespace" in fields:
            clauses.append(text("n.name")(fields["namespace"], self._conditions))
        source = (
            f"(SELECT f.key FROM flows AS f JOIN namespaces AS n ON n.key = f.namespace WHERE {' AND '.join(clauses)})"
        )
        return source, "flow"

    def _namespaces(self, fields: dict[str, Filter]) -> tuple[str, str] | None:
        if "namespace" not in fields:
            return None
        clause = text("n.name")(fields["namespace"], self._conditions)
        return f"(SELECT n.key FROM namespaces AS n WHERE {clause})", "namespace"

    def _links(self, fields: dict[str, Filter]) -> tuple[str, str] | None:
        for field, column in (("triggerExecutionId", "cause_id"), ("parentId", "parent_id")):
            if field in fields and fields[field].operator in _EXACT:
                return f"unnest({self._conditions.argument(words_of(fields[field]))}::text[])", column
        return None

    def _states(self, fields: dict[str, Filter]) -> tuple[str, str] | None:
        numbers = numbers_in(fields["state"], STATES) if "state" in fields else [SUCCESS]
        if SUCCESS in numbers:
            return None
        # Said once more for the planner, who must see that the partial index will do.
        self._conditions.also(f"e.state <> {SUCCESS}")
        return f"unnest(ARRAY[{', '.join(map(str, numbers))}]::int2[])", "state"


def _searched(filters: Sequence[Filter]) -> Iterator[str]:
    """Labels that have rows in the label table."""
    for each in filters:
        if each.field == "labels" and each.operator in _EXACT:
            yield from (pair for pair in pairs_of(each) if pair.partition(":")[0] not in (CORRELATION, FROM))


def _spans(filters: Sequence[Condition]) -> Iterator[tuple[str, datetime]]:
    """Bounds of ids that follow from dates: the id tells when it was made."""
    for each in filters:
        if not isinstance(each, Filter):
            continue
        if each.field == "timeRange":
            yield ">=", start_of(each) - _SLACK
        elif each.field == "startDate" and each.operator in (Operator.GREATER_THAN, Operator.GREATER_THAN_OR_EQUAL_TO):
            yield ">=", moment(each).astimezone(UTC) - _SLACK
        elif each.field == "startDate" and each.operator in (Operator.LESS_THAN, Operator.LESS_THAN_OR_EQUAL_TO):
            yield "<", moment(each).astimezone(UTC) + _SLACK


def _all(filters: Sequence[Condition]) -> Iterator[Filter]:
    """Every filter, however deep it stands."""
    for each in filters:
        if isinstance(each, Filter):
            yield each
        else:
            yield from _all(each.of)
