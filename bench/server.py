"""A PostgreSQL and a server of our own for one bench, each a process tree whose cost can be read."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx2

from bench.processes import cpu, forget_peak, parent, peak, pss, rss
from tiercel.adapters.postgres.embedded import EmbeddedPostgres

START_SECONDS = 60


class Server:
    """A running `tiercel server standalone` with its database."""

    def __init__(self, process: asyncio.subprocess.Process, *, port: int, dsn: str, postgres: int) -> None:
        self.process, self.port, self.dsn, self.postgres = process, port, dsn, postgres
        self.http = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1/main", timeout=120)

    def cpu(self) -> dict[str, float]:
        """Seconds used so far, apart for server and PostgreSQL."""
        return {"server": cpu(self.process.pid), "postgres": cpu(self.postgres)}

    def pss(self) -> dict[str, int]:
        return {"server": pss(self.process.pid), "postgres": pss(self.postgres)}

    def rss(self) -> int:
        """Bytes of the server alone; from now on `peak` looks for more."""
        forget_peak(self.process.pid)
        return rss(self.process.pid)

    def peak(self) -> int:
        """Bytes that the server alone held at most."""
        return peak(self.process.pid)

    async def deploy(self, source: str) -> None:
        answer = await self.http.post("/flows", content=source, headers={"Content-Type": "application/x-yaml"})
        if answer.status_code not in (200, 409):
            raise RuntimeError(f"the flow was refused: {answer.status_code} {answer.text[:500]}")

    def webhook(self, flow: str) -> str:
        return f"/api/v1/main/executions/webhook/benchmarks/{flow}/benchmark"

    async def start_one(self, flow: str) -> str:
        """Call the webhook once and return the execution's id."""
        answer = await self.http.post(f"http://127.0.0.1:{self.port}{self.webhook(flow)}")
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(self.dsn)

    async def at_rest(self, *, seconds: float) -> bool:
        """Wait until nothing is live, at most so long; whether that came."""
        connection = await self.connect()
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM executions WHERE live)"):
                    return True
                await asyncio.sleep(0.02)
            return False
        finally:
            await connection.close()


@asynccontextmanager
async def running(home: Path) -> AsyncGenerator[Server]:
    """PostgreSQL and server on a free port, stopped at the end."""
    async with EmbeddedPostgres(home / "postgres") as dsn, serving(home, dsn=dsn) as server:
        yield server


@asynccontextmanager
async def serving(home: Path, *, dsn: str) -> AsyncGenerator[Server]:
    """A server on a database that is there, once it is healthy; stopped at the end."""
    port = free_port()
    process = await _start(home, port=port, dsn=dsn)
    server = Server(process, port=port, dsn=dsn, postgres=await _postmaster(dsn))
    try:
        await _healthy(server)
        yield server
    finally:
        await server.http.aclose()
        process.terminate()
        await process.wait()


async def _start(home: Path, *, port: int, dsn: str) -> asyncio.subprocess.Process:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"DATASOURCES_POSTGRES_URL": dsn, "TIERCEL_HOME": str(home)}
    command = (str(Path(sys.executable).with_name("tiercel")), "server", "standalone", "--port", str(port))
    with (home / "server.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, env=environment)


async def _healthy(server: Server) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.process.returncode is None:
        try:
            if (await server.http.get(f"http://127.0.0.1:{server.port}/health")).status_code == 200:
                return
        except httpx2.HTTPError:
            await asyncio.sleep(0.02)
    raise RuntimeError("the server did not come up; its log is server.log in the bench's folder")


async def _postmaster(dsn: str) -> int:
    """The postmaster: the parent of whoever serves us, asked while the connection is open."""
    connection = await asyncpg.connect(dsn)
    try:
        return parent(await connection.fetchval("SELECT pg_backend_pid()"))
    finally:
        await connection.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
