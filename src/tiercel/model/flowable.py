"""Flowable tasks, and those that change their own execution: typed here, decided by the engine.

Loops, waits and WorkingDirectory have modules of their own; FLOWABLES knows all of them by name.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tiercel.model.batches import Batch, BatchExecutions, BatchOutputs, ForEachItem
from tiercel.model.directories import DirectoryCache, WorkingDirectory
from tiercel.model.loops import (
    CheckFrequency,
    EachParallel,
    EachSequential,
    ForEach,
    Loop,
    LoopOutput,
    LoopUntil,
)
from tiercel.model.structural import (
    FLOW,
    FLOWABLES,
    OLD_FLOW,
    AnyTask,
    Flowable,
    SomeTasks,
    Structural,
    Tasks,
    build_task,
    one_of,
    task_class,
)
from tiercel.model.task import Authored, Duration
from tiercel.model.waits import Approval, Pause

_EXECUTION = "io.kestra.plugin.core.execution."


class Sequential(Flowable):
    """Children one after the other; the first failure stops the rest."""

    types = (FLOW + "Sequential", OLD_FLOW + "Sequential")
    tasks: SomeTasks
    """What is done, one after the other."""

    def children(self) -> Tasks:
        return self.tasks


ChildFailure = Annotated[Literal["FAIL", "CANCEL", "CONTINUE"], BeforeValidator(lambda word: str(word).upper())]


class Parallel(Flowable):
    """Children at the same time, at most `concurrent` of them (0: all)."""

    types = (FLOW + "Parallel", OLD_FLOW + "Parallel")
    tasks: SomeTasks
    """What is done at the same time."""
    concurrent: Annotated[int, Field(ge=0)] = 0
    """How many at most; 0: all."""
    on_child_failure: ChildFailure = "FAIL"
    """What a failure does to the others."""

    def children(self) -> Tasks:
        return self.tasks


class DagTask(Authored):
    task: AnyTask
    depends_on: tuple[str, ...] = ()


class Dag(Flowable):
    """Children as soon as all they depend on has ended."""

    types = (FLOW + "Dag", OLD_FLOW + "Dag")
    tasks: Annotated[tuple[DagTask, ...], Field(min_length=1)]
    """What is done, each with what it depends on."""
    concurrent: Annotated[int, Field(ge=0)] = 0
    """How many at most at the same time; 0: all."""
    on_child_failure: ChildFailure = "FAIL"
    """What a failure does to the others."""

    def children(self) -> Tasks:
        return tuple(entry.task for entry in self.tasks)


class If(Flowable):
    """One of two lists, by a condition rendered once."""

    types = (FLOW + "If", OLD_FLOW + "If")
    condition: str | bool | int | float
    """An expression; nothing, `false` and 0 do not hold."""
    then: SomeTasks
    """What is done where it holds."""
    else_: Annotated[Tasks, Field(alias="else")] = ()
    """What is done where it does not."""

    def children(self) -> Tasks:
        return (*self.then, *self.else_)


def _or_nothing(raw: object) -> object:
    return () if raw is None else raw


class Switch(Flowable):
    """The list of the case that equals a rendered value."""

    types = (FLOW + "Switch", OLD_FLOW + "Switch")
    value: str | bool | int | float
    """An expression."""
    cases: dict[str, Annotated[Tasks, BeforeValidator(_or_nothing)]] = {}
    """What is done, by the value."""
    defaults: Tasks = ()
    """What is done where no case fits."""

    def children(self) -> Tasks:
        return (*(task for tasks in self.cases.values() for task in tasks), *self.defaults)

    @model_validator(mode="after")
    def _has_a_branch(self) -> "Switch":
        if not self.cases and not self.defaults:
            raise ValueError("No task defined, neither cases or default have any tasks")
        return self


class AllowFailure(Flowable):
    """Children one after the other; their failure becomes a warning."""

    types = (FLOW + "AllowFailure", OLD_FLOW + "AllowFailure")
    tasks: SomeTasks
    """What may fail: the execution goes on, and ends with WARNING."""

    def children(self) -> Tasks:
        return self.tasks


class Subflow(Structural):
    """Starts an execution of another flow and, with `wait`, takes its end over."""

    types = (FLOW + "Subflow", OLD_FLOW + "Subflow", OLD_FLOW + "Flow")
    namespace: str
    """Where the other flow lives."""
    flow_id: str
    """The other flow."""
    revision: Annotated[int | None, Field(ge=1)] = None
    """Which revision of it; the latest where nothing is said."""
    inputs: dict[str, Any] = {}
    """What it is started with."""
    labels: dict[str, Any] | tuple[dict[str, Any], ...] = ()
    """Labels of its execution."""
    inherit_labels: bool | str = False
    """Whether its execution gets the labels of this one."""
    wait: bool = True
    """Whether to wait until it has ended."""
    transmit_failed: bool = True
    """Whether a failure of it is one of this task; with `wait`."""
    schedule_date: str | None = None
    """When it is to begin; at once where nothing is said."""
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"
    """What a restart does to it: RETRY_FAILED goes on where it failed, NEW_EXECUTION begins another one."""
    outputs: dict[str, Any] | None = None
    """1.x: values that are rendered within the other flow; outputs of the flow take their place."""


def _exit_state(written: str) -> str:
    return one_of(written, ("SUCCESS", "WARNING", "KILLED", "FAILED", "CANCELED", "CANCELLED"))


class Sleep(Structural):
    """Waits for a time: a timer of the executor, no worker is held."""

    types = (FLOW + "Sleep",)
    duration: Duration
    """How long."""


class Template(Structural):
    """1.x: the tasks of a stored template. Templates are gone; what was one is a flow to call as a Subflow."""

    types = (FLOW + "Template", OLD_FLOW + "Template")
    namespace: str
    """Where the template lives."""
    template_id: str
    """The template."""
    tenant_id: str | None = None
    """Accepted and without effect."""
    args: dict[str, Any] = {}
    """Values for its expressions."""
    errors: Tasks = ()
    """Tasks that run when one of the children failed."""


class Updater(Structural):
    """A task that changes its own execution, within one decision."""


class Labels(Updater):
    """Adds labels to the execution; a new value wins over an old one."""

    types = (_EXECUTION + "Labels", "io.kestra.core.tasks.executions.Labels")
    labels: dict[str, Any] | tuple[dict[str, Any], ...] | str
    """A map, a list of key and value, or an expression that gives JSON of either."""


class SetVariables(Updater):
    """Merges values into the variables of the execution."""

    types = (_EXECUTION + "SetVariables",)
    variables: dict[str, Any] | str
    """Names and values."""
    overwrite: bool | str = True
    """Whether a variable that is there gets the new value; otherwise that is a failure."""


class UnsetVariables(Updater):
    """Removes variables of the execution."""

    types = (_EXECUTION + "UnsetVariables",)
    variables: tuple[str, ...] | str
    """Their names."""
    ignore_missing: bool | str = False
    """Whether a name that is not there is no failure."""


class Exit(Updater):
    """Ends the execution here, in a given state."""

    types = (_EXECUTION + "Exit",)
    state: Annotated[str, AfterValidator(_exit_state)] = "SUCCESS"
    """The state that the execution ends with."""


FLOWABLES.update(
    {
        name: known
        for known in (
            Sequential,
            Parallel,
            Dag,
            If,
            Switch,
            AllowFailure,
            ForEach,
            Loop,
            LoopUntil,
            EachSequential,
            EachParallel,
            ForEachItem,
            Pause,
            Approval,
            WorkingDirectory,
            Subflow,
            Template,
            Sleep,
            Labels,
            SetVariables,
            UnsetVariables,
            Exit,
        )
        for name in known.types
    }
)

__all__ = [
    "FLOWABLES",
    "AllowFailure",
    "AnyTask",
    "Approval",
    "Batch",
    "BatchExecutions",
    "BatchOutputs",
    "CheckFrequency",
    "Dag",
    "DagTask",
    "DirectoryCache",
    "EachParallel",
    "EachSequential",
    "Exit",
    "Flowable",
    "ForEach",
    "ForEachItem",
    "If",
    "Labels",
    "Loop",
    "LoopOutput",
    "LoopUntil",
    "Parallel",
    "Pause",
    "Sequential",
    "SetVariables",
    "Sleep",
    "SomeTasks",
    "Structural",
    "Subflow",
    "Switch",
    "Tasks",
    "Template",
    "UnsetVariables",
    "Updater",
    "WorkingDirectory",
    "build_task",
    "task_class",
]
