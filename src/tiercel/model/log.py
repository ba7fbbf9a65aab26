"""Log entries and metrics as records."""

from datetime import datetime
from enum import IntEnum

from tiercel.model.record import Record


class Level(IntEnum):
    """How loud a line is; the numbers order them and stand in rows."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4


class LogEntry(Record, frozen=True):
    """One line. `attempt_number` counts from 0, as the API shows it."""

    namespace: str
    flow_id: str
    timestamp: datetime
    level: str
    message: str
    tenant_id: str = "main"
    execution_id: str | None = None
    task_id: str | None = None
    task_run_id: str | None = None
    attempt_number: int | None = None
    trigger_id: str | None = None
    thread: str | None = None


class MetricEntry(Record, frozen=True):
    """One number a task reported; timers in milliseconds."""

    namespace: str
    flow_id: str
    execution_id: str
    task_id: str
    task_run_id: str
    type: str
    name: str
    value: float
    timestamp: datetime
    tags: dict[str, str] = {}
