"""Flowable tasks, and those that change their own execution: typed here, decided by the engine.

`build_task` turns a raw mapping into the class its type names; every other type becomes a plain `Task`.
"""

from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import AfterValidator, AliasChoices, BeforeValidator, ConfigDict, Field, SerializeAsAny, model_validator

from tiercel.model.task import Authored, Duration, Task

_CORE = "io.kestra.plugin.core."
_FLOW = _CORE + "flow."
_EXECUTION = _CORE + "execution."


def build_task(raw: object) -> object:
    """The task a raw mapping describes; anything else is handed on for pydantic to complain about."""
    if not isinstance(raw, dict):
        return raw
    known = task_class(str(cast(dict[str, Any], raw).get("type")))
    return known.model_validate(raw)


def task_class(type_name: str) -> type[Task]:
    """The class that models a type, by its full name, its short name or an old alias; `Task` for runnables."""
    return FLOWABLES.get(type_name) or FLOWABLES.get(f"io.kestra.plugin.{type_name}") or Task


AnyTask = Annotated[SerializeAsAny[Task], BeforeValidator(build_task)]
Tasks = tuple[AnyTask, ...]
SomeTasks = Annotated[Tasks, Field(min_length=1)]


class Structural(Task):
    """A task the engine itself decides: it never reaches a worker."""

    model_config = ConfigDict(extra="forbid")
    types: ClassVar[tuple[str, ...]] = ()
    """Full type name first, then aliases."""


class Flowable(Structural):
    """A task made of tasks."""

    errors: Tasks = ()
    finally_: Annotated[Tasks, Field(alias="finally")] = ()

    def blocks(self) -> dict[str, Tasks]:
        """The lists of children by name; `tasks` is the one that decides the state."""
        return {"tasks": self.children(), "errors": self.errors, "finally": self.finally_}

    def children(self) -> Tasks:
        """All children that may run in the body, whichever branch they stand in."""
        raise TypeError(f"{type(self).__name__} does not say which its children are")


class Sequential(Flowable):
    """Children one after the other; the first failure stops the rest."""

    types = (_FLOW + "Sequential", "io.kestra.core.tasks.flows.Sequential")
    tasks: SomeTasks

    def children(self) -> Tasks:
        return self.tasks


ChildFailure = Annotated[Literal["FAIL", "CANCEL", "CONTINUE"], BeforeValidator(lambda word: str(word).upper())]


class Parallel(Flowable):
    """Children at the same time, at most `concurrent` of them (0: all)."""

    types = (_FLOW + "Parallel", "io.kestra.core.tasks.flows.Parallel")
    tasks: SomeTasks
    concurrent: Annotated[int, Field(ge=0)] = 0
    on_child_failure: ChildFailure = "FAIL"

    def children(self) -> Tasks:
        return self.tasks


class DagTask(Authored):
    task: AnyTask
    depends_on: tuple[str, ...] = ()


class Dag(Flowable):
    """Children as soon as all they depend on has ended."""

    types = (_FLOW + "Dag", "io.kestra.core.tasks.flows.Dag")
    tasks: Annotated[tuple[DagTask, ...], Field(min_length=1)]
    concurrent: Annotated[int, Field(ge=0)] = 0
    on_child_failure: ChildFailure = "FAIL"

    def children(self) -> Tasks:
        return tuple(entry.task for entry in self.tasks)


class If(Flowable):
    """One of two lists, by a condition rendered once."""

    types = (_FLOW + "If", "io.kestra.core.tasks.flows.If")
    condition: str | bool | int | float
    then: SomeTasks
    else_: Annotated[Tasks, Field(alias="else")] = ()

    def children(self) -> Tasks:
        return (*self.then, *self.else_)


def _or_nothing(raw: object) -> object:
    return () if raw is None else raw


class Switch(Flowable):
    """The list of the case that equals a rendered value."""

    types = (_FLOW + "Switch", "io.kestra.core.tasks.flows.Switch")
    value: str | bool | int | float
    cases: dict[str, Annotated[Tasks, BeforeValidator(_or_nothing)]] = {}
    defaults: Tasks = ()

    def children(self) -> Tasks:
        return (*(task for tasks in self.cases.values() for task in tasks), *self.defaults)

    @model_validator(mode="after")
    def _has_a_branch(self) -> "Switch":
        if not self.cases and not self.defaults:
            raise ValueError("No task defined, neither cases or default have any tasks")
        return self


class AllowFailure(Flowable):
    """Children one after the other; their failure becomes a warning."""

    types = (_FLOW + "AllowFailure", "io.kestra.core.tasks.flows.AllowFailure")
    tasks: SomeTasks

    def children(self) -> Tasks:
        return self.tasks


class ForEach(Flowable):
    """The children once for each value, in groups; at most `concurrency_limit` groups at a time (0: all)."""

    types = (_FLOW + "ForEach",)
    values: Any
    tasks: SomeTasks
    concurrency_limit: Annotated[int, Field(ge=0)] = 1

    def children(self) -> Tasks:
        return self.tasks


def _pause_behavior(written: str) -> str:
    return _one_of(written, ("RESUME", "WARN", "FAIL", "CANCEL"))


def _one_of(written: str, accepted: tuple[str, ...]) -> str:
    """What holds an expression is trusted until it is rendered."""
    if "{{" not in written and written not in accepted:
        raise ValueError(f"{written!r} is not known here; write one of {', '.join(accepted)}")
    return written


class Pause(Flowable):
    """Waits for a person, or for a time."""

    types = (_FLOW + "Pause", "io.kestra.core.tasks.flows.Pause")
    pause_duration: Annotated[
        Duration | None, Field(validation_alias=AliasChoices("pauseDuration", "delay", "pause_duration"))
    ] = None
    behavior: Annotated[str, AfterValidator(_pause_behavior)] = "RESUME"
    """RESUME, WARN, FAIL or CANCEL, or an expression that gives one."""
    on_resume: tuple[dict[str, Any], ...] = ()
    """Inputs asked of whoever resumes, as written; definition.inputs reads them."""
    on_pause: AnyTask | None = None
    tasks: Tasks = ()
    """1.x: run after the resume."""

    def children(self) -> Tasks:
        return self.tasks


class Subflow(Structural):
    """Starts an execution of another flow and, with `wait`, takes its end over."""

    types = (_FLOW + "Subflow", "io.kestra.core.tasks.flows.Subflow", "io.kestra.core.tasks.flows.Flow")
    namespace: str
    flow_id: str
    revision: Annotated[int | None, Field(ge=1)] = None
    inputs: dict[str, Any] = {}
    labels: dict[str, Any] | tuple[dict[str, Any], ...] = ()
    inherit_labels: bool | str = False
    wait: bool = True
    transmit_failed: bool = True
    schedule_date: str | None = None
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"
    outputs: dict[str, Any] | None = None


def _exit_state(written: str) -> str:
    return _one_of(written, ("SUCCESS", "WARNING", "KILLED", "FAILED", "CANCELED", "CANCELLED"))


class Sleep(Structural):
    """Waits for a time: a timer of the executor, no worker is held."""

    types = (_FLOW + "Sleep",)
    duration: Duration


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
    overwrite: bool | str = True


class UnsetVariables(Updater):
    """Removes variables of the execution."""

    types = (_EXECUTION + "UnsetVariables",)
    variables: tuple[str, ...] | str
    ignore_missing: bool | str = False


class Exit(Updater):
    """Ends the execution here, in a given state."""

    types = (_EXECUTION + "Exit",)
    state: Annotated[str, AfterValidator(_exit_state)] = "SUCCESS"


FLOWABLES: dict[str, type[Structural]] = {
    name: known
    for known in (
        Sequential,
        Parallel,
        Dag,
        If,
        Switch,
        AllowFailure,
        ForEach,
        Pause,
        Subflow,
        Sleep,
        Labels,
        SetVariables,
        UnsetVariables,
        Exit,
    )
    for name in known.types
}
