"""`io.kestra.plugin.core.storage.FilterItems`: keeps the rows of a file that a condition chooses."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from pydantic import Field

from tiercel.plugins.storage.rows import rows_of, variables_of
from tiercel.sdk import Output, Raw, RunContext, Task, TaskFailed, is_true
from tiercel.sdk.values import ion_text


class FilterOutput(Output, frozen=True):
    uri: str
    """The rows that were kept, as Ion text."""
    processed_items_total: int
    """How many rows the file has."""
    dropped_items_total: int
    """How many of them were left out."""


class FilterItems(Task[FilterOutput], type="io.kestra.plugin.core.storage.FilterItems"):
    """Keep the rows of a file for which a condition holds, or does not hold."""

    example = """
        id: only_large_orders
        namespace: company.team
        inputs:
          - id: orders
            type: FILE
        tasks:
          - id: large
            type: io.kestra.plugin.core.storage.FilterItems
            from: "{{ inputs.orders }}"
            filterCondition: "{{ total > 100 }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.large.droppedItemsTotal }} of {{ outputs.large.processedItemsTotal }} were small"
    """

    from_: Annotated[str, Field(alias="from")]
    """The file: Ion text, JSON lines or CSV."""
    filter_condition: Raw[str]
    """Rendered for each row, whose fields are variables."""
    filter_type: Literal["INCLUDE", "EXCLUDE"] = "INCLUDE"
    """Whether rows for which the condition holds are kept or dropped."""
    error_or_null_behavior: Literal["FAIL", "INCLUDE", "EXCLUDE"] = "FAIL"
    """What happens to a row for which the condition cannot be rendered or gives nothing."""

    async def run(self, ctx: RunContext) -> FilterOutput:
        sieve = _Sieve(self, ctx)
        uri = await ctx.files.store_stream(sieve.kept_rows(), "filtered.ion")
        return FilterOutput(uri=uri, processed_items_total=sieve.processed, dropped_items_total=sieve.dropped)


class _Sieve:
    """Rows on their way, counted."""

    def __init__(self, task: FilterItems, ctx: RunContext) -> None:
        self._task, self._ctx = task, ctx
        self.processed = self.dropped = 0

    async def kept_rows(self) -> AsyncIterator[bytes]:
        async for row in rows_of(self._ctx, self._task.from_):
            self.processed += 1
            if await self._keeps(row):
                yield f"{ion_text(row)}\n".encode()
            else:
                self.dropped += 1

    async def _keeps(self, row: Any) -> bool:
        try:
            found = str(await self._ctx.render(self._task.filter_condition, variables_of(row)))
        except Exception as error:  # noqa: BLE001 – whatever the author's condition does, it is about this row
            return self._undecided(f"cannot be rendered: {error}")
        if not found:
            return self._undecided("gives nothing")
        return is_true(found.strip()) is (self._task.filter_type == "INCLUDE")

    def _undecided(self, why: str) -> bool:
        if self._task.error_or_null_behavior == "FAIL":
            raise TaskFailed(f"for row {self.processed} `filterCondition` {why}")
        return self._task.error_or_null_behavior == "INCLUDE"
