"""Workloads that are one execution at a time: loops over a hundred values, chains, fan-outs, flows of thousands of tasks."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from bench import flows
from bench.ladders import Limits, ratio
from bench.report import Gate, Report
from bench.server import Server
from bench.steps import Shape, one_by_one

FANS: Mapping[str, Callable[[int], str]] = {
    "parallel": flows.fanout_parallel,
    "foreach": flows.fanout_foreach,
    "loop": flows.fanout_loop,
}
WIDTHS: Mapping[str, tuple[int, ...]] = {
    "parallel": (100, 1_000),
    "foreach": (100, 1_000, 10_000, 100_000),
    "loop": (100, 1_000, 10_000, 100_000),
}
SECONDS: Mapping[int, tuple[float, float]] = {1_000: (1, 0.4), 10_000: (8, 3), 100_000: (80, 30)}
"""What a fan-out of this width must take at most, and should."""
UNIT = 1_000
"""The width beside which the cost of wider ones is put."""
MOST_GROWN_MB = 100


async def b3(server: Server, report: Report, limits: Limits) -> None:
    """A hundred values, five times one after the other on an idle server."""
    shapes = {
        "ForEach": (Shape("benchmark03-foreach", runs=101, lines=0), 150, 50),
        "Loop": (Shape("benchmark03-loop", runs=1, lines=0, iterations=100), 250, 100),
    }
    for kind, (shape, must, aim) in shapes.items():
        variant = kind.lower()
        await server.deploy(flows.b3(kind))
        run = await one_by_one(server, shape, times=5)
        report.say("RUN", {"workload": "b3", "variant": variant, **run})
        best, middle = run["best_ms"], run["latency_ms"]["p50"]
        cost = run["cpu_ms_each"]
        report.say("RESULT", {"workload": "b3", "variant": variant, "best_ms": best, "median_ms": middle, "cpu": cost})
        report.gate(Gate(f"b3.{variant}.median_ms", middle, must=must, aim=aim, is_time=True))


async def chain(server: Server, report: Report, limits: Limits) -> None:
    """Log tasks in a row."""
    for length in (200,) if report.quick else (10, 50, 200, 1000):
        shape = Shape(f"chain-{length}", runs=length, lines=length)
        run = await _single(server, report, shape, flows.chain(length), tasks=length)
        if length == 200:
            seconds = run["latency_ms"]["p50"] / 1000
            bare = ratio(1000 * seconds, 200 * limits["bare_commit_mean_ms"])
            report.say("RESULT", {"workload": "chain-200", "seconds": seconds, "times_200_bare_commits": bare})
            report.gate(Gate("chain-200.seconds", seconds, must=0.4, aim=0.1, is_time=True))


async def fanout(server: Server, report: Report, limits: Limits) -> None:
    """Many at once: by Parallel and ForEach within one execution, by Loop as executions of their own."""
    for variant, widths in WIDTHS.items():
        meant = [width for width in widths if not report.quick or UNIT <= width < max(SECONDS)]
        costs = {width: await _fan(server, report, variant, width) for width in meant}
        widest = max(costs)
        if widest > UNIT:
            times = round(costs[widest] / costs[UNIT], 2)
            facts = {"cpu_ms_a_task": costs, "widest_to_unit": times}
            report.say("RESULT", {"workload": "fanout", "variant": variant, **facts})
            report.gate(Gate(f"fanout-{variant}.cost_{widest}_to_{UNIT}", times, must=1.2))


async def _fan(server: Server, report: Report, variant: str, width: int) -> float:
    """CPU milliseconds a task."""
    name = f"fanout-{variant}-{width}"
    shape = Shape(name, runs=width + 1, lines=width)
    if variant == "loop":
        shape = Shape(name, runs=1, lines=0, iterations=width, iteration_lines=1)
    run = await _single(server, report, shape, FANS[variant](width), tasks=width)
    if width in SECONDS:
        must, aim = SECONDS[width]
        seconds = run["latency_ms"]["p50"] / 1000
        report.gate(Gate(f"{name}.seconds", seconds, must=must, aim=aim, is_time=True))
        report.gate(Gate(f"{name}.rss_grown_mb", run["rss_grown_mb"], must=MOST_GROWN_MB))
    return run["cpu_ms_a_task"]


async def bigflow(server: Server, report: Report, limits: Limits) -> None:
    """Flows of thousands of tasks: saved, opened and run; what a task costs beside one of a small flow."""
    costs: dict[int, float] = {}
    for length in (200, 1_000, 5_000):
        saved, opened = await _saved_and_opened(server, length)
        shape = Shape(f"chain-{length}", runs=length, lines=length)
        run = await one_by_one(server, shape, times=max(3, 5_000 // length))
        costs[length] = round(run["cpu_ms_each"]["sum"] / length, 4)
        facts = {"saved_s": saved, "opened_s": opened, "cpu_ms_a_task": costs[length], **run}
        report.say("RUN", {"workload": "bigflow", "variant": f"chain-{length}", **facts})
    times = round(costs[5_000] / costs[200], 2)
    report.say("RESULT", {"workload": "bigflow", "cpu_ms_a_task": costs, "5000_to_200": times})
    report.gate(Gate("bigflow.5000_to_200", times, must=1.3, aim=1.1))


async def _saved_and_opened(server: Server, length: int) -> tuple[float, float]:
    begun = time.perf_counter()
    await server.deploy(flows.chain(length))
    saved = time.perf_counter()
    for path in ("", "/graph"):
        answer = await server.http.get(f"/flows/{flows.NAMESPACE}/chain-{length}{path}")
        answer.raise_for_status()
    return round(saved - begun, 3), round(time.perf_counter() - saved, 3)


async def _single(server: Server, report: Report, shape: Shape, source: str, *, tasks: int) -> dict[str, Any]:
    """So often that what is counted is enough to be counted."""
    await server.deploy(source)
    run = await one_by_one(server, shape, times=1 if tasks >= 100_000 else max(3, 10_000 // tasks))
    run["cpu_ms_a_task"] = round(run["cpu_ms_each"]["sum"] / tasks, 4)
    report.say("RUN", {"workload": shape.flow, "variant": "single", **run})
    return run
