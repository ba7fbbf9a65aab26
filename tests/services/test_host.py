"""What the world answers to expressions, on real files, a real HTTP server and the log store."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.plugins.http.server import a_server

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.expression import ExpressionError, HostCall
from tiercel.model.log import LogEntry
from tiercel.sdk import RunInfo
from tiercel.services.host import LOGS_PATIENCE, WorldHost

INFO = RunInfo(
    tenant="main",
    namespace="company.team",
    flow_id="f",
    flow_revision=1,
    execution_id="e1",
    task_id="t",
    task_type="x",
    task_run_id="r",
    attempt=1,
)
KEY = base64.b64encode(b"k" * 32).decode()


class World:
    """A host with what it answers from."""

    def __init__(self, folder: Path) -> None:
        self.storage, self.logs, self.clock = ObjectStorage.in_folder(folder), MemoryLogStore(), ManualClock()
        environment = {"SECRET_API_KEY": base64.b64encode(b"s3cret\n").decode(), "SECRET_BAD": "?", "OTHER": "x"}
        self.host = WorldHost(storage=self.storage, logs=self.logs, clock=self.clock, environment=environment)

    async def ask(self, function: str, **arguments: Any) -> Any:
        return await self.host.answer(HostCall(function, arguments), INFO)

    async def refused(self, function: str, **arguments: Any) -> str:
        with pytest.raises(ExpressionError) as caught:
            await self.ask(function, **arguments)
        return caught.value.message

    async def file(self, uri: str, text: str) -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield text.encode()

        await self.storage.put(uri, chunks())
        return uri


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as address:
        yield address


async def test_a_secret_comes_from_the_environment(world: World) -> None:
    assert await world.ask("secret", key="api_key", namespace="company.team") == "s3cret\n"


async def test_an_absent_or_spoiled_secret_is_named(world: World) -> None:
    assert "SECRET_ABSENT" in await world.refused("secret", key="absent", namespace="company.team")
    assert "no text in Base64" in await world.refused("secret", key="bad", namespace="company.team")


async def test_files_of_executions_and_namespaces_are_read(world: World) -> None:
    uri = await world.file("kestra:///company/team/f/executions/e1/tasks/t/r/a.txt", "text é")
    await world.file("kestra:///company/team/_files/sub/b.txt", "")
    assert await world.ask("read", path=uri, namespace="company.team") == "text é"
    assert await world.ask("fileSize", path=uri, namespace="company.team") == 7
    assert await world.ask("read", path="sub/b.txt", namespace="company.team") == ""
    assert await world.ask("fileExists", path="/sub/b.txt", namespace="company.team") is True
    assert await world.ask("fileExists", path="absent.txt", namespace="company.team") is False
    assert await world.ask("isFileEmpty", path="sub/b.txt", namespace="company.team") is True


async def test_a_missing_file_is_named(world: World) -> None:
    assert "kestra:///company/team/_files/absent.txt" in await world.refused("read", path="absent.txt", namespace=None)


@pytest.mark.parametrize("path", ["../other/a.txt", "kestra:///a/_files/../../b", "kestra:///company/secret.txt"])
async def test_no_path_leads_out(world: World, path: str) -> None:
    await world.refused("read", path=path, namespace="company.team")


async def test_error_lines_of_the_execution_are_given(world: World) -> None:
    lines = [("ERROR", "bad", "e1"), ("INFO", "good", "e1"), ("ERROR", "other", "e2")]
    await world.logs.append(
        [
            LogEntry(namespace="a", flow_id="f", timestamp=START, level=level, message=text, execution_id=execution)
            for level, text, execution in lines
        ]
    )
    (line,) = await world.ask("errorLogs")
    assert (line["message"], line["executionId"]) == ("bad", "e1")


async def test_error_lines_are_waited_for_a_while(world: World) -> None:

    asking = asyncio.create_task(world.ask("errorLogs"))
    while not asking.done():
        await asyncio.sleep(0)
        if world.clock.next_due() is not None:
            world.clock.move_to(world.clock.next_due() or START)
    assert asking.result() == []
    assert world.clock.now() - START == LOGS_PATIENCE


async def test_http_gives_parsed_answers(world: World, server: str) -> None:
    told = await world.ask(
        "http",
        uri=f"{server}/echo",
        method="POST",
        query={"q": 1},
        body={"a": 1},
        contentType=None,
        headers={"X-A": "b"},
    )
    assert (told["method"], told["query"], json.loads(told["body"])) == ("POST", {"q": ["1"]}, {"a": 1})
    assert (told["headers"]["content-type"], told["headers"]["x-a"]) == ("application/json", "b")
    assert await world.ask("http", uri=f"{server}/file") == "a,b\n1,2\n"


async def test_http_says_what_the_server_said(world: World, server: str) -> None:
    message = await world.refused("http", uri=f"{server}/absent")
    assert message == "Failed to execute HTTP Request, server respond with status 404 : Not Found"
    assert "connect" in (await world.refused("http", uri="http://127.0.0.1:9/")).lower()


async def test_what_is_encrypted_can_be_decrypted_with_its_key_alone(world: World) -> None:
    sealed = await world.ask("encrypt", key=KEY, plaintext="hello")
    assert await world.ask("decrypt", key=KEY, encrypted=sealed) == "hello"
    other = base64.b64encode(b"o" * 32).decode()
    assert "not encrypted with this key" in await world.refused("decrypt", key=other, encrypted=sealed)
    assert "5 bytes" in await world.refused("encrypt", key=base64.b64encode(b"short").decode(), plaintext="x")


async def test_a_random_port_is_free(world: World) -> None:
    assert 1024 < await world.ask("randomPort", number=1) < 65536


@pytest.mark.parametrize("function", ["kv", "subflow", "isPublicHoliday", "appLink"])
async def test_what_cannot_be_answered_yet_says_so(world: World, function: str) -> None:
    assert f"{function}() has no answer on this server" in await world.refused(function)
