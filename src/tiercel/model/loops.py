"""Tasks that run their children again and again: for each value, or until a condition holds."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tiercel.model.structural import FLOW, OLD_FLOW, Flowable, SomeTasks, Tasks
from tiercel.model.task import Authored, Duration


class LoopOutput(Authored):
    """A value that each iteration of a Loop gives: shaped as an output of a flow."""

    id: Annotated[str, Field(min_length=1, pattern=r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$")]
    type: str
    item_type: str | None = None
    value: Any = None
    description: str | None = None
    display_name: str | None = None
    required: bool = True


class Loop(Flowable):
    """The children once for each value, each time as an execution of its own that only this task waits for."""

    types = (FLOW + "Loop",)
    values: Any
    """A list, a map, or an expression that gives either, or the URI of a file with one value a line."""
    tasks: SomeTasks
    """What is done for each value."""
    concurrency_limit: Annotated[int, Field(ge=0)] = 1
    """For how many values at the same time; 0: all."""
    transmit_failed: bool = True
    """Whether a failed iteration makes this task fail."""
    outputs: tuple[LoopOutput, ...] = ()
    """What each iteration gives."""
    fetch_type: Annotated[Literal["AUTO", "FETCH", "STORE"], BeforeValidator(lambda word: str(word).upper())] = "AUTO"
    """AUTO: as files where the values came from a file, else in the outputs themselves."""
    break_when: str | bool | None = None
    """No further iteration is started once this holds after one of them."""

    def children(self) -> Tasks:
        return self.tasks


class CheckFrequency(Authored):
    """How long a LoopUntil waits between two iterations, and when it gives up."""

    interval: Duration = "PT1M"
    max_iterations: int | str | None = None
    max_duration: Duration | None = None


class LoopUntil(Flowable):
    """The children again and again, until the condition holds."""

    types = (FLOW + "LoopUntil", FLOW + "WaitFor", OLD_FLOW + "WaitFor")
    condition: str | bool | int | float
    """An expression: the end, once it holds."""
    tasks: SomeTasks
    """What is done in each round."""
    fail_on_max_reached: bool | str = False
    """Whether giving up is a failure."""
    check_frequency: CheckFrequency = CheckFrequency()
    """How long to wait between rounds, and when to give up."""

    def children(self) -> Tasks:
        return self.tasks


class ForEach(Flowable):
    """The children once for each value, in groups; at most `concurrency_limit` groups at a time (0: all)."""

    types = (FLOW + "ForEach",)
    values: Any
    """A list, a map, or an expression that gives either."""
    tasks: SomeTasks
    """What is done for each value."""
    concurrency_limit: Annotated[int, Field(ge=0)] = 1
    """For how many values at the same time; 0: all."""

    def children(self) -> Tasks:
        return self.tasks


class EachSequential(Flowable):
    """1.x: the children once for each value, one value after the other."""

    types = (FLOW + "EachSequential", OLD_FLOW + "EachSequential")
    value: Any
    """A list, or an expression that gives one."""
    tasks: SomeTasks
    """What is done for each value."""

    def children(self) -> Tasks:
        return self.tasks


class EachParallel(Flowable):
    """1.x: the children once for each value, all of them at the same time, at most `concurrent` (0: all)."""

    types = (FLOW + "EachParallel", OLD_FLOW + "EachParallel")
    value: Any
    """A list, or an expression that gives one."""
    tasks: SomeTasks
    """What is done for each value."""
    concurrent: Annotated[int, Field(ge=0)] = 0
    """For how many values at the same time; 0: all."""

    def children(self) -> Tasks:
        return self.tasks
