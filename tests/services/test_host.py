"""What the world answers to expressions, on real files, a real HTTP server and the log store."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.plugins.http.server import a_server

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.kv import MemoryKvStore
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex
from tiercel.adapters.memory.secrets import MemorySecretStore
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.expression import ExpressionError, HostCall
from tiercel.model.kv import value_of
from tiercel.model.log import LogEntry
from tiercel.sdk import RunInfo
from tiercel.services.host import LOGS_PATIENCE, WorldHost
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.secrets import Secrets

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
        self.values = MemoryKvStore()
        self.files = NamespaceFiles(MemoryNamespaceFileIndex(), self.storage, clock=self.clock)
        self.host = WorldHost(
            storage=self.storage,
            logs=self.logs,
            clock=self.clock,
            secrets=Secrets(MemorySecretStore(), environment=environment, clock=self.clock, dice=CountedDice()),
            kv=self.values,
            files=self.files,
        )

    async def ask(self, function: str, **arguments: Any) -> Any:
        return await self.host.answer(HostCall(function, arguments), INFO)

    async def refused(self, function: str, **arguments: Any) -> str:
        with pytest.raises(ExpressionError) as caught:
            await self.ask(function, **arguments)
        return caught.value.message

    async def put(self, namespace: str, key: str, value: Any, expires: datetime | None = None) -> None:
        at = self.clock.now()
        await self.values.put(value_of(value), tenant="main", namespace=namespace, key=key, at=at, expires=expires)

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


def an_error(message: str, *, execution: str = "e1", level: str = "ERROR") -> LogEntry:
    return LogEntry(namespace="a", flow_id="f", timestamp=START, level=level, message=message, execution_id=execution)


async def error_logs(world: World, *later: LogEntry) -> list[str]:
    """The messages, where some lines come only after the first look."""
    asking = asyncio.create_task(world.ask("errorLogs"))
    coming = list(later)
    while not asking.done():
        await asyncio.sleep(0)
        if world.clock.next_due() is not None:
            await world.logs.append(coming[:1])
            del coming[:1]
            world.clock.move_to(world.clock.next_due() or START)
    return [line["message"] for line in asking.result()]


async def test_error_lines_of_the_execution_are_given(world: World) -> None:
    await world.logs.append([an_error("bad"), an_error("good", level="INFO"), an_error("other", execution="e2")])
    assert await error_logs(world) == ["bad"]


async def test_error_lines_are_waited_for_until_no_more_come(world: World) -> None:
    assert await error_logs(world, an_error("one"), an_error("two")) == ["one", "two"]


async def test_error_lines_are_waited_for_a_while(world: World) -> None:
    assert await error_logs(world) == []
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


@pytest.mark.parametrize("function", ["subflow", "appLink", "credential"])
async def test_what_cannot_be_answered_yet_says_so(world: World, function: str) -> None:
    assert f"{function}() has no answer on this server" in await world.refused(function)


async def test_a_key_is_looked_for_in_the_namespaces_above_unless_one_is_named(world: World) -> None:
    await world.put("company", "limit", 5)
    await world.put("company.team", "name", {"first": ["Ada"]})
    assert await world.ask("kv", key="limit", namespace="company.team", inherit=True) == 5
    assert await world.ask("kv", key="name", namespace="company.team", inherit=True) == {"first": ["Ada"]}
    message = await world.refused("kv", key="limit", namespace="company.team", inherit=False)
    assert message == "there is no key `limit` in the namespace `company.team`"


async def test_a_missing_or_expired_key_is_null_where_the_flow_says_so(world: World) -> None:
    await world.put("company.team", "old", 1, expires=world.clock.now())
    for key in ("old", "never"):
        asked = {"key": key, "namespace": "company.team", "inherit": True}
        assert await world.ask("kv", **asked, errorOnMissing=False) is None
        assert "there is no key" in await world.refused("kv", **asked, errorOnMissing=True)


async def test_a_server_without_keys_says_so(world: World) -> None:
    host = WorldHost(
        storage=world.storage,
        logs=world.logs,
        clock=world.clock,
        secrets=Secrets(MemorySecretStore(), environment={}, clock=world.clock, dice=CountedDice()),
    )
    with pytest.raises(ExpressionError, match="there is no key-value store"):
        await host.answer(HostCall("kv", {"key": "a", "namespace": "n"}), INFO)


@pytest.mark.parametrize(
    ("day", "country", "part", "expected"),
    [
        ("2025-07-14", "FR", None, True),
        ("2025-07-15", "fr", None, False),
        ("2025-01-06", "DE", None, False),
        ("2025-01-06", "DE", "BY", True),
        ("2025-12-25", "US", None, True),
    ],
)
async def test_holidays_come_from_the_calendar_of_the_country(
    world: World, day: str, country: str, part: str | None, expected: bool
) -> None:
    assert await world.ask("isPublicHoliday", date=day, countryCode=country, subDivision=part) is expected


async def test_a_country_or_part_without_calendar_is_named(world: World) -> None:
    asked = {"date": "2025-01-06"}
    assert "country `XX`" in await world.refused("isPublicHoliday", **asked, countryCode="XX", subDivision=None)
    assert "BY" in await world.refused("isPublicHoliday", **asked, countryCode="DE", subDivision="QQ")


async def test_a_file_of_a_namespace_is_read_in_its_latest_revision_or_in_another_one(world: World) -> None:
    for text in (b"first", b"second"):
        await world.files.write(one_chunk(text), tenant="main", namespace="company.team", path="sub/a.txt")
    asked = {"path": "sub/a.txt", "namespace": "company.team"}
    assert await world.ask("read", **asked) == "second"
    assert await world.ask("read", **asked, revision=1) == "first"
    assert await world.ask("fileSize", **asked) == 6
    assert "no revision 7" in await world.refused("read", **asked, revision=7)
    assert await world.ask("read", path="kestra:///company/team/_files/sub/a.txt", namespace=None) == "second"


async def one_chunk(text: bytes) -> AsyncIterator[bytes]:
    yield text
