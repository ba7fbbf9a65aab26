"""Why an execution is as it is, as data: what failed and how, what it waits for, what is different from when it went well."""

from datetime import datetime
from typing import Any

from tiercel.model.record import Record


class Hop(Record, frozen=True):
    """A task run on the way from the execution that was asked about down to what failed by itself."""

    execution_id: str
    namespace: str
    flow_id: str
    flow_revision: int
    task_id: str
    task_run_id: str
    state: str
    value: str | None = None
    """The value of the loop around it."""
    item: int | None = None
    """Which iteration of a Loop the execution is, from 0."""


class Tried(Record, frozen=True):
    """One attempt."""

    number: int
    state: str
    began: datetime
    ended: datetime | None = None
    worker_id: str | None = None


class Line(Record, frozen=True):
    """A line of the log."""

    at: datetime
    level: str
    message: str


class Rendered(Record, frozen=True):
    """A property of the task as the task was given it; secrets are stars."""

    name: str
    value: Any = None
    error: str | None = None
    """Why it has no value."""
    asked_again: tuple[str, ...] = ()
    """What the world was asked for it now, since nobody wrote down what it answered then."""


class Excerpt(Record, frozen=True):
    """The lines of a flow in which a task is written."""

    line: int
    """The number of the first one, from 1."""
    column: int
    lines: tuple[str, ...]


class Failure(Record, frozen=True):
    """The task run that failed first by itself."""

    path: tuple[Hop, ...]
    """Through iterations and subflows; the last one is the task run itself."""
    type: str
    error: str | None = None
    attempts: tuple[Tried, ...] = ()
    lines: tuple[Line, ...] = ()
    """The last ones of its log."""
    properties: tuple[Rendered, ...] = ()
    not_rendered: str | None = None
    """Why there are no properties."""
    source: Excerpt | None = None


class Fact(Record, frozen=True):
    """Something that happened to the execution as a whole."""

    message: str
    at: datetime | None = None


class Wait(Record, frozen=True):
    """Something that an execution which is not over waits for."""

    message: str
    """With what can be done about it."""
    since: datetime | None = None
    until: datetime | None = None
    task_id: str | None = None
    task_run_id: str | None = None
    value: str | None = None
    execution_ids: tuple[str, ...] = ()
    """Executions that it waits for."""


class Difference(Record, frozen=True):
    """Something that is not as it was."""

    what: str
    """`revision`, `inputs.name`, `labels.key`, `release`, `trigger`."""
    before: Any = None
    now: Any = None


class Comparison(Record, frozen=True):
    """An execution beside the last one of its flow that ended in SUCCESS before."""

    execution_id: str
    namespace: str
    flow_id: str
    good_execution_id: str
    good_ended: datetime | None
    good_duration: float | None = None
    """Seconds."""
    duration: float | None = None
    """Seconds; of an execution that is over."""
    differences: tuple[Difference, ...] = ()
    diff: tuple[str, ...] = ()
    """Of the two revisions: the lines that differ with a few around them, as `diff -u` writes them."""


class Why(Record, frozen=True):
    """The whole story of an execution."""

    execution_id: str
    namespace: str
    flow_id: str
    flow_revision: int
    state: str
    since: datetime
    """When it came into this state."""
    summary: str
    """One sentence."""
    failure: Failure | None = None
    waits: tuple[Wait, ...] = ()
    facts: tuple[Fact, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    """Of the execution itself, and of the one that failed below it where that is another flow's."""
