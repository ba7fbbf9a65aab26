"""What workloads are made of: a step of open-loop load, single executions one after the other, and the cost of both."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from bench import verify
from bench.load import quantiles
from bench.server import Server

DRAIN_SECONDS = 30
IDLE_PAUSE = 0.02


class Shape(msgspec.Struct, frozen=True):
    """What one execution of a workload leaves behind."""

    flow: str
    runs: int
    lines: int
    iterations: int = 0
    """Executions of kind LOOP below it, of one task run each."""
    iteration_lines: int = 0
    """Lines of each of those."""


class Meter:
    """CPU, WAL and commits between two moments."""

    def __init__(self, server: Server, connection: Any) -> None:
        self._server, self._connection = server, connection

    async def read(self) -> dict[str, float]:
        wal = await self._connection.fetchval("SELECT wal_bytes::float8 FROM pg_stat_wal")
        return {**self._server.cpu(), "wal": wal, "wall": time.perf_counter()}

    @staticmethod
    def each(before: dict[str, float], after: dict[str, float], count: int) -> dict[str, Any]:
        spent = {key: after[key] - before[key] for key in before}
        return {
            "cpu_ms_each": {
                "server": round(1000 * spent["server"] / count, 3),
                "postgres": round(1000 * spent["postgres"] / count, 3),
                "sum": round(1000 * (spent["server"] + spent["postgres"]) / count, 3),
            },
            "wal_bytes_each": round(spent["wal"] / count),
            "wall_s": round(spent["wall"], 3),
        }


async def load_step(server: Server, shape: Shape, *, rate: float, seconds: float) -> dict[str, Any]:
    """One step at a rate; `sustained` when all ended in time and the mean latency stayed below a second."""
    connection = await server.connect()
    try:
        meter = Meter(server, connection)
        before = await meter.read()
        answer, planned = await _generate(server, shape, rate=rate, seconds=seconds)
        drained = await server.at_rest(seconds=5)
        after = await meter.read()
        await server.at_rest(seconds=DRAIN_SECONDS)
        await verify.executions(connection, list(planned), runs_each=shape.runs, lines_each=shape.lines)
        latency = quantiles(await verify.latencies(connection, planned))
    finally:
        await connection.close()
    refused = answer["sent"] - len(planned)
    return {
        "rate": rate,
        "n": len(planned),
        "refused": refused,
        "per_s": round(len(planned) / seconds, 1),
        "latency_ms": {name: round(1000 * value, 2) for name, value in latency.items()},
        "answer_ms": answer["answer_ms"],
        "generator": {"late_p99_ms": answer["late_p99_ms"], "cpu_share": round(answer["cpu_s"] / seconds, 2)},
        **Meter.each(before, after, max(1, len(planned))),
        "pss": server.pss(),
        "void": answer["late_p99_ms"] > 20 or answer["cpu_s"] / seconds > 0.5,
        "sustained": drained and not refused and latency["mean"] < 1,
    }


async def _generate(
    server: Server, shape: Shape, *, rate: float, seconds: float
) -> tuple[dict[str, Any], dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder, "sent")
        command = (sys.executable, "-m", "bench.load", "--port", str(server.port), "--path", server.webhook(shape.flow),
                   "--rate", str(rate), "--seconds", str(seconds), "--sent", str(sent))  # fmt: skip
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError("the load generator failed")
        return json.loads(output), _planned(sent)


def _planned(sent: Path) -> dict[str, float]:
    pairs = (line.split() for line in sent.read_text().splitlines())
    return {identifier: float(planned) for identifier, planned in pairs}


async def one_by_one(server: Server, shape: Shape, *, times: int) -> dict[str, Any]:
    """Single executions on an idle server, the next one shortly after the end of the last."""
    connection = await server.connect()
    try:
        meter = Meter(server, connection)
        memory, before = server.rss(), await meter.read()
        planned: dict[str, float] = {}
        for _ in range(times):
            begun = time.time()
            identifier = await server.start_one(shape.flow)
            planned[identifier] = begun
            await _ended(connection, identifier)
            await asyncio.sleep(IDLE_PAUSE)
        after, grown = await meter.read(), server.peak() - memory
        await _verified(connection, shape, list(planned))
        latency = await verify.latencies(connection, planned)
    finally:
        await connection.close()
    return {
        "n": times,
        "latency_ms": {name: round(1000 * value, 2) for name, value in quantiles(latency).items()},
        "best_ms": round(1000 * min(latency), 2),
        "rss_mb": round(memory / 2**20, 1),
        "rss_grown_mb": round(grown / 2**20, 1),
        **Meter.each(before, after, times),
    }


async def _verified(connection: Any, shape: Shape, ids: list[str]) -> None:
    await verify.executions(connection, ids, runs_each=shape.runs, lines_each=shape.lines)
    if shape.iterations:
        await verify.iterations(connection, ids, each=shape.iterations, lines_each=shape.iteration_lines)


async def _ended(connection: Any, identifier: str) -> None:
    """Poll the row: what is measured is when the end was durable, which the row says itself."""
    begun = time.monotonic()
    while (  # noqa: ASYNC110 the server is another process
        await connection.fetchval("SELECT live FROM executions WHERE id = $1", identifier) is not False
    ):
        # The longer it takes the seldomer, so that looking does not cost more than a hundredth of a core.
        await asyncio.sleep(max(0.005, (time.monotonic() - begun) / 50))
