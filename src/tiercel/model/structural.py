"""What all tasks share that the engine itself decides, and how a raw mapping becomes the task its type names.

The classes register themselves by being listed in model.flowable; every other type becomes a plain `Task`.
"""

from typing import Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, ConfigDict, Field, SerializeAsAny

from tiercel.model.task import Task

FLOW = "io.kestra.plugin.core.flow."
OLD_FLOW = "io.kestra.core.tasks.flows."

FLOWABLES: dict[str, "type[Structural]"] = {}
"""Every name of every class; model.flowable fills it."""


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
    example: ClassVar[str] = ""
    """A whole flow that shows the type at work; a test runs it, reference and editors show it."""


class Flowable(Structural):
    """A task made of tasks."""

    errors: Tasks = ()
    """Tasks that run, one after the other, when one of the children has failed for good. They do not undo the failure."""
    finally_: Annotated[Tasks, Field(alias="finally")] = ()
    """Tasks that run after the children, and after `errors`, however they ended."""

    def blocks(self) -> dict[str, Tasks]:
        """The lists of children by name; `tasks` is the one that decides the state."""
        return {"tasks": self.children(), "errors": self.errors, "finally": self.finally_}

    def children(self) -> Tasks:
        """All children that may run in the body, whichever branch they stand in."""
        raise TypeError(f"{type(self).__name__} does not say which its children are")


def one_of(written: str, accepted: tuple[str, ...]) -> str:
    """The word, if it is accepted; what holds an expression is trusted until it is rendered."""
    if "{{" not in written and written not in accepted:
        raise ValueError(f"{written!r} is not known here; write one of {', '.join(accepted)}")
    return written
