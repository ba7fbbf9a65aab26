"""The first step of a ForEachItem: cuts its file into batches and lists them in a file."""

from collections.abc import AsyncIterator
from typing import Any

from pydantic import Field

from tiercel.plugins.storage.split import Split
from tiercel.sdk import Output, Properties, RunContext, Task, TaskFailed


class SplitItemsOutput(Output, frozen=True):
    splits: str
    """A file with the URI of one batch a line."""


class Batch(Properties):
    """How to cut: by a pattern, by size, into so many parts, or by rows."""

    rows: str | None = None
    bytes_: str | None = Field(default=None, alias="bytes")
    partitions: str | None = None
    regex_pattern: str | None = None
    separator: str = "\n"

    def written(self, items: str) -> dict[str, Any]:
        """As `storage.Split` takes it; one row a batch where nothing is said."""
        ways = {
            "rows": self.rows,
            "bytes": self.bytes_,
            "partitions": self.partitions,
            "regexPattern": self.regex_pattern,
        }
        given = {name: value for name, value in ways.items() if value not in (None, "")}
        return {"from": items, "separator": self.separator, **(given or {"rows": 1})}


class SplitItems(Task[SplitItemsOutput], type="io.kestra.plugin.core.flow.ForEachItem$ForEachItemSplit"):
    """A step of ForEachItem: no flow names it."""

    items: str
    batch: Batch = Batch()

    async def run(self, ctx: RunContext) -> SplitItemsOutput:
        if not self.items.startswith("kestra://"):
            raise TaskFailed(f"`items` must be a file of internal storage, as a URI kestra:///…; it is {self.items!r}")
        parts = await Split.model_validate(self.batch.written(self.items)).run(ctx)

        async def lines() -> AsyncIterator[bytes]:
            for uri in parts.uris:
                yield f"{uri}\n".encode()

        return SplitItemsOutput(splits=await ctx.files.store_stream(lines(), "splits.txt"))
