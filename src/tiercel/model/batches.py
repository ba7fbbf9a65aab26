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
    """So many rows in each part. Without any of these each row is a part of its own."""
    bytes: str | int | None = None
    """At most so much in each part: a number, or a size as `10MB`."""
    partitions: int | str | None = None
    """Into so many parts."""
    regex_pattern: str | None = None
    """Rows with the same text in the first group of this pattern make a part; others are left out. Goes before the other ways."""
    separator: str = "\n"
    """What ends a row."""


class ForEachItem(Flowable):
    """Splits a file, starts an execution for each part, and puts together what they give."""

    types = (FLOW + "ForEachItem", OLD_FLOW + "ForEachItem")
    example = """
        id: load_in_batches
        namespace: company.team
        tasks:
          - id: rows
            type: io.kestra.plugin.core.storage.Write
            extension: .txt
            content: |
              one
              two
              three
          - id: each
            type: io.kestra.plugin.core.flow.ForEachItem
            items: "{{ outputs.rows.uri }}"
            batch:
              rows: 2
            namespace: company.team
            flowId: load_batch
            inputs:
              file: "{{ taskrun.items }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.each_items.numberOfBatches }} batches"
    """
    items: str
    """The URI of the file in internal storage."""
    batch: Batch = Batch()
    """How the file is cut."""
    namespace: str
    """The namespace of the other flow."""
    flow_id: str
    """The id of the other flow."""
    revision: Annotated[int | None, Field(ge=1)] = None
    """Which revision of it; the latest that is no draft, where nothing is said."""
    inputs: dict[str, Any] = {}
    """What each execution is started with: `taskrun.items` is the URI of its part, `taskrun.iteration` the number of the part, from 0."""
    labels: dict[str, Any] | tuple[dict[str, Any], ...] = ()
    """Labels of each execution: a map, or a list of `key` and `value`."""
    inherit_labels: bool | str = False
    """Whether each execution also gets the labels of this one."""
    wait: bool = True
    """Whether to wait until all have ended."""
    transmit_failed: bool = True
    """Whether the task ends as the worst of them; else it is a success. With `wait`."""
    schedule_date: Annotated[
        str | None, Field(validation_alias=AliasChoices("scheduleDate", "scheduleOn", "schedule_date"))
    ] = None
    """When they are to begin: a date with its time zone. At once, where nothing is said."""
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"
    """What a restart does: RETRY_FAILED restarts the executions that failed and keeps the others, NEW_EXECUTION begins all batches anew."""

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
