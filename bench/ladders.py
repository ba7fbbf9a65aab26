"""Workloads at a rate: webhooks in an open loop, step by step up to the first rate that is not sustained, and one at a time."""

from collections.abc import Mapping
from typing import Any

from bench import flows
from bench.report import Gate, Report
from bench.server import Server
from bench.steps import Shape, load_step, one_by_one

LADDER = (4, 8, 17, 25, 33, 50, 67, 83, 100, 150, 200, 300, 400, 500, 667, 800, 1000, 1500, 2000)
Limits = Mapping[str, Any]
Bounds = Mapping[str, tuple[float, float]]
"""What a figure must be and should be."""


async def b1(server: Server, report: Report, limits: Limits) -> None:
    """Two instant tasks and a line, started by a webhook."""
    bounds = {
        "sustained_per_s": (500, 1000),
        "cpu_ms_each": (1.5, 0.8),
        "idle_mean_ms": (10, 5),
        "idle_p99_ms": (40, 15),
    }
    await server.deploy(flows.B1)
    await _loaded(server, Shape("benchmark01", runs=2, lines=1), report, limits, bounds, name="b1", warm_up=60)


async def b2(server: Server, report: Report, limits: Limits) -> None:
    """Five conditions and a line for each."""
    bounds = {"sustained_per_s": (150, 300), "cpu_ms_each": (5, 2.5), "idle_mean_ms": (25, 10)}
    await server.deploy(flows.B2)
    await _loaded(server, Shape("benchmark02", runs=10, lines=5), report, limits, bounds, name="b2", warm_up=20)


async def _loaded(
    server: Server, shape: Shape, report: Report, limits: Limits, bounds: Bounds, *, name: str, warm_up: float
) -> None:
    warm, seconds = (5, 10) if report.quick else (warm_up, 60)
    steps = tuple(round(rate) for rate in bounds["sustained_per_s"]) if report.quick else LADDER
    await load_step(server, shape, rate=8.3, seconds=warm)
    best = await _climb(server, shape, report, steps=steps, seconds=seconds)
    idle = await one_by_one(server, shape, times=50 if report.quick else 200)
    report.say("RUN", {"workload": name, "variant": "idle", **idle})
    _judge(report, limits, bounds, best, idle, name=name)


async def _climb(
    server: Server, shape: Shape, report: Report, *, steps: tuple[int, ...], seconds: float
) -> dict[str, Any]:
    """The last step that is sustained, repeated three times (once when quick); the median one."""
    best: dict[str, Any] = {}
    for rate in steps:
        step = await load_step(server, shape, rate=rate, seconds=seconds)
        report.say("RUN", {"workload": shape.flow, "variant": "ladder", **step})
        if not step["sustained"]:
            # What an execution costs can be said of a step that was too much as well.
            best = best or {**step, "rate": 0}
            break
        best = step
    if report.quick or not best["rate"]:
        return best
    runs = [best] + [await load_step(server, shape, rate=best["rate"], seconds=seconds) for _ in range(2)]
    for run in runs[1:]:
        report.say("RUN", {"workload": shape.flow, "variant": "repeat", **run})
    return sorted(runs, key=lambda run: run["cpu_ms_each"]["sum"])[1]


def _judge(
    report: Report, limits: Limits, bounds: Bounds, best: dict[str, Any], idle: dict[str, Any], *, name: str
) -> None:
    mean, cost = idle["latency_ms"]["mean"], best["cpu_ms_each"]["sum"]
    report.say(
        "RESULT",
        {
            "workload": name,
            "sustained_per_s": best["rate"],
            "cpu_ms_each": best["cpu_ms_each"],
            "times_trivial_http": ratio(cost, limits["trivial_http"]["cpu_ms"]),
            "idle_mean_ms": mean,
            "idle_p99_ms": idle["latency_ms"]["p99"],
            "idle_times_bare_commit": ratio(mean, limits["bare_commit_mean_ms"]),
        },
    )
    found = {"sustained_per_s": best["rate"], "cpu_ms_each": cost, "idle_mean_ms": mean}
    found["idle_p99_ms"] = idle["latency_ms"]["p99"]
    for figure, (must, aim) in bounds.items():
        is_rate = figure == "sustained_per_s"
        is_time = not figure.startswith("cpu")
        gate = Gate(f"{name}.{figure}", found[figure], must=must, aim=aim, at_least=is_rate, is_time=is_time)
        report.gate(gate)


def ratio(value: float | None, limit: float) -> float | None:
    return None if value is None else round(value / limit, 2)
