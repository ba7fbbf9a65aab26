"""Outputs of runnable tasks, kept to be used again: by flow, task, value of a loop, and what the task would do.

An entry is a file of internal storage. What it names stays where it is: files of the execution that made it.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from pydantic import SecretStr

from tiercel.engine.commands import Job
from tiercel.model.durations import parse_duration
from tiercel.model.record import Record
from tiercel.ports.storage import FileMissing, Storage
from tiercel.sdk import AnyOutput, Output, Plugin
from tiercel.services.locations import flow_folder, slug


class Entry(Record, frozen=True):
    created: datetime
    outputs: dict[str, Any] | None = None


_read = msgspec.json.Decoder(Entry)


class TaskCache:
    """The cache of one task."""

    def __init__(self, job: Job, storage: Storage, *, now: Callable[[], datetime]) -> None:
        self._written = job.task_cache or {}
        self._storage = storage
        self._now = now
        self._type = job.type
        place = slug(job.task_id) if job.value is None else f"{slug(job.task_id)}/{_digest(job.value.encode())}"
        self._folder = f"{flow_folder(job.namespace, job.flow_id)}_cache/{place}/"

    @property
    def is_wanted(self) -> bool:
        return bool(self._written.get("enabled"))

    @property
    def ttl(self) -> str | int | float | None:
        """How long an entry is good, unrendered; None: for ever."""
        return self._written.get("ttl")

    def key(self, task: Plugin) -> str:
        """What the task would do, as 64 hexadecimal digits."""
        properties = task.model_dump(by_alias=True)
        return _digest(msgspec.json.encode([self._type, properties], enc_hook=_hashable, order="sorted"))

    async def find(self, key: str, *, ttl: Any) -> AnyOutput | None:
        """The outputs of an earlier run that is young enough. Raises StorageError, ValueError."""
        try:
            content = b"".join([chunk async for chunk in self._storage.read(self._uri(key))])
        except FileMissing:
            return None
        entry = _read.decode(content)
        if ttl not in (None, "") and self._now() - entry.created > parse_duration(ttl):
            return None
        return AnyOutput(values=entry.outputs or {})

    async def keep(self, key: str, outputs: Output | None) -> None:
        """Write the entry anew."""
        entry = Entry(self._now(), None if outputs is None else outputs.as_mapping())
        await self._storage.put_bytes(self._uri(key), msgspec.json.encode(entry))

    def _uri(self, key: str) -> str:
        return f"{self._folder}{key}.json"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hashable(value: Any) -> Any:
    """A secret takes part in the hash, and in nothing else."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
