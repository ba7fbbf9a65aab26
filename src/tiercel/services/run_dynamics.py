"""What a run shows as dynamic task runs: collected here, and sent with the end of the run."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tiercel.model.dynamic import ENDS, DynamicRun
from tiercel.model.history import History, Moment
from tiercel.model.states import State
from tiercel.sdk import TaskFailed

MOST = 10_000
"""So many of one run: all of them go into one commit."""


class RunDynamics:
    """The dynamic task runs of one run, in the order they were added."""

    def __init__(self, *, now: Callable[[], datetime], masked: Callable[[str], str]) -> None:
        self._now = now
        self._masked = masked
        self._added: list[DynamicRun] = []

    @property
    def added(self) -> tuple[DynamicRun, ...]:
        return tuple(self._added)

    def add(
        self,
        task_id: str,
        state: str,
        *,
        value: str | None,
        started: datetime | None,
        ended: datetime | None,
        outputs: Mapping[str, Any] | None,
    ) -> None:
        """Raises TaskFailed where it cannot be shown."""
        if len(self._added) >= MOST:
            raise TaskFailed(f"a run can add {MOST:,} task runs and no more; add those that matter")
        if state not in ENDS:
            raise TaskFailed(f"`{task_id}` cannot be added as {state}: only what has ended can ({', '.join(ENDS)})")
        self._added.append(
            DynamicRun(
                self._masked(task_id),
                _history(State(state), _aware(task_id, started), _aware(task_id, ended) or self._now()),
                None if value is None else self._masked(value),
                _plain(task_id, outputs),
            )
        )


def _history(state: State, started: datetime | None, ended: datetime) -> History:
    """Where nobody knows when it began, it shows its end alone."""
    if started is None:
        return History(state, (Moment(state, ended),))
    begun = (Moment(State.CREATED, started), Moment(State.RUNNING, started))
    return History(state, (*begun, Moment(state, max(started, ended))))


def _aware(task_id: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise TaskFailed(f"`{task_id}` cannot be added: its time {moment} has no time zone")
    return moment


def _plain(task_id: str, outputs: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not outputs:
        return None
    try:
        msgspec.json.encode(outputs)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise TaskFailed(f"the outputs of `{task_id}` cannot be stored as JSON: {error}") from error
    return dict(outputs)
