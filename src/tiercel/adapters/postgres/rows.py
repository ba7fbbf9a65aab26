"""Rows of the ports as columns of arguments, and records of the database as rows of the ports.

PostgreSQL refuses NUL characters and halves of surrogate pairs in text; what people and tasks write may hold both.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg

from tiercel.adapters.postgres.partitions import Partitions
from tiercel.ports.journal import ExecutionRow, LogRow, TaskRunRow

SEPARATOR = "\x1f"
"""Between labels, which travel as one text: arrays of arrays must be rectangular."""

Row = TypeVar("Row", bound=tuple[Any, ...])
Columns = list[Sequence[Any]]


def columns(rows: Sequence[tuple[Any, ...]]) -> Columns:
    """One sequence a column."""
    return list(zip(*rows, strict=True))


def by_partition(rows: Iterable[Row], partitions: Partitions) -> Mapping[str, list[Row]]:
    """Rows by the partition of the execution that their first column names."""
    parted: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        parted[partitions.of(row[0])].append(row)
    return parted


def execution_columns(rows: Sequence[ExecutionRow]) -> Columns:
    """All columns of new executions."""
    result = columns(rows)
    result[_LABELS] = [joined(row.labels) for row in rows]
    return result


def changed_columns(rows: Sequence[ExecutionRow]) -> Columns:
    """What of an execution progresses, by id."""
    return [
        [row.id for row in rows],
        [row.state for row in rows],
        [row.live for row in rows],
        [row.marked for row in rows],
        [row.ended for row in rows],
        [joined(row.labels) for row in rows],
        [row.progress for row in rows],
        [row.variables for row in rows],
        [row.outputs for row in rows],
    ]


def run_columns(rows: Sequence[TaskRunRow]) -> Columns:
    """All columns of new task runs."""
    result = columns(rows)
    result[_VALUE] = [row.value and storable(row.value) for row in rows]
    return result


def changed_run_columns(rows: Sequence[TaskRunRow]) -> Columns:
    """What of a task run progresses, by execution and ord."""
    return [
        [row.execution_id for row in rows],
        [row.ord for row in rows],
        [row.iteration for row in rows],
        [row.state for row in rows],
        [row.ended for row in rows],
        [row.record for row in rows],
        [row.counters for row in rows],
        [row.outputs for row in rows],
    ]


def log_columns(rows: Sequence[LogRow]) -> Columns:
    """All columns of log lines; ord stays behind, since the task run's id names the same."""
    return [
        [row.at for row in rows],
        [row.seq for row in rows],
        [row.flow for row in rows],
        [row.execution_id for row in rows],
        [row.task_run_id for row in rows],
        [row.task_id for row in rows],
        [row.attempt for row in rows],
        [row.trigger_id for row in rows],
        [row.level for row in rows],
        [row.thread and storable(row.thread) for row in rows],
        [storable(row.message) for row in rows],
    ]


def storable(text: str) -> str:
    """The text without what a text column refuses; mostly the very same."""
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def joined(labels: Sequence[str]) -> str:
    """Labels as one text that string_to_array takes apart."""
    return SEPARATOR.join([storable(label).replace(SEPARATOR, " ") for label in labels])


def execution_row(record: asyncpg.Record) -> ExecutionRow:
    """A row of `executions`, whose columns stand in the record in any order."""
    return ExecutionRow(*[record[name] for name in ExecutionRow._fields])


def run_row(record: asyncpg.Record) -> TaskRunRow:
    return TaskRunRow(*[record[name] for name in TaskRunRow._fields])


def listed(names: Iterable[str], *, of: str, without: Mapping[str, str] | None = None) -> str:
    """Columns for a SELECT, of one table; those in `without` are replaced by a text of SQL."""
    other = without or {}
    return ", ".join(f"{other[name]} AS {name}" if name in other else f"{of}.{name}" for name in names)


_LABELS = ExecutionRow._fields.index("labels")
_VALUE = TaskRunRow._fields.index("value")

RowMaker = Callable[[asyncpg.Record], Row]
