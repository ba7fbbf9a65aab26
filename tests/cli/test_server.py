"""`tiercel server` as people run it: what it says, what it refuses, how it ends."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.api.client import Api, wait_for
from tests.forwarder import address_of, forwarded
from tests.server import Process, environment_for, free_port

from tiercel.api.server import listen

FOLLOWERS = 100
LAST_CHUNK = b"0\r\n\r\n"
"""A stream that ended well, rather than broke off."""
NOWHERE = "postgresql://tiercel@127.0.0.1:1/tiercel"


def test_it_says_where_everything_is_and_ends_at_sigterm(dsn: str, home: Path) -> None:
    with Process("standalone", "--port", "0", environment=environment_for(dsn, home)) as server:
        assert httpx2.get(f"{server.url}/health", trust_env=False).json()["status"] == "UP"
        assert server.until("storage").split() == ["storage", "local"]
        assert server.stop() == 0


def test_a_busy_port_is_one_line_that_says_what_to_do(dsn: str, home: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = _refusal(Process("standalone", "--port", str(port), environment=environment_for(dsn, home)))
    assert (
        said
        == f"cannot listen on 127.0.0.1:{port}: address already in use. Another server may be running there; "
        + ("choose another port with --port")
    )


@pytest.mark.parametrize("kind", ["standalone", "worker"])
def test_no_database_is_one_line_that_names_it(home: Path, kind: str) -> None:
    environment = environment_for(NOWHERE, home, TIERCEL_DATABASE_WAIT="1s", MICRONAUT_SERVER_PORT="0")
    said = _refusal(Process(kind, environment=environment))
    assert said.startswith("cannot reach the database: ")
    assert said.endswith("is it running, and is its address right?")


def test_a_database_of_the_wrong_kind_is_refused(home: Path) -> None:
    process = Process("executor", environment=environment_for("jdbc:mysql://db/kestra", home))
    process.begin()
    assert process.wait() == 1
    assert "write jdbc:postgresql://" in process.output[-1]


def test_a_configuration_that_cannot_be_read_is_refused(home: Path) -> None:
    environment = environment_for(NOWHERE, home, KESTRA_CONFIGURATION="kestra: {queue: {type: kafka}}")
    process = Process("executor", environment=environment)
    process.begin()
    assert process.wait() == 2
    assert process.output == [
        "the configuration cannot be used: kestra.queue.type is 'kafka'; Tiercel keeps everything in PostgreSQL: "
        "write postgres\n"
    ]


def test_a_flow_to_be_ignored_that_has_no_namespace_is_refused(home: Path) -> None:
    process = Process("executor", "--ignore-flows", "orders", environment=environment_for(NOWHERE, home))
    process.begin()
    assert process.wait() == 2
    assert "`orders` names no flow: write tenant|namespace|flow or namespace|flow" in "".join(process.output)


def test_executions_of_an_ignored_flow_are_created_and_no_more(dsn: str, home: Path) -> None:
    options = ("--port", "0", "--skip-flows", "api.test|ignored")
    with Process("standalone", *options, environment=environment_for(dsn, home)) as server, Api(server.url) as api:
        for flow in ("ignored", "other"):
            api.deploy(flow, "tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: a}]")
        ignored = api.start("ignored")["id"]
        assert api.run("other")["state"]["current"] == "SUCCESS"
        assert api.get(f"/executions/{ignored}")["state"]["current"] == "CREATED"
        assert server.stop() == 0


def test_it_waits_for_a_database_that_comes_later(dsn: str, home: Path) -> None:
    port = free_port()
    address, socket = address_of(dsn, port)
    process = Process("executor", environment=environment_for(address, home))
    with process.begun(), forwarded(port, socket):
        process.until("tiercel executor is up")
        assert process.stop() == 0


def test_a_hundred_followers_do_not_hold_up_a_stop(dsn: str, home: Path) -> None:
    with Process("standalone", "--port", "0", environment=environment_for(dsn, home)) as server, ExitStack() as stack:
        api = stack.enter_context(Api(server.url))
        api.deploy("waiting", "tasks: [{id: p, type: io.kestra.plugin.core.flow.Pause}]")
        execution = api.start("waiting")["id"]
        followers = [_follow(server.url, execution) for _ in range(FOLLOWERS)]
        before = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - before <= 2
        assert {_rest_of(follower)[-5:] for follower in followers} == {LAST_CHUNK}


def test_who_waits_for_an_end_does_not_hold_up_a_stop_and_learns_why(dsn: str, home: Path) -> None:
    with Process("standalone", "--port", "0", environment=environment_for(dsn, home)) as server, Api(server.url) as api:
        api.deploy("waiting", "tasks: [{id: p, type: io.kestra.plugin.core.flow.Pause}]")
        with ThreadPoolExecutor() as threads:
            path = f"/executions/{api.namespace}/waiting"
            answer = threads.submit(api.ask, "POST", path, params={"wait": "true"})
            wait_for(lambda: api.get("/executions/search")["total"], bool)
            before = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - before <= 4
            assert (answer.result().status_code, "goes on" in answer.result().text) == (503, True)


def test_a_password_is_made_for_other_addresses_and_shown_once(dsn: str, home: Path) -> None:
    process = Process(
        "webserver", "--host", "0.0.0.0", "--port", str(free_port()), environment=environment_for(dsn, home)
    )
    with process:
        url = process.url.replace("0.0.0.0", "127.0.0.1")
        words = process.until("login").split()
        name, password = words[1], words[4]
        assert httpx2.get(f"{url}/api/v1/main/flows/search", trust_env=False).status_code == 401
        assert httpx2.get(f"{url}/health", trust_env=False).status_code == 200
        search = {"url": f"{url}/api/v1/main/flows/search", "auth": (name, password), "trust_env": False}
        assert httpx2.get(**search).status_code == 200
        process.stop()
        process.start()
        assert not any("password" in line for line in process.output)
        assert httpx2.get(**search).status_code == 200


def test_the_address_of_the_database_is_shown_without_its_password(dsn: str, home: Path) -> None:
    address = dsn.replace("postgresql:///", "postgresql://tiercel:hidden@/")
    with Process("webserver", "--port", "0", environment=environment_for(address, home)) as server:
        assert "database" in server.until("postgresql://tiercel@/")
        assert not any("hidden" in line for line in server.output)


def test_flows_of_a_folder_are_saved_and_an_invalid_one_is_told_and_left_out(dsn: str, home: Path) -> None:
    folder = home / "flows"
    folder.mkdir()
    log = "type: io.kestra.plugin.core.log.Log"
    (folder / "good.yaml").write_text(f"id: good\nnamespace: api.test\ntasks: [{{id: log, {log}, message: hi}}]")
    (folder / "bad.yaml").write_text("id: bad\nnamespace: api.test\ntasks: []")
    (folder / "a-picture.yaml").write_bytes(b"\xff\xd8")
    arguments = ("--port", "0", "--flow-path", str(folder))
    with Process("standalone", *arguments, environment=environment_for(dsn, home)) as server, Api(server.url) as api:
        assert [flow["id"] for flow in api.get("/flows/search")["results"]] == ["good"]
        assert f"{folder}/a-picture.yaml: this is no text" in server.until("a-picture.yaml")
        assert f"{folder}/bad.yaml:3" in server.until("bad.yaml")


def test_a_folder_of_flows_that_is_not_there_is_refused(home: Path) -> None:
    arguments = ("--port", "0", "--flow-path", str(home / "flowz"))
    process = Process("standalone", *arguments, environment=environment_for(NOWHERE, home))
    process.begin()
    assert process.wait() == 2
    assert process.output == [f"--flow-path {home}/flowz: there is no such folder\n"]


def _follow(url: str, execution: str) -> socket.socket:
    """A connection that follows an execution; the first frames have come."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port))
    path = f"/api/v1/main/executions/{execution}/follow"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    found = b""
    while b"id: progress" not in found:
        found += connection.recv(65536)
    return connection


def _rest_of(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def _refusal(process: Process) -> str:
    """The one line that a server says which cannot start."""
    process.begin()
    assert process.wait() == 1
    assert len(process.output) == 1, "".join(process.output)
    return process.output[0].rstrip()
