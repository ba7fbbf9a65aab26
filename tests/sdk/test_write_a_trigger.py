"""The triggers that the page for authors shows do what it says."""

import asyncio
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

from tiercel.adapters.memory.clock import START
from tiercel.engine.commands import JobTrigger
from tiercel.model.trigger import Finding
from tiercel.plugins import TYPES
from tiercel.sdk import RunInfo
from tiercel.services.catalog import PluginCatalog
from tiercel.services.looks import Look

MODULE = "company_plugin"
OURS = {
    "com.company.folder.Trigger": f"{MODULE}:Trigger",
    "com.company.lines.RealtimeTrigger": f"{MODULE}:LinesTrigger",
}


@pytest.fixture(autouse=True)
def shown(checkout: Path) -> Iterator[None]:
    """The blocks of the page as a module."""
    page = (checkout / "docs/how-to/write-a-trigger.md").read_text()
    module = sys.modules[MODULE] = ModuleType(MODULE)
    for block in re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        exec(block, module.__dict__)
    yield
    del sys.modules[MODULE]


class Sent:
    """The events of a stream, as they are stored."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def __call__(self, info: RunInfo, variables: Mapping[str, Any]) -> Sequence[str]:
        self.texts.append(variables["text"])
        return ()


def a_look(place: Place, type: str, sent: Sent, **properties: Any) -> Look:
    return place.runner.look(a_job(type, properties, trigger=JobTrigger(id="watch", date=START)), start=sent)


async def test_a_file_is_found_and_nothing_where_there_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    async with a_place(tmp_path, catalog=PluginCatalog({**TYPES, **OURS}, built_in=TYPES)) as place:
        look = a_look(place, "com.company.folder.Trigger", Sent(), folder=str(folder))
        assert await look.finding() == Finding()
        (folder / "letter.txt").write_text("dear")
        found = await a_look(place, "com.company.folder.Trigger", Sent(), folder=str(folder)).finding()
        assert found is not None
        assert found.variables is not None
        assert found.variables["name"] == "letter.txt"
        assert b"".join([chunk async for chunk in place.storage.read(found.variables["uri"])]) == b"dear"


async def test_each_line_is_acknowledged_when_it_is_stored(tmp_path: Path) -> None:
    sent, answers = Sent(), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for text in (b"one", b"two"):
            writer.write(text + b"\n")
            answers.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, a_place(tmp_path, catalog=PluginCatalog({**TYPES, **OURS}, built_in=TYPES)) as place:
        port = server.sockets[0].getsockname()[1]
        look = a_look(place, "com.company.lines.RealtimeTrigger", sent, host="127.0.0.1", port=port)
        assert await look.finding() == Finding(events=2)
    assert (sent.texts, answers) == (["one", "two"], [b"ok\n", b"ok\n"])
