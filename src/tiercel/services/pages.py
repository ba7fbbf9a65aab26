"""What the engine asks of internal storage for its loops: the values of a file, a page at a time, and a place for outputs."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from tiercel.expression import ExpressionError, read_ion_values, to_json, write_ion
from tiercel.ports.storage import Storage
from tiercel.sdk import RunInfo
from tiercel.services.locations import execution_folder

MOST_VALUES = 1000
MOST_BYTES = 256 * 1024
"""A page is kept in the counters of its loop, so it is as small as the reading allows."""
LONGEST_LINE = 16 * 1024 * 1024


async def read_page(storage: Storage, uri: str, offset: int) -> dict[str, Any]:
    """Values from this byte on, and where the next page begins (None: nowhere). Blank lines are no values."""
    values: list[str] = []
    end, is_ion = offset, uri.endswith(".ion")
    async for line, after in _lines(storage, uri, offset):
        if len(values) >= MOST_VALUES or (values and end - offset >= MOST_BYTES):
            return {"values": values, "further": end}
        end = after
        if line.strip():
            values.append(_value(line) if is_ion else line)
    return {"values": values, "further": None}


async def _lines(storage: Storage, uri: str, offset: int) -> AsyncIterator[tuple[str, int]]:
    """Lines without their ends, each with the offset of the next one."""
    rest = b""
    async for chunk in storage.read(uri, begin=offset):
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            offset += len(line) + 1
            yield line.removesuffix(b"\r").decode("utf-8", "replace"), offset
        if len(rest) > LONGEST_LINE:
            raise ExpressionError("limit", f"a line of {uri} has more than {LONGEST_LINE} bytes")
    if rest:
        yield rest.decode("utf-8", "replace"), offset + len(rest)


def _value(line: str) -> str:
    """A row of Ion as JSON; a text is itself."""
    value = next(read_ion_values(line), "")
    return value if isinstance(value, str) else to_json(value)


async def store_outputs(storage: Storage, outputs: Any, info: RunInfo) -> str:
    """Put the outputs of an iteration into a file of its own; the same place however often it is asked."""
    return await store_rows(storage, [outputs], info, name="outputs")


async def store_rows(storage: Storage, rows: Sequence[Any], info: RunInfo, *, name: str) -> str:
    """Put rows into a file of the execution, one a line."""
    uri = f"{execution_folder(info.namespace, info.flow_id, info.execution_id)}{name}.ion"

    async def lines() -> AsyncIterator[bytes]:
        for row in rows:
            yield f"{write_ion(row)}\n".encode()

    await storage.put(uri, lines())
    return uri
