"""What the figures are divided by, measured in the same run: bare commits, set-based inserts, a trivial endpoint."""

import asyncio
import os
import subprocess
import sys
import time
from typing import Any

import asyncpg

from bench.load import Load, quantiles
from bench.processes import cpu
from bench.server import Server, free_port

ROW = b"x" * 600


async def measure(server: Server) -> dict[str, Any]:
    """All limits, with the PostgreSQL of the bench."""
    connection = await server.connect()
    try:
        await connection.execute(
            "CREATE UNLOGGED TABLE IF NOT EXISTS bench_nothing (); CREATE TABLE bench_limit (id bigint, body bytea)"
        )
        bare = await _commits(connection, rows=1, seconds=2)
        batch = await _commits(connection, rows=30, seconds=2)
        await connection.execute("DROP TABLE bench_limit, bench_nothing")
        settings = {
            name: await connection.fetchval(f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "full_page_writes", "server_version")
        }
    finally:
        await connection.close()
    return {
        "bare_commit_ms": bare["p50_ms"],
        "bare_commit_mean_ms": bare["mean_ms"],
        "bare_commits_per_s": bare["per_s"],
        "rows_per_s_in_batches_of_30": batch["per_s"],
        "trivial_http": await _trivial_endpoint(),
        "python_pass_cpu_ms": _python_pass(),
        **settings,
    }


async def _commits(connection: "asyncpg.Connection[asyncpg.Record]", *, rows: int, seconds: float) -> dict[str, float]:
    insert = await connection.prepare(
        "INSERT INTO bench_limit SELECT id, body FROM unnest($1::bigint[], $2::bytea[]) t(id, body)"
    )
    times: list[float] = []
    until = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < until:
        await insert.fetch(list(range(rows)), [ROW] * rows)
        times.append(time.perf_counter() - begun)
    found = quantiles(times)
    return {
        "p50_ms": round(1000 * found["p50"], 3),
        "mean_ms": round(1000 * found["mean"], 3),
        "per_s": round(rows * len(times) / seconds),
    }


ENDPOINT = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b'{"id":"x"}'})
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", lifespan="off", log_level="error", access_log=False)
"""


async def _trivial_endpoint() -> dict[str, float]:
    """CPU of one request to an endpoint that does nothing, with the same server and load generator."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ENDPOINT, str(port))
    try:
        await _listening(port)
        before = cpu(process.pid)
        load = Load("127.0.0.1", port, "/", rate=1000, seconds=2)
        await load.run()
        return {
            "cpu_ms": round(1000 * (cpu(process.pid) - before) / load.total, 3),
            "answer_p50_ms": round(1000 * quantiles(load.answers)["p50"], 2),
        }
    finally:
        process.terminate()
        await process.wait()


async def _listening(port: int) -> None:
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


def _python_pass() -> float:
    used: list[float] = []
    for _ in range(7):
        before = os.times()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        after = os.times()
        used.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return round(1000 * sorted(used)[len(used) // 2], 1)
