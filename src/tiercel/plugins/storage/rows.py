"""Rows of a stored file for tasks that render an expression for each of them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from itertools import islice
from typing import Any, cast

from tiercel.sdk import RunContext
from tiercel.sdk.items import read_items

_AT_ONCE = 1000
"""Rows that one visit to the thread reads."""


async def rows_of(ctx: RunContext, uri: str) -> AsyncIterator[Any]:
    """The rows of a file, read in a thread as they are wanted."""
    rows = read_items(await ctx.files.fetch(uri))
    while batch := await asyncio.to_thread(lambda: list(islice(rows, _AT_ONCE))):
        for row in batch:
            yield row


def variables_of(row: Any) -> Mapping[str, Any]:
    """What an expression about a row may name: its fields, or `item` where it has none."""
    return cast(Mapping[str, Any], row) if isinstance(row, Mapping) else {"item": row}
