"""Memory after many executions beside that after some: what is over must leave."""

from bench import flows
from bench.ladders import Limits
from bench.report import Gate, Report
from bench.server import Server
from bench.steps import Shape, load_step

FEW, MANY = 5_000, 50_000
RATE = 250


async def memory(server: Server, report: Report, limits: Limits) -> None:
    """RSS of the server after 5,000 and after 50,000 executions of b1 (`--quick`: after 1,000 and 10,000)."""
    few, many = (FEW // 5, MANY // 5) if report.quick else (FEW, MANY)
    await server.deploy(flows.B1)
    after_few = await _after(server, report, few)
    after_many = await _after(server, report, many - few)
    times = round(after_many / after_few, 3)
    facts = {"rss_mb": {str(few): _mb(after_few), str(many): _mb(after_many)}, "times": times}
    report.say("RESULT", {"workload": "memory", **facts})
    report.gate(Gate(f"memory.{many}_to_{few}", times, must=1.1))


async def _after(server: Server, report: Report, count: int) -> int:
    """Bytes that the server holds after so many more."""
    step = await load_step(server, Shape("benchmark01", runs=2, lines=1), rate=RATE, seconds=count / RATE)
    held = server.rss()
    report.say("RUN", {"workload": "memory", "rss_mb": _mb(held), **step})
    return held


def _mb(held: int) -> float:
    return round(held / 2**20, 1)
