"""What a webhook waits beside a large fan-out: the same calls with it and without it."""

from typing import Any

from bench import flows, verify
from bench.ladders import Limits
from bench.load import Load, quantiles
from bench.report import Gate, Report
from bench.server import Server

WIDTH = 100_000
RATE = 5
"""Webhooks a second."""
PIECE = 2.0
"""Seconds of calls, after each of which is looked whether the fan-out is still under way."""
ALONE = 5
"""So many pieces without it."""
DRAIN_SECONDS = 300


async def beside(server: Server, report: Report, limits: Limits) -> None:
    """One b1 each 200 ms while a ForEach over 100,000 values goes on (`--quick`: 20,000)."""
    width = WIDTH // 5 if report.quick else WIDTH
    await server.deploy(flows.B1)
    await server.deploy(flows.fanout_foreach(width))
    await _piece(server)
    alone = quantiles([answer for _ in range(ALONE) for answer in await _piece(server)])
    report.say("RUN", {"workload": "beside", "variant": "alone", "answer_ms": _ms(alone)})
    busy = quantiles(await _while_under_way(server, width))
    report.say("RUN", {"workload": "beside", "variant": "beside", "width": width, "answer_ms": _ms(busy)})
    facts = {
        "p50_ms": _ms(busy)["p50"],
        "p99_ms": _ms(busy)["p99"],
        "times_alone": round(busy["p50"] / alone["p50"], 2),
    }
    report.say("RESULT", {"workload": "beside", **facts})
    report.gate(Gate("beside.p50_ms", facts["p50_ms"], must=50, is_time=True))


async def _while_under_way(server: Server, width: int) -> list[float]:
    """The answers to all calls that were made before the fan-out ended."""
    connection = await server.connect()
    answers: list[float] = []
    try:
        large = await server.start_one(f"fanout-foreach-{width}")
        piece = await _piece(server)
        while await connection.fetchval("SELECT live FROM executions WHERE id = $1", large):
            answers += piece
            piece = await _piece(server)
        await server.at_rest(seconds=DRAIN_SECONDS)
        await verify.executions(connection, [large], runs_each=width + 1, lines_each=width)
    finally:
        await connection.close()
    return answers


async def _piece(server: Server) -> list[float]:
    """Seconds until each answer."""
    load = Load("127.0.0.1", server.port, server.webhook("benchmark01"), rate=RATE, seconds=PIECE)
    await load.run()
    if len(load.accepted) != load.total:
        raise verify.Broken(f"webhooks were refused: {dict(load.statuses)}")
    return load.answers


def _ms(seconds: dict[str, float]) -> dict[str, Any]:
    return {name: round(1000 * value, 2) for name, value in seconds.items()}
