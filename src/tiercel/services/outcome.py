"""How a job ended, and how an error becomes one line for people and more for those who look closer."""

import traceback
from datetime import datetime
from typing import Any

import msgspec

from tiercel.engine.commands import Job
from tiercel.engine.events import Done
from tiercel.model.dynamic import DynamicRun
from tiercel.model.errors import TiercelError
from tiercel.model.log import LogEntry, MetricEntry
from tiercel.model.states import State
from tiercel.sdk import Output, TaskFailed, TaskLog

_TRACEBACK_LINES = 20


class Outcome(msgspec.Struct, frozen=True):
    """The end of a job. `entries` are the lines of an instant task; a worker's have gone to the log store before."""

    state: State
    started: datetime
    outputs: dict[str, Any] | None = None
    error: str | None = None
    log_file: str | None = None
    entries: tuple[LogEntry, ...] = ()
    metrics: tuple[MetricEntry, ...] = ()
    dynamic_runs: tuple[DynamicRun, ...] = ()

    def done(self, job: Job, *, at: datetime, seed: int, worker: str | None = None) -> Done:
        """The event that the execution is told."""
        return Done(
            at=at,
            seed=seed,
            ord=job.ord,
            attempt=job.attempt,
            state=self.state,
            outputs=self.outputs,
            error=self.error,
            started=self.started,
            worker=worker,
            log_file=self.log_file,
            dynamic_runs=self.dynamic_runs,
        )


def plain_outputs(output: Output | None) -> dict[str, Any] | None:
    """Outputs as they are stored. Raises TaskFailed where JSON cannot hold them."""
    if output is None:
        return None
    try:
        outputs = output.as_mapping()
        msgspec.json.encode(outputs)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise TaskFailed(f"the outputs cannot be stored as JSON: {error}") from error
    return outputs or None


def storable(output: Output | None, error: BaseException | None) -> tuple[dict[str, Any] | None, BaseException | None]:
    """Outputs as they are stored, and what went wrong; outputs that JSON cannot hold go wrong too, but hide no other error."""
    try:
        return plain_outputs(output), error
    except TaskFailed as problem:
        return None, error or problem


def one_line(error: BaseException) -> str:
    """What went wrong, for people. Our own errors speak for themselves; others are named by their type."""
    text = str(error).strip()
    if isinstance(error, TiercelError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def log_failure(log: TaskLog, error: BaseException, message: str) -> None:
    """The message as an error; of an unexpected exception also where it came from, for those who debug."""
    log.error(message)
    if not isinstance(error, TiercelError):
        lines = "".join(traceback.format_exception(error)).rstrip().splitlines()
        log.debug("\n".join(lines[-_TRACEBACK_LINES:]))
