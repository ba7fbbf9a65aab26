"""The file that `tiercel run --trace` writes: the history of a run, commit by commit."""

import os
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import msgspec

from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.cli.run_local import envs, local_zone
from tiercel.ports.flows import FlowDraft
from tiercel.ports.journal import Batch, Journal
from tiercel.services.cipher import AesCipher
from tiercel.services.trace import FORMAT, Head, TracedFlow, pages


class TracingJournal(MemoryJournal):
    """Writes down what it stores."""

    def __init__(self, tables: Tables, file: BinaryIO) -> None:
        super().__init__(tables)
        self._file = file

    async def commit(self, batch: Batch) -> None:
        await super().commit(batch)
        for line in pages(batch):
            self._file.write(line + b"\n")
        # A run that is broken off leaves what it had done.
        self._file.flush()


def trace_file(path: Path) -> BinaryIO:
    """The file, for its owner only: what expressions were told may be secret. Raises OSError."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def tracing(file: BinaryIO, flows: Iterable[FlowDraft], *, cipher: AesCipher) -> Callable[[Tables], Journal]:
    """What makes the journal of a run that leaves its trace in the file. `cipher` is the run's own, and ends with it."""
    file.write(msgspec.json.encode(_head(flows, cipher)) + b"\n")
    return lambda tables: TracingJournal(tables, file)


def _head(flows: Iterable[FlowDraft], cipher: AesCipher) -> Head:
    return Head(
        trace=FORMAT,
        release=version("tiercel"),
        zone=local_zone().key,
        flows=tuple(TracedFlow(flow.namespace, flow.id, flow.source) for flow in flows),
        envs=envs(os.environ),
        key=cipher.written,
    )
