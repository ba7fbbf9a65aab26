"""`kill -9` while a worker looks at a trigger: another look follows, and what is found starts one execution."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.api.client import LOG, Api, wait_for
from tests.chaos.parts import parts
from tests.server import Process, environment_for


class Address:
    """Says nothing to the first who asks, until the end; answers the others."""

    def __init__(self) -> None:
        self.questions = threading.Semaphore(0)
        self.over = threading.Event()
        self.first = threading.Lock()
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        is_first = self.first.acquire(blocking=False)
        self.questions.release()
        if is_first:
            self.over.wait()
            return
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")


@contextmanager
def an_address() -> Generator[Address]:
    address = Address()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's own words are enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield address
    finally:
        address.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def a_flow(address: Address) -> str:
    return f"""
tasks: [{{id: log, type: {LOG}, message: "{{{{ trigger.body }}}}"}}]
triggers:
  - {{id: watch, type: io.kestra.plugin.core.http.Trigger, uri: "{address.url}", interval: PT1H}}
"""


def only_one_has_run(api: Api) -> None:
    found = wait_for(lambda: api.get("/executions/search")["results"], lambda results: len(results) > 0)
    assert [execution["trigger"]["variables"]["body"] for execution in found] == ["ok"]
    assert api.get("/executions/search")["total"] == 1


@pytest.mark.slow
def test_of_a_whole_server(dsn: str, home: Path) -> None:
    process = Process("standalone", "--port", "0", environment=environment_for(dsn, home))
    with an_address() as address, process:
        with Api(process.url) as api:
            api.deploy("watching", a_flow(address))
            assert address.questions.acquire(timeout=30)
        process.kill()
        process.start()
        with Api(process.url) as api:
            only_one_has_run(api)


@pytest.mark.slow
def test_of_the_worker_alone(dsn: str, home: Path) -> None:
    with an_address() as address, parts(dsn, home) as running, Api(running["webserver"].url) as api:
        api.deploy("watching", a_flow(address))
        assert address.questions.acquire(timeout=30)
        running["worker"].kill()
        running["worker"].start()
        only_one_has_run(api)
