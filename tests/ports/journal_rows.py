"""Rows for tests of journals, with everything given that a test does not care for."""

from datetime import UTC, datetime
from typing import Any

from tiercel.model.ids import execution_id, shard_of
from tiercel.model.states import State
from tiercel.ports.journal import EventRow, ExecutionRow, JobRow, TaskRunRow, TimerRow

NOW = datetime.now(UTC).replace(microsecond=0)
"""The present, since stores may be divided by months."""


def an_id(number: int) -> str:
    return execution_id(int(NOW.timestamp() * 1000), shard=number % 1024, random=number)


def an_execution(number: int = 1, **given: Any) -> ExecutionRow:
    identifier = an_id(number)
    row = ExecutionRow(
        id=identifier, tenant=1, namespace=1, flow=1, revision=1, shard=shard_of(identifier), state=State.RUNNING.number,
        kind=0, origin=0, live=True, marked=False, started=NOW, ended=None, parent_id=None, original_id=identifier,
        cause_id=None, correlation_id=None, trigger_key=None, labels=[], given=b"{}", progress=b"{}", variables=None,
        outputs=None,
    )  # fmt: skip
    return row._replace(**given)


def a_run(execution: ExecutionRow, ord: int = 0, **given: Any) -> TaskRunRow:
    row = TaskRunRow(
        execution_id=execution.id, ord=ord, id=f"run{execution.id[-4:]}{ord}", task_id=f"t{ord}", parent=-1, value=None,
        iteration=None, state=State.RUNNING.number, started=NOW, ended=None, record=b"{}", counters=None, outputs=None,
    )  # fmt: skip
    return row._replace(**given)


def an_event(execution: ExecutionRow, seq: int = 0) -> EventRow:
    return EventRow(execution.id, seq, NOW, b"{}")


def a_job(execution: ExecutionRow, *, ord: int = 0, worker: int | None = None) -> JobRow:
    return JobRow(execution.id, ord, 1, execution.shard, 0, 0, worker, b"{}")


def a_timer(execution: ExecutionRow, name: str, due: datetime) -> TimerRow:
    return TimerRow(execution.id, name, execution.shard, due)
