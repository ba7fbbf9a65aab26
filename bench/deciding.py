"""`decide` alone: the events of a chain and of a fan-out, one after the other, as the executor tells them. No server, no I/O.

CPU is counted, not time, so that the figures hold on a machine that others use too.
"""

import gc
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import yaml

from bench import flows
from bench.report import Gate, Report
from bench.verify import Broken
from tiercel.engine import FlowContext, World, decide, new_execution
from tiercel.engine.commands import RunInstant
from tiercel.engine.events import AnyEvent, Continue, Created, Done
from tiercel.model.execution import Execution, settled
from tiercel.model.flow import Flow
from tiercel.model.states import State

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
SLICE = 1024
"""As the executor cuts an execution beside which nothing else goes on."""
INSTANT = frozenset({"io.kestra.plugin.core.log.Log"})
FLOWS: Mapping[str, Callable[[int], str]] = {"chain": flows.chain, "foreach": flows.fanout_foreach}
SIZES = (10, 1_000, 10_000, 100_000)
MOST: Mapping[str, int] = {"chain": 10_000, "foreach": 100_000}
"""A chain of more tasks would measure the reading of its flow."""
ROUNDS = 3


def decide_alone(report: Report) -> None:
    """CPU of an event in executions of 10 to 100,000 task runs: it must not depend on how many there are."""
    for variant in FLOWS:
        most = MOST[variant] // 10 if report.quick else MOST[variant]
        contexts = {size: _context(FLOWS[variant](size)) for size in SIZES if size <= most}
        rounds = [_round(report, variant, contexts) for _ in range(ROUNDS)]
        _judge(report, variant, rounds)


def _context(source: str) -> FlowContext:
    flow = Flow.model_validate(yaml.load(source, Loader=yaml.CSafeLoader))
    return FlowContext.of(flow, revision=1, tenant="main", world=World(), instant=INSTANT)


def _round(report: Report, variant: str, contexts: Mapping[int, FlowContext]) -> dict[int, float]:
    """All sizes one after the other, as many events of each, so that a busy minute makes all of them dear."""
    most = max(contexts)
    found = {size: _measured(context, variant, size, times=most // size) for size, context in contexts.items()}
    report.say("RUN", {"workload": "decide", "variant": variant, "us_an_event": found})
    return found


def _judge(report: Report, variant: str, rounds: list[dict[int, float]]) -> None:
    least, largest = min(rounds[0]), max(rounds[0])
    each = {size: median(found[size] for found in rounds) for size in rounds[0]}
    ratio = round(median(found[largest] / found[least] for found in rounds), 2)
    report.say("RESULT", {"workload": "decide", "variant": variant, "us_an_event": each, "largest_to_least": ratio})
    report.gate(Gate(f"decide.{variant}.us_an_event", max(each.values()), must=60))
    report.gate(Gate(f"decide.{variant}.{largest}_to_{least}", ratio, must=1.3))


def _measured(context: FlowContext, variant: str, size: int, *, times: int) -> float:
    """Microseconds of CPU an event."""
    runs = size if variant == "chain" else size + 1
    gc.collect()
    gc.freeze()
    # As the server sets the collector.
    gc.set_threshold(50_000, 20, 50)
    begun = time.process_time()
    events = sum(_play(context, runs) for _ in range(times))
    return round(1e6 * (time.process_time() - begun) / events, 2)


def _play(context: FlowContext, runs: int) -> int:
    """One execution from its creation to its end; how many events it took."""
    execution = new_execution(context, id="0" * 22, at=BEGIN)
    waiting: deque[AnyEvent] = deque([Created(BEGIN, 1)])
    told = 0
    while waiting:
        decision = decide(context, execution, waiting.popleft(), limit=SLICE)
        execution, told = _after_the_commit(decision.execution), told + 1
        at = BEGIN + timedelta(microseconds=told)
        for command in decision.commands:
            if isinstance(command, RunInstant):
                waiting.append(Done(at, 1, command.ord, command.attempt, State.SUCCESS))
        if decision.unfinished:
            waiting.append(Continue(at, 1))
    if execution.state.current is not State.SUCCESS or execution.next_ord != runs:
        raise Broken(f"{execution.next_ord} task runs, {execution.state.current}")
    return told


def _after_the_commit(execution: Execution) -> Execution:
    """Changes are taken to the rows when the slice is full."""
    return settled(execution) if len(execution.changes.runs) >= SLICE else execution


WORKLOADS: Mapping[str, Callable[[Report], Any]] = {"decide": decide_alone}
"""They need no server."""
