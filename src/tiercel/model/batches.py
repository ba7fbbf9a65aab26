"""ForEachItem: an execution of another flow for each batch of a file. Its three steps are tasks of their own."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, Field

from tiercel.model.structural import FLOW, OLD_FLOW, Flowable, Structural, Tasks
from tiercel.model.task import Authored, Task

SPLIT = FLOW + "ForEachItem$ForEachItemSplit"
MERGE = FLOW + "ForEachItem$ForEachItemMergeOutputs"


class Batch(Authored):
    """How a ForEachItem cuts its file: by size, into so many parts, or by rows; the first that is given counts."""

    rows: int | str | None = None
    bytes: str | int | None = None
    partitions: int | str | None = None
    separator: str = "\n"


class ForEachItem(Flowable):
    """Splits a file, starts an execution for each part, and puts together what they give."""

    types = (FLOW + "ForEachItem", OLD_FLOW + "ForEachItem")
    items: str
    """The URI of the file."""
    batch: Batch = Batch()
    """How the file is cut."""
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
    schedule_date: Annotated[
        str | None, Field(validation_alias=AliasChoices("scheduleDate", "scheduleOn", "schedule_date"))
    ] = None
    """When it is to begin; at once where nothing is said."""
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"
    """What a restart does to it: RETRY_FAILED goes on where it failed, NEW_EXECUTION begins another one."""

    def children(self) -> Tasks:
        """None that the author wrote; see `steps`."""
        return ()

    def steps(self) -> Tasks:
        """Split, start, merge."""
        batch = self.batch.model_dump(by_alias=True, exclude_none=True)
        written = {"items": self.items, "batch": batch}
        split = Task.model_validate({"id": f"{self.id}_split", "type": SPLIT, **written})
        start = BatchExecutions(id=f"{self.id}_items", type=BatchExecutions.types[0], of=self)
        return (split, start, BatchOutputs(id=f"{self.id}_merge", type=MERGE))


class BatchExecutions(Structural):
    """The step of a ForEachItem that starts the executions and waits for them."""

    types: ClassVar[tuple[str, ...]] = (FLOW + "ForEachItem$ForEachItemExecutable",)
    of: ForEachItem


class BatchOutputs(Structural):
    """The step of a ForEachItem that gathers what the executions gave."""

    types: ClassVar[tuple[str, ...]] = (MERGE,)
