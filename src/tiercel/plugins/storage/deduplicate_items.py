"""`io.kestra.plugin.core.storage.DeduplicateItems`: one row for each key, the last one."""

from collections.abc import AsyncIterator
from hashlib import blake2b
from typing import Annotated

from pydantic import Field

from tiercel.plugins.storage.rows import rows_of, variables_of
from tiercel.sdk import Output, Raw, RunContext, Task
from tiercel.sdk.values import ion_text

_DIGEST = 16


class DeduplicateOutput(Output, frozen=True):
    uri: str
    """The rows that were kept, as Ion text, in their order."""
    num_keys: int
    """How many keys there are, and rows that were kept."""
    processed_items_total: int
    """How many rows the file has."""
    dropped_items_total: int
    """How many of them were left out."""


class DeduplicateItems(Task[DeduplicateOutput], type="io.kestra.plugin.core.storage.DeduplicateItems"):
    """Keep the last row of each key. Memory holds a few bytes for each key, not the rows."""

    example = """
        id: latest_orders
        namespace: company.team
        inputs:
          - id: orders
            type: FILE
        tasks:
          - id: latest
            type: io.kestra.plugin.core.storage.DeduplicateItems
            from: "{{ inputs.orders }}"
            expr: "{{ order_id }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.latest.numKeys }} orders"
    """

    from_: Annotated[str, Field(alias="from")]
    """The file: Ion text, JSON lines or CSV."""
    expr: Raw[str]
    """The key of a row: rendered for each of them, their fields are variables."""

    async def run(self, ctx: RunContext) -> DeduplicateOutput:
        last, processed = await self._last_of_each_key(ctx)
        kept = set(last.values())
        uri = await ctx.files.store_stream(self._kept_rows(ctx, kept), "deduplicated.ion")
        return DeduplicateOutput(
            uri=uri, num_keys=len(last), processed_items_total=processed, dropped_items_total=processed - len(kept)
        )

    async def _last_of_each_key(self, ctx: RunContext) -> tuple[dict[bytes, int], int]:
        last: dict[bytes, int] = {}
        place = 0
        async for row in rows_of(ctx, self.from_):
            key = str(await ctx.render(self.expr, variables_of(row)))
            last[blake2b(key.encode(), digest_size=_DIGEST).digest()] = place
            place += 1
        return last, place

    async def _kept_rows(self, ctx: RunContext, kept: set[int]) -> AsyncIterator[bytes]:
        place = 0
        async for row in rows_of(ctx, self.from_):
            if place in kept:
                yield f"{ion_text(row)}\n".encode()
            place += 1
