"""Real servers for tests: one inside this process, in a loop and a thread of its own, and one as a process.

Both stand on databases of `tests.adapters.postgres.server`, or on whatever their settings say.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Any

from tests.adapters.postgres.samples import a_look
from tests.adapters.postgres.server import Server as Postgres

from tiercel.adapters.postgres.audit import ALWAYS, audit
from tiercel.api.server import HttpServer, listen
from tiercel.app import Running, application, running
from tiercel.services.account import Made
from tiercel.settings import Settings

PATIENCE = 30.0
"""Seconds in which a server must be up."""


class Served:
    """A server of this process, as its clients and its owner see it."""

    def __init__(self, base: Running, http: HttpServer, url: str, made: Made | None) -> None:
        self.base = base
        self.http = http
        self.url = url
        self.made = made


@asynccontextmanager
async def served(settings: Settings, kind: str = "standalone", **injected: Any) -> AsyncGenerator[Served]:
    """A server in the loop of the caller, on a port that is free."""
    with closing(listen(settings.http.host, 0)) as listener:
        async with _serving(settings, kind, listener, injected) as server:
            yield server


@asynccontextmanager
async def _serving(settings: Settings, kind: str, listener: socket, injected: dict[str, Any]) -> AsyncGenerator[Served]:
    async with running(settings, kind, **injected) as base:
        asgi, made = await application(base)
        http = HttpServer(asgi)
        serving = asyncio.create_task(http.serve([listener]))
        try:
            yield Served(base, http, f"http://127.0.0.1:{listener.getsockname()[1]}", made)
        finally:
            http.stop()
            await serving


@contextmanager
def threaded(settings: Settings, kind: str = "standalone", **injected: Any) -> Generator[Served]:
    """The same in a thread, for tests that wait and for servers that outlive the loop of one test."""
    ready, done = threading.Event(), threading.Event()
    found: list[Served | BaseException] = []

    async def serve() -> None:
        try:
            async with AsyncExitStack() as stack:
                found.append(await stack.enter_async_context(served(settings, kind, **injected)))
                ready.set()
                await asyncio.to_thread(done.wait)
        except BaseException as error:  # noqa: BLE001 – raised again by the thread that waits
            found.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        if isinstance(found[-1], BaseException):
            raise found[-1]
        yield found[-1]
    finally:
        done.set()
        thread.join()
    if isinstance(found[-1], BaseException):
        raise found[-1]


@contextmanager
def database(postgres: Postgres) -> Generator[str]:
    """A fresh database for a test without a loop. What holds after every commit has to hold of what the test leaves there."""
    made = postgres.database()
    with asyncio.Runner() as runner:
        dsn = runner.run(made.__aenter__())
        try:
            yield dsn
            broken = runner.run(_broken(dsn))
            assert not broken, f"invariants do not hold of what is stored: {broken}"
        finally:
            runner.run(made.__aexit__(None, None, None))


async def _broken(dsn: str) -> dict[str, list[str]]:
    async with a_look(dsn) as connection:
        return await audit(connection, names=ALWAYS)


def settings_for(dsn: str, home: Path, **tree: Any) -> Settings:
    """Settings of a server on a database of the tests. `tree` is what a configuration file would say."""
    own = {"datasources": {"postgres": {"url": dsn}}, "tiercel": {"home": str(home), "timezone": "UTC"}}
    return Settings.read([own, tree], {})


class Process:
    """A server as a process of its own. `with` starts it and ends it, however the test leaves it."""

    def __init__(self, kind: str, *arguments: str, environment: Mapping[str, str]) -> None:
        self._command = [str(Path(sys.executable).with_name("tiercel")), "server", kind, *arguments]
        self._environment = {**_PLAIN, **environment}
        self.output: list[str] = []
        self._reader: threading.Thread | None = None

    def __enter__(self) -> "Process":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self) -> None:
        """Start the process, for the first time or again, and wait until it says that it is up."""
        self.begin()
        self.until(" is up")

    def begin(self) -> None:
        """Start the process."""
        self.output = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @contextmanager
    def begun(self) -> Generator[None]:
        """Started while the block lasts, not waited for."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def until(self, text: str) -> str:
        """The first line of the output that holds a text, as soon as it is there."""
        with self._news:
            found = self._news.wait_for(lambda: self._line(text) or self.process.poll() is not None, PATIENCE)
        line = self._line(text)
        assert found, f"{text!r} did not come in time:\n{''.join(self.output)}"
        assert line is not None, f"{text!r} is not in the output:\n{''.join(self.output)}"
        return line

    @property
    def url(self) -> str:
        return self.until("Tiercel is up at ").split()[-1].removesuffix("/ui/")

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """kill -9, or what comes next to it: the process has no say."""
        self.process.kill()
        self.wait()

    def end(self) -> None:
        """No process of the test's is left."""
        if self._reader is not None and self.process.poll() is None:
            self.kill()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE)
        if self._reader is not None:
            self._reader.join()
        return code

    def _line(self, text: str) -> str | None:
        return next((line.rstrip() for line in self.output if text in line), None)

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        with stream:
            for line in stream:
                with self._news:
                    self.output.append(line)
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()


def free_port() -> int:
    """A port that nobody has, at least for now."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_PLAIN = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
"""The environment of a process: nothing of the tester's own settings."""


def environment_for(dsn: str, home: Path, **more: str) -> dict[str, str]:
    """Variables of a process on a database of the tests."""
    return {"DATASOURCES_POSTGRES_URL": dsn, "TIERCEL_HOME": str(home), "TIERCEL_TIMEZONE": "UTC", **more}
