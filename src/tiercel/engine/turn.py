"""One decision under way: the working copy that the verbs of the engine change, and the commands they leave.

What comes in is never touched; `result` freezes what has become of it. Every change of a state goes through here, so
counters, changes and the table of moves hold by construction.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from tiercel.engine.commands import AnyCommand, CancelTimer, Decision, Evaluate, StartTimer, Write
from tiercel.engine.events import AnyEvent
from tiercel.engine.plan import FlowContext, Node
from tiercel.expression import HostCall
from tiercel.model.execution import ADMIT, BEFORE_THE_GATE, GO_ON, Changes, Execution, Label, Step, merged_labels
from tiercel.model.log import LogEntry
from tiercel.model.masking import Masker
from tiercel.model.states import EXECUTION_MOVES, TASK_RUN_MOVES, TERMINATED, State
from tiercel.model.task_run import ROOT, Scope, TaskRun

replace = msgspec.structs.replace
Level: TypeAlias = str

EXECUTION_ROOM = 4
"""An execution that is started takes the room of so many task runs: it is a row itself, with task runs and lines below."""

_MARKED = (
    "busy",
    "changed_runs",
    "changed_scopes",
    "execution",
    "has_labels_changed",
    "next_ord",
    "paused",
    "removed",
    "results",
    "room",
    "runs",
    "scopes",
    "state",
    "states",
    "timers",
)
_marked = attrgetter(*_MARKED)


class Turn:
    """The execution as it becomes within one decision."""

    __slots__ = (
        "at",
        "busy",
        "changed_runs",
        "changed_scopes",
        "commands",
        "context",
        "event",
        "execution",
        "has_labels_changed",
        "next_ord",
        "paused",
        "removed",
        "results",
        "room",
        "runs",
        "scopes",
        "secrets",
        "state",
        "states",
        "steps",
        "timers",
    )

    def __init__(self, context: FlowContext, execution: Execution, event: AnyEvent, *, limit: int) -> None:
        self.context = context
        self.execution = execution
        """The rest of the header: what changes seldom."""
        self.event = event
        self.at: datetime = event.at
        self.secrets = Masker()
        """What expressions have seen of secrets: it stands in no line, even when their step is undone."""
        self.room = limit
        """How many task runs this slice may still create."""
        self.commands: list[AnyCommand] = []
        self.state = execution.state
        self.runs = execution.runs
        self.scopes = execution.scopes
        self.results = execution.results
        self.states = execution.states
        self.timers = execution.timers
        self.busy = execution.busy
        self.paused = execution.paused
        self.next_ord = execution.next_ord
        self.steps = deque(execution.pending)
        self.changed_runs = execution.changes.runs
        self.changed_scopes = execution.changes.scopes
        self.removed = execution.changes.removed
        self.has_labels_changed = execution.changes.labels

    # What is there ---------------------------------------------------------------------------------------------------

    def node(self, run: TaskRun) -> Node:
        return self.context.nodes[run.task_id]

    def owner(self, scope: int) -> Node | None:
        """The task a scope belongs to; None for the flow."""
        return None if scope == ROOT else self.node(self.runs[scope])

    @property
    def is_over(self) -> bool:
        return self.state.current in TERMINATED

    @property
    def is_killing(self) -> bool:
        return self.state.current is State.KILLING

    @property
    def is_waiting(self) -> bool:
        """The next step has to wait: for a person, or for a slot of the flow's limit."""
        asks = bool(self.steps) and self.steps[0].verb in (ADMIT, GO_ON)
        return self.execution.is_held or (self.state.current in BEFORE_THE_GATE and not asks)

    def ancestors(self, run: TaskRun) -> Iterator[TaskRun]:
        """The flowable task runs above, nearest first."""
        while run.parent != ROOT:
            run = self.runs[run.parent]
            yield run

    def below(self, scope: int) -> list[TaskRun]:
        """Open task runs below a scope, deepest last created first: for interrupts and removals, which are rare."""
        found = (run for run in self.runs.values() if self._is_below(run, scope))
        return sorted(found, key=lambda run: -run.ord)

    def _is_below(self, run: TaskRun, scope: int) -> bool:
        return scope == run.parent or any(scope == above.parent for above in self.ancestors(run))

    # What changes ----------------------------------------------------------------------------------------------------

    def change(self, **fields: Any) -> None:
        """Set fields of the header that change seldom."""
        self.execution = replace(self.execution, **fields)

    def set_labels(self, labels: tuple[Label, ...]) -> None:
        """Give the execution these labels in place of those it has."""
        if labels != self.execution.labels:
            self.has_labels_changed = True
            self.change(labels=labels)

    def add_labels(self, labels: tuple[Label, ...]) -> None:
        """Labels beside those it has; a new value wins over an old one."""
        self.set_labels(merged_labels(self.execution.labels, labels))

    def enter(self, state: State) -> None:
        """Move the execution."""
        self.state = self.state.move(state, at=self.at, moves=EXECUTION_MOVES)

    def move(self, run: TaskRun, state: State, **fields: Any) -> TaskRun:
        """Move a task run that stays open."""
        self._count_pause(run, (state is State.PAUSED) - (run.state.current is State.PAUSED))
        return self.put(replace(run, state=run.state.move(state, at=self.at, moves=TASK_RUN_MOVES), **fields))

    def _count_pause(self, run: TaskRun, change: int) -> None:
        self.paused += change
        self.busy -= change * self.node(run).is_leaf

    def put(self, run: TaskRun) -> TaskRun:
        """Keep a new version of an open task run."""
        self.runs = self.runs.set(run.ord, run)
        self.changed_runs = self.changed_runs.set(run.ord, run)
        return run

    def add(self, run: TaskRun) -> TaskRun:
        """Take a new task run in."""
        self.next_ord += 1
        self.room -= 1
        self.busy += self.node(run).is_leaf
        return self.put(run)

    def add_ended(self, run: TaskRun) -> None:
        """Take in a task run that was over before it was known: its row is all there is of it."""
        self.next_ord += 1
        self.room -= 1
        self.changed_runs = self.changed_runs.set(run.ord, run)

    def end(self, run: TaskRun, state: State, **fields: Any) -> TaskRun:
        """Move a task run to its end: it leaves the working set, its row keeps it."""
        self._count_pause(run, -(run.state.current is State.PAUSED))
        ended = replace(run, state=run.state.move(state, at=self.at, moves=TASK_RUN_MOVES), **fields)
        self._let_go(ended)
        return ended

    def _let_go(self, run: TaskRun) -> None:
        self.busy -= self.node(run).is_leaf
        self.runs = self.runs.delete(run.ord)
        self.changed_runs = self.changed_runs.set(run.ord, run)
        if run.ord in self.scopes:
            self.scopes = self.scopes.delete(run.ord)
            self.changed_scopes = self.changed_scopes.set(run.ord, None)
        self.forget_questions(run.ord)

    def drop(self, run: TaskRun) -> None:
        """An open task run is taken away, row and all."""
        self._count_pause(run, -(run.state.current is State.PAUSED))
        self._let_go(run)
        self.changed_runs = self.changed_runs.delete(run.ord)

    def set_scope(self, ord: int, scope: Scope) -> Scope:
        self.scopes = self.scopes.set(ord, scope)
        if ord != ROOT:
            self.changed_scopes = self.changed_scopes.set(ord, None)
        return scope

    def update_scope(self, ord: int, **fields: Any) -> Scope:
        return self.set_scope(ord, replace(self.scopes[ord], **fields))

    @property
    def executions_left(self) -> int:
        """How many executions this slice may still start."""
        return -(-self.room // EXECUTION_ROOM)

    def count_executions(self, count: int) -> None:
        """So many are started."""
        self.room -= count * EXECUTION_ROOM

    # What is left to do ----------------------------------------------------------------------------------------------

    def later(self, verb: str, ord: int, iteration: int = 0, position: int = 0) -> None:
        """Put a step at the end of the line."""
        self.steps.append(Step(verb, ord, iteration, position))

    def later_once(self, verb: str, ord: int) -> None:
        """The same, unless it stands there already: a full slice may be told the same a hundred times."""
        if Step(verb, ord) not in self.steps:
            self.later(verb, ord)

    def first(self, verb: str, ord: int) -> None:
        """Put a step before all others."""
        self.steps.appendleft(Step(verb, ord))

    def command(self, command: AnyCommand) -> None:
        self.commands.append(command)

    def start_timer(self, name: str, wait: timedelta) -> None:
        due = self.at + max(wait, timedelta())
        self.timers = self.timers.set(name, due)
        self.command(StartTimer(name, due))

    def cancel_timer(self, name: str) -> None:
        if name in self.timers:
            self.timers = self.timers.delete(name)
            self.command(CancelTimer(name))

    def write(self, level: Level, message: str, run: TaskRun | None = None) -> None:
        """A log line of the engine's own; attempts count from 0 in logs."""
        execution = self.execution
        entry = LogEntry(
            namespace=execution.namespace,
            flow_id=execution.flow_id,
            timestamp=self.at,
            level=level,
            message=self.secrets.mask(message),
            tenant_id=execution.tenant,
            execution_id=execution.id,
            task_id=None if run is None else run.task_id,
            task_run_id=None if run is None else run.id,
            attempt_number=None if run is None else run.attempt - 1,
            thread="executor",
        )
        self.command(Write(entry))

    # Questions to the world ------------------------------------------------------------------------------------------

    def ask(self, call: HostCall, ord: int) -> None:
        """Ask the world, once however many wait for the answer."""
        awaiting = self.execution.awaiting
        waiting = awaiting.get(call.key, ())
        if not waiting:
            self.command(Evaluate(call.key, call.function, call.arguments))
        if ord not in waiting:
            self.change(awaiting=awaiting.set(call.key, (*waiting, ord)))

    def forget_questions(self, ord: int) -> None:
        """What an ended, or rendered, task run asked is of no interest any more."""
        if ord in self.execution.answers:
            self.change(answers=self.execution.answers.delete(ord))
        if self.execution.awaiting:
            self._stop_awaiting(ord)

    def _stop_awaiting(self, ord: int) -> None:
        for key, waiting in self.execution.awaiting.items():
            if ord in waiting:
                others = tuple(other for other in waiting if other != ord)
                awaiting = self.execution.awaiting
                self.change(awaiting=awaiting.set(key, others) if others else awaiting.delete(key))

    # When a step fails ------------------------------------------------------------------------------------------------

    def mark(self) -> tuple[Any, ...]:
        """Where the execution stands, to come back to. Steps are not part of it: one that is obsolete does nothing."""
        return (*_marked(self), len(self.commands))

    def back_to(self, mark: tuple[Any, ...]) -> None:
        """Undo what a failed step has changed."""
        *values, commands = mark
        for name, value in zip(_MARKED, values, strict=True):
            setattr(self, name, value)
        del self.commands[commands:]

    # The end ---------------------------------------------------------------------------------------------------------

    def snapshot(self) -> Execution:
        """The execution as it is now, for expressions."""
        return replace(
            self.execution,
            state=self.state,
            runs=self.runs,
            scopes=self.scopes,
            results=self.results,
            states=self.states,
        )

    def result(self) -> Decision:
        """What has become of the execution."""
        before = self.execution.changes
        changes = Changes(
            created=before.created,
            header=True,
            labels=self.has_labels_changed,
            first_new=before.first_new,
            runs=self.changed_runs,
            scopes=self.changed_scopes,
            removed=self.removed,
        )
        execution = replace(
            self.execution,
            state=self.state,
            next_ord=self.next_ord,
            busy=self.busy,
            paused=self.paused,
            pending=tuple(self.steps),
            runs=self.runs,
            scopes=self.scopes,
            results=self.results,
            states=self.states,
            timers=self.timers,
            changes=changes,
        )
        return Decision(
            execution, tuple(self.commands), unfinished=bool(execution.pending) and not execution.is_waiting
        )
