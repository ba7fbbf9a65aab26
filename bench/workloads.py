"""The workloads: which flow, how it is loaded, and the gates its figures must pass."""

from collections.abc import Awaitable, Callable
from typing import Any

from bench import flows
from bench.report import Gate, Report
from bench.server import Server
from bench.steps import Shape, load_step, one_by_one

LADDER = (4, 8, 17, 25, 33, 50, 67, 83, 100, 150, 200, 300, 400, 500, 667, 800, 1000, 1500, 2000)
Limits = dict[str, Any]


async def b1(server: Server, report: Report, limits: Limits) -> None:
    """Two instant tasks and a line, started by a webhook."""
    shape = Shape("benchmark01", runs=2, lines=1)
    await server.deploy(flows.B1)
    warm, seconds = (5, 10) if report.quick else (60, 60)
    await load_step(server, shape, rate=8.3, seconds=warm)
    best = await _climb(server, shape, report, steps=(500, 1000) if report.quick else LADDER, seconds=seconds)
    idle = await one_by_one(server, shape, times=50 if report.quick else 200)
    report.say("RUN", {"workload": "b1", "variant": "idle", **idle})
    _judge_b1(report, limits, best, idle)


async def _climb(
    server: Server, shape: Shape, report: Report, *, steps: tuple[int, ...], seconds: float
) -> dict[str, Any]:
    """The last step that is sustained, repeated three times (once when quick); the median one."""
    best: dict[str, Any] | None = None
    for rate in steps:
        step = await load_step(server, shape, rate=rate, seconds=seconds)
        report.say("RUN", {"workload": shape.flow, "variant": "ladder", **step})
        if not step["sustained"]:
            break
        best = step
    if best is None:
        return {"rate": 0, "cpu_ms_each": {"sum": None}, "latency_ms": {"mean": None}}
    if report.quick:
        return best
    runs = [best] + [await load_step(server, shape, rate=best["rate"], seconds=seconds) for _ in range(2)]
    for run in runs[1:]:
        report.say("RUN", {"workload": shape.flow, "variant": "repeat", **run})
    return sorted(runs, key=lambda run: run["cpu_ms_each"]["sum"])[1]


def _judge_b1(report: Report, limits: Limits, best: dict[str, Any], idle: dict[str, Any]) -> None:
    mean, bare = idle["latency_ms"]["mean"], limits["bare_commit_mean_ms"]
    report.say(
        "RESULT",
        {
            "workload": "b1",
            "sustained_per_s": best["rate"],
            "cpu_ms_each": best["cpu_ms_each"],
            "times_trivial_http": _ratio(best["cpu_ms_each"]["sum"], limits["trivial_http"]["cpu_ms"]),
            "idle_mean_ms": mean,
            "idle_p99_ms": idle["latency_ms"]["p99"],
            "idle_times_bare_commit": _ratio(mean, bare),
        },
    )
    report.gate(Gate("b1.sustained_per_s", best["rate"], must=500, aim=1000, at_least=True))
    report.gate(Gate("b1.cpu_ms_each", best["cpu_ms_each"]["sum"], must=1.5, aim=0.8))
    report.gate(Gate("b1.idle_mean_ms", mean, must=10, aim=5))
    report.gate(Gate("b1.idle_p99_ms", idle["latency_ms"]["p99"], must=40, aim=15))


async def chain(server: Server, report: Report, limits: Limits) -> None:
    """Log tasks in a row."""
    for length in (200,) if report.quick else (10, 50, 200, 1000):
        run = await _single(server, report, f"chain-{length}", flows.chain(length), runs=length, lines=length)
        if length == 200:
            seconds = run["latency_ms"]["p50"] / 1000
            report.say(
                "RESULT",
                {
                    "workload": "chain-200",
                    "seconds": seconds,
                    "times_200_bare_commits": _ratio(1000 * seconds, 200 * limits["bare_commit_mean_ms"]),
                },
            )
            report.gate(Gate("chain-200.seconds", seconds, must=0.4, aim=0.1))


async def fanout(server: Server, report: Report, limits: Limits) -> None:
    """Many at once: Log tasks in a Parallel, and a ForEach over a range."""
    for width in (1000,) if report.quick else (100, 1000):
        run = await _single(
            server, report, f"fanout-parallel-{width}", flows.fanout_parallel(width), runs=width + 1, lines=width
        )
        if width == 1000:
            report.gate(Gate("fanout-parallel-1000.seconds", run["latency_ms"]["p50"] / 1000, must=1, aim=0.4))
    bounds = {1000: (1.0, 0.4), 10_000: (8.0, 3.0), 100_000: (80.0, 30.0)}
    for width in (1000, 10_000) if report.quick else (100, 1000, 10_000, 100_000):
        run = await _single(
            server, report, f"fanout-foreach-{width}", flows.fanout_foreach(width), runs=width + 1, lines=width
        )
        if width in bounds:
            must, aim = bounds[width]
            report.gate(Gate(f"fanout-foreach-{width}.seconds", run["latency_ms"]["p50"] / 1000, must=must, aim=aim))


async def _single(server: Server, report: Report, flow: str, source: str, *, runs: int, lines: int) -> dict[str, Any]:
    await server.deploy(source)
    run = await one_by_one(server, Shape(flow, runs=runs, lines=lines), times=3)
    report.say(
        "RUN",
        {"workload": flow, "variant": "single", "cpu_ms_a_task": round(run["cpu_ms_each"]["sum"] / runs, 4), **run},
    )
    return run


def _ratio(value: float | None, limit: float) -> float | None:
    return None if value is None else round(value / limit, 2)


WORKLOADS: dict[str, Callable[[Server, Report, Limits], Awaitable[None]]] = {"b1": b1, "chain": chain, "fanout": fanout}
