"""Outputs that are too large for a row, on their way to internal storage and back."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec

from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.model.spilled import FOLDER, OutputLimits, filled, holds_spilled, reference, references, size_of
from tiercel.ports.storage import FileMissing, Storage
from tiercel.sdk import RunInfo
from tiercel.services.locations import execution_folder

LARGE = 1 << 20
"""From so many bytes on JSON is read beside the loop."""


class TooLarge(TiercelError):
    """The installation lets no task give as much."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"Unable to emit the worker task result to the queue: message of size {size} has exceeded the configured "
            f"limit of {limit}. Without kestra.queue.message-protection.enabled such outputs go to internal storage; "
            "or store a file and give its URI"
        )
        self.size, self.limit = size, limit


async def kept(storage: Storage, outputs: Any, info: RunInfo, *, limits: OutputLimits) -> Any:
    """Outputs as a row may hold them: those that are too large as a reference. Raises TooLarge, StorageError."""
    size = 0 if outputs is None else size_of(outputs)
    if limits.most is not None and size > limits.most:
        raise TooLarge(size, limits.most)
    return outputs if size <= limits.inline else await keep(storage, outputs, info)


async def keep(storage: Storage, outputs: Any, info: RunInfo) -> dict[str, Any]:
    """Put outputs into a file that is never written again, and return the reference to it. Raises StorageError."""
    folder = execution_folder(info.namespace, info.flow_id, info.execution_id)
    content, uri = msgspec.json.encode(outputs, enc_hook=str), f"{folder}{FOLDER}/{uuid4().hex}.json"
    await storage.put_bytes(uri, content)
    return reference(uri, len(content))


async def recall(storage: Storage, uri: str) -> Any:
    """What a file of outputs holds. Raises FileMissing, StorageError."""
    content = b"".join([chunk async for chunk in storage.read(uri)])
    if len(content) < LARGE:
        return msgspec.json.decode(content)
    return await asyncio.to_thread(msgspec.json.decode, content)


async def whole(storage: Storage, value: Any) -> Any:
    """Plain data with all that it refers to. Raises FileMissing, StorageError."""
    while holds_spilled(value):
        documents = {uri: await recall(storage, uri) for uri in set(references(value))}
        value = filled(value, documents.__getitem__)
    return value


async def with_outputs(storage: Storage, execution: Execution) -> Execution:
    """An execution with its outputs, wherever they lie. Raises FileMissing, StorageError."""
    return msgspec.structs.replace(execution, outputs=await whole(storage, execution.outputs))


async def in_full(storage: Storage, execution: Execution) -> Execution:
    """An execution with what it was given and what it gave, for those who look."""
    trigger = execution.trigger
    if trigger is not None:
        trigger = msgspec.structs.replace(trigger, variables=await shown(storage, trigger.variables))
    return msgspec.structs.replace(
        execution,
        inputs=await shown(storage, execution.inputs),
        trigger=trigger,
        outputs=await shown(storage, execution.outputs),
    )


async def shown(storage: Storage, value: Any) -> Any:
    """The same for those who only look: where a file was purged, the reference says so much at least."""
    try:
        return await whole(storage, value)
    except FileMissing:
        return value
